"""Engines: any executor that carries out one function on one router."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor

from routercfg.batch import cluster
from routercfg.batch.processes import Processes


def make(engine: str, workers: int) -> Executor:
    """Threads, processes with threads, or a Dask cluster's workers. Raises InputError."""
    match engine:
        case "threads":
            return ThreadPoolExecutor(workers, thread_name_prefix="router")
        case "processes":
            return Processes(workers)
        case _:
            return cluster.Cluster(cluster.read_address(engine))


def listening_place(engine: str) -> tuple[str, int] | None:
    """Where workers of this engine reach the coordinator; None: only from this machine."""
    if not engine.startswith(cluster.SCHEME):
        return None
    return cluster.listening_place(cluster.read_address(engine))
