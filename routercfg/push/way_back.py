"""The goal of a rollback: what a confirmed change touched is as it was before it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from routercfg.errors import (
    ChangedSinceError,
    NoWayBackError,
    PackError,
    ParseError,
    UnsafeValueError,
    Where,
)
from routercfg.model.undo import Undo
from routercfg.planning import make_plan
from routercfg.platforms import Pack, load_pack
from routercfg.push.events import essence, fingerprint
from routercfg.push.keeping import Readings
from routercfg.push.options import Options, Watch
from routercfg.push.reading import Connect, Reading, open_session, take_reading
from routercfg.push.result import Outcome, Result
from routercfg.push.transaction import bring_about
from routercfg.push.way_in import check_way_in
from routercfg.redaction import redacted
from routercfg.transport import Session, Target


@dataclass(frozen=True, slots=True)
class WayBack:
    """Back to before the change that lies between these readings. Others' changes since stay.

    `force`: also where somebody has changed since what that change touched. `run`: the run that
    made the change. `backup`: where the configuration of before is, for whoever must do it by hand.
    `ids`: the requirements that are judged for the report; None: all.
    """

    readings: Readings
    force: bool = False
    run: str = ""
    backup: str = ""
    ids: Collection[str] | None = None

    @property
    def reached(self) -> Outcome:
        return Outcome.UNDONE

    def read(self, session: Session, target: Target, pack: Pack) -> Reading:
        reading = take_reading(session, target, pack, self.ids)
        try:
            undo = pack.undo(self.readings.before, self.readings.after, reading.texts)
        except (ParseError, PackError, UnsafeValueError) as error:
            raise NoWayBackError(
                error.message, where=Where(router=target.router), hint=error.hint or self.backup
            ) from error
        return Reading(reading.texts, reading.plan, undo)

    def facts(self, reading: Reading) -> dict[str, Any]:
        """What it undoes, what stands in its way, and what the findings are to be after it."""
        plan = reading.plan
        pack = load_pack(plan.state.platform)
        then = make_plan(plan.router, pack, pack.state(self.readings.before), plan.intent, self.ids)
        secrets = [re.compile(pattern) for pattern in pack.manifest.secrets]
        return {
            "undoes": self.run,
            "conflicts": [
                {
                    "left": [redacted(line, patterns=secrets) for line in one.left],
                    "found": [redacted(line, patterns=secrets) for line in one.found],
                }
                for one in _undo(reading).conflicts
            ],
            "goal_fingerprint": fingerprint(then),
        }

    def check(self, reading: Reading) -> None:
        undo = _undo(reading)
        where = Where(router=reading.plan.router)
        if undo.conflicts and not self.force:
            many = len(undo.conflicts)
            things = "one thing of that run was" if many == 1 else f"{many} things of that run were"
            raise ChangedSinceError(f"{things} changed since", where=where)
        if not undo.commands:
            raise NoWayBackError(
                "no command brings back what was changed since", where=where, hint=self.backup
            )

    def guard(self, reading: Reading) -> None:
        pack = load_pack(reading.plan.state.platform)
        check_way_in(reading.plan, pack.state(self.readings.before))

    def unproved(self, before: Reading, after: Reading) -> str:  # noqa: ARG002 - a push compares
        undo = _undo(after)
        if undo.done:
            return ""
        left = undo.commands or undo.conflicts[0].found or undo.conflicts[0].left
        return f"not yet as before the run: {left[0] if left else 'something of it'}"

    def same(self, one: Reading, other: Reading) -> bool:
        """By the findings, and by every line that still differs from before the run.

        A router that reverted may have numbered its rules anew, so that the same way back reads
        otherwise: then the two readings must not differ in anything.
        """
        if essence(one.plan) != essence(other.plan):
            return False
        if one.undo == other.undo:
            return True
        pack = load_pack(one.plan.state.platform)
        try:
            return pack.undo(one.texts, other.texts, other.texts).done
        except (ParseError, PackError, UnsafeValueError):
            return False


def put_back(
    target: Target,
    way: WayBack,
    options: Options | None = None,
    watch: Watch | None = None,
    connect: Connect = open_session,
) -> Result:
    """Put one router back to before a change. Never raises on what a router does."""
    return bring_about(way, target, options, watch, connect)


def _undo(reading: Reading) -> Undo:
    return reading.undo or Undo()
