"""A run that is killed at a step of its transaction, and the run that comes after it."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from multiprocessing.context import BaseContext
from pathlib import Path

from routercfg.batch import Pace, carry_out, hearing, records
from routercfg.batch.journal import Journal
from routercfg.batch.note import Note
from routercfg.batch.reconcile import Look
from routercfg.batch.working import Work
from routercfg.push import Result
from routercfg.transport import Target

SPAWN = multiprocessing.get_context("spawn")


def at(note: Note, kind: str, step: str | None) -> bool:
    """Is it this note: `begins`, `reached` or `replied`, and of this step?"""
    return note.kind == kind and note.data.get("step") == step


def kill(
    work: Work,
    target: Target,
    path: Path,
    kind: str,
    step: str | None,
    engine: str = "threads",
    context: BaseContext = SPAWN,
) -> None:
    """Work on one router in a process that is killed once its journal holds the note."""
    child = context.Process(target=_killed_at, args=(work, target, path, kind, step, engine))  # type: ignore[attr-defined]
    child.start()
    child.join(30)
    assert child.exitcode == -signal.SIGKILL


def again(path: Path, target: Target, work: Work, look: Look) -> tuple[Result, list[Note]]:
    """The next run's result, and what it found out about runs that broke off."""
    notes: list[Note] = []
    with Journal.open(path) as journal:
        [result] = carry_out(work, (target,), journal=journal, look=look, watch=notes.append)
    return result, [note for note in notes if note.kind == "reconciled"]


def _wait_for(path: Path, router: str, kind: str, step: str | None) -> None:
    """Until the journal holds the note: what has happened is written without anybody waiting."""
    for _ in range(500):
        told = records.story(path, "last", router)
        if any(one.kind == kind and json.loads(one.data).get("step") == step for one in told):
            return
        time.sleep(0.01)


def _killed_at(
    work: Work, target: Target, path: Path, kind: str, step: str | None, engine: str
) -> None:
    touched = False

    def watch(note: Note) -> None:
        nonlocal touched
        touched = touched or at(note, "begins", "armed")
        # The first replies are about what others hold.
        if at(note, kind, step) and (touched or kind != "replied"):
            _wait_for(path, note.router, kind, step)
            os.kill(os.getpid(), signal.SIGKILL)

    # A lab without latency is through with its lines before the first replies are told.
    hearing.MOMENT = 0.0
    pace = Pace(engine=engine, workers=1)
    with Journal.open(path) as journal:
        list(carry_out(work, (target,), pace, journal=journal, watch=watch))
