"""EdgeOS as a stateful fake: its command line, its commit, the reboot that takes it back."""

from __future__ import annotations

import re
import time

from ..vyatta.simulation.machine import Clock, Machine, Path, Refusal, Verdict
from .simulation.checking import refusal
from .simulation.filtering import Packet
from .simulation.grammar import judge
from .simulation.presets import preset
from .simulation.shell import Shell


def create(
    configuration: str | None = None,
    *,
    version: str = "2.0.9",
    hostname: str = "ubnt",
    clock: Clock = time.monotonic,
) -> Router:
    """A router with a preset (`factory`, `messy`, `pppoe`) or with `set` lines of one's own."""
    if re.match(r"[12]\.\d", version) is None:
        raise ValueError(f"{version!r} is no version of EdgeOS")
    return Router(preset(configuration or "factory"), version, hostname, clock)


class Router(Machine):
    """One router. Its state outlives logins."""

    title = "EdgeOS"

    def login(self, user: str, source: str) -> Shell:
        """A new interactive login."""
        self.tick()
        return Shell(self, user, source)

    def judge(self, path: Path) -> Verdict:
        """By the grammar."""
        return judge(path)

    def refusal(self, paths: list[Path]) -> Refusal | None:
        """By the checks of the daemons."""
        return refusal(paths)

    def admits(self, source: str, port: int) -> bool:
        """By the rules that run now."""
        return Packet(self.running, source, port).passes()
