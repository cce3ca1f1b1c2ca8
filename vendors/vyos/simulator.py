"""VyOS as a stateful fake: its command line, its commit, the reboot that takes a change back."""

from __future__ import annotations

import re
import time

from ..vyatta.simulation.machine import Clock, Machine, Path, Refusal, Verdict
from .simulation.checking import refusal
from .simulation.filtering import Packet
from .simulation.grammar import judge
from .simulation.presets import preset
from .simulation.shell import Shell

_RELEASE = re.compile(r"(\d+)\.(\d+)")
_RELOADS = ("system", "config-management", "commit-confirm", "action", "reload")


def create(
    configuration: str | None = None,
    *,
    version: str = "1.4.0",
    hostname: str = "vyos",
    clock: Clock = time.monotonic,
) -> Router:
    """A router with a preset (`factory`, `messy`, `managed`) or with `set` lines of one's own."""
    match = _RELEASE.match(version)
    if match is None:
        raise ValueError(f"{version!r} is no version of VyOS")
    release = (int(match[1]), int(match[2]))
    return Router(configuration or "factory", version, release, hostname, clock)


class Router(Machine):
    """One router. Its state outlives logins."""

    title = "VyOS"

    def __init__(
        self,
        configuration: str,
        version: str,
        release: tuple[int, int],
        hostname: str,
        clock: Clock,
    ) -> None:
        # The grammar, which the preset must fit, is that of the release.
        self.release = release
        super().__init__(preset(configuration, release), version, hostname, clock)

    def login(self, user: str, source: str) -> Shell:
        """A new interactive login."""
        self.tick()
        return Shell(self, user, source, release=self.release)

    def judge(self, path: Path) -> Verdict:
        """By the grammar of this release."""
        return judge(self.release, path)

    def refusal(self, paths: list[Path]) -> Refusal | None:
        """By the checks of this release."""
        return refusal(paths, self.release)

    def admits(self, source: str, port: int) -> bool:
        """By the rules that run now."""
        return Packet(self.running, source, port, self.release >= (1, 4)).passes()

    @property
    def reloads(self) -> bool:
        """Some releases can be told to load the saved configuration instead of booting."""
        return _RELOADS in self.saved
