"""The journal commands: list, show, check, export."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from routercfg.batch import history, records
from routercfg.batch.chain import Entry
from routercfg.batch.history import Summary
from routercfg.batch.records import RouterRecord, RunRecord
from routercfg.batch.store import default_path
from routercfg.cli.output import table
from routercfg.report.console import clean


def listed(journal: Path | None, *, as_json: bool) -> int:
    """All runs, the newest first."""
    runs = history.runs(journal or default_path())
    if as_json:
        _print({"runs": [_run_data(run) for run in runs]})
        return 0
    rows = [["run", "began", "kind", "who", "from", "routers", "outcomes"]]
    rows += [
        [one.run, _short(one.at), one.kind, one.who, one.from_, str(one.routers), _counts(one)]
        for one in runs
    ]
    table([[clean(cell) for cell in row] for row in rows])
    return 0


def shown(journal: Path | None, run: str, router: str, *, as_json: bool) -> int:
    """One run, or one router in it."""
    path = journal or default_path()
    if router:
        entries = records.story(path, run, router)
        if as_json:
            _print({"entries": [_entry_data(entry) for entry in entries]})
        else:
            _tell(entries)
        return 0
    found = records.run(path, run)
    if as_json:
        routers = [asdict(one) for one in found.routers]
        _print({"run": {**_run_data(found), "routers": routers}})
        return 0
    for line in _head(found):
        sys.stdout.write(clean(line) + "\n")
    rows = [["router", "platform", "outcome", "last step", "backup", "error"]]
    rows += [_router_row(one) for one in found.routers]
    table([[clean(cell) for cell in row] for row in rows])
    return 0


def checked(journal: Path | None, *, as_json: bool) -> int:
    """Is the chain whole? 1 where it is not."""
    path = journal or default_path()
    found = records.check(path)
    if as_json:
        broken = None if found.broken is None else asdict(found.broken)
        _print({"entries": found.entries, "head": found.head, "broken": broken})
    elif found.broken is None:
        sys.stdout.write(f"{found.entries} entries, whole; the last hash is {found.head}\n")
    else:
        sys.stdout.write(f"broken at entry {found.broken.number}: {found.broken.reason}\n")
    return 0 if found.broken is None else 1


def exported(journal: Path | None) -> int:
    """Every entry as one JSON document, an entry a line, and none kept."""
    between = '{"schema": 1, "entries": ['
    for entry in records.export(journal or default_path()):
        text = json.dumps(_entry_data(entry), ensure_ascii=False, default=repr)
        sys.stdout.write(f"{between}\n{text}")
        between = ","
    sys.stdout.write("\n]}\n" if between == "," else f"{between}]}}\n")
    return 0


def _head(run: RunRecord) -> Iterable[str]:
    """What is to be said of the run as a whole."""
    ended = f"ended {_short(run.ended)}" if run.ended else "not ended"
    yield (
        f"run {run.run}: {run.kind}, by {run.who} from {run.from_}, began {_short(run.at)}, {ended}"
    )
    settings = "; ".join(f"{name} {_words(value)}" for name, value in run.settings.items() if value)
    if settings:
        yield f"settings: {settings}"
    if run.stopped:
        yield f"stopped: {run.stopped}"
    yield f"routers: {_counts(run)}"


def _words(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _tell(entries: Iterable[Entry]) -> None:
    for entry in entries:
        data = json.loads(entry.data)
        words = " ".join(str(data[key]) for key in ("step", "outcome", "found") if key in data)
        line = f"{_short(entry.at)} {entry.kind} {words}".rstrip()
        if data.get("detail"):
            line += f": {data['detail']}"
        if "sha256" in data:
            line += f" (sha256 {data['sha256']})"
        if "error" in data:
            line += f": {data['error']['code']}: {data['error']['message']}"
        sys.stdout.write(clean(line) + "\n")
        for finding in data.get("findings", ()):
            text = f"{finding['requirement']}: {finding['status']}, {finding['summary']}"
            sys.stdout.write(f"    {clean(text)}\n")
        for told in data.get("replies", ()):
            for part in (*_lines(told, "command"), *_lines(told, "reply")):
                sys.stdout.write(f"    {clean(part)}\n")


def _lines(data: dict[str, Any], key: str) -> list[str]:
    sign = "> " if key == "command" else "  "
    return [sign + line for line in str(data.get(key, "")).splitlines() if line.strip()]


def _router_row(one: RouterRecord) -> list[str]:
    return [one.router, one.platform, one.outcome, one.step, one.backup, one.error]


def _run_data(run: RunRecord | Summary) -> dict[str, Any]:
    return {
        "run": run.run,
        "at": run.at,
        "ended": run.ended,
        "stopped": run.stopped,
        "kind": run.kind,
        "who": run.who,
        "from": run.from_,
        "settings": run.settings,
        "counts": run.counts,
    }


def _entry_data(entry: Entry) -> dict[str, Any]:
    try:
        data = json.loads(entry.data)
    except (ValueError, TypeError):
        data = entry.data  # Not as it was written; `check` says so.
    return {**asdict(entry), "data": data}


def _counts(run: RunRecord | Summary) -> str:
    return ", ".join(f"{number} {outcome}" for outcome, number in run.counts.items())


def _short(at: str) -> str:
    """Without fractions; times in the journal are UTC."""
    return at[:19].replace("T", " ")


def _print(data: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"schema": 1, **data}, indent=2, ensure_ascii=False) + "\n")
