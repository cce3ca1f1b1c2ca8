"""What became of the routers of a playbook, task by task."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from routercfg.batch.archive import Archive
from routercfg.batch.playbook import Task
from routercfg.batch.whitelist import Admission, Site, admissions, unread
from routercfg.errors import RoutercfgError, TransportError
from routercfg.model.finding import Status
from routercfg.model.intent import Intent
from routercfg.planning import Plan
from routercfg.push import Outcome, Result
from routercfg.requirements import REQUIREMENTS
from routercfg.transport import Target

_LOST = (
    Outcome.ROLLED_BACK,
    Outcome.REFUSED,
    Outcome.UNREACHABLE,
    Outcome.UNKNOWN,
    Outcome.NOT_BEGUN,
)
_NONE: frozenset[str] = frozenset()
#: What is open besides requirements: a router without an address by which the provider can know it,
#: and one that does not know a show command. No push brought that about, or can mend it.
_ADDRESSES, _SHOWS = frozenset({"whitelist"}), frozenset({"command"})


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
    #: The run in the journal that did it.
    run: str = ""


class Record:
    """What is known of every router until now; lives as long as the playbook runs.

    Of thousands of routers it keeps words, packed results and addresses, and no reading.
    """

    def __init__(self) -> None:
        #: The latest findings; what a reading was not about stays from the one before it.
        self.latest = Archive()
        #: All that was pushed.
        self.pushed = Archive()
        self.rows: dict[str, tuple[Admission, ...]] = {}
        self.lost: dict[str, str] = {}
        self.backups: Path | None = None
        #: Why it goes no further; empty while it does.
        self.reason = ""
        self.unwritten = False
        #: The exit status of what a signal ended; 0: none did.
        self.interrupted = 0
        self._seen: dict[str, tuple[Intent, tuple[Admission, ...]]] = {}
        self._open: dict[str, frozenset[str]] = {}
        #: Of what is open, what is not for a person to decide.
        self._wrong: dict[str, frozenset[str]] = {}
        self._judged: dict[str, frozenset[str]] = {}
        #: Most routers have the same sets of requirements.
        self._sets: dict[frozenset[str], frozenset[str]] = {}

    def judged(self, result: Result, site: Site) -> None:
        """Keep what a reading says: findings, addresses, and which requirements it leaves open."""
        router, plan = result.router, result.plan
        if result.outcome in _LOST or result.error is not None:
            self.lost[router] = result.outcome.value
        if plan is None:
            self.missed(router, site, result.error.message if result.error else "not read")
            self.latest.put(result)
            return
        self._seen[router] = plan.intent, admissions(site, plan.intent, plan.state)
        found = frozenset(one.requirement for one in plan.findings)
        known = self._judged.get(router, _NONE)
        earlier = self.latest.get(router) if known - found else None
        self.latest.put(replace(_with(earlier, plan, result), before=None, moments=()))
        self._judged[router] = self._set(known | found)
        left = {one.requirement for one in plan.findings if one.status.needs_attention}
        self._leave(router, (self._open.get(router, _NONE) - found) | left)
        decide = {one.requirement for one in plan.findings if one.status is Status.DECISION}
        wrong = (self._wrong.get(router, _NONE) - found) | (left - decide)
        self._wrong[router] = self._set(wrong)

    def sent(self, result: Result, site: Site) -> None:
        """Keep the result of a push beside those before it."""
        before = self.pushed.get(result.router)
        if before is None or result.outcome is not Outcome.UNCHANGED:
            self.pushed.put(_after(before, result))
        self.judged(result, site)

    def failed(self, target: Target, site: Site, error: RoutercfgError) -> None:
        """Keep that a router could not be talked to; what is known of it stays."""
        outcome = Outcome.UNREACHABLE if isinstance(error, TransportError) else Outcome.REFUSED
        self.lost[target.router] = outcome.value
        self.missed(target.router, site, error.message)
        told = self.latest.get(target.router) or Result(target.router, target.platform, outcome)
        self.latest.put(replace(told, error=error))

    def unknown_shows(self, router: str) -> None:
        """Keep that a router refused to show something."""
        self._leave(router, self._open.get(router, _NONE) | _SHOWS)

    def missed(self, router: str, site: Site, why: str) -> None:
        """A router did not answer; what it said earlier of its addresses stays."""
        self._seen.setdefault(router, (Intent(), unread(site, why)))

    def seen(self, router: str, site: Site, intent: Intent) -> tuple[Admission, ...] | None:
        """The addresses of a router as they were read for this intent; None if it has to be read.

        A lost router is not read any more, so that for it whatever is known counts.
        """
        if router not in self._seen:
            return unread(site, "not read") if router in self.lost else None
        read_for, rows = self._seen[router]
        if read_for != intent and router not in self.lost:
            return None
        return tuple(row if row.site == site else replace(row, site=site) for row in rows)

    def addresses(self, router: str, rows: tuple[Admission, ...], *, admissible: bool) -> None:
        """Keep a router's addresses, and whether one of them stands for the site."""
        self.rows[router] = rows
        left = self._open.get(router, _NONE)
        self._leave(router, left - _ADDRESSES if admissible else left | _ADDRESSES)

    def well(self, router: str) -> bool:
        """Is there nothing of the requirements left to do, decide or find out on this router?"""
        left = self._open.get(router, _NONE) - _ADDRESSES - _SHOWS
        return router not in self.lost and not left

    def as_well_as_pushed(self, router: str) -> bool:
        """Is there nothing left on this router but what a person has to decide?"""
        return router not in self.lost and not self._wrong.get(router)

    @property
    def known(self) -> int:
        """How many routers something is known of."""
        return len({*self.latest, *self.rows, *self.lost})

    @property
    def left(self) -> dict[str, list[str]]:
        """Routers by how they were lost, or else by what is open on them, in words."""
        found: dict[str, list[str]] = {}
        for router, outcome in self.lost.items():
            found.setdefault(outcome, []).append(router)
        for router, open_ones in self._open.items():
            if router not in self.lost:
                found.setdefault(f"with {', '.join(sorted(open_ones))} left", []).append(router)
        return found

    def stop(self, reason: str) -> None:
        """Nothing else is begun. The first reason counts."""
        self.reason = self.reason or reason

    @property
    def stopped(self) -> bool:
        """Does it go no further?"""
        return bool(self.reason)

    @property
    def hung_up(self) -> bool:
        """Was the terminal closed while it was carried out?"""
        return self.interrupted == 128 + getattr(signal, "SIGHUP", 128)

    @property
    def status(self) -> int:
        """Exit status. 0: all well. 1: findings, stopped, or a file that could not be written.
        3: a router not reached, or rolled back. 130: somebody pressed Ctrl-C; 143 and 129: it was
        told to end, or its terminal was closed.
        """
        if self.interrupted:
            return self.interrupted
        if self.lost:
            return 3
        return 1 if self.stopped or self.unwritten or self._open else 0

    def _leave(self, router: str, open_ones: frozenset[str]) -> None:
        if open_ones:
            self._open[router] = self._set(open_ones)
        else:
            self._open.pop(router, None)

    def _set(self, one: frozenset[str]) -> frozenset[str]:
        return self._sets.setdefault(one, one)


