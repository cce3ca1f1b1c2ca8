"""What people and programs see of a playbook: lines as it runs, files, and JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from routercfg.batch import whitelist
from routercfg.batch.note import Report as Watch
from routercfg.batch.playbook_actions import Report, Whitelist
from routercfg.batch.playbook_record import Done, Ended, Record
from routercfg.batch.playbook_stopping import few
from routercfg.batch.whitelist import Admission
from routercfg.cli import board, output, whitelisting
from routercfg.cli.failures import printable
from routercfg.cli.live import agreed
from routercfg.cli.sheet import Sheet, page
from routercfg.errors import InputError, Where
from routercfg.report import console, contract
from routercfg.report.entry import Entry

#: How to go on with a playbook that stopped.
GO_ON = (
    "To go on, give the same command again: routers that are done are read, and left alone. "
    "Routers to be left for later are left out with --limit '!NAME'"
)
#: Notes that the lines of a playbook tell as well.
_RESULTS = frozenset({"result"})
_NONE: frozenset[str] = frozenset()


class Terminal:
    """The person who runs it, and the files that tasks write."""

    def __init__(self, *, quiet: bool, yes: bool) -> None:
        self._quiet = quiet
        self._yes = yes

    def agreed(self, prompt: str) -> bool:
        """Yes without asking, if that was said beforehand."""
        return self._yes or agreed(printable(prompt))

    @contextmanager
    def watched(self, total: int) -> Iterator[Watch]:
        """The board of a push. In a pipe the playbook's own lines say what became of routers."""
        with board.board(total, untold=_NONE if self._quiet else _RESULTS) as watch:
            yield watch

    def report(self, report: Report, record: Record, routers: Sequence[str]) -> str:
        """A report in the form and the place that the task names."""
        read = [router for router in routers if router in record.latest]
        entries = (_entry(record, router) for router in read)
        if report.to is None and report.format == "console":
            if not self._quiet and read:
                output.show(entries, as_json=False)
            return ""
        if report.format == "json":
            return self._written(
                report.to, _ended(contract.pieces(map(contract.router_text, entries)))
            )
        return self._written(report.to, _console_parts(entries))

    def whitelist(self, wanted: Whitelist, rows: Sequence[Admission]) -> str:
        """The addresses in the form and the place that the task names."""
        if wanted.to is None and wanted.format == "console":
            if not self._quiet:
                whitelisting.table(rows)
            return ""
        match wanted.format:
            case "csv":
                text = whitelist.as_csv(rows)
            case "json":
                text = as_json_text({"addresses": whitelist.as_data(rows)})
            case _:
                text = console.aligned(whitelist.as_cells(rows)) + "\n"
        return self._written(wanted.to, (text,))

    def _written(self, to: str | None, parts: Iterable[str]) -> str:
        if to is None:
            if not self._quiet:
                sys.stdout.writelines(parts)
            return ""
        path = Path(to).expanduser()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as file:
                file.writelines(parts)
        except OSError as problem:
            raise InputError(
                f"cannot be written: {problem.strerror}", where=Where(file=path)
            ) from problem
        return str(path)


def _entry(record: Record, router: str) -> Entry:
    """One router: its latest findings, and what was pushed."""
    latest, told = record.latest[router], record.pushed.get(router)
    entry = Entry(router, latest.platform, latest.plan, error=latest.error, revert=latest.revert)
    if told is None:
        return entry
    return replace(
        entry,
        outcome=told.outcome.value,
        before=told.before,
        steps=tuple((moment.step.value, moment.detail) for moment in told.moments),
        error=latest.error or told.error,
        revert=told.revert,
    )


