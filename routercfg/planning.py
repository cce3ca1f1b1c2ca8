"""Findings to ordered changes to commands: what one router lacks, and nothing more."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from routercfg.errors import PackError, UnsafeValueError
from routercfg.model.change import Change, RemoveForward, RestrictForward, SplitForward
from routercfg.model.finding import Finding, Status, worst
from routercfg.model.intent import Intent
from routercfg.model.state import RouterState
from routercfg.platforms import Pack
from routercfg.requirements import judge


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A change and its commands on this platform; `problem` says why there are none.

    Commands may have to name a secret (an SNMP community), so that no `repr` holds them.
    """

    change: Change
    commands: tuple[str, ...] = field(default=(), repr=False)
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Findings, ordered changes and their commands for one router."""

    router: str
    intent: Intent
    state: RouterState
    findings: tuple[Finding, ...]
    changes: tuple[PlannedChange, ...]

    @property
    def status(self) -> Status:
        """The worst finding."""
        return worst(finding.status for finding in self.findings)

    @property
    def compliant(self) -> bool:
        """Nothing left to do, decide or find out."""
        return not self.status.needs_attention

    @property
    def commands(self) -> tuple[str, ...]:
        """Everything that push would send, in order."""
        return tuple(command for change in self.changes for command in change.commands)

    @property
    def problems(self) -> tuple[str, ...]:
        """Changes that this pack cannot carry out."""
        return tuple(c.problem for c in self.changes if c.problem is not None)

    def commands_of(self, requirement: str) -> tuple[str, ...]:
        """The commands that serve one requirement."""
        return tuple(
            command
            for planned in self.changes
            if planned.change.requirement == requirement
            for command in planned.commands
        )


def make_plan(
    router: str,
    pack: Pack,
    state: RouterState,
    intent: Intent,
    ids: Collection[str] | None = None,
) -> Plan:
    """Judge one router and render what it lacks. Pure; never raises on a router's text."""
    findings = judge(intent, state, ids)
    changes = _ordered(change for finding in findings for change in finding.changes)
    planned = tuple(_rendered(pack, change, state, intent) for change in changes)
    return Plan(router, intent, state, findings, planned)


def _ordered(changes: Iterable[Change]) -> list[Change]:
    """What opens before what closes; a rule goes once, and then needs no narrowing."""
    listed = list(changes)
    gone = {change.forward.id: change for change in listed if isinstance(change, RemoveForward)}
    kept = [
        change
        for change in listed
        if not isinstance(change, RemoveForward | RestrictForward | SplitForward)
        or gone.get(change.forward.id, change) is change
    ]
    return sorted(kept, key=lambda change: change.order)


def _rendered(pack: Pack, change: Change, state: RouterState, intent: Intent) -> PlannedChange:
    try:
        return PlannedChange(change, pack.render(change, state, intent))
    except (PackError, UnsafeValueError) as error:
        return PlannedChange(change, problem=f"{change.summary}: by hand, {error.message}")
