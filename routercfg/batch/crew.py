"""The workers of a run, and their line to the coordinator."""

from __future__ import annotations

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeVar

from routercfg.batch import cluster
from routercfg.batch.channel import Remote, Switchboard
from routercfg.batch.coordinator import Coordinator
from routercfg.batch.engine import listening_place, make
from routercfg.batch.note import Report
from routercfg.batch.pace import Pace
from routercfg.batch.parcel import parcel, perform_parcel
from routercfg.batch.processes import Processes, cores
from routercfg.batch.told import Told
from routercfg.batch.working import Job, perform
from routercfg.errors import InputError, SecretError, Where
from routercfg.push import Outcome, Result

T = TypeVar("T")

#: Worker processes that die one after the other without a single result: it is not the routers.
_MOST_DEATHS = 3


class Crew:
    """An engine for one run. Raises InputError where it is not to be had; nothing is sent then."""

    def __init__(self, coordinator: Coordinator, pace: Pace, given: Executor | None) -> None:
        self._coordinator = coordinator
        self._pace = pace
        self._given = given
        self._open = ExitStack()
        self._executor: Executor
        self._alone: Processes | None = None
        self._deaths = 0
        self.report: Report | Remote = coordinator.hear

    def __enter__(self) -> Crew:
        with ExitStack() as stack:
            workers = max(1, min(self._pace.workers, len(self._coordinator.targets)))
            if self._given is not None:
                self._executor = self._given
            else:
                self._executor = make(self._pace.engine, workers)
                stack.callback(self._executor.shutdown, wait=True)
            if not isinstance(self._executor, ThreadPoolExecutor):
                board = self._open.enter_context(self._switchboard())
                self.report = board.remote
            # What is entered last is left first: workers may tell something until their end.
            self._open.enter_context(stack.pop_all())
        return self

    def __exit__(self, *_: object) -> None:
        if self._alone is not None:
            self._alone.shutdown(wait=True)
        self._open.close()

    @property
    def most_alone(self) -> int:
        """How many routers may have a process for themselves at a time."""
        return cores() if isinstance(self._executor, Processes) else 0

    def submit(self, job: Job[T], *, alone: bool = False) -> Future[Told[T] | Result]:
        """Let a worker do this. What kept it from beginning is in the future, undigested."""
        future: Future[Told[T] | Result] = Future()
        try:
            if isinstance(self._executor, cluster.Cluster):
                return self._executor.submit(perform_parcel, parcel(job))
            return (self._isolated() if alone else self._executor).submit(perform, job)
        except SecretError as error:
            target = job.target
            future.set_result(Result(target.router, target.platform, Outcome.REFUSED, error=error))
        except Exception as error:  # noqa: BLE001 - each engine has its own ways to be broken
            future.set_exception(error)
        return future

    def worker_died(self) -> None:
        """An engine that only dies is not asked to begin with all the other routers too."""
        self._deaths += 1
        if not self.most_alone or self._deaths > _MOST_DEATHS * self._pace.workers:
            lost = self._executor.lost if isinstance(self._executor, cluster.Cluster) else ""
            self._coordinator.stop.begin_no_more(lost or "its workers died")

    def worker_lives(self) -> None:
        """A result came."""
        self._deaths = 0

    def _switchboard(self) -> Switchboard:
        place = None if self._given is not None else listening_place(self._pace.engine)
        try:
            return Switchboard(self._coordinator.hear, place)
        except OSError as error:
            here = f"{place[0]} port {place[1]}" if place else "this machine"
            raise InputError(
                f"workers cannot be listened to at {here}: {error.strerror or error}",
                where=Where(field="--engine"),
            ) from error

    def _isolated(self) -> Processes:
        if self._alone is None:
            # One thread each, so that two routers never share one.
            self._alone = Processes(self.most_alone, self.most_alone)
        return self._alone