def tell(done: Done) -> None:
    """One line for each thing done, as it is done; what routers print follows it."""
    if done.task is not None and not done.router and done.ended is Ended.OK and not done.detail:
        return
    what = done.task.title if done.task is not None else done.play
    parts = [what, done.router, done.ended.value]
    text = ": ".join(part for part in parts if part) + (f": {done.detail}" if done.detail else "")
    sys.stdout.write(printable(text) + "\n")
    for command, shown in done.outputs:
        sys.stdout.write(printable(f"  {command}\n"))
        sys.stdout.writelines(f"    {console.clean(line)}\n" for line in shown.splitlines())


class Lines:
    """The lines of a playbook. Routers that it does not come to any more share one."""

    def __init__(self) -> None:
        self._not_begun: list[Done] = []

    def add(self, done: Done) -> None:
        """Tell of a thing as it is done."""
        if done.task is None and done.router:
            self._not_begun.append(done)
            return
        self.end()
        tell(done)

    def end(self) -> None:
        """Tell what was held back."""
        if not self._not_begun:
            return
        names, last = [one.router for one in self._not_begun], self._not_begun[-1]
        self._not_begun = []
        if len(names) == 1:
            tell(last)
            return
        tell(replace(last, router=f"{len(names)} routers", detail=f"{last.detail}: {few(names)}"))


def tell_end(record: Record) -> None:
    """On standard error: how many routers are well and which are not, why it stopped, how to go on.

    Reports on the terminal are of one batch each.
    """
    left = record.left
    if record.known:
        well = record.known - sum(map(len, left.values()))
        parts = [f"{len(names)} {what}: {few(names)}" for what, names in left.items()]
        so_far = " so far" if record.stopped else ""
        board.tell(printable("; ".join((f"routers: {well} well{so_far}", *parts))))
    if record.stopped:
        board.tell(printable(f"stopped: {record.reason}"))
        board.tell(GO_ON)


def done_text(done: Done) -> str:
    """One thing done, as JSON on one line."""
    return json.dumps(_done(done), ensure_ascii=False, default=str)


def json_parts(files: Sequence[Path], record: Record, done: Iterable[str]) -> Iterator[str]:
    """The whole run as JSON, schema 1, from what `done_text` made of each thing done."""
    head = {
        "schema": contract.SCHEMA,
        "playbooks": [str(file) for file in files],
        "status": record.status,
        "stopped": record.stopped,
        "reason": record.reason,
        "hint": GO_ON if record.stopped else "",
    }
    yield json.dumps(head, ensure_ascii=False)[:-1]
    routers = (contract.router_text(_entry(record, router)) for router in record.latest)
    rows = (row for part in record.rows.values() for row in whitelist.as_data(part))
    addresses = (json.dumps(row, ensure_ascii=False) for row in rows)
    for name, texts in (("done", done), ("routers", routers), ("addresses", addresses)):
        yield f', "{name}": ['
        between = "\n"
        for text in texts:
            yield f"{between}{text}"
            between = ",\n"
        yield "]"
    yield "}\n"


def _done(done: Done) -> Mapping[str, Any]:
    found: dict[str, Any] = {
        "play": done.play,
        "task": done.task.title if done.task is not None else "",
        "does": done.task.word if done.task is not None else "",
        "router": done.router,
        "ended": done.ended.value,
        "detail": done.detail,
    }
    if done.run:
        found["run"] = done.run
    if done.outputs:
        found["outputs"] = [{"command": command, "text": text} for command, text in done.outputs]
    if done.error is not None:
        found["error"] = contract.error_data(done.error)
    return found


def _console_parts(entries: Iterable[Entry]) -> Iterator[str]:
    sheet = Sheet(as_json=False)
    for entry in entries:
        sheet.add(page(entry, as_json=False))
    if sheet.rows:
        yield f"{console.aligned(console.cells_of(sheet.rows))}\n"
        yield from sheet.parts()


def _ended(parts: Iterable[str]) -> Iterator[str]:
    yield from parts
    yield "\n"


def as_json_text(data: Mapping[str, Any]) -> str:
    """Plain values as JSON, schema 1."""
    return json.dumps({"schema": 1, **data}, indent=2, ensure_ascii=False, default=str) + "\n"
