"""What a run that broke off left on a router: found out by reading, never by sending again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from routercfg.batch.note import Note, Report
from routercfg.batch.records import Crash
from routercfg.errors import StoppedError, Where
from routercfg.platforms import manifest
from routercfg.push import Outcome, Result
from routercfg.push.events import fingerprint
from routercfg.transport import Target

#: Reads a router and sends nothing that changes it.
Look = Callable[[Target], Result]


def reconcile(crash: Crash, target: Target, look: Look, report: Report) -> Result | None:
    """Read the router and report how the broken run ended there.

    None: that is known now, and the router may be worked on. A result: it may not, and why.
    """
    looked = look(target)
    plan = looked.before
    if plan is None:
        return looked
    as_before = fingerprint(plan) == crash.before
    if _pending(crash, as_before=as_before):
        until = datetime.fromtimestamp(crash.reverts_at, UTC).strftime("%H:%M:%S UTC")
        error = StoppedError(
            f"run {crash.run} broke off at {crash.step!r}; its revert may still be armed, "
            "and would undo what is pushed now",
            where=Where(router=target.router),
            hint=f"The router has reverted by {until}; push again then",
        )
        return replace(looked, outcome=Outcome.REFUSED, error=error)
    if as_before:
        found = "as it was before"
    elif fingerprint(plan) != crash.goal if crash.goal else plan.commands:
        found = "neither as before nor as planned"
    else:
        found = "the change stands" + _unsaved(crash, target)
    report(
        Note("reconciled", target.router, {"run": crash.run, "step": crash.step, "found": found})
    )
    return None


def _pending(crash: Crash, *, as_before: bool) -> bool:
    """Could a revert still fire? One held by a session that is gone has, once its work shows."""
    if crash.reverts_at <= time.time():
        return False
    return not (crash.held and as_before)


def _unsaved(crash: Crash, target: Target) -> str:
    if crash.saved or not manifest(target.platform).save:
        return ""
    return ", but may not be saved: a reboot could undo it"
