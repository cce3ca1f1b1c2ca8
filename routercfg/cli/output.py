"""Printing a report, and the exit status it stands for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from routercfg.cli.sheet import Sheet, status_of
from routercfg.report import console
from routercfg.report.entry import Entry


def show(entries: Iterable[Entry], *, as_json: bool, with_plan: bool = False) -> int:
    """Print the report once all its routers are there, and keep none; the exit status."""
    sheet = Sheet(as_json, with_plan)
    for entry in entries:
        sheet.add(entry)
    if not as_json:
        table(console.cells_of(sheet.rows))
    for part in sheet.parts():
        sys.stdout.write(part)
    return sheet.status


def table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows, the first of which are headings."""
    if not sys.stdout.isatty():
        sys.stdout.write(console.aligned(rows) + "\n")
        return
    from rich.console import Console  # noqa: PLC0415 - not needed in a pipe

    Console().print(console.coloured(rows))


def exit_status(entries: Iterable[Entry]) -> int:
    """The worst router's: 0 all ok, 1 findings, 3 not reached or rolled back."""
    return max(map(status_of, entries), default=0)
