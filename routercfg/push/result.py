"""What became of one router: outcome, plans before and after, and every step on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from routercfg.errors import RoutercfgError
from routercfg.model.undo import Undo
from routercfg.planning import Plan


class Step(Enum):
    """The steps of a transaction, in the words of the journal."""

    PLANNED = "planned"
    BACKED_UP = "backed up"
    ARMED = "armed"
    APPLIED = "applied"
    RECONNECTED = "reconnected"
    VERIFIED = "verified"
    CONFIRMED = "confirmed"
    SAVED = "saved"
    ROLLING_BACK = "rolling back"
    ROLLED_BACK = "rolled back"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Moment:
    """One step, reached, with a word for the person who watches."""

    step: Step
    detail: str = ""


class Outcome(Enum):
    """How it ended."""

    UNCHANGED = "unchanged"
    PUSHED = "pushed"
    UNDONE = "undone"
    ROLLED_BACK = "rolled back"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    NOT_BEGUN = "not begun"


@dataclass(frozen=True, slots=True)
class Result:
    """One router's result. `before` and `after` are plans of the first and the last reading.

    `undo`: where an earlier change is put back, what that takes by the first reading. `worker`: in
    a run, who says this.
    """

    router: str
    platform: str
    outcome: Outcome
    before: Plan | None = None
    after: Plan | None = None
    error: RoutercfgError | None = None
    moments: tuple[Moment, ...] = ()
    revert: str = ""
    undo: Undo | None = None
    worker: str = field(default="", repr=False, compare=False)

    @property
    def plan(self) -> Plan | None:
        """The latest reading."""
        return self.after or self.before
