"""Many routers at once: results in the order of the inventory, none kept once it was given."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypedDict, TypeVar, Unpack

from routercfg.batch.coordinator import Coordinator
from routercfg.batch.crew import Crew
from routercfg.batch.gates import Gates
from routercfg.batch.journal import Journal
from routercfg.batch.note import Report
from routercfg.batch.pace import Pace
from routercfg.batch.reconcile import Held, Keep, Look
from routercfg.batch.shelf import Shelf
from routercfg.batch.stop import Stop, interruptible
from routercfg.batch.told import Digest, Told, told, whole, with_error
from routercfg.batch.working import Job, Work, WorkOfMany
from routercfg.errors import RoutercfgError
from routercfg.push import Outcome, Result, inspect
from routercfg.push.holding import why_held
from routercfg.push.saving import save_standing
from routercfg.transport import Target

T = TypeVar("T")
_Came = Told[T] | Result

_VERIFIED = (Outcome.PUSHED, Outcome.UNDONE, Outcome.UNCHANGED)
_FAILED = (Outcome.ROLLED_BACK, Outcome.REFUSED, Outcome.UNKNOWN)
#: Seconds between looks at the clock and at Ctrl-C while routers are worked on.
_TICK = 0.2


class Words(TypedDict, total=False):
    """What may be said of a run besides its work, its targets and its pace."""

    journal: Journal | None
    kind: str
    settings: Mapping[str, Any] | None
    look: Look
    keep: Keep
    held: Held
    watch: Report | None
    executor: Executor | None
    stop: Stop | None


def carry_out(
    work: Work, targets: Sequence[Target], pace: Pace | None = None, **words: Unpack[Words]
) -> Iterator[Result]:
    """Work on every router, batch by batch; a batch begins once the one before it verified.

    Results come in the order of `targets`, one for each: routers that are not begun any more have
    the outcome `not begun` and a StoppedError that says why. `executor` is any
    `concurrent.futures.Executor`; without one the pace says which. `watch` hears every note.
    Raises JournalError before anything is sent where the journal cannot be written, and InputError
    where the engine is not to be had. None of the results is kept.
    """
    return digested(whole, work, targets, pace, **words)


def digested(
    digest: Digest[T],
    work: Work,
    targets: Sequence[Target],
    pace: Pace | None = None,
    **words: Unpack[Words],
) -> Iterator[T]:
    """As `carry_out`, but of each result only what `digest` makes of it, where the work was done.

    A result of a worker in another process is large, and a report of it is not.
    """
    pace = pace or Pace()
    stop = words.get("stop") or Stop()
    coordinator = Coordinator(targets, stop, words.get("journal"), words.get("watch"))
    with interruptible(stop), Crew(coordinator, pace, words.get("executor")) as crew:
        coordinator.begin(words.get("kind", "push"), words.get("settings") or {})
        try:
            yield from _batches(_Run(coordinator, pace, crew, work, digest, words))
        finally:
            coordinator.end()


class _Run(Generic[T]):
    """One run: what is worked on, and the counts that decide whether it goes on."""

    def __init__(
        self,
        coordinator: Coordinator,
        pace: Pace,
        crew: Crew,
        work: Work,
        digest: Digest[T],
        words: Words,
    ) -> None:
        self.coordinator = coordinator
        self.pace = pace
        self.crew = crew
        self.work = work
        self.digest = digest
        self.look = words.get("look", inspect)
        self.keep = words.get("keep", save_standing)
        self.held = words.get("held", why_held)
        self.stop = coordinator.stop
        self.failed = 0
        self._deadline = time.monotonic() + pace.run_timeout if pace.run_timeout else None

    def count(self, outcome: Outcome, batch: Sequence[Target], failed_of_batch: int) -> int:
        """Failures of the batch so far. Stops the run where they are too many."""
        if outcome not in _FAILED:
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

    def submit(self, target: Target, *, alone: bool = False) -> Future[_Came[T]]:
        """Let a worker begin with a router."""
        crash = self.coordinator.crashes.get(target.router)
        # Else every worker would be sent what is known of every router.
        work = self.work.only(target) if isinstance(self.work, WorkOfMany) else self.work
        job = Job(
            target, work, self.look, self.crew.report, self.pace, self.digest, crash, self.keep,
            self.held,
        )  # fmt: skip
        return self.crew.submit(job, alone=alone)

    def judge(self, outcomes: Counter[Outcome], *, last: bool) -> None:
        """A batch that is not the last must have verified before the next may begin."""
        if last:
            return
        failed = sum(outcomes[outcome] for outcome in _FAILED)
        if failed and self.pace.max_failures is None:
            self.stop.begin_no_more(
                f"{failed} of {outcomes.total()} routers of the batch before failed"
            )
        if not any(outcome in _VERIFIED for outcome in outcomes):
            self.stop.begin_no_more("no router of the batch before it verified")

    def out_of_time(self) -> None:
        if self._deadline is not None and time.monotonic() > self._deadline:
            self.stop.begin_no_more(f"the run took longer than {self.pace.run_timeout:g} s")


def _batches(run: _Run[T]) -> Iterator[T]:
    targets = list(run.coordinator.targets)
    sizes = run.pace.batches(len(targets))
    begin = 0
    for number, size in enumerate(sizes, start=1):
        batch = targets[begin : begin + size]
        begin += size
        if not run.stop.reason:
            run.coordinator.tell_batch(number, len(sizes), size)
        outcomes: Counter[Outcome] = Counter()
        for one in _Batch(run, batch).in_order():
            outcomes[one.outcome] += 1
            yield one.value
        run.judge(outcomes, last=number == len(sizes))


class _Batch(Generic[T]):
    """One batch. Never more is submitted than is worked on, so that a stop is at once."""

    def __init__(self, run: _Run[T], targets: Sequence[Target]) -> None:
        self._run = run
        self._targets = targets
        self._waiting = deque(range(len(targets)))
        self._running: dict[Future[_Came[T]], int] = {}
        #: Those that are done; asking all that are running would cost more the more there are.
        self._done: SimpleQueue[Future[_Came[T]]] = SimpleQueue()
        self._shelf: Shelf[Told[T]] = Shelf(2 * run.pace.workers)
        self._gates = Gates(run.pace.per_jump_host)
        self._failed = 0
        #: Routers whose worker died before anything was sent, and how; each is begun anew once,
        #: alone.
        self._anew: dict[int, Future[_Came[T]]] = {}
        self._alone: set[int] = set()

    def in_order(self) -> Iterator[Told[T]]:
        """The results, each once all before it are there."""
        try:
            for place in range(len(self._targets)):
                while place not in self._shelf:
                    self._run.out_of_time()
                    self._begin()
                    self._collect()
                yield self._shelf.take(place)
        finally:
            # Whoever reads the results may have gone; what is under way is finished and written.
            under_way = {index: future for future, index in self._running.items()}
            for index, future in (self._anew | under_way).items():
                _result(self._run, self._targets[index], future)

    def _begin(self) -> None:
        run = self._run
        if run.stop.reason:
            self._waiting.extend(self._gates.give_up())
        while self._waiting and (run.stop.reason or len(self._running) < run.pace.workers):
            index = self._waiting.popleft()
            if run.stop.reason:
                result = run.coordinator.not_begun(self._targets[index])
                self._shelf.put(index, told(result, run.digest))
            elif self._gates.enter(index, self._targets[index]):
                self._submit(index)
        while self._anew and len(self._alone & set(self._running.values())) < run.crew.most_alone:
            index = next(iter(self._anew))
            del self._anew[index]
            self._alone.add(index)
            self._submit(index, alone=True)

    def _submit(self, index: int, *, alone: bool = False) -> None:
        future = self._run.submit(self._targets[index], alone=alone)
        self._running[future] = index
        future.add_done_callback(self._done.put)

    def _collect(self) -> None:
        for future in self._ended():
            index = self._running.pop(future)
            if (following := self._gates.leave(index)) is not None:
                self._waiting.appendleft(following)
            if self._dead(index, future):
                self._anew[index] = future
                continue
            one = _result(self._run, self._targets[index], future)
            self._failed = self._run.count(one.outcome, self._targets, self._failed)
            self._shelf.put(index, one)

    def _ended(self) -> Iterator[Future[_Came[T]]]:
        """Those that are done by now, after a tick at most if there are none."""
        with suppress(Empty):
            yield self._done.get(timeout=_TICK)
            while True:
                yield self._done.get_nowait()

    def _dead(self, index: int, future: Future[_Came[T]]) -> bool:
        """Did its worker die, and is it safe to begin once more?

        Another router of the same process may have killed it. So this one gets a process that it
        has for itself: if it kills that too, it takes no other with it.
        """
        if future.cancelled() or not isinstance(future.exception(), BrokenExecutor):
            return False
        run = self._run
        run.crew.worker_died()
        touched = run.coordinator.touched(self._targets[index])
        known = index in self._alone or index in self._anew
        return not (touched or known or run.stop.reason or not run.crew.most_alone)


def _result(run: _Run[T], target: Target, future: Future[_Came[T]]) -> Told[T]:
    try:
        came = future.result()
        one = told(came, run.digest) if isinstance(came, Result) else came
        run.crew.worker_lives()
    except Exception as error:  # noqa: BLE001 - a bug met on one router is that router's failure
        one = told(run.coordinator.died(target, error), run.digest)
    if run.coordinator.lost(target, one):
        # What came is not its worker's word but that of another, which was not let in.
        one = told(run.coordinator.died(target), run.digest)
    try:
        run.coordinator.finish(target, one)
    except RoutercfgError as error:
        return with_error(one, error, run.digest)
    return one
