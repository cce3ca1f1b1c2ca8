"""What a report tells about one router, however it was come by: from text, live, or by a push."""

from __future__ import annotations

from dataclasses import dataclass

from routercfg.errors import RoutercfgError, TransportError
from routercfg.model.undo import Undo
from routercfg.planning import Plan
from routercfg.push.result import Result


@dataclass(frozen=True, slots=True)
class Entry:
    """One router in a report.

    `plan` is None where the router could not be read. `outcome` is what a push came to, empty where
    nothing was pushed. `before` is the plan that was pushed, where `plan` is what is left of it.
    `revert` says how, and how soon, the router itself undoes a push; empty where nobody asked it.
    `undo`: what it takes to go back to before an earlier run. `judged`: do the findings say whether
    all is well? Not after a rollback, which brings back what was wrong.
    """

    router: str
    platform: str
    plan: Plan | None = None
    outcome: str = ""
    error: RoutercfgError | None = None
    before: Plan | None = None
    steps: tuple[tuple[str, str], ...] = ()
    revert: str = ""
    undo: Undo | None = None
    judged: bool = True

    @property
    def status(self) -> str:
        """The worst finding; `unreachable` or `unknown` where nothing was read, or judged."""
        if self.plan is not None and (self.plan.findings or not self.judged):
            return self.plan.status.value
        return "unreachable" if self.unreachable else "unknown"

    @property
    def unreachable(self) -> bool:
        """Not read, because the router could not be reached or the conversation broke."""
        return self.plan is None and isinstance(self.error, TransportError)

    @property
    def compliant(self) -> bool:
        """Read, and nothing left to do, decide or find out."""
        return self.plan is not None and self.plan.compliant


def looked(result: Result) -> Entry:
    """What a reading came to, as an entry of the report."""
    return Entry(
        result.router,
        result.platform,
        result.before,
        error=result.error,
        revert=result.revert,
        undo=result.undo,
    )


def changed(result: Result) -> Entry:
    """What a push came to, as an entry of the report."""
    return Entry(
        result.router,
        result.platform,
        result.plan,
        outcome=result.outcome.value,
        error=result.error,
        before=result.before,
        steps=tuple((moment.step.value, moment.detail) for moment in result.moments),
        revert=result.revert,
        undo=result.undo,
    )
