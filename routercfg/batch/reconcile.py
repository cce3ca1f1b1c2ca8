"""What a run that broke off left on a router: found out by reading, never by sending again.

What it had confirmed and not saved is saved, if that is what the router still is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from routercfg.batch.crashes import Crash
from routercfg.batch.note import Note, Report
from routercfg.errors import RoutercfgError, StoppedError, TransportError, Where
from routercfg.planning import Plan, make_plan
from routercfg.platforms import load_pack, manifest
from routercfg.push import Moment, Outcome, Result
from routercfg.push.events import fingerprint
from routercfg.push.saving import unsaved
from routercfg.transport import Target

#: Reads a router and sends nothing that changes it.
Look = Callable[[Target], Result]


class Keep(Protocol):
    """Reads a router again, and saves what it is if that still stands."""

    def __call__(
        self, target: Target, ids: tuple[str, ...], stands: Callable[[Plan], bool], detail: str
    ) -> Result:
        """See `push.saving.save_standing`."""
        ...


#: What keeps a router from showing that nobody holds this revert of its pack; None: it shows that.
Held = Callable[[Target, str], RoutercfgError | None]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What came of it. `refused`: the router may not be worked on now, and why.

    `moments`: what was done on it to end the broken run's work.
    """

    refused: Result | None = None
    moments: tuple[Moment, ...] = ()


def reconcile(
    crash: Crash, target: Target, look: Look, keep: Keep, held: Held, report: Report
) -> Reconciled:
    """Read the router, save what the broken run had confirmed, and report how it ended there.

    What is not as before, and was held by a session, is believed only once nobody holds it: the
    router undoes it as soon as it finds that session dead, which may be later than its time.
    """
    looked = look(target)
    if looked.before is None:
        return Reconciled(looked)
    ids = crash.ids or tuple(finding.requirement for finding in looked.before.findings)
    judged = _judged(looked.before, ids)
    as_before = fingerprint(judged) == crash.before
    if _pending(crash, as_before=as_before):
        return Reconciled(replace(looked, outcome=Outcome.REFUSED, error=_refusal(crash, target)))
    if crash.held and not crash.confirmed and not as_before:
        problem = held(target, crash.revert)
        if problem is not None:
            return Reconciled(_not_shown(crash, looked, problem))
        # What was read before may have been undone since.
        looked = look(target)
        if looked.before is None:
            return Reconciled(looked)
        judged = _judged(looked.before, ids)
        as_before = fingerprint(judged) == crash.before
    kept: Result | None = None
    stands = not as_before and _stands(crash, judged)
    if stands and crash.confirming and _not_known_saved(crash, target):
        kept = keep(
            target,
            ids,
            lambda now: _stands(crash, _judged(now, ids)),
            f"saved what run {crash.run} had confirmed",
        )
        if kept.error is not None:
            return Reconciled(_not_saved(crash, looked, kept))
    found = _found(crash, target, as_before=as_before, stands=stands, kept=kept is not None)
    report(
        Note("reconciled", target.router, {"run": crash.run, "step": crash.step, "found": found})
    )
    return Reconciled(moments=kept.moments if kept else ())


def _judged(plan: Plan, ids: tuple[str, ...]) -> Plan:
    """The same reading by the broken run's requirements: this run may be about others."""
    pack = load_pack(plan.state.platform)
    return make_plan(plan.router, pack, plan.state, plan.intent, ids)


def _stands(crash: Crash, plan: Plan) -> bool:
    """Is it what the broken run proved, or was to lead to?"""
    now = fingerprint(plan)
    return now == crash.proved or (now == crash.goal if crash.goal else not plan.commands)


def _pending(crash: Crash, *, as_before: bool) -> bool:
    """Could a revert still fire? One held by a session that is gone has, once its work shows."""
    if crash.reverts_at <= time.time():
        return False
    return not (crash.held and as_before)


def _refusal(crash: Crash, target: Target) -> StoppedError:
    until = datetime.fromtimestamp(crash.reverts_at, UTC).strftime("%H:%M:%S UTC")
    return StoppedError(
        f"run {crash.run} broke off at {crash.step!r}; its revert may still be armed, "
        "and would undo what is pushed now",
        where=Where(router=target.router),
        hint=f"The router has reverted by {until}; push again then",
    )


def _not_shown(crash: Crash, looked: Result, problem: RoutercfgError) -> Result:
    lost = isinstance(problem, TransportError)
    problem.message = (
        f"run {crash.run} broke off at {crash.step!r}, and what it left may still be undone: "
        f"{problem.message}"
    )
    return replace(looked, outcome=Outcome.UNREACHABLE if lost else Outcome.REFUSED, error=problem)


def _not_known_saved(crash: Crash, target: Target) -> bool:
    return not crash.saved and bool(manifest(target.platform).save)


def _found(crash: Crash, target: Target, *, as_before: bool, stands: bool, kept: bool) -> str:
    open_end = _not_known_saved(crash, target)
    if as_before:
        lost = ": what it had confirmed was lost before it was saved"
        return "as it was before" + (lost if crash.confirmed and open_end else "")
    if not stands:
        return "neither as before nor as planned" + (
            "; it was not saved, for nobody has proved it: push what it lacks, or look at it and "
            "save it by hand"
            if open_end
            else ""
        )
    if kept:
        return "the change stands, and is saved now"
    return "the change stands" + (
        ", but may not be saved: a restart could undo it" if open_end else ""
    )


def _not_saved(crash: Crash, looked: Result, kept: Result) -> Result:
    error = kept.error
    assert error is not None  # noqa: S101 - it is asked for only where there is one
    error.message = f"what run {crash.run} had confirmed is not saved: {error.message}"
    unsaved(error)
    return replace(looked, outcome=Outcome.UNKNOWN, error=error, moments=kept.moments)
