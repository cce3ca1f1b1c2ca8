"""What a report tells about one router, however it was come by: from text, live, or by a push."""

from __future__ import annotations

from dataclasses import dataclass

from routercfg.errors import RoutercfgError
from routercfg.planning import Plan


@dataclass(frozen=True, slots=True)
class Entry:
    """One router in a report.

    `plan` is None where the router could not be read. `outcome` is what a push came to, empty where
    nothing was pushed. `before` is the plan that was pushed, where `plan` is what is left of it.
    """

    router: str
    platform: str
    plan: Plan | None = None
    outcome: str = ""
    error: RoutercfgError | None = None
    before: Plan | None = None
    steps: tuple[tuple[str, str], ...] = ()

    @property
    def status(self) -> str:
        """The worst finding, `unreachable` where there is none."""
        return self.plan.status.value if self.plan is not None else "unreachable"

    @property
    def compliant(self) -> bool:
        """Read, and nothing left to do, decide or find out."""
        return self.plan is not None and self.plan.compliant
