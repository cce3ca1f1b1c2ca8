"""Finding: a requirement's answer for one router."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from routercfg.model.change import Change
from routercfg.model.evidence import Evidence


class Status(Enum):
    """Answer of a requirement, or verdict on one of its items."""

    OK = "ok"
    VIOLATION = "violation"
    DECISION = "decision"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"

    @property
    def needs_attention(self) -> bool:
        """Does it keep a router from being compliant? Unknown is never ok."""
        return self not in (Status.OK, Status.NOT_APPLICABLE)


_WORST_FIRST = (
    Status.VIOLATION,
    Status.UNKNOWN,
    Status.DECISION,
    Status.OK,
    Status.NOT_APPLICABLE,
)


def worst(statuses: Iterable[Status], otherwise: Status = Status.OK) -> Status:
    """The status that decides: violation, then unknown, then decision, then ok."""
    found = set(statuses)
    return next((status for status in _WORST_FIRST if status in found), otherwise)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a requirement judged: a forward, a service, a timer.

    `facts` are what the JSON contract of the requirement names, in that order.
    """

    verdict: Status
    facts: tuple[tuple[str, Any], ...]
    note: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Status, one line for a person, what it rests on, what it judged, and what would close it."""

    requirement: str
    status: Status
    summary: str
    evidence: tuple[Evidence, ...] = ()
    items: tuple[Item, ...] = ()
    changes: tuple[Change, ...] = ()
