"""What the journal says, read back: runs, routers, and what a crash left behind."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from routercfg.batch import lease
from routercfg.batch.chain import FIRST, Break, Entry, first_break
from routercfg.batch.store import reading
from routercfg.errors import JournalError, Where

NOT_BEGUN, UNDER_WAY, CRASHED = "not begun", "under way", "crashed"
_COLUMNS = "number, at, run, router, kind, data, hash"


@dataclass(frozen=True, slots=True)
class RouterRecord:
    """One router in one run. `outcome`: as in the report, or not begun, under way, crashed.

    `backup`: its configuration before; `readings`: all that a rollback needs. Both are files.
    """

    router: str
    platform: str
    host: str
    port: int
    outcome: str = NOT_BEGUN
    step: str = ""
    error: str = ""
    backup: str = ""
    backup_sha256: str = ""
    readings: str = ""
    readings_sha256: str = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run. `stopped`: why it ended before it came to all its routers, if it did."""

    run: str
    at: str
    kind: str
    who: str
    from_: str
    settings: dict[str, Any]
    ended: str
    stopped: str
    routers: tuple[RouterRecord, ...]

    def router(self, name: str) -> RouterRecord:
        """One router of the run. Raises JournalError where it was not in it."""
        for one in self.routers:
            if one.router == name:
                return one
        raise _absent(name, self.run)

    @property
    def counts(self) -> dict[str, int]:
        """How many routers came to which outcome."""
        found: dict[str, int] = {}
        for one in self.routers:
            found[one.outcome] = found.get(one.outcome, 0) + 1
        return found


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of the whole journal came to."""

    entries: int
    head: str
    broken: Break | None = None


def runs(path: Path) -> tuple[RunRecord, ...]:
    """All runs with all their routers, the newest first; `history.runs` counts them only."""
    with reading(path) as connection:
        names = [row[0] for row in connection.execute(_RUNS)]
        return tuple(_run(connection, name) for name in names)


def run(path: Path, name: str) -> RunRecord:
    """One run by its name, the beginning of it, or `last`. Raises JournalError."""
    with reading(path) as connection:
        return _run(connection, _named(connection, path, name))


def story(path: Path, name: str, router: str) -> tuple[Entry, ...]:
    """Everything the journal holds about one router in one run. Raises JournalError."""
    with reading(path) as connection:
        found = _named(connection, path, name)
        begun = json.loads(_beginning(connection, found).data)
        if router not in {one["router"] for one in begun["routers"]}:
            raise _absent(router, found)
        entries = tuple(entries_of(connection, "run = ? AND router = ?", (found, router)))
        for entry in entries:
            dict(json.loads(entry.data))  # Raises where it is not as it was written.
        return entries


def export(path: Path) -> Iterator[Entry]:
    """Every entry, oldest first."""
    with reading(path) as connection:
        yield from entries_of(connection, "1", ())


def check(path: Path) -> Checked:
    """Is the journal, from its first entry to its last, what was written?"""
    with reading(path) as connection:
        # One snapshot, for another process may be writing.
        connection.execute("BEGIN")
        broken = first_break(entries_of(connection, "1", ()))
        count, last = connection.execute("SELECT count(*), max(number) FROM entries").fetchone()
        row = connection.execute("SELECT hash FROM entries WHERE number = ?", (last,)).fetchone()
        issued = connection.execute("SELECT seq FROM sqlite_sequence").fetchone()
        # SQLite itself counts the entries; who deletes may not have thought of that.
        if broken is None and (count if issued is None else issued[0] > (last or 0)):
            broken = Break((last or 0) + 1, "the entries from here to the end are missing")
        return Checked(count, row[0] if row else FIRST, broken)


# Entries about a run have no router: by that index, only they are looked at.
_RUNS = "SELECT run FROM entries WHERE router = '' AND kind = 'run' ORDER BY number DESC"


def _named(connection: sqlite3.Connection, path: Path, name: str) -> str:
    names = [row[0] for row in connection.execute(_RUNS)]
    found = names[:1] if name == "last" else [one for one in names if one.startswith(name)]
    if len(found) != 1 and name not in found:
        raise JournalError(
            f"{name!r} names {len(found) or 'no'} runs",
            where=Where(file=path),
            hint="`routercfg journal list` shows them; `last` is the newest",
        )
    return name if name in found else found[0]


def entries_of(
    connection: sqlite3.Connection, where: str, values: tuple[object, ...]
) -> Iterator[Entry]:
    """Entries that fit, oldest first."""
    # `where` is one of our own texts.
    query = f"SELECT {_COLUMNS} FROM entries WHERE {where} ORDER BY number"  # noqa: S608
    return (Entry(*row) for row in connection.execute(query, values))


@dataclass(slots=True)
class _Told:
    """What the entries about one router in one run have told so far."""

    facts: dict[str, Any] = field(default_factory=dict)
    begun: bool = False

    def hear(self, entry: Entry) -> None:
        data = json.loads(entry.data)
        self.begun = True
        if entry.kind in ("begins", "reached"):
            self.facts["step"] = data["step"]
        if data.get("step") == "backed up":
            self.facts["backup"] = data.get("detail", "")
            self.facts["backup_sha256"] = data.get("sha256", "")
        if entry.kind == "reached" and data["step"] == "verified":
            self.facts["readings"] = data.get("readings", "")
            self.facts["readings_sha256"] = data.get("readings_sha256", "")
        if entry.kind == "result":
            self.facts["outcome"] = data["outcome"]
            error = data.get("error")
            self.facts["error"] = f"{error['code']}: {error['message']}" if error else ""
        if entry.kind == "reconciled" and data["run"] == entry.run:
            self.facts["outcome"] = f"reconciled: {data['found']}"


def _run(connection: sqlite3.Connection, name: str) -> RunRecord:
    told: dict[str, _Told] = {}
    ended = stopped = ""
    wanted = "run = ? AND kind IN ('starts', 'begins', 'reached', 'result', 'reconciled', 'end')"
    for entry in entries_of(connection, wanted, (name,)):
        if entry.kind == "end":
            ended, stopped = entry.at, json.loads(entry.data)["stopped"]
        else:
            told.setdefault(entry.router, _Told()).hear(entry)
    first = _beginning(connection, name)
    data = json.loads(first.data)
    left = unfinished(ended, data["holder"])
    routers = []
    for one in data["routers"]:
        about = told.get(one["router"], _Told())
        outcome = left if about.begun else NOT_BEGUN
        routers.append(RouterRecord(**one, **{"outcome": outcome, **about.facts}))
    return RunRecord(
        name, first.at, data["kind"], data["who"], data["from"], data["settings"], ended, stopped,
        tuple(routers),
    )  # fmt: skip


def unfinished(ended: str, holder: str) -> str:
    """What a router is called that was begun and has no result."""
    return UNDER_WAY if not ended and lease.alive(holder) else CRASHED


def _beginning(connection: sqlite3.Connection, run_name: str) -> Entry:
    """The first entry of a run, which says what it was to do."""
    [entry] = entries_of(connection, "run = ? AND router = '' AND kind = 'run'", (run_name,))
    return entry


def _absent(router: str, run_name: str) -> JournalError:
    return JournalError(
        f"router {router!r} was not in run {run_name}",
        hint=f"`routercfg journal show {run_name}` lists those that were",
    )
