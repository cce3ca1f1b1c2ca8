"""The chain: each entry of the journal carries a hash over itself and the one before it.

Whoever changes, inserts or removes an entry breaks the chain from there on. The last hash, written
down elsewhere, proves the whole journal up to it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

#: What stands in for the hash before the first entry.
FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. `at`: UTC, ISO 8601. `data`: JSON text, as it was written."""

    number: int
    at: str
    run: str
    router: str
    kind: str
    data: str
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold, and why."""

    number: int
    reason: str


def link(previous: str, number: int, at: str, run: str, router: str, kind: str, data: str) -> str:
    """The hash of an entry that follows the one with the hash `previous`."""
    # As JSON, so that no two different entries read the same when strung together.
    text = json.dumps([previous, number, at, run, router, kind, data], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def first_break(entries: Iterable[Entry]) -> Break | None:
    """The first entry that is not what was written, or None where the chain holds."""
    previous, expected = FIRST, 1
    for entry in entries:
        if entry.number != expected:
            return Break(expected, "this entry is missing")
        wanted = _hash_of(entry, previous)
        if wanted is None or entry.hash != wanted:
            return Break(entry.number, "this entry, or the one before it, was changed")
        previous, expected = entry.hash, expected + 1
    return None


def _hash_of(entry: Entry, previous: str) -> str | None:
    """What its hash must be; None where it holds what routercfg never writes, such as octets."""
    try:
        return link(
            previous, entry.number, entry.at, entry.run, entry.router, entry.kind, entry.data
        )
    except TypeError:
        return None
