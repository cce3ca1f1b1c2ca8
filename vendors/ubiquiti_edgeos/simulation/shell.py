"""One login to the simulated EdgeOS: what it says otherwise than its relatives."""

from __future__ import annotations

from dataclasses import dataclass

from ...vyatta.simulation import shell
from ...vyatta.simulation.links import brief, rows
from ...vyatta.simulation.machine import Path, Verdict
from .translations import nat_rules

#: Nodes that say something even with nothing below them.
_BARE = frozenset({"unms", "lo"})


@dataclass
class Shell(shell.Shell):
    """One login."""

    def _operate(self, words: list[str]) -> str | None:
        match words:
            case ["show", "version"]:
                return _show_version(self.router.version)
            case ["show", "interfaces"]:
                return brief(rows(self.router.running, self.router.leases), 12)
            case ["show", "nat", "rules"]:
                found = rows(self.router.running, self.router.leases)
                return nat_rules(self.router.running, found)
            case ["terminal", ("length" | "width"), _]:
                return ""
        return None

    def _not_valid(self, path: Path, verdict: Verdict, what: str) -> str:
        if verdict.value:
            words = f"Invalid value: {verdict.value}\n  Value validation failed"
            return f"\n\n  {words}\n  {what} failed\n\n"
        # A node that takes a value, or has something below it, is nothing without.
        bare = what == "Set" and verdict.end == "*" and path[-1] not in _BARE
        if verdict.bad is not None or bare:
            return f"\n  The specified configuration node is not valid\n  {what} failed\n\n"
        return ""

    def _asks(self, minutes: int) -> str:
        return (
            f"commit confirm will be automatically reboot in {minutes} minutes "
            "unless confirmed\nProceed? [confirm]"
        )


def _show_version(version: str) -> str:
    return (
        f"Version:      v{version}\n"
        "Build ID:     5208554\n"
        "Build on:     07/08/19 06:11\n"
        "Copyright:    2012-2019 Ubiquiti Networks, Inc.\n"
        "HW model:     EdgeRouter X 5-Port\n"
        "HW S/N:       FFFFFFFFFFFF\n"
        "Uptime:       12:00:00 up 1 day,  0:00,  1 user,  load average: 0.01, 0.02, 0.00\n"
    )
