"""The push command: plan first, show it, ask, then push."""

from __future__ import annotations

import sys
from dataclasses import replace

from routercfg.batch.journal import Journal
from routercfg.cli.live import agreed, changed, inspected_targets
from routercfg.cli.runs import Running, chosen, pushed_in_a_run, requirements
from routercfg.cli.targets import Source, targets
from routercfg.errors import InputError
from routercfg.push import Options
from routercfg.report import console
from routercfg.report.entry import Entry


def pushed(
    source: Source, options: Options, running: Running, *, yes: bool = False, dry_run: bool = False
) -> tuple[list[Entry], bool]:
    """Push to every router of the source that lacks something, once a person or `yes` agrees.

    Also says whether somebody interrupted it.
    """
    found = chosen(targets(source), running)
    ids, workers = options.ids or requirements(running), running.pace.workers
    options = replace(options, ids=ids)
    if dry_run:
        return inspected_targets(found, ids, workers), False
    # A journal that cannot be written is found out before anybody is asked.
    Journal.open(running.journal_path).close()
    if not yes:
        _agree(inspected_targets(found, ids, workers))
    results, interrupted = pushed_in_a_run(found, options, running)
    return [changed(result) for result in results], interrupted


def _agree(entries: list[Entry]) -> None:
    """Show what would be sent and ask. Raises InputError where nobody says yes."""
    if not sys.stdin.isatty():
        raise InputError(
            "a push needs somebody who agrees, and there is no terminal to ask on",
            hint="Look at `routercfg plan` first, then push with --yes",
        )
    # On stderr, so that what is printed with --json stays JSON.
    sys.stderr.write(console.planned(entries) + "\n\n")
    changed = sum(bool(entry.plan and entry.plan.commands) for entry in entries)
    if not agreed(f"Push to {changed} of {len(entries)} routers?"):
        raise InputError("nothing was pushed", hint="Answer y to push")
