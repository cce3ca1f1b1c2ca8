"""One router in a worker: wait, reconcile, work, try again where no connection came about."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from routercfg.batch.note import Note, Report, note_of
from routercfg.batch.pace import Pace
from routercfg.batch.reconcile import Look, reconcile
from routercfg.batch.records import Crash
from routercfg.errors import (
    LeaseError,
    PushError,
    RoutercfgError,
    StoppedError,
    UnreachableError,
    Where,
)
from routercfg.push import Outcome, Result
from routercfg.push.events import Event, heard_by
from routercfg.transport import Target

Work = Callable[[Target], Result]


@dataclass(frozen=True, slots=True)
class Job:
    """All a worker needs for one router. Picklable if its work is."""

    target: Target
    work: Work
    look: Look
    report: Report
    pace: Pace
    crash: Crash | None = None


def perform(job: Job) -> Result:
    """The unit of work of every engine."""
    target = job.target
    try:
        _pause(job, random.uniform(0, job.pace.splay))  # noqa: S311 - no secret depends on it
        job.report(Note("starts", target.router))
        if job.crash is not None:
            refused = reconcile(job.crash, target, job.look, job.report)
            if refused is not None:
                return refused
        with heard_by(_hearing(job)):
            return _attempts(job)
    except LeaseError as error:
        return Result(target.router, target.platform, Outcome.REFUSED, error=error)
    except RoutercfgError as error:
        return Result(target.router, target.platform, Outcome.NOT_BEGUN, error=error)


def _attempts(job: Job) -> Result:
    """Only where no connection came about: a login refused twice may lock the account."""
    result = job.work(job.target)
    for attempt in range(job.pace.retries):
        if result.outcome is not Outcome.UNREACHABLE or not isinstance(
            result.error, UnreachableError
        ):
            return result
        pause = job.pace.backoff * 2**attempt
        try:
            job.report(Note("retries", job.target.router, {"after": str(result.error)}))
            _pause(job, pause * random.uniform(0.75, 1.25))  # noqa: S311 - as above
        except StoppedError:
            return result
        result = job.work(job.target)
    return result


def _pause(job: Job, seconds: float) -> None:
    """Wait, but not through a Ctrl-C."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 0.5))
        job.report(Note("waits", job.target.router))


def _hearing(job: Job) -> Callable[[Event], None]:
    begun = time.monotonic()
    limit = job.pace.router_timeout

    def hear(event: Event) -> None:
        if limit and time.monotonic() - begun > limit:
            raise PushError(
                f"it took longer than {limit:g} s", where=Where(router=job.target.router)
            )
        job.report(note_of(event))

    return hear
