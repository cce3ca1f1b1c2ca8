"""The push command: plan first, show it, ask, then push."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from routercfg.batch.journal import Journal
from routercfg.batch.stop import Stop
from routercfg.cli.agreeing import agree
from routercfg.cli.live import inspected_targets
from routercfg.cli.runs import Running, chosen, pushed_in_a_run, requirements
from routercfg.cli.sheet import Page, page, pushed_page
from routercfg.cli.targets import Source, targets
from routercfg.push import Options


def pushed(
    source: Source,
    options: Options,
    running: Running,
    stop: Stop,
    *,
    yes: bool = False,
    dry_run: bool = False,
    as_json: bool = False,
) -> Iterator[Page]:
    """Push to every router of the source that lacks something, once a person or `yes` agrees.

    What is to be printed of each. `stop` says afterwards whether somebody interrupted it.
    """
    found = chosen(targets(source), running, source.limit)
    ids, workers = options.ids or requirements(running), running.pace.workers
    folder = options.backup_folder or running.journal_path.parent / "backups"
    options = replace(options, ids=ids, backup_folder=folder)
    if dry_run:
        entries = inspected_targets(found, ids, workers)
        return (page(entry, as_json=as_json, with_plan=True) for entry in entries)
    if not found:
        return iter(())
    # A journal that cannot be written is found out before anybody is asked.
    Journal.open(running.journal_path).close()
    if not yes:
        agree(inspected_targets(found, ids, workers), "push", "routercfg plan")
    return pushed_in_a_run(found, options, running, stop, partial(pushed_page, as_json=as_json))
