"""What a playbook is carried out with: its routers, its settings, and whom it talks to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from routercfg.batch.journal import Journal
from routercfg.batch.note import Report as Watch
from routercfg.batch.playbook import Play
from routercfg.batch.playbook_actions import Report, Whitelist
from routercfg.batch.playbook_record import Record
from routercfg.batch.whitelist import Admission, Site
from routercfg.transport import Target


@dataclass(frozen=True, slots=True)
class Cast:
    """A play with its routers. `sites` by router."""

    play: Play
    targets: tuple[Target, ...]
    sites: Mapping[str, Site]


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run. `check`: change nothing, whatever the playbook says. Without `tags`: all tasks.

    Each push of a task to a batch is a run of its own in the journal. `accept_lockout_risk` and
    `accept_no_revert`: as of `Options`.
    """

    workers: int = 20
    check: bool = False
    tags: frozenset[str] = frozenset()
    skip_tags: frozenset[str] = frozenset()
    journal: Journal | None = None
    accept_lockout_risk: bool = False
    accept_no_revert: bool = False


class Stage(Protocol):
    """Whom a playbook talks to besides routers."""

    def agreed(self, prompt: str) -> bool:
        """Does the person at the terminal say yes?"""
        ...

    def watched(self, total: int) -> AbstractContextManager[Watch]:
        """Show a push to so many routers while it lasts; what is given hears its notes."""
        ...

    def report(self, report: Report, record: Record, routers: Sequence[str]) -> str:
        """Write what is known of these routers; where it went."""
        ...

    def whitelist(self, whitelist: Whitelist, rows: Sequence[Admission]) -> str:
        """Write the addresses to admit; where they went."""
        ...
