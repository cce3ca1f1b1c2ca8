"""What a run is doing: a live board on a terminal, one line for each router in a pipe."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from routercfg.batch.note import Note, Report
from routercfg.report.console import clean

#: Rows of routers under way; more do not fit a terminal.
_ROWS = 20


class Board:
    """Which router is at which step, how many are done, and how they ended."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._begun = time.monotonic()
        self.under_way: dict[str, tuple[str, float]] = {}
        self.counts: Counter[str] = Counter()
        self.batch = ""

    def hear(self, note: Note) -> None:
        """Take in one note."""
        now = time.monotonic()
        match note.kind:
            case "starts":
                self.under_way[note.router] = ("connecting", now)
            case "begins" | "reached" if note.router in self.under_way:
                step = str(note.data["step"])
                words = step if note.kind == "reached" else f"{step}?"
                self.under_way[note.router] = (words, self.under_way[note.router][1])
            case "result":
                self.under_way.pop(note.router, None)
                self.counts[str(note.data["outcome"])] += 1
            case "batch":
                self.batch = f"batch {note.data['batch']} of {note.data['of']}, "

    def headline(self) -> str:
        """Counts, time, and an estimate of what is left of it, on one line."""
        counts = ", ".join(f"{number} {what}" for what, number in self.counts.items())
        done = self.counts.total()
        elapsed = time.monotonic() - self._begun
        line = f"{self.batch}{done} of {self._total} routers, {clock(elapsed)}"
        if 0 < done < self._total:
            # Those under way count half: with a hundred at a time, the first that is done says
            # little of how long each of them takes.
            worth = done + len(self.under_way) / 2
            line += f", about {clock(elapsed / worth * (self._total - worth))} left"
        return f"{line}: {counts}" if counts else line

    def rows(self) -> list[tuple[str, str, str]]:
        """Router, step and seconds of those under way, the longest first."""
        now = time.monotonic()
        # A copy: other threads add and remove while this is drawn.
        present = tuple(self.under_way.items())
        listed = sorted(present, key=lambda one: one[1][1])[:_ROWS]
        rows = [(clean(name), step, f"{now - begun:.0f} s") for name, (step, begun) in listed]
        more = len(present) - len(listed)
        return [*rows, (f"and {more} more", "", "")] if more else rows

    def __rich__(self) -> Any:
        from rich.console import Group  # noqa: PLC0415 - only on a terminal
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        table = Table.grid(padding=(0, 2))
        for row in self.rows():
            table.add_row(*(Text(cell) for cell in row))
        return Group(Text(self.headline()), table)


@contextmanager
def board(total: int, untold: frozenset[str] = frozenset()) -> Iterator[Report]:
    """Show a run while it lasts; what is yielded hears its notes.

    `untold`: kinds of notes that have no line in a pipe, for somebody else tells them.
    """
    shown = Board(total)
    if not sys.stderr.isatty():
        yield _plain(shown, untold)
        return
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.live import Live  # noqa: PLC0415

    # What is printed meanwhile goes above the board, but not where standard output is a file.
    console = Console(file=_Kept(sys.stderr))  # type: ignore[arg-type]  # all that it is asked for

    def hear(note: Note) -> None:
        shown.hear(note)
        if _stays(note) and (line := _line(note)):
            console.print(clean(line), highlight=False, markup=False)

    with Live(
        shown,
        console=console,
        refresh_per_second=4,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    ):
        yield hear


class _Kept:
    """A terminal that may be closed at any time: the run goes on without it, as with `tell`."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with suppress(OSError):
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def _plain(shown: Board, untold: frozenset[str]) -> Callable[[Note], None]:
    def hear(note: Note) -> None:
        shown.hear(note)
        line = _line(note)
        if line and note.kind not in untold:
            tell(f"{time.strftime('%H:%M:%S')} {clean(line)}")

    return hear


def tell(line: str) -> None:
    """A line for whoever watches. If they have gone (`2>&1 | head`), the run goes on without them:
    what is under way must not be torn apart because nobody looks.
    """
    with suppress(OSError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _stays(note: Note) -> bool:
    """Does it stay on the terminal when the board goes? Whoever wants a run back has to name it,
    and must not wait for the end to hear of what went wrong.
    """
    match note.kind:
        case "result":
            return "error" in note.data
        case kind:
            return kind in ("run", "reconciled")


def _line(note: Note) -> str:
    data = note.data
    match note.kind:
        case "run" if data["run"]:
            return f"run {data['run']}: {_routers(data)}"
        case "batch" if data["of"] > 1:
            return f"batch {data['batch']} of {data['of']}: {_routers(data)}"
        case "retries":
            return f"{note.router}: trying again after {data['after']}"
        case "reconciled":
            return f"{note.router}: run {data['run']} broke off at {data['step']}; {data['found']}"
        case "result":
            return _ended(note.router, str(data["outcome"]), data.get("error"))
        case _:
            return ""


def _ended(router: str, outcome: str, error: Mapping[str, str] | None) -> str:
    """What became of a router; nothing of those that the run did not come to, which may be many."""
    if outcome == "not begun":
        return ""
    if error is None:
        return f"{router}: {outcome}"
    # Some errors begin with the outcome themselves.
    return f"{router}: {outcome}, {error['message'].removeprefix(f'{outcome}: ')}"


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _routers(data: Mapping[str, Any]) -> str:
    number = data["routers"]
    return "1 router" if number == 1 else f"{number} routers"
