"""A router as a NAPALM driver sees it: one candidate, a commit that reverts, a record of calls.

It stands on the RouterOS simulator, so that a push is judged by what the router really holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from napalm.base.exceptions import CommitError, ConnectionException, MergeConfigException

from routercfg.platforms.manifest import Manifest, Napalm
from routercfg.platforms.registry import load_simulator
from routercfg.transport import Target, framing
from routercfg.transport.napalm_login import open_napalm
from routercfg.transport.session import Session

SOURCE = "192.168.88.10"  # a factory router lets people in from its LAN only


class Device:
    """The router, beyond every login. `fails` names calls that fail; `ignores_revert` a bad driver.

    `stored` is what survives a restart.
    """

    def __init__(self, manifest: Manifest, *fails: str, ignores_revert: bool = False) -> None:
        self.manifest = manifest
        self.fails = set(fails)
        self.ignores_revert = ignores_revert
        self.router: Any = load_simulator("mikrotik_routeros").create(hostname="r1")
        self.stored = self.router.configuration()
        self.before: Any = None
        self.calls: list[str] = []
        self.arguments: list[dict[str, Any]] = []

    def connect(self, target: Target, manifest: Manifest) -> Session:
        declared = manifest.model_copy(
            update={"napalm": Napalm(driver="fake", commit_confirm=True, within=60)}
        )
        return open_napalm(target, declared, load=self.load)

    def load(self, name: str) -> Any:
        assert name == "fake"
        return self.driver

    def driver(
        self, host: str, user: str, password: str, timeout: int, optional_args: dict[str, Any]
    ) -> Driver:
        self.arguments.append({"host": host, "user": user, **optional_args})
        return Driver(self, user)

    def revert(self) -> None:
        """What the router does by itself when nobody confirms in time."""
        if self.before is not None:
            self.router, self.before = self.before, None


class Driver:
    """One login."""

    def __init__(self, device: Device, user: str) -> None:
        self._device = device
        self._user = user
        self._candidate: list[str] = []
        self._shell: Any = None
        self._undone: Any = None

    def open(self) -> None:
        self._call("open", ConnectionException("Cannot connect"))
        self._shell = self._device.router.login(self._user, SOURCE)
        self._shell.start()

    def close(self) -> None:
        self._call("close", OSError("gone"))

    def cli(self, commands: list[str], encoding: str = "text") -> dict[str, str]:
        return {command: self._run(command) for command in commands}

    def load_merge_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        self._call("load_merge_candidate", MergeConfigException("refused: line 1"))
        self._candidate = (config or "").splitlines()

    def compare_config(self) -> str:
        self._call("compare_config", ValueError("archive is off"))
        return "\n".join(f"+{line}" for line in self._candidate)

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        assert revert_in is not None
        assert revert_in % 60 == 0
        self._call("commit_config", CommitError("the router refused the candidate"))
        before = again(self._device.router)
        for line in self._candidate:
            self._run(line)
        if self._device.ignores_revert:
            self._device.stored = self._device.router.configuration()
            self._undone = before
            return
        self._device.before = before
        self._call("commit_config after", EOFError())

    def has_pending_commit(self) -> bool:
        return self._device.before is not None

    def confirm_commit(self) -> None:
        self._call("confirm_commit", CommitError("not yours"))
        assert self._device.before is not None
        self._device.before = None
        self._device.stored = self._device.router.configuration()

    def discard_config(self) -> None:
        self._call("discard_config", ValueError("nothing to discard"))
        self._candidate = []

    def rollback(self) -> None:
        self._call("rollback", CommitError("no such file"))
        if self._device.before is None:
            self._device.before = self._undone
        self._device.revert()
        self._device.stored = self._device.router.configuration()

    def _call(self, name: str, error: Exception) -> None:
        self._device.calls.append(name)
        if name in self._device.fails:
            raise error

    def _run(self, command: str) -> str:
        session = self._device.manifest.session
        raw = self._shell.feed(command + session.newline)
        text = framing.between_prompts(self._device.manifest, framing.clean(raw), command)
        assert text is not None
        return framing.quiet(self._device.manifest, text)


def again(router: Any) -> Any:
    """Another router that holds the same."""
    return load_simulator("mikrotik_routeros").create(router.configuration(), hostname="r1")


def changes(calls: Sequence[str]) -> list[str]:
    """The calls without logins."""
    return [name for name in calls if name not in ("open", "close")]
