"""Sessions through NAPALM: show commands by `cli()`, changes as one candidate configuration.

NAPALM takes a whole candidate, shows its difference, and commits it with a time after which the
router reverts. It does not take line by line, so `send` and `press` do not exist here: a push uses
`transport.candidate.CandidateSession`. Several drivers accept `revert_in` and ignore it, so that
only what the pack declares (`napalm: {driver: ..., commit_confirm: true}`) counts, and every commit
is asked whether it really waits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from routercfg.errors import (
    NoRevertError,
    PushError,
    ReplyError,
    RoutercfgError,
    TransportError,
    Where,
)
from routercfg.platforms.manifest import Manifest, Napalm
from routercfg.transport import framing
from routercfg.transport.link import Link
from routercfg.transport.session import Reply
from routercfg.transport.target import Target

#: More than any router's configuration; what sends more is broken or hostile.
_MOST_CHARACTERS = 16 * 1024 * 1024


@runtime_checkable
class Saves(Protocol):
    """A driver whose `confirm_commit()` does not save yet, as NAPALM's own do."""

    def save_commit(self) -> None:
        """Save what was confirmed."""
        ...


class NapalmSession:
    """One login of a NAPALM driver. See `CandidateSession`."""

    def __init__(self, driver: Any, target: Target, manifest: Manifest, link: Link) -> None:
        self._driver = driver
        self._link = link
        self._target = target
        self._manifest = manifest
        self._where = Where(router=target.router)
        self._committed = False

    def read(self, commands: Sequence[str]) -> tuple[Reply, ...]:
        """Replies to read-only commands, one by one: a refused one must not take others along."""
        return tuple(self._shown(command) for command in commands)

    def send(self, command: str) -> Reply:
        """NAPALM has no line by line. Raises PushError."""
        raise PushError(
            f"NAPALM cannot send the line {command!r} alone",
            where=self._where,
            hint="Set connection: netmiko",
        )

    def press(self, characters: str, expect: str | None) -> str:
        """NAPALM presses no keys. Raises PushError."""
        raise PushError(
            f"NAPALM cannot press {characters!r} (expecting {expect!r})",
            where=self._where,
            hint="Set connection: netmiko",
        )

    def close(self) -> None:
        """End the login; what it has to say about it does not matter any more."""
        try:
            with self._link.awaited():
                self._driver.close()
        except Exception:  # noqa: BLE001 - drivers raise what the libraries beneath them raise
            return
        finally:
            self._link.close()

    def prepare(self) -> int:
        declared = self._manifest.napalm
        if declared is None or not declared.commit_confirm:
            raise NoRevertError(
                f"no commit with a revert is proved for {self._manifest.title} through NAPALM",
                where=self._where,
                hint="Set connection: netmiko for pushes; NAPALM reads this platform only",
            )
        self._demand(declared)
        with self._called("has_pending_commit"):
            pending = bool(self._driver.has_pending_commit())
        if pending:
            raise PushError("another commit waits for its confirmation", where=self._where)
        return declared.within

    def _demand(self, declared: Napalm) -> None:
        commands = {read.id: read.command for read in self._manifest.reads}
        for need in declared.requires:
            if re.search(need.matches, self._shown(commands[need.read]).text) is None:
                raise NoRevertError(
                    f"{commands[need.read]!r} shows no revert that NAPALM could arm",
                    where=self._where,
                    hint="Set connection: netmiko for pushes to this router",
                )

    def load(self, commands: Sequence[str]) -> str:
        with self._called("load_merge_candidate"):
            self._driver.load_merge_candidate(config="\n".join(commands) + "\n")
        with self._called("compare_config"):
            difference = str(self._driver.compare_config())
        if not difference.strip():
            raise PushError("the router sees no difference in the candidate", where=self._where)
        return difference

    def commit(self, seconds: int) -> None:
        # Drivers take whole minutes only, and some round down to none.
        with self._called("commit_config"):
            self._driver.commit_config(revert_in=-(-seconds // 60) * 60)
        self._committed = True
        with self._called("has_pending_commit"):
            pending = bool(self._driver.has_pending_commit())
        if not pending:
            raise PushError("the driver committed without a revert", where=self._where)

    def confirm(self) -> None:
        with self._called("confirm_commit"):
            self._driver.confirm_commit()

    def save(self) -> None:
        if isinstance(self._driver, Saves):
            with self._called("save_commit"):
                self._driver.save_commit()

    def undo(self) -> None:
        """Roll back what is committed; else discard.

        Without a commit of ours `rollback()` would load whatever an older session left behind.
        """
        with self._called("has_pending_commit"):
            pending = bool(self._driver.has_pending_commit())
        if pending or self._committed:
            with self._called("rollback"):
                self._driver.rollback()
            return
        with self._called("discard_config"):
            self._driver.discard_config()

    def _shown(self, command: str) -> Reply:
        with self._called(f"cli: {command}"):
            replies = self._driver.cli([command])
        text = replies.get(command) if isinstance(replies, dict) else None
        if not isinstance(text, str):
            raise ReplyError(f"no text came back for {command!r}", where=self._where)
        if len(text) > _MOST_CHARACTERS:
            raise ReplyError(f"the reply to {command!r} does not end", where=self._where)
        return Reply(command, framing.quiet(self._manifest, framing.clean(text)))

    @contextmanager
    def _called(self, what: str) -> Iterator[None]:
        """Drivers raise their own exceptions, netmiko's, paramiko's and bare ValueErrors."""
        try:
            with self._link.awaited():
                yield
        except RoutercfgError:
            raise
        except (OSError, EOFError) as error:
            raise TransportError(f"the connection broke at {what}", where=self._where) from error
        except Exception as error:
            raise failure(self._target, what, error) from error


def failure(target: Target, what: str, error: Exception) -> TransportError | PushError:
    """What a driver's exception means: the router's refusal, or a conversation that broke."""
    from napalm.base import exceptions as napalm  # noqa: PLC0415 - heavy

    where = Where(router=target.router)
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    text = lines[-1].strip() if lines else type(error).__name__
    if isinstance(error, napalm.ConnectionException):
        return TransportError(f"the connection broke at {what}: {text}", where=where)
    if what.startswith("cli"):
        return ReplyError(f"NAPALM could not read ({what}): {text}", where=where)
    return PushError(f"NAPALM's {what} failed: {text}", where=where)
