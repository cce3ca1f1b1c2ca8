"""The push command: plan first, show it, ask, then push."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace

from routercfg.batch.journal import Journal
from routercfg.batch.stop import Stop
from routercfg.cli.live import agreed, changed, inspected_targets
from routercfg.cli.runs import Running, chosen, pushed_in_a_run, requirements
from routercfg.cli.targets import Source, targets
from routercfg.errors import InputError
from routercfg.push import Options
from routercfg.report import console
from routercfg.report.entry import Entry


def pushed(
    source: Source,
    options: Options,
    running: Running,
    stop: Stop,
    *,
    yes: bool = False,
    dry_run: bool = False,
) -> Iterator[Entry]:
    """Push to every router of the source that lacks something, once a person or `yes` agrees.

    `stop` says afterwards whether somebody interrupted it.
    """
    found = chosen(targets(source), running)
    ids, workers = options.ids or requirements(running), running.pace.workers
    options = replace(options, ids=ids)
    if dry_run:
        return inspected_targets(found, ids, workers)
    # A journal that cannot be written is found out before anybody is asked.
    Journal.open(running.journal_path).close()
    if not yes:
        _agree(inspected_targets(found, ids, workers))
    return map(changed, pushed_in_a_run(found, options, running, stop))


def _agree(entries: Iterable[Entry]) -> None:
    """Show what would be sent and ask. Raises InputError where nobody says yes."""
    if not sys.stdin.isatty():
        raise InputError(
            "a push needs somebody who agrees, and there is no terminal to ask on",
            hint="Look at `routercfg plan` first, then push with --yes",
        )
    lacking = all_of_them = 0
    for entry in entries:
        all_of_them += 1
        lacking += bool(entry.plan and entry.plan.commands)
        # On stderr, so that what is printed with --json stays JSON.
        if text := console.planned([entry]):
            sys.stderr.write(f"{text}\n")
    sys.stderr.write("\n")
    if not agreed(f"Push to {lacking} of {all_of_them} routers?"):
        raise InputError("nothing was pushed", hint="Answer y to push")
