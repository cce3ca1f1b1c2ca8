"""Printing a report, and the exit status it stands for."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TextIO

from routercfg.cli.sheet import Page, Sheet, page, status_of
from routercfg.report import console
from routercfg.report.entry import Entry

_REMOVED = re.compile(rf"(?m)^{console.DIFFERENCE}- .*$")
_ADDED = re.compile(rf"(?m)^{console.DIFFERENCE}\+ .*$")
_RED, _GREEN = "\x1b[31m\\g<0>\x1b[0m", "\x1b[32m\\g<0>\x1b[0m"


def counted(number: int, what: str) -> str:
    """A number of things: `1 router`, `2 routers`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def show(entries: Iterable[Entry], *, as_json: bool, with_plan: bool = False) -> int:
    """Print the report once all its routers are there, and keep none; the exit status."""
    return show_pages(
        (page(entry, as_json=as_json, with_plan=with_plan) for entry in entries), as_json=as_json
    )


def show_pages(pages: Iterable[Page], *, as_json: bool) -> int:
    """As `show`, of pages that were made already."""
    sheet = Sheet(as_json)
    for one in pages:
        sheet.add(one)
    if sheet.rows:
        table(console.cells_of(sheet.rows))
    for part in sheet.parts():
        sys.stdout.write(part if as_json else painted(part, sys.stdout))
    return sheet.status


class Ending(Protocol):
    """What says how a run ended."""

    @property
    def hung_up(self) -> bool:
        """Was the terminal closed?"""
        ...


@contextmanager
def for_whoever_is_left(run: Ending) -> Iterator[None]:
    """Print about a run. A terminal that was closed meanwhile takes no more, which is no error:
    what happened is in the journal.
    """
    try:
        yield
        sys.stdout.flush()
    except OSError:
        if not run.hung_up:
            raise
        # Else what is left in the buffer fails once more as Python ends, and spoils its status.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def painted(text: str, stream: TextIO) -> str:
    """The text with the lines of a difference in colour, where a person sees it."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return text
    return _REMOVED.sub(_RED, _ADDED.sub(_GREEN, text))


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
