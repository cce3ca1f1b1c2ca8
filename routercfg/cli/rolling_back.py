"""The rollback command: the way back from a run, router by router."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from routercfg import batch
from routercfg.batch import records
from routercfg.batch.rollback import explain, way_back
from routercfg.batch.store import default_path
from routercfg.cli.live import changed
from routercfg.cli.targets import Source, targets
from routercfg.push import Result, inspect
from routercfg.report.entry import Entry
from routercfg.requirements import choose
from routercfg.transport.target import Target


def rolled_back(source: Source, run: str, journal: Path | None, workers: int) -> list[Entry]:
    """What stands between each router of the run and its backup."""
    path = journal or default_path()
    found = records.run(path, run)
    ways = {one.router: way_back(path, found.run, one) for one in found.routers}
    look = partial(inspect, ids=choose(found.settings.get("requirements", ())))

    def work(target: Target) -> Result:
        return explain(target, ways[target.router], look)

    wanted = [target for target in targets(source) if target.router in ways]
    return [changed(result) for result in batch.run(work, wanted, workers=workers)]
