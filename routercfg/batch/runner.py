"""Many routers at once: results in the order of the inventory."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from routercfg.batch.channel import Switchboard
from routercfg.batch.coordinator import Coordinator
from routercfg.batch.engine import make
from routercfg.batch.journal import Journal
from routercfg.batch.note import Report
from routercfg.batch.pace import Pace
from routercfg.batch.reconcile import Look
from routercfg.batch.stop import Stop, interruptible
from routercfg.batch.working import Job, Work, perform
from routercfg.errors import RoutercfgError
from routercfg.push import Outcome, Result, inspect
from routercfg.transport import Target

_VERIFIED = (Outcome.PUSHED, Outcome.UNCHANGED)
_FAILED = (Outcome.ROLLED_BACK, Outcome.REFUSED, Outcome.UNKNOWN)
#: Seconds between looks at the clock and at Ctrl-C while routers are worked on.
_TICK = 0.2


def run(
    work: Callable[[Target], Result], targets: Sequence[Target], *, workers: int = 20
) -> Iterator[Result]:
    """Work on every router, `workers` at a time. A transaction under way is never cut off."""
    if not targets:
        return
    with ThreadPoolExecutor(max_workers=min(workers, len(targets))) as executor:
        futures = [executor.submit(work, target) for target in targets]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def carry_out(  # noqa: PLR0913 - each is a word of whoever starts a run, and has a default
    work: Work,
    targets: Sequence[Target],
    pace: Pace | None = None,
    *,
    journal: Journal | None = None,
    kind: str = "push",
    settings: Mapping[str, Any] | None = None,
    look: Look = inspect,
    watch: Report | None = None,
    executor: Executor | None = None,
    stop: Stop | None = None,
) -> Iterator[Result]:
    """Work on every router, batch by batch; a batch begins once the one before it verified.

    Results come in the order of `targets`, one for each: routers that are not begun any more have
    the outcome `not begun` and a StoppedError that says why. `executor` is any
    `concurrent.futures.Executor`; without one the pace says which. `watch` hears every note.
    Raises JournalError before anything is sent where the journal cannot be written.
    """
    pace = pace or Pace()
    stop = stop or Stop()
    coordinator = Coordinator(targets, stop, journal, watch)
    coordinator.begin(kind, settings or {})
    try:
        with interruptible(stop), _Crew(coordinator, pace, executor) as crew:
            yield from _batches(_Run(coordinator, pace, crew, work, look))
    finally:
        coordinator.end()


class _Crew:
    """The workers, replaced where they died, and their line to the coordinator."""

    def __init__(self, coordinator: Coordinator, pace: Pace, given: Executor | None) -> None:
        self._coordinator = coordinator
        self._pace = pace
        self._given = given
        self._executor: Executor | None = given
        self._open = ExitStack()
        self._report: Report = coordinator.hear
        self._of: dict[Future[Result], Executor] = {}

    def __enter__(self) -> _Crew:
        threads = self._given is None and self._pace.engine == "threads"
        if not threads and not isinstance(self._given, ThreadPoolExecutor):
            self._report = self._open.enter_context(Switchboard(self._coordinator.hear)).remote
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None and self._given is None:
            self._executor.shutdown(wait=True)
        self._open.close()

    def submit(self, run: _Run, target: Target) -> Future[Result]:
        if self._executor is None:
            workers = min(self._pace.workers, len(self._coordinator.targets))
            self._executor = make(self._pace.engine, workers)
        crash = self._coordinator.crashes.get(target.router)
        job = Job(target, run.work, run.look, self._report, self._pace, crash)
        try:
            future = self._executor.submit(perform, job)
        except BrokenExecutor as error:
            future = Future()
            future.set_exception(error)
        self._of[future] = self._executor
        return future

    def lost(self, future: Future[Result]) -> None:
        """The workers of this router died: others take the routers that are left."""
        if self._of[future] is not self._executor:
            return
        if self._given is not None:
            self._coordinator.stop.begin_no_more("its workers died")
            return
        if self._executor is not None:
            self._executor.shutdown(wait=True)
        self._executor = None


class _Run:
    """One run: what is worked on, and the counts that decide whether it goes on."""

    def __init__(
        self, coordinator: Coordinator, pace: Pace, crew: _Crew, work: Work, look: Look
    ) -> None:
        self.coordinator = coordinator
        self.pace = pace
        self.crew = crew
        self.work = work
        self.look = look
        self.stop = coordinator.stop
        self.failed = 0
        self._deadline = time.monotonic() + pace.run_timeout if pace.run_timeout else None

    def count(self, result: Result, batch: Sequence[Target], failed_of_batch: int) -> int:
        """Failures of the batch so far. Stops the run where they are too many."""
        if result.outcome not in _FAILED:
            return failed_of_batch
        self.failed += 1
        failed_of_batch += 1
        total = len(self.coordinator.targets)
        for failed, size, what in (
            (failed_of_batch, len(batch), "its batch"),
            (self.failed, total, "all"),
        ):
            allowed = self.pace.allowed(size)
            if allowed is not None and failed > allowed:
                self.stop.begin_no_more(
                    f"{failed} of {size} routers of {what} failed, and {allowed} may"
                )
        return failed_of_batch

    def judge(self, results: Sequence[Result], *, last: bool) -> None:
        """A batch that is not the last must have verified before the next may begin."""
        if last:
            return
        outcomes = [result.outcome for result in results]
        failed = sum(outcome in _FAILED for outcome in outcomes)
        if failed and self.pace.max_failures is None:
            self.stop.begin_no_more(
                f"{failed} of {len(outcomes)} routers of the batch before failed"
            )
        if not any(outcome in _VERIFIED for outcome in outcomes):
            self.stop.begin_no_more("no router of the batch before it verified")

    def out_of_time(self) -> None:
        if self._deadline is not None and time.monotonic() > self._deadline:
            self.stop.begin_no_more(f"the run took longer than {self.pace.run_timeout:g} s")


def _batches(run: _Run) -> Iterator[Result]:
    targets = list(run.coordinator.targets)
    sizes = run.pace.batches(len(targets))
    begin = 0
    for number, size in enumerate(sizes, start=1):
        batch = targets[begin : begin + size]
        begin += size
        if not run.stop.reason:
            run.coordinator.tell_batch(number, len(sizes), size)
        results: list[Result] = []
        for result in _in_order(run, batch):
            results.append(result)
            yield result
        run.judge(results, last=number == len(sizes))


def _in_order(run: _Run, batch: Sequence[Target]) -> Iterator[Result]:
    """The results of one batch. Never more is submitted than is worked on, so a stop is at once."""
    waiting = deque(enumerate(batch))
    running: dict[Future[Result], int] = {}
    done: dict[int, Result] = {}
    next_one = failed = 0
    try:
        while next_one < len(batch):
            run.out_of_time()
            while waiting and (run.stop.reason or len(running) < run.pace.workers):
                index, target = waiting.popleft()
                if run.stop.reason:
                    done[index] = run.coordinator.not_begun(target)
                else:
                    running[run.crew.submit(run, target)] = index
            for future in wait(running, timeout=_TICK, return_when=FIRST_COMPLETED).done:
                index = running.pop(future)
                result = _result(run, batch[index], future)
                failed = run.count(result, batch, failed)
                done[index] = result
            while next_one in done:
                yield done.pop(next_one)
                next_one += 1
    finally:
        # Whoever reads the results may have gone; what is under way is finished and written down.
        for future, index in running.items():
            _result(run, batch[index], future)


def _result(run: _Run, target: Target, future: Future[Result]) -> Result:
    try:
        result = future.result()
    except BrokenExecutor as error:
        run.crew.lost(future)
        result = run.coordinator.died(target, error)
    except Exception as error:  # noqa: BLE001 - a bug met on one router is that router's failure
        result = run.coordinator.died(target, error)
    try:
        run.coordinator.finish(target, result)
    except RoutercfgError as error:
        return replace(result, error=result.error or error)
    return result
