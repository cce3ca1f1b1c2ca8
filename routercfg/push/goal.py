"""What a transaction is to bring about: the goal says what to send, and when it is reached.

The transaction knows only how to get there safely; all it asks about the router, it asks here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from routercfg.model.finding import Finding, Status
from routercfg.planning import Plan
from routercfg.platforms import Pack
from routercfg.push.events import essence
from routercfg.push.guard import check_lockout
from routercfg.push.reading import Reading, take_reading
from routercfg.push.result import Outcome
from routercfg.transport import Session, Target


class Goal(Protocol):
    """What a transaction is to bring about on one router."""

    @property
    def reached(self) -> Outcome:
        """The outcome of a transaction that brought it about."""
        ...

    def read(self, session: Session, target: Target, pack: Pack) -> Reading:
        """Read the router, and say what to send. Sends nothing that changes it.

        Raises TransportError, or PushError where the reading says too little to go by.
        """
        ...

    def facts(self, reading: Reading) -> dict[str, Any]:
        """What the journal keeps of the plan, as plain values."""
        ...

    def check(self, reading: Reading) -> None:
        """Raise PushError where what the reading leads to must not be sent."""
        ...

    def guard(self, reading: Reading) -> None:
        """Raise LockoutRiskError unless our own way in is shown to stay open."""
        ...

    def unproved(self, before: Reading, after: Reading) -> str:
        """Why the reading after the new login does not prove the goal; empty if it does."""
        ...

    def same(self, one: Reading, other: Reading) -> bool:
        """Do two readings show the same state, as far as the goal is concerned?"""
        ...


@dataclass(frozen=True, slots=True)
class Requirements:
    """That these requirements hold (None: all): what a push brings about."""

    ids: Collection[str] | None = None

    @property
    def reached(self) -> Outcome:
        return Outcome.PUSHED

    def read(self, session: Session, target: Target, pack: Pack) -> Reading:
        return take_reading(session, target, pack, self.ids)

    def facts(self, reading: Reading) -> dict[str, Any]:
        return {"changes": [planned.change.summary for planned in reading.plan.changes]}

    def check(self, reading: Reading) -> None:
        """A plan is made only of what may be sent."""

    def guard(self, reading: Reading) -> None:
        check_lockout(reading.plan)

    def unproved(self, before: Reading, after: Reading) -> str:
        return unproved(before.plan, after.plan)

    def same(self, one: Reading, other: Reading) -> bool:
        return essence(one.plan) == essence(other.plan)


def unproved(before: Plan, after: Plan) -> str:
    """Why the reading after a push does not prove it; empty if it does.

    Nothing may be left to send, and no requirement may stand worse than it did: a decision that
    waited for a person before still does, but nothing new may.
    """
    if after.commands:
        return "; ".join(planned.change.summary for planned in after.changes if planned.commands)
    was = {finding.requirement: finding for finding in before.findings}
    worse = [
        finding
        for finding in after.findings
        if finding.status in (Status.VIOLATION, Status.UNKNOWN)
        and _rank(finding) > _rank(was[finding.requirement])
    ]
    return "; ".join(f"{finding.requirement}: {finding.summary}" for finding in worse)


def _rank(finding: Finding) -> int:
    order = (
        Status.NOT_APPLICABLE,
        Status.OK,
        Status.DECISION,
        Status.VIOLATION,
        Status.UNKNOWN,
    )
    return order.index(finding.status)
