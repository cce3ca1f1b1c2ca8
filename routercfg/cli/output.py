"""Printing a report, and the exit status it stands for."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from routercfg.report import console, contract
from routercfg.report.entry import Entry

_FAILED = ("rolled back", "unreachable", "unknown")


def show(entries: Sequence[Entry], *, as_json: bool, with_plan: bool = False) -> int:
    """Print the report; the exit status."""
    if as_json:
        sys.stdout.write(contract.as_text(entries) + "\n")
        return exit_status(entries)
    table(console.cells(entries))
    text = console.planned(entries) if with_plan else ""
    for part in (console.details(entries), text):
        if part:
            sys.stdout.write(part + "\n")
    return exit_status(entries)


def table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows, the first of which are headings."""
    if not sys.stdout.isatty():
        sys.stdout.write(console.aligned(rows) + "\n")
        return
    from rich.console import Console  # noqa: PLC0415 - not needed in a pipe

    Console().print(console.coloured(rows))


def exit_status(entries: Sequence[Entry]) -> int:
    """0: all ok. 1: findings. 3: a router could not be reached, or was rolled back."""
    if any(entry.unreachable or entry.outcome in _FAILED for entry in entries):
        return 3
    return 0 if all(entry.compliant and entry.error is None for entry in entries) else 1
