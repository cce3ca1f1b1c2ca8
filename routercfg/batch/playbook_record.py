"""What became of the routers of a playbook, task by task."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from routercfg.batch.playbook import Task
from routercfg.batch.whitelist import Admission
from routercfg.errors import RoutercfgError
from routercfg.push import Outcome, Result

_LOST = (
    Outcome.ROLLED_BACK,
    Outcome.REFUSED,
    Outcome.UNREACHABLE,
    Outcome.UNKNOWN,
    Outcome.NOT_BEGUN,
)


class Ended(Enum):
    """How one task ended on one router.

    `FINDINGS`: it was carried out, and not all is well. `FAILED`: it was not, and the router gets
    no further task. `SKIPPED`: it was not meant to be, or its turn never came.
    """

    OK = "ok"
    CHANGED = "changed"
    FINDINGS = "findings"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Done:
    """One task on one router, or on none in particular: a pause, a report."""

    play: str
    task: Task | None
    router: str
    ended: Ended
    detail: str = ""
    error: RoutercfgError | None = None
    outputs: tuple[tuple[str, str], ...] = field(default=(), repr=False)


class Record:
    """What is known of every router until now; lives as long as the playbook runs."""

    def __init__(self) -> None:
        self.latest: dict[str, Result] = {}
        self.pushed: dict[str, list[Result]] = {}
        self.rows: dict[str, tuple[Admission, ...]] = {}
        self.lost: dict[str, str] = {}
        self.backups: Path | None = None
        self.pending: dict[str, set[str]] = {}
        self.stopped = False
        self.unwritten = False
        self.interrupted = False

    def judged(self, result: Result) -> None:
        """Keep a reading, and which requirements it leaves open."""
        self.latest[result.router] = result
        if result.outcome in _LOST or result.error is not None:
            self.lost[result.router] = result.outcome.value
        if result.plan is None:
            return
        pending = self.pending.setdefault(result.router, set())
        for finding in result.plan.findings:
            if finding.status.needs_attention:
                pending.add(finding.requirement)
            else:
                pending.discard(finding.requirement)

    def sent(self, result: Result) -> None:
        """Keep the result of a push."""
        self.pushed.setdefault(result.router, []).append(result)
        self.judged(result)

    def addresses(self, router: str, rows: tuple[Admission, ...], *, admissible: bool) -> None:
        """Keep a router's addresses, and whether one of them stands for the site."""
        self.rows[router] = rows
        pending = self.pending.setdefault(router, set())
        if admissible:
            pending.discard("whitelist")
        else:
            pending.add("whitelist")

    def well(self, router: str) -> bool:
        """Is there nothing left to do, decide or find out on this router?"""
        return router not in self.lost and not self.pending.get(router)

    @property
    def status(self) -> int:
        """Exit status. 0: all well. 1: findings, stopped, or a file that could not be written.
        3: a router not reached, or rolled back. 130: somebody pressed Ctrl-C.
        """
        if self.interrupted:
            return 130
        if self.lost:
            return 3
        return 1 if self.stopped or self.unwritten or any(self.pending.values()) else 0
