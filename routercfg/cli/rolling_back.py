"""The rollback command: what it takes first, show it, ask, then put back."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from routercfg import batch
from routercfg.batch.journal import Journal
from routercfg.batch.note import Report
from routercfg.batch.rollback import Rollback, find, foreseen, roll_back
from routercfg.batch.stop import Stop
from routercfg.cli.agreeing import agree
from routercfg.cli.progress import watched
from routercfg.cli.runs import Running, few, in_a_run
from routercfg.cli.targets import Source, targets
from routercfg.errors import InputError
from routercfg.push import Options, Result
from routercfg.report.entry import Entry, changed, looked
from routercfg.requirements import choose
from routercfg.transport.target import Target


def rolled_back(
    source: Source,
    run: str,
    options: Options,
    running: Running,
    stop: Stop,
    *,
    force: bool = False,
    yes: bool = False,
    dry_run: bool = False,
) -> Iterator[Entry]:
    """Put back every router of the source that the run changed, once a person or `yes` agrees."""
    rollback = find(running.journal_path, run, force=force)
    found = [target for target in targets(source) if target.router in rollback.records]
    missing = sorted(set(rollback.records) - {target.router for target in found})
    if missing and not source.limit:
        raise InputError(
            f"routers that run {rollback.run} changed and that are not here: {few(missing)}",
            hint="Give the inventory with which that run began, or leave them out with --limit",
        )
    if not found:
        sys.stderr.write(f"run {rollback.run} left nothing on these routers\n")
    folder = options.backup_folder or running.journal_path.parent / "backups"
    options = replace(options, ids=choose(), backup_folder=folder)
    if dry_run:
        return _foreseen(found, rollback, options, running)
    Journal.open(running.journal_path).close()
    if found and not yes:
        look = f"routercfg rollback {rollback.run} --dry-run"
        agree(_foreseen(found, rollback, options, running), "rollback", look)
    results = _in_a_run(found, rollback, options, running, stop) if found else ()
    return (replace(changed(result), judged=False) for result in results)


def _foreseen(
    found: Sequence[Target], rollback: Rollback, options: Options, running: Running
) -> Iterator[Entry]:
    work = partial(foreseen, rollback=rollback, options=options)
    results = batch.run(work, found, workers=running.pace.workers)
    return (replace(looked(result), judged=False) for result in watched(results, len(found)))


def _in_a_run(
    found: Sequence[Target], rollback: Rollback, options: Options, running: Running, stop: Stop
) -> Iterator[Result]:
    def begin(journal: Journal, watch: Report) -> Iterator[Result]:
        return roll_back(
            rollback.run,
            found,
            journal,
            running.pace,
            force=rollback.force,
            options=options,
            watch=watch,
            stop=stop,
        )

    return in_a_run(begin, len(found), running, stop)