def lacking(result: Result) -> str:
    """Which requirements a reading leaves open, and how."""
    plan = result.plan
    if plan is None:
        return ""
    return ", ".join(
        f"{finding.requirement}: {finding.status.value}"
        for finding in plan.findings
        if finding.status.needs_attention
    )


def _with(earlier: Result | None, plan: Plan, result: Result) -> Result:
    """A result with what an earlier one says of requirements that this one is not about."""
    before = earlier.plan if earlier is not None else None
    if earlier is None or before is None:
        return replace(result, after=plan)
    now = {one.requirement: one for one in plan.findings}
    findings = {one.requirement: one for one in before.findings} | now
    changes = [one for one in before.changes if one.change.requirement not in now]
    return replace(
        result,
        revert=result.revert or earlier.revert,
        after=replace(
            plan,
            findings=tuple(findings[name] for name in REQUIREMENTS if name in findings),
            changes=tuple(sorted((*changes, *plan.changes), key=lambda one: one.change.order)),
        ),
    )


def _after(earlier: Result | None, result: Result) -> Result:
    """A push with what was pushed before it: a report tells all that a playbook sent."""
    kept = replace(result, after=None)
    if earlier is None or earlier.before is None or result.before is None:
        return kept
    if {earlier.outcome, result.outcome} != {Outcome.PUSHED}:
        return kept
    changes = (*earlier.before.changes, *result.before.changes)
    return replace(
        kept,
        before=replace(result.before, changes=changes),
        moments=(*earlier.moments, *result.moments),
    )
