"""routercfg as `batch.py` measures it: `client.py ENGINE JOB`. Prints one JSON line.

A whole run, as `routercfg push --yes --json` makes it: paced, every step in a journal on the disk
before it happens, each result turned into its part of the report.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import routercfg
from routercfg.batch import Pace, digested
from routercfg.batch.journal import Journal
from routercfg.cli.sheet import Page, Sheet, page
from routercfg.inventory.secret import Secret
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.push import Outcome, Result, push
from routercfg.report.entry import changed
from routercfg.transport import Target

MESSY = Path(routercfg.__file__).parent / "lab" / "demo" / "messy.rsc"
PLATFORM = "mikrotik_routeros"
USER = "admin"
PASSWORD = "correct horse"
ENGINEER = "192.0.2.10"
#: The recorded router's LAN, which is another one for each router of the farm.
LAN = "192.168.30."
INTENT = Intent(
    provider=PrefixSet.of("203.0.113.0/24"),
    management_sources=PrefixSet.of("192.0.2.0/24"),
    pbx=PrefixSet.of(f"{LAN}20"),
)


def targets(job: dict[str, Any]) -> list[Target]:
    return [
        Target(
            router=name,
            platform=PLATFORM,
            intent=replace(INTENT, pbx=PrefixSet.of(f"{lan}20")),
            host=host,
            port=job["port"],
            user=USER,
            password=Secret.of(PASSWORD),
            known_hosts=Path(job["known_hosts"]),
        )
        for name, (host, lan) in job["routers"].items()
    ]


def cpu() -> float:
    """Seconds of CPU of this process and its children that have ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def pages(result: Result) -> tuple[Page, str]:
    """What is printed of a router, made where it was worked on, and what went wrong."""
    good = result.outcome is Outcome.PUSHED
    problem = "" if good else f"{result.router}: {result.outcome.value}: {result.error}"
    return page(changed(result), as_json=True), problem


def main() -> None:
    engine, path = sys.argv[1:]
    job = json.loads(Path(path).read_text())
    work = targets(job)
    gc.freeze()  # as the command line does
    sheet, good, problems = Sheet(as_json=True), 0, []
    pace = Pace(workers=job["workers"], engine=engine)
    with (
        tempfile.TemporaryDirectory() as folder,
        Journal.open(Path(folder) / "journal.db") as journal,
    ):
        for one, problem in digested(pages, push, work, pace, journal=journal):
            sheet.add(one)
            good += not problem
            if problem:
                problems.append(problem)
    print(json.dumps({"good": good, "problems": problems[:5], "cpu": cpu()}))


if __name__ == "__main__":
    main()
