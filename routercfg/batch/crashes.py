"""What a run that broke off left on its routers, as far as the journal knows."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from routercfg.batch import lease
from routercfg.batch.chain import Entry
from routercfg.batch.records import entries_of
from routercfg.batch.store import reading
from routercfg.batch.uptime import start, uptime

_TOUCHED = ("armed", "applied")
#: Seconds that clocks may differ, and a router may take to revert.
_SLACK = 60.0


@dataclass(frozen=True, slots=True)
class Crash:
    """What a run that broke off left on a router, as far as the journal knows.

    `reverts_at`: when the router will have reverted by itself, at the latest, in seconds since the
    epoch; 0 where nothing is armed any more. `held`: the revert ends with the session that made it.
    `revert`: its name in the pack. `before`: fingerprint of the reading before the push; `goal`: of
    the one it was to lead to, for a rollback, which may leave much to do; `proved`: of the one that
    proved it. `ids`: the requirements that these are about; none where that is not known.
    `confirming`: the router may have been told to keep the change.
    """

    run: str
    router: str
    step: str
    before: str
    reverts_at: float = 0.0
    held: bool = False
    revert: str = ""
    confirmed: bool = False
    saved: bool = False
    goal: str = ""
    proved: str = ""
    ids: tuple[str, ...] = ()
    confirming: bool = False


def crashes(path: Path, routers: Iterable[str]) -> dict[str, Crash]:
    """Of these routers, those that a run which broke off may have left half-way."""
    with reading(path) as connection:
        found = {name: _crash(connection, name) for name in set(routers)}
    return {name: crash for name, crash in found.items() if crash is not None}


def _crash(connection: sqlite3.Connection, router: str) -> Crash | None:
    """The last run that touched the router, unless it is known how that ended."""
    row = connection.execute(
        "SELECT run FROM entries WHERE router = ? AND kind = 'begins'"
        " AND json_extract(data, '$.step') IN (?, ?) ORDER BY number DESC LIMIT 1",
        (router, *_TOUCHED),
    ).fetchone()
    if row is None:
        return None
    entries = list(entries_of(connection, "run = ? AND router = ?", (row[0], router)))
    for entry in entries:
        # A run also holds what it found of those before it, and may have broken off after that.
        if entry.kind == "reconciled" and json.loads(entry.data)["run"] == entry.run:
            return None
        if entry.kind == "result" and json.loads(entry.data)["outcome"] != "unknown":
            return None
    [first] = entries_of(connection, "run = ? AND kind = 'run'", (row[0],))
    about = json.loads(first.data)
    at_work = lease.start_of(about["holder"])
    # At work since this machine started? Then uptime tells how long ago.
    same_start = at_work not in ("", "-") and at_work == start()
    settings = about["settings"]
    ids = settings.get("requirements") or settings.get("ids") or ()
    return replace(_left(row[0], router, entries, same_start=same_start), ids=tuple(ids))


def _left(run_name: str, router: str, entries: Iterable[Entry], *, same_start: bool) -> Crash:
    step, before, goal, proved, reverts_at, held = "", "", "", "", 0.0, False
    revert = ""
    reached: set[str] = set()
    confirming = False
    seconds = 0.0
    for entry in entries:
        data = json.loads(entry.data)
        if entry.kind == "reached":
            reached.add(data["step"])
        if entry.kind in ("begins", "reached"):
            step = f"{entry.kind} {data['step']}"
            confirming = confirming or step == "begins confirmed"
            if step == "reached verified":
                proved = data.get("fingerprint", "")
            if step == "reached planned":
                # What came before it was the end of another run's work.
                reached.clear()
                before = data.get("fingerprint", before)
                goal = data.get("goal_fingerprint", "")
            if step == "begins armed":
                seconds, held = data["seconds"], data["held_by_session"]
                revert = data.get("revert", "")
        if seconds and entry.kind in ("begins", "reached", "replied"):
            # Some reverts begin with the commit after the lines: no later than what came last.
            at = datetime.fromisoformat(entry.at).timestamp()
            if same_start and "uptime" in data:
                # The clock may have been set since; this is when it was by the clock of now.
                at = time.time() - (uptime() - data["uptime"])
            reverts_at = at + seconds + _SLACK
    confirmed = "confirmed" in reached
    return Crash(
        run_name, router, step, before,
        reverts_at=0.0 if confirmed else reverts_at,
        held=held, revert=revert, confirmed=confirmed, saved="saved" in reached, goal=goal,
        proved=proved, confirming=confirming,
    )  # fmt: skip
