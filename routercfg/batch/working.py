"""One router in a worker: wait, reconcile, work, try again where no connection came about."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable
from uuid import uuid4

from routercfg.batch.channel import Remote
from routercfg.batch.crashes import Crash
from routercfg.batch.hearing import Hearing
from routercfg.batch.note import Note, Report
from routercfg.batch.pace import Pace
from routercfg.batch.reconcile import Held, Keep, Look, reconcile
from routercfg.batch.told import Digest, Told, told
from routercfg.errors import (
    LeaseError,
    RoutercfgError,
    StoppedError,
    UnreachableError,
)
from routercfg.push import Outcome, Result
from routercfg.push.events import heard_by
from routercfg.push.holding import why_held
from routercfg.push.saving import save_standing
from routercfg.transport import Target

Work = Callable[[Target], Result]


class Answer(Protocol):
    """What came of talking to one router."""

    @property
    def error(self) -> RoutercfgError | None:
        """What went wrong, if anything did."""
        ...


A = TypeVar("A", bound=Answer)
T = TypeVar("T")


@runtime_checkable
class WorkOfMany(Protocol):
    """Work that knows something of each router, and need not carry all of it to each worker."""

    def __call__(self, target: Target, /) -> Result:
        """Work on a router."""
        ...

    def only(self, target: Target) -> Work:
        """The same work, with what it knows of this router alone."""
        ...


@dataclass(frozen=True, slots=True)
class Job(Generic[T]):
    """All a worker needs for one router. Picklable if its work and its digest are."""

    target: Target
    work: Work
    look: Look
    report: Report | Remote
    pace: Pace
    digest: Digest[T]
    crash: Crash | None = None
    keep: Keep = save_standing
    held: Held = why_held


def perform(job: Job[T]) -> Told[T]:
    """The unit of work of every engine."""
    return told(worked(job), job.digest)


def worked(job: Job[Any]) -> Result:
    """What came of the router, whole."""
    with ExitStack() as stack:
        report = job.report
        line = stack.enter_context(report.line()) if isinstance(report, Remote) else report
        worker = uuid4().hex

        def tell(note: Note) -> None:
            line(replace(note, worker=worker))

        hear = Hearing(job.target.router, line, worker, job.pace.router_timeout)
        try:
            result = _perform(job, tell, hear)
        finally:
            hear.end()
        return without_frames(replace(result, worker=worker))


def without_frames(result: A) -> A:
    """The same answer. What its error was raised through holds the session and all it read."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [result.error]
    while waiting:
        error = waiting.pop()
        if error is not None and id(error) not in seen:
            seen.add(id(error))
            error.__traceback__ = None
            waiting += [error.__cause__, error.__context__]
    return result


def _perform(job: Job[Any], report: Report, hear: Hearing) -> Result:
    target = job.target
    try:
        _pause(job, report, random.uniform(0, job.pace.splay))  # noqa: S311 - no secret depends on it
        report(Note("starts", target.router))
        with heard_by(hear):
            if job.crash is None:
                return _attempts(job, report)
            left = reconcile(job.crash, target, job.look, job.keep, job.held, report)
            if left.refused is not None:
                return left.refused
            result = _attempts(job, report)
            return replace(result, moments=(*left.moments, *result.moments))
    except LeaseError as error:
        return Result(target.router, target.platform, Outcome.REFUSED, error=error)
    except RoutercfgError as error:
        return Result(target.router, target.platform, Outcome.NOT_BEGUN, error=error)


def _attempts(job: Job[Any], report: Report) -> Result:
    """Only where no connection came about: a login refused twice may lock the account."""
    result = job.work(job.target)
    for attempt in range(job.pace.retries):
        if result.outcome is not Outcome.UNREACHABLE or not isinstance(
            result.error, UnreachableError
        ):
            return result
        pause = job.pace.backoff * 2**attempt
        try:
            after = f"{result.error.code}: {result.error.message}"
            report(Note("retries", job.target.router, {"after": after}))
            _pause(job, report, pause * random.uniform(0.75, 1.25))  # noqa: S311 - as above
        except StoppedError:
            return result
        result = job.work(job.target)
    return result


def _pause(job: Job[Any], report: Report, seconds: float) -> None:
    """Wait, but not through a Ctrl-C."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 0.5))
        report(Note("waits", job.target.router))
