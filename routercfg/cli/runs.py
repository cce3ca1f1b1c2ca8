"""Pushing as a run: paced, in the journal, to be resumed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from routercfg.batch import Pace, digested, records
from routercfg.batch.journal import Journal
from routercfg.batch.note import Note, Report
from routercfg.batch.stop import Stop
from routercfg.batch.store import default_path
from routercfg.batch.told import Digest
from routercfg.cli.board import board, clock, tell
from routercfg.errors import InputError, Where
from routercfg.push import Options, inspect, push
from routercfg.requirements import choose
from routercfg.transport.target import Target

T = TypeVar("T")

#: Words of `--only` about how routers ended, and the outcomes they mean.
_ENDED = {
    "failed": ("rolled back", "refused", "unknown"),
    "unreached": ("unreachable",),
}
#: The sizes of batches unless somebody says otherwise: one for all.
WHOLE = ("100%",)
#: Names that a message has room for.
_FEW = 10
_UNFINISHED = (records.NOT_BEGUN, records.CRASHED, "unknown")


@dataclass(frozen=True, slots=True)
class Running:
    """How a run goes: its pace, its journal, and which routers of an earlier run it takes.

    `resume`: those that this run did not finish. `ended`: those that ended so, in words of
    `--only`; in both cases those of `resume`, else of the last run.
    """

    pace: Pace
    journal: Path | None = None
    resume: str = ""
    ended: tuple[str, ...] = ()

    @property
    def journal_path(self) -> Path:
        """The journal's file."""
        return self.journal or default_path()


def sizes(text: str) -> tuple[str, ...]:
    """The sizes of batches, as they stand on the command line: `1,10%,100%`."""
    return tuple(size.strip() for size in text.split(","))


def settings_of(journal: Path | None, run: str) -> Mapping[str, Any]:
    """How the run that is resumed went; what stopped early shall not go on faster than it began."""
    return records.run(journal or default_path(), run).settings


def chosen(found: Sequence[Target], running: Running, limit: str = "") -> tuple[Target, ...]:
    """Of the inventory's routers, those of the run that is resumed or done again.

    Raises InputError where a router of that run is not in the inventory any more, unless a `limit`
    says which are meant.
    """
    if not running.resume and not running.ended:
        return tuple(found)
    wanted = _outcomes(running)
    run = _earlier(running)
    names = {
        one.router
        for one in run.routers
        if one.outcome in wanted or (running.resume and one.outcome.startswith("reconciled"))
    }
    missing = sorted(names - {target.router for target in found})
    if missing and not limit:
        raise InputError(
            f"routers of run {run.run} that are not here: {few(missing)}",
            where=Where(field=_option(running)),
            hint="Give the inventory with which that run began, or leave them out with --limit",
        )
    taken = tuple(target for target in found if target.router in names)
    if not taken:
        counts = ", ".join(f"{number} {outcome}" for outcome, number in run.counts.items())
        sys.stderr.write(f"run {run.run} left none of these routers to do: {counts}\n")
    return taken


def few(names: Sequence[str]) -> str:
    """Names for a message, which is one line."""
    more = len(names) - _FEW
    return ", ".join(names[:_FEW]) + (f" and {more} more" if more > 0 else "")


def requirements(running: Running) -> tuple[str, ...]:
    """The requirements that the run which is resumed was about; without one, all."""
    if not running.resume:
        return choose()
    return choose(_earlier(running).settings["requirements"])


def pushed_in_a_run(
    found: Sequence[Target],
    options: Options,
    running: Running,
    stop: Stop,
    digest: Digest[T],
) -> Iterator[T]:
    """Push to the routers; what `digest` makes of their results, in order.

    `stop` says afterwards whether somebody interrupted it.
    """

    def begin(journal: Journal, watch: Report) -> Iterator[T]:
        return digested(
            digest,
            partial(push, options=options),
            found,
            running.pace,
            journal=journal,
            settings=settings,
            look=partial(inspect, ids=options.ids),
            watch=watch,
            stop=stop,
        )

    settings: dict[str, Any] = {
        "requirements": list(options.ids or ()),
        "serial": list(running.pace.serial),
        "max_failures": running.pace.max_failures,
        "resumes": running.resume,
    }
    return in_a_run(begin, len(found), running, stop)


def in_a_run(
    begin: Callable[[Journal, Report], Iterator[T]], total: int, running: Running, stop: Stop
) -> Iterator[T]:
    """The results of a run of so many routers, which is watched while it lasts."""
    begun = time.monotonic()
    counts: dict[str, int] = {}
    with Journal.open(running.journal_path) as journal, board(total) as watch:

        def hear(note: Note) -> None:
            if note.kind == "end":
                counts.update(note.data["counts"])
            watch(note)

        results = begin(journal, hear)
        with closing(results):  # type: ignore[type-var]  # it is a generator
            yield from results
    told = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
    tell(f"ended after {clock(time.monotonic() - begun)}: {told}")
    if stop.reason:
        tell(f"stopped: {stop.reason}")


def _earlier(running: Running) -> records.RunRecord:
    """The run that is resumed or done again. Raises InputError where it was no push."""
    run = records.run(running.journal_path, running.resume or "last")
    if run.kind != "push":
        raise InputError(
            f"run {run.run} is no push but a {run.kind}",
            where=Where(field=_option(running)),
            hint="Name a push; a rollback or a playbook is simply run again",
        )
    return run


def _option(running: Running) -> str:
    return "--resume" if running.resume else "--only"


def _outcomes(running: Running) -> tuple[str, ...]:
    outcomes = tuple(outcome for word in running.ended for outcome in _ENDED[word])
    return (*outcomes, *_UNFINISHED) if running.resume else outcomes
