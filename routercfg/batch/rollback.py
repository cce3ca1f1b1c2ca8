"""Back to before a run: every router it changed, each in a transaction of its own.

What a run changed lies between the readings that its pushes kept. Only that goes back; what others
changed since stays. A rollback is a run of its own, and can be rolled back as well.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from routercfg.batch import records
from routercfg.batch.journal import Journal
from routercfg.batch.note import Report
from routercfg.batch.pace import Pace
from routercfg.batch.records import RouterRecord
from routercfg.batch.runner import carry_out
from routercfg.batch.stop import Stop
from routercfg.errors import NoWayBackError, PushError, Where
from routercfg.push import Options, Outcome, Result, WayBack, inspect, put_back
from routercfg.push.holding import why_held
from routercfg.push.inspection import foresee
from routercfg.push.keeping import Kept, load_readings
from routercfg.push.reading import Connect, open_session
from routercfg.push.saving import save_standing
from routercfg.transport import Target

#: Outcomes that leave the router as it was.
_AS_IT_WAS = ("rolled back", "reconciled: as it was before")
#: Outcomes that left something on it.
_STANDS = ("pushed", "undone", "reconciled: the change stands")


@dataclass(frozen=True, slots=True)
class Rollback:
    """What is undone: a run, with what the journal knows of each router that it changed.

    `force`: also where somebody has changed since what the run changed, and where the router has
    another address by now.
    """

    run: str
    records: Mapping[str, RouterRecord] = field(repr=False)
    force: bool = False

    def way_back(self, target: Target, ids: Collection[str] | None = None) -> WayBack:
        """One router's way back. Raises NoWayBackError where the run kept none."""
        record = self.records[target.router]
        backup = f"Its configuration of before is in {record.backup}" if record.backup else ""
        if not record.readings:
            raise NoWayBackError(
                f"run {self.run} kept no readings of it",
                where=Where(router=target.router),
                hint=backup or "That run kept no backup either",
            )
        here, there = (target.host, target.port), (record.host, record.port)
        if here != there and not self.force:
            raise NoWayBackError(
                f"the run reached it at {_place(there)}, and the inventory says {_place(here)}",
                where=Where(router=target.router),
                hint="If it is the same router, --force brings it back",
            )
        kept = Kept(Path(record.readings), record.readings_sha256)
        try:
            readings = load_readings(kept, target.router, target.platform)
        except NoWayBackError as error:
            error.hint = error.hint or backup
            raise
        return WayBack(readings, self.force, self.run, backup, ids)


def find(journal: Path, run: str, *, force: bool = False) -> Rollback:
    """What a run, or the one that `last` names, left on its routers. Raises JournalError."""
    found = records.run(journal, run)
    return Rollback(
        found.run, {one.router: one for one in found.routers if _left_something(one)}, force
    )


def foreseen(
    target: Target,
    rollback: Rollback,
    options: Options | None = None,
    connect: Connect = open_session,
) -> Result:
    """Read the router, and say what would be sent, or why nothing would. Sends nothing."""
    given = options or Options()
    return _told(target, rollback, given, lambda way: foresee(way, target, given, connect))


def undo_run(
    target: Target,
    rollback: Rollback,
    options: Options | None = None,
    connect: Connect = open_session,
) -> Result:
    """Put one router back. Never raises on what a router does."""
    given = options or Options()
    return _told(target, rollback, given, lambda way: put_back(target, way, given, connect=connect))


def roll_back(  # noqa: PLR0913 - each is a word of whoever starts a run, and has a default
    run: str,
    targets: Sequence[Target],
    journal: Journal,
    pace: Pace | None = None,
    *,
    force: bool = False,
    options: Options | None = None,
    watch: Report | None = None,
    executor: Executor | None = None,
    stop: Stop | None = None,
    connect: Connect = open_session,
) -> Iterator[Result]:
    """Put back those of the targets that a run changed, batch by batch, as a run of its own.

    `run`: its name, the beginning of it, or `last`. `force`: also where somebody has changed since
    what the run changed. Results come in the order of `targets`. Raises JournalError where the run
    is not in the journal; see `carry_out` for what else.
    """
    rollback = find(journal.path, run, force=force)
    options = options or Options()
    pace = pace or Pace()
    settings = {
        "undoes": rollback.run,
        "force": rollback.force,
        "requirements": list(options.ids or ()),
        "serial": list(pace.serial),
        "max_failures": pace.max_failures,
    }
    return carry_out(
        _Undoing(rollback, options, connect),
        [target for target in targets if target.router in rollback.records],
        pace,
        journal=journal,
        kind="rollback",
        settings=settings,
        look=partial(inspect, ids=options.ids, connect=connect),
        keep=partial(save_standing, connect=connect),
        held=partial(why_held, connect=connect),
        watch=watch,
        executor=executor,
        stop=stop,
    )


@dataclass(frozen=True, slots=True)
class _Undoing:
    """The work of a rollback."""

    rollback: Rollback
    options: Options
    connect: Connect

    def __call__(self, target: Target, /) -> Result:
        return undo_run(target, self.rollback, self.options, self.connect)

    def only(self, target: Target) -> _Undoing:
        known = {target.router: self.rollback.records[target.router]}
        return replace(self, rollback=replace(self.rollback, records=known))


def _place(address: tuple[str, int]) -> str:
    return f"{address[0]} port {address[1]}"


def _left_something(record: RouterRecord) -> bool:
    """Readings are kept only once a change is proved: where there are any, it may stand."""
    if record.outcome.startswith(_AS_IT_WAS):
        return False
    return bool(record.readings) or record.outcome.startswith(_STANDS)


def _told(
    target: Target, rollback: Rollback, options: Options, work: Callable[[WayBack], Result]
) -> Result:
    try:
        way = rollback.way_back(target, options.ids)
    except PushError as error:
        return Result(target.router, target.platform, Outcome.REFUSED, error=error)
    return work(way)
