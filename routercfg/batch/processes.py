"""Few processes with many threads each: waits overlap in the threads, work in the processes.

`concurrent.futures` has one of both: its processes do one thing at a time, so fifty routers at once
would be fifty processes of 60 MB; and the death of one breaks all.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any, ParamSpec, TypeVar

from routercfg.batch.stop import leave_to_the_coordinator

P = ParamSpec("P")
T = TypeVar("T")


def _starting() -> BaseContext:
    """How processes begin: as copies of one that has loaded what they need, and runs no threads.

    A copy of this process, which runs some, could hang on a lock that nobody will release.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["routercfg.batch.ready"])
    return context


class WorkerDiedError(BrokenExecutor):
    """The process that had this work ended before the work did. Only its own work is lost."""


def cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Processes(Executor):
    """`workers` calls at a time, in one process for each core, each with its share of threads.

    A process is started when there is work for it, and replaced when it died.
    """

    def __init__(self, workers: int, processes: int | None = None) -> None:
        count = min(processes or cores(), workers)
        self._threads = -(-workers // count)
        self._slots: list[_Process | None] = [None] * count
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Let the least busy process call this. Raises what pickling it raises."""
        call = pickle.dumps((fn, args, kwargs), pickle.HIGHEST_PROTOCOL)
        with self._lock:
            if self._closed:
                raise RuntimeError("cannot schedule new futures after shutdown")
            return self._least_busy().give(call)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes once they have done what they have. Nothing waits to be cancelled."""
        del cancel_futures
        with self._lock:
            self._closed = True
            present = [one for one in self._slots if one is not None]
        for one in present:
            one.end()
        if wait:
            for one in present:
                one.join()

    def _least_busy(self) -> _Process:
        loads = [one.load if one is not None and one.alive else 0 for one in self._slots]
        place = loads.index(min(loads))
        chosen = self._slots[place]
        if chosen is None or not chosen.alive:
            chosen = self._slots[place] = _Process(self._threads, self._core(place))
        return chosen

    def _core(self, place: int) -> int | None:
        """Which core one of the processes stays on, where there is one for each.

        Its threads take turns. On two cores they would still wake each other across both, which
        costs a fifth of all their work.
        """
        if not hasattr(os, "sched_getaffinity"):
            return None
        ours = sorted(os.sched_getaffinity(0))
        return ours[place] if len(self._slots) == len(ours) else None


class _Process:
    """One process, the pipe to it, and what it has not answered yet."""

    def __init__(self, threads: int, core: int | None) -> None:
        context = _starting()
        self._line, theirs = context.Pipe()
        # The process that it is a copy of began when the environment may have been another.
        given = (theirs, threads, core, dict(os.environ))
        self._process = context.Process(target=_work, args=given, daemon=True)  # type: ignore[attr-defined]  # each has one
        self._process.start()
        theirs.close()
        self._waiting: dict[int, Future[Any]] = {}
        self._number = 0
        self._lock = threading.Lock()
        self.alive = True
        self._reader = threading.Thread(target=self._read, name="processes", daemon=True)
        self._reader.start()

    @property
    def load(self) -> int:
        return len(self._waiting)

    def give(self, call: bytes) -> Future[Any]:
        future: Future[Any] = Future()
        # It cannot be cancelled any more: the process may have begun with it.
        future.set_running_or_notify_cancel()
        with self._lock:
            if not self.alive:
                future.set_exception(self._death())
                return future
            self._number += 1
            self._waiting[self._number] = future
            # Where this fails the process is dead, and whoever reads from it says so.
            with suppress(OSError):
                self._line.send_bytes(pickle.dumps((self._number, call)))
        return future

    def end(self) -> None:
        with self._lock, suppress(OSError):
            self._line.send_bytes(b"")

    def join(self) -> None:
        self._reader.join()

    def _read(self) -> None:
        while True:
            try:
                number, good, answer = pickle.loads(self._line.recv_bytes())  # noqa: S301 - ours
            except (EOFError, OSError):
                break
            with self._lock:
                future = self._waiting.pop(number)
            try:
                value = pickle.loads(answer)  # noqa: S301 - from the process that we began
            except Exception as error:  # noqa: BLE001 - an exception of any kind may not come back
                good, value = False, error
            if good:
                future.set_result(value)
            else:
                future.set_exception(value)
        self._process.join()
        with self._lock:
            self.alive = False
            lost, self._waiting = list(self._waiting.values()), {}
        self._line.close()
        for future in lost:
            future.set_exception(self._death())

    def _death(self) -> WorkerDiedError:
        return WorkerDiedError(f"its process ended with {self._process.exitcode}")


def _work(line: Connection, threads: int, core: int | None, environment: dict[str, str]) -> None:
    """The process: take calls from the pipe until it ends, and answer in any order."""
    leave_to_the_coordinator()
    os.environ.clear()
    os.environ.update(environment)
    if core is not None:
        with suppress(OSError):  # it may have been taken from us meanwhile
            os.sched_setaffinity(0, {core})
    answering = threading.Lock()
    settled = threading.Event()

    def one(number: int, call: bytes) -> None:
        answer = _called(number, call)
        if not settled.is_set():
            # What the first call has loaded stays for good: the collector need not look at it.
            settled.set()
            gc.freeze()
        # Where nobody is there to hear it, the journal has been told or the router reverts.
        with answering, suppress(OSError):
            line.send_bytes(answer)

    with ThreadPoolExecutor(threads, thread_name_prefix="router") as pool:
        while True:
            try:
                message = line.recv_bytes()
            except (EOFError, OSError):
                return
            if not message:
                return
            pool.submit(one, *pickle.loads(message))  # noqa: S301 - from the process that began us


def _called(number: int, call: bytes) -> bytes:
    try:
        fn, args, kwargs = pickle.loads(call)  # noqa: S301 - as above
        good, value = True, fn(*args, **kwargs)
    except BaseException as error:  # noqa: BLE001 - whatever it is, somebody waits for the answer
        good, value = False, error
    try:
        answer = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - as above
        told = error if good else value
        good, answer = False, pickle.dumps(RuntimeError(f"{type(told).__name__}: {told}"))
    return pickle.dumps((number, good, answer))
