"""One login to the simulated VyOS: what its releases say otherwise than their relatives."""

from __future__ import annotations

from dataclasses import dataclass

from ...vyatta.simulation import shell
from ...vyatta.simulation.links import brief, extended, rows
from ...vyatta.simulation.machine import Path, Verdict
from .showing import client_leases, source_rules

_TRAINS = {(1, 2): "crux", (1, 3): "equuleus", (1, 4): "sagitta", (1, 5): "circinus"}


@dataclass
class Shell(shell.Shell):
    """One login. `release`: major and minor version."""

    release: tuple[int, int] = (1, 4)

    def _operate(self, words: list[str]) -> str | None:
        match words:
            case ["show", "version"]:
                return self._show_version()
            case ["show", "interfaces"]:
                found = rows(self.router.running, self.router.leases)
                return extended(found) if self.release >= (1, 5) else brief(found, 16)
            case ["show", "nat", "source", "rules"]:
                return source_rules(self.router.running, self.release)
            case ["show", "dhcp", "client", "leases"]:
                found = rows(self.router.running, self.router.leases)
                return client_leases(found, self.router.running, self.release)
            case ["set", "terminal", ("length" | "width"), _]:
                return ""
        return None

    def _not_valid(self, path: Path, verdict: Verdict, what: str) -> str:
        if verdict.value:
            words = f"Error: {verdict.value} is not valid\n\n  Invalid value"
            return f"\n\n  {words}\n  Value validation failed\n  {what} failed\n\n"
        if verdict.bad is None:
            return ""
        named = list(path)
        if verdict.bad < len(named):
            named[verdict.bad] = f"[{named[verdict.bad]}]"
        return f"\n  Configuration path: {' '.join(named)} is not valid\n  {what} failed\n\n"

    def _asks(self, minutes: int) -> str:
        if self.release < (1, 4):
            return (
                f"commit confirm will be automatically reboot in {minutes} minutes "
                "unless confirmed\nProceed? [confirm]"
            )
        return (
            f"commit-confirm will automatically reboot in {minutes} minutes unless changes\n"
            "are confirmed.\n\nProceed ? [Y/n] "
        )

    def _show_version(self) -> str:
        lines = [f"Version:          VyOS {self.router.version}"]
        if self.release >= (1, 4):
            lines.append(f"Release train:    {_TRAINS.get(self.release, 'current')}")
        lines += [
            "",
            "Built by:         Simulated",
            "Architecture:     x86_64",
            "Boot via:         installed image",
        ]
        return "\n".join(lines) + "\n"
