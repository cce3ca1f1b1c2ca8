"""What a transaction tells while it lives: each step before and after it happens, each reply.

The one who listens may raise a RoutercfgError to stop the transaction: it then rolls back. That is
how a journal that cannot be written, a lost lease or a second Ctrl-C end what is under way. From
the moment that a revert is being confirmed or carried out nothing can stop it any more.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from routercfg.planning import Plan
from routercfg.push.result import Step


class What(Enum):
    """The kinds of event."""

    BEGINS = "begins"
    REACHED = "reached"
    REPLIED = "replied"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens. `facts` are plain JSON values, without secrets.

    `step` is None for a reply, whose step is the one that began last.
    """

    router: str
    what: What
    step: Step | None = None
    detail: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


Listen = Callable[[Event], None]

#: Facts that name a thing by the router's own id, and the number such an id may end with.
_NAMES = frozenset({"id", "helper"})
_NUMBER = re.compile(r" \d+(?:#\d+)?$")


def _nobody(_event: Event) -> None:
    pass


_listener: ContextVar[Listen] = ContextVar("routercfg_listener", default=_nobody)


def listener() -> Listen:
    """Who listens to the transactions of this thread."""
    return _listener.get()


@contextmanager
def heard_by(listen: Listen) -> Iterator[None]:
    """Let `listen` hear the transactions of this thread, however deep they are called."""
    token = _listener.set(listen)
    try:
        yield
    finally:
        _listener.reset(token)


def essence(plan: Plan) -> list[object]:
    """What a reading comes to: every item of every requirement with its verdict."""
    return [
        (f.requirement, f.status, [(item.verdict, _steady(item.facts)) for item in f.items])
        for f in plan.findings
    ]


def _steady(facts: tuple[tuple[str, Any], ...]) -> list[tuple[str, Any]]:
    """Facts without the numbers that a router gives its rules: a revert may number them anew."""
    return [
        (key, _NUMBER.sub("", value) if key in _NAMES and isinstance(value, str) else value)
        for key, value in facts
    ]


def fingerprint(plan: Plan) -> str:
    """SHA-256 of the essence: the same in every process that reads the same router."""
    text = json.dumps(essence(plan), default=_plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def findings_of(plan: Plan) -> dict[str, Any]:
    """A reading as plain values."""
    return {
        "findings": [
            {"requirement": one.requirement, "status": one.status.value, "summary": one.summary}
            for one in plan.findings
        ],
        "fingerprint": fingerprint(plan),
    }


def _plain(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case set() | frozenset():
            return sorted(str(one) for one in value)
        case _:
            return str(value)
