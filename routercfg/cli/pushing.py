"""The push command: plan first, show it, ask, then push."""

from __future__ import annotations

import sys
from pathlib import Path

from routercfg.cli.live import agreed, inspected_targets, pushed_targets
from routercfg.cli.targets import Source, targets
from routercfg.errors import InputError
from routercfg.report import console
from routercfg.report.entry import Entry


def pushed(
    source: Source,
    ids: tuple[str, ...],
    workers: int,
    *,
    yes: bool = False,
    dry_run: bool = False,
    accept_lockout_risk: bool = False,
    backup_folder: Path | None = None,
) -> list[Entry]:
    """Push to every router of the source that lacks something, once a person or `yes` agrees."""
    found = targets(source)
    if dry_run:
        return inspected_targets(found, ids, workers)
    if not yes:
        _agree(inspected_targets(found, ids, workers))
    return pushed_targets(
        found,
        ids,
        workers,
        accept_lockout_risk=accept_lockout_risk,
        backup_folder=backup_folder,
    )


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
