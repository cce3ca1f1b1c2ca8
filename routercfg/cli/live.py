"""Looking at the inventory's routers, and pushing to them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from routercfg import batch
from routercfg.cli.progress import watched
from routercfg.cli.targets import Source, targets
from routercfg.push import Options, inspect, push
from routercfg.report.entry import Entry, changed, looked
from routercfg.transport.target import Target


def inspected(source: Source, ids: tuple[str, ...], workers: int) -> Iterator[Entry]:
    """Read and judge every router."""
    return inspected_targets(targets(source), ids, workers)


def inspected_targets(
    found: tuple[Target, ...], ids: tuple[str, ...], workers: int
) -> Iterator[Entry]:
    """Read and judge these routers."""
    results = batch.run(partial(inspect, ids=ids), found, workers=workers)
    return map(looked, watched(results, len(found)))


def pushed_targets(
    found: tuple[Target, ...],
    ids: tuple[str, ...],
    workers: int,
    *,
    accept_lockout_risk: bool = False,
    backup_folder: Path | None = None,
) -> list[Entry]:
    """Carry out every router's plan, each in a transaction of its own."""
    options = Options(ids=ids, accept_lockout_risk=accept_lockout_risk, backup_folder=backup_folder)
    results = batch.run(partial(push, options=options), found, workers=workers)
    return [changed(result) for result in watched(results, len(found))]


def agreed(question: str) -> bool:
    """Ask a person at the terminal; without a terminal the answer is no."""
    if not sys.stdin.isatty():
        return False
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes", "j", "ja")
