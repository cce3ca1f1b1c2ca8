"""What people and programs see of a playbook: lines as it runs, files, and JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from routercfg.batch import whitelist
from routercfg.batch.playbook_actions import Report, Whitelist
from routercfg.batch.playbook_record import Done, Ended, Record
from routercfg.batch.whitelist import Admission
from routercfg.cli import output, whitelisting
from routercfg.cli.failures import printable
from routercfg.cli.live import agreed
from routercfg.errors import InputError, Where
from routercfg.report import console, contract
from routercfg.report.entry import Entry


class Terminal:
    """The person who runs it, and the files that tasks write."""

    def __init__(self, *, quiet: bool, yes: bool) -> None:
        self._quiet = quiet
        self._yes = yes

    def agreed(self, prompt: str) -> bool:
        """Yes without asking, if that was said beforehand."""
        return self._yes or agreed(printable(prompt))

    def report(self, report: Report, record: Record) -> str:
        """A report in the form and the place that the task names."""
        entries = entries_of(record)
        if report.to is None and report.format == "console":
            if not self._quiet and entries:
                output.show(entries, as_json=False)
            return ""
        text = (
            contract.as_text(entries) + "\n" if report.format == "json" else _console_text(entries)
        )
        return self._written(report.to, text)

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
        return self._written(wanted.to, text)

    def _written(self, to: str | None, text: str) -> str:
        if to is None:
            if not self._quiet:
                sys.stdout.write(text)
            return ""
        path = Path(to).expanduser()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        except OSError as problem:
            raise InputError(
                f"cannot be written: {problem.strerror}", where=Where(file=path)
            ) from problem
        return str(path)


def entries_of(record: Record) -> list[Entry]:
    """One entry for each router that was read: its latest reading, and what was pushed."""
    return [_entry(record, router) for router in record.latest]


def _entry(record: Record, router: str) -> Entry:
    latest, pushes = record.latest[router], record.pushed.get(router, [])
    entry = Entry(router, latest.platform, latest.plan, error=latest.error, revert=latest.revert)
    if not pushes:
        return entry
    told = next((one for one in reversed(pushes) if one.outcome.value != "unchanged"), pushes[-1])
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


def as_data(files: Sequence[Path], record: Record, done: Sequence[Done]) -> dict[str, Any]:
    """The whole run as plain values."""
    rows = [row for part in record.rows.values() for row in part]
    return {
        "playbooks": [str(file) for file in files],
        "status": record.status,
        "stopped": record.stopped,
        "done": [_done(one) for one in done],
        "routers": contract.as_data(entries_of(record))["routers"],
        "addresses": whitelist.as_data(rows),
    }


def _done(done: Done) -> Mapping[str, Any]:
    found: dict[str, Any] = {
        "play": done.play,
        "task": done.task.title if done.task is not None else "",
        "does": done.task.word if done.task is not None else "",
        "router": done.router,
        "ended": done.ended.value,
        "detail": done.detail,
    }
    if done.outputs:
        found["outputs"] = [{"command": command, "text": text} for command, text in done.outputs]
    if done.error is not None:
        found["error"] = contract.error_data(done.error)
    return found


def _console_text(entries: Sequence[Entry]) -> str:
    if not entries:
        return ""
    return f"{console.aligned(console.cells(entries))}\n{console.details(entries)}\n"


def as_json_text(data: Mapping[str, Any]) -> str:
    """Plain values as JSON, schema 1."""
    return json.dumps({"schema": 1, **data}, indent=2, ensure_ascii=False, default=str) + "\n"
