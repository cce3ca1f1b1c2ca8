"""Pushing as a run: paced, in the journal, to be resumed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from routercfg.batch import Pace, carry_out, records
from routercfg.batch.journal import Journal
from routercfg.batch.note import Report
from routercfg.batch.stop import Stop
from routercfg.batch.store import default_path
from routercfg.cli.board import board
from routercfg.errors import InputError, Where
from routercfg.push import Options, Result, inspect, push
from routercfg.requirements import choose
from routercfg.transport.target import Target

#: Words of `--again`, and the outcomes they mean.
_AGAIN = {
    "failed": ("rolled back", "refused", "unknown"),
    "unreached": ("unreachable",),
}
_UNFINISHED = (records.NOT_BEGUN, records.CRASHED, "unknown")


@dataclass(frozen=True, slots=True)
class Running:
    """How a run goes: its pace, its journal, and which routers of an earlier run it takes."""

    pace: Pace
    journal: Path | None = None
    resume: str = ""
    again: str = ""

    @property
    def journal_path(self) -> Path:
        """The journal's file."""
        return self.journal or default_path()


def sizes(text: str) -> tuple[str, ...]:
    """The sizes of batches, as they stand on the command line: `1,10%,100%`."""
    return tuple(size.strip() for size in text.split(","))


def chosen(found: Sequence[Target], running: Running) -> tuple[Target, ...]:
    """Of the inventory's routers, those of the run that is resumed or done again.

    Raises InputError where a router of that run is not in the inventory any more.
    """
    if not running.resume and not running.again:
        return tuple(found)
    wanted = _outcomes(running)
    run = _earlier(running)
    names = {
        one.router
        for one in run.routers
        if one.outcome in wanted or (running.resume and one.outcome.startswith("reconciled"))
    }
    missing = names - {target.router for target in found}
    if missing:
        raise InputError(
            f"routers of run {run.run} that are not here: {', '.join(sorted(missing))}",
            where=Where(field="--resume" if running.resume else "--again"),
            hint="Give the inventory, and the --limit if any, with which that run began",
        )
    return tuple(target for target in found if target.router in names)


def requirements(running: Running) -> tuple[str, ...]:
    """The requirements that the run which is resumed was about; without one, all."""
    if not running.resume:
        return choose()
    return choose(_earlier(running).settings["requirements"])


def pushed_in_a_run(
    found: Sequence[Target], options: Options, running: Running, stop: Stop
) -> Iterator[Result]:
    """Push to the routers. Their results, in order; `stop` says whether somebody interrupted it."""

    def begin(journal: Journal, watch: Report) -> Iterator[Result]:
        return carry_out(
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
    begin: Callable[[Journal, Report], Iterator[Result]], total: int, running: Running, stop: Stop
) -> Iterator[Result]:
    """The results of a run of so many routers, which is watched while it lasts."""
    with Journal.open(running.journal_path) as journal, board(total) as watch:
        results = begin(journal, watch)
        with closing(results):  # type: ignore[type-var]  # it is a generator
            yield from results
    if stop.reason:
        sys.stderr.write(f"stopped: {stop.reason}\n")


def _earlier(running: Running) -> records.RunRecord:
    """The run that is resumed or done again. Raises InputError where it was no push."""
    run = records.run(running.journal_path, running.resume or "last")
    if run.kind != "push":
        raise InputError(
            f"run {run.run} is no push but a {run.kind}",
            where=Where(field="--resume" if running.resume else "--again"),
            hint="Name a push; a rollback or a playbook is simply run again",
        )
    return run


def _outcomes(running: Running) -> tuple[str, ...]:
    words = [word.strip() for word in running.again.split(",") if word.strip()]
    unknown = [word for word in words if word not in _AGAIN]
    if unknown:
        raise InputError(
            f"no routers are called {', '.join(unknown)}",
            where=Where(field="--again"),
            hint=f"It takes {' and '.join(_AGAIN)}",
        )
    outcomes = tuple(outcome for word in words for outcome in _AGAIN[word])
    return (*outcomes, *_UNFINISHED) if running.resume else outcomes
