"""A report that is made router by router, and keeps no reading of any."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from routercfg.push.result import Result
from routercfg.report import console, contract
from routercfg.report.console import Row
from routercfg.report.entry import Entry, changed

_FAILED = ("rolled back", "unreachable", "unknown")
#: Characters that are packed together; a router's own text has some thousands.
_BLOCK = 1 << 16


class Texts:
    """Many texts that resemble each other, packed while they wait to be printed.

    Not in a file: that may be full in the middle of a run, and it would hold configurations.
    """

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._open: list[str] = []
        self._size = 0

    def add(self, text: str) -> None:
        """One more."""
        self._open.append(text)
        self._size += len(text)
        if self._size > _BLOCK:
            self._pack()

    def __iter__(self) -> Iterator[str]:
        for block in self._packed:
            yield from zlib.decompress(block).decode("utf-8", "surrogatepass").split("\0")
        yield from self._open

    def _pack(self) -> None:
        # No text of a report holds NUL: JSON escapes it, and the terminal is not shown it.
        block = "\0".join(self._open).encode("utf-8", "surrogatepass")
        self._packed.append(zlib.compress(block, 1))
        self._open, self._size = [], 0


@dataclass(frozen=True, slots=True)
class Page:
    """What is printed about one router, as texts, and the exit status it stands for."""

    status: int
    json: str = ""
    row: Row | None = None
    details: str = ""
    plan: str = ""


def page(entry: Entry, *, as_json: bool, with_plan: bool = False) -> Page:
    """One router's page."""
    status = status_of(entry)
    if as_json:
        return Page(status, json=contract.router_text(entry))
    plan = console.planned([entry]) if with_plan else ""
    return Page(status, row=console.row(entry), details=console.details([entry]), plan=plan)


def pushed_page(result: Result, *, as_json: bool) -> Page:
    """The page of a router that was pushed to. Made in the workers, who load no more than this."""
    return page(changed(result), as_json=as_json)


@dataclass(slots=True)
class Sheet:
    """What is to be printed about a run, and the exit status it stands for."""

    as_json: bool
    status: int = 0
    rows: list[Row] = field(default_factory=list)
    routers: Texts = field(default_factory=Texts)
    details: Texts = field(default_factory=Texts)
    plans: Texts = field(default_factory=Texts)

    def add(self, one: Page) -> None:
        """One more router."""
        self.status = max(self.status, one.status)
        if one.row is not None:
            self.rows.append(one.row)
        for texts, text in (
            (self.routers, one.json),
            (self.details, one.details),
            (self.plans, one.plan),
        ):
            if text:
                texts.add(text)

    def parts(self) -> Iterator[str]:
        """What is printed; without JSON, below the table."""
        if self.as_json:
            yield from contract.pieces(self.routers)
            yield "\n"
            return
        for text in (*self.details, *self.plans):
            yield f"{text}\n"


def status_of(entry: Entry) -> int:
    """0: all ok. 1: findings. 3: it could not be reached, or was rolled back."""
    if entry.unreachable or entry.outcome in _FAILED:
        return 3
    well = entry.compliant or not entry.judged
    return 0 if well and entry.error is None else 1
