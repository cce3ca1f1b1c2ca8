"""What a statement about a router rests on, and what stands in for one that cannot be made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line of one show command's output. `line` counts from 1; 0 means the line is absent.

    Absence is evidence too: on RouterOS a helper that the compact export does not mention is on.
    """

    command: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """This part of the router could not be read or understood. Never to be taken for `ok`."""

    reason: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The platform has no such thing (a Linux gateway without UPnP software, say)."""

    reason: str
