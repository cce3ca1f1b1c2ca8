"""Engines: any executor that carries out one function on one router."""

from __future__ import annotations

import multiprocessing
import signal
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

from routercfg.batch.pace import Engine


def make(engine: Engine, workers: int) -> Executor:
    """Threads, or processes that leave Ctrl-C to the coordinator."""
    if engine == "threads":
        return ThreadPoolExecutor(workers, thread_name_prefix="router")
    # Not `fork`: a copy of a process that runs threads can hang on a lock nobody will release.
    return ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_leave_ctrl_c
    )


def _leave_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
