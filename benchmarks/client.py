"""routercfg as `batch.py` measures it: `client.py threads|processes JOB`. Prints one JSON line."""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import routercfg.lab
from routercfg.batch import run
from routercfg.inventory.secret import Secret
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.push import Outcome, push
from routercfg.transport import Target

MESSY = Path(routercfg.lab.__file__).with_name("demo") / "messy.rsc"
PLATFORM = "mikrotik_routeros"
USER = "admin"
PASSWORD = "correct horse"
ENGINEER = "192.0.2.10"
INTENT = Intent(
    provider=PrefixSet.of("203.0.113.0/24"),
    management_sources=PrefixSet.of("192.0.2.0/24"),
    pbx=PrefixSet.of("192.168.30.20"),
)


def targets(job: dict[str, Any]) -> list[Target]:
    return [
        Target(
            router=name,
            platform=PLATFORM,
            intent=INTENT,
            host=host,
            port=port,
            user=USER,
            password=Secret.of(PASSWORD),
            known_hosts=Path(job["known_hosts"]),
        )
        for name, (host, port) in job["routers"].items()
    ]


def share(work: Sequence[Target], workers: int) -> tuple[int, list[str]]:
    """Push to every router; how many were pushed, and what became of the others."""
    good, problems = 0, []
    for result in run(push, work, workers=workers):
        if result.outcome is Outcome.PUSHED:
            good += 1
        else:
            problems.append(f"{result.router}: {result.outcome.value}: {result.error}")
    return good, problems


def in_processes(work: Sequence[Target], workers: int, processes: int) -> tuple[int, list[str]]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as executor:
        each = workers // processes
        done = [executor.submit(share, work[n::processes], each) for n in range(processes)]
        found = [one.result() for one in done]
    return sum(good for good, _ in found), [line for _, lines in found for line in lines]


def cpu() -> float:
    """Seconds of CPU of this process and its children that have ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def main() -> None:
    engine, path = sys.argv[1:]
    job = json.loads(Path(path).read_text())
    work = targets(job)
    if engine == "threads":
        good, problems = share(work, job["workers"])
    else:
        good, problems = in_processes(work, job["workers"], 2)
    print(json.dumps({"good": good, "problems": problems, "cpu": cpu()}))


if __name__ == "__main__":
    main()
