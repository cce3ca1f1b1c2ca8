"""All runs at a glance: what `journal list` shows, without reading what routers were told."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routercfg.batch.records import NOT_BEGUN, unfinished
from routercfg.batch.store import reading


@dataclass(frozen=True, slots=True)
class Summary:
    """One run. `stopped`: why it ended before it came to all its routers, if it did.

    `counts`: how many routers came to which outcome; `ended` is empty where the run broke off.
    """

    run: str
    at: str
    kind: str
    who: str
    from_: str
    settings: Mapping[str, Any]
    ended: str
    stopped: str
    routers: int
    counts: Mapping[str, int]


def runs(path: Path) -> tuple[Summary, ...]:
    """All runs, the newest first. Raises JournalError."""
    with reading(path) as connection:
        ends = {row[0]: row[1:] for row in connection.execute(_ENDS)}
        return tuple(
            _summary(connection, row, *ends.get(row[0], ("", "", "{}")))
            for row in connection.execute(_BEGINNINGS)
        )


# Entries about a run have no router: by that index, only they are looked at.
_BEGINNINGS = """
SELECT run, at, json_extract(data, '$.kind'), json_extract(data, '$.who'),
    json_extract(data, '$.from'), json_extract(data, '$.settings'),
    json_extract(data, '$.holder'), json_array_length(data, '$.routers')
FROM entries WHERE router = '' AND kind = 'run' ORDER BY number DESC
"""
_ENDS = """
SELECT run, at, json_extract(data, '$.stopped'), json_extract(data, '$.counts')
FROM entries WHERE router = '' AND kind = 'end'
"""
_OUTCOMES = """
SELECT router, CASE
    WHEN kind = 'result' THEN json_extract(data, '$.outcome')
    WHEN kind = 'reconciled' AND json_extract(data, '$.run') = run
        THEN 'reconciled: ' || json_extract(data, '$.found')
    END
FROM entries WHERE run = ? AND router <> '' AND kind IN ('starts', 'result', 'reconciled')
ORDER BY number
"""


def _summary(
    connection: sqlite3.Connection, row: tuple[Any, ...], ended: str, stopped: str, counted: str
) -> Summary:
    run, at, kind, who, from_, settings, holder, routers = row
    counts: Mapping[str, int] = json.loads(counted)
    # Nobody has come back to the routers of a run that knew how each of them ended.
    if not ended or stopped or "unknown" in counts:
        counts = _counts(connection, run, routers, unfinished(ended, holder))
    return Summary(run, at, kind, who, from_, json.loads(settings), ended, stopped, routers, counts)


def _counts(
    connection: sqlite3.Connection, run: str, routers: int, begun: str
) -> Mapping[str, int]:
    outcomes: dict[str, str] = {}
    for router, outcome in connection.execute(_OUTCOMES, (run,)):
        outcomes[router] = outcome or outcomes.get(router, begun)
    counts = Counter(outcomes.values())
    if routers > len(outcomes):
        counts[NOT_BEGUN] += routers - len(outcomes)
    return counts
