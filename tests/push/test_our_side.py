"""Faults on our own side: a worker, Ctrl-C, the disk, the journal, the clock, another run."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from routercfg.batch import Pace, history
from routercfg.batch.journal import Journal
from routercfg.batch.note import Note
from routercfg.errors import JournalError, LeaseError
from routercfg.push import Options, Outcome, Result, push
from routercfg.push.result import Moment, Step
from routercfg.transport import Target

from .bench import PACKS, Yard, known, yard
from .matrix import Row, named, proves
from .subjects import Subject

every_pack = pytest.mark.parametrize("subject", PACKS, ids=str)
#: Longer than any revert takes, and than what the journal adds to it.
LATER = 1200.0
SIX_HOURS = 6 * 3600.0
#: In the middle: the revert is armed, and lines are being sent.
MIDDLE = "applied"


@pytest.fixture
def made(subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Yard]:
    with yard(subject, tmp_path, monkeypatch) as one:
        yield one


def when(step: str, act: Callable[[], object]) -> Callable[[Note], None]:
    """Do something once, when a step begins."""
    done: list[str] = []

    def watch(note: Note) -> None:
        if note.kind == "begins" and note.data.get("step") == step and not done:
            done.append(step)
            act()

    return watch


def ends(made: Yard, result: Result, row: Row, *, whole: bool = True, run: str = "last") -> None:
    """It ends as the matrix says, and an engineer still gets in."""
    assert list(made.unlike(result, row.end, whole=whole, run=run)) == []
    now = made.work(made.target())
    assert now.outcome is (Outcome.UNCHANGED if row.end.new else Outcome.PUSHED), now.error


def changing(made: Yard) -> list[str]:
    """Lines that were sent, and are no reads."""
    reads = {place.text for place in known(made.subject).of("reading")} | {"\x04"}
    return [line for line in made.lab.sent("gw") if line not in reads]


# A worker, and Ctrl-C -----------------------------------------------------------------------------


def dying(target: Target, options: Options) -> Result:
    """Push, and be killed once the lines are sent. Runs in a worker process."""

    def watch(_router: str, moment: Moment) -> None:
        if moment.step is Step.APPLIED:
            os.kill(os.getpid(), signal.SIGKILL)

    return push(target, options, watch)


def broken_off(made: Yard) -> Result:
    """A run whose worker is killed in the middle: its revert is pending."""
    work = partial(dying, options=made.subject.pushing())
    return made.run(work=work, pace=Pace(engine="processes", workers=1))["gw"]


def found(made: Yard) -> tuple[Result, list[str]]:
    """The next run's result, and what it found the broken one to have left."""
    told: list[str] = []

    def watch(note: Note) -> None:
        if note.kind == "reconciled":
            told.append(note.data["found"])

    return made.run(watch=watch)["gw"], told


@proves("a worker process is killed in the middle")
@every_pack
def test_a_worker_that_is_killed_loses_no_router(
    made: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = named("a worker process is killed in the middle")
    result = broken_off(made)
    time.sleep(0.3)  # the lab sees the connection end
    made.clocks["gw"].ahead += LATER
    assert result.outcome is row.end.outcome, result.error
    assert result.error is not None
    assert result.error.code == row.end.code
    assert list(made.unlike_state("gw", new=row.end.new)) == []
    assert made.told("gw", "begins")[-1] == "applied"
    later = SimpleNamespace(time=lambda: time.time() + LATER)
    monkeypatch.setattr("routercfg.batch.reconcile.time", later)
    now, told = found(made)
    assert told == ["as it was before"]
    assert now.outcome is Outcome.PUSHED, now.error


@proves("Ctrl-C in the middle", "Ctrl-C twice in the middle")
@every_pack
@pytest.mark.parametrize("name", ["Ctrl-C in the middle", "Ctrl-C twice in the middle"])
def test_ctrl_c_finishes_and_a_second_one_rolls_back(made: Yard, name: str) -> None:
    def press() -> None:
        for _ in range(2 if "twice" in name else 1):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)

    ends(made, made.run(watch=when(MIDDLE, press))["gw"], named(name))


# The disk -----------------------------------------------------------------------------------------


class FullDisk:
    """In place of `os` where files are kept: there is no room for the one with this number."""

    def __init__(self, number: int) -> None:
        self._left = number

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def fsync(self, descriptor: int) -> None:
        self._left -= 1
        if self._left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)


@proves("the disk is full at the backup", "the disk is full when the proof is to be kept")
@every_pack
@pytest.mark.parametrize(
    ("name", "number"),
    [("the disk is full at the backup", 1), ("the disk is full when the proof is to be kept", 2)],
)
def test_what_cannot_be_kept_is_not_changed(
    made: Yard, monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("routercfg.push.keeping.os", FullDisk(number))
        result = made.run()["gw"]
    assert "No space left on device" in str(result.error)
    assert len(list((made.folder / "backups").iterdir())) == number - 1, "no half a file is left"
    if number == 1:
        assert changing(made) == []
    ends(made, result, named(name))


# The journal --------------------------------------------------------------------------------------

#: SQLite's own errors, in the connection that writes: no page more than there are; no writing.
FULL = "PRAGMA max_page_count = 1"
READ_ONLY = "PRAGMA query_only = ON"


class Breakable:
    """The journal that a run opens, such that it can be broken while it is open."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._opened: list[Journal] = []
        real = Journal.open

        def remembered(path: Path) -> Journal:
            self._opened.append(real(path))
            return self._opened[-1]

        patch.setattr(Journal, "open", remembered)

    def now(self, pragma: str) -> None:
        journal = self._opened[-1]
        journal._store.do(lambda connection: connection.execute(pragma).fetchall())
        with suppress(JournalError):
            while True:  # what room there is on the pages there are is used up by others
                journal.write("another", Note("starts", "elsewhere"))


@proves(
    "the journal's disk is full before anything is sent",
    "the journal's disk fills up in the middle",
    "the journal's disk fills up while it confirms",
    "the journal becomes read-only in the middle",
)
@every_pack
@pytest.mark.parametrize(
    ("name", "step", "pragma"),
    [
        ("the journal's disk is full before anything is sent", "", FULL),
        ("the journal's disk fills up in the middle", "armed", FULL),
        ("the journal's disk fills up while it confirms", "confirmed", FULL),
        ("the journal becomes read-only in the middle", MIDDLE, READ_ONLY),
    ],
)
def test_a_journal_that_breaks_stops_what_can_still_be_stopped(
    made: Yard, monkeypatch: pytest.MonkeyPatch, name: str, step: str, pragma: str
) -> None:
    with monkeypatch.context() as patch:
        journal = Breakable(patch)

        def watch(note: Note) -> None:
            if note.data.get("step", "") == step and note.kind in ("run", "begins"):
                journal.now(pragma)

        result = made.run(watch=watch)["gw"]
    assert "it cannot be written" in str(result.error)
    if not step:
        assert changing(made) == []
    ends(made, result, named(name), whole=False)


@proves("the journal is read-only", "another process holds the journal")
@every_pack
@pytest.mark.parametrize("name", ["the journal is read-only", "another process holds the journal"])
def test_without_a_journal_nobody_even_logs_in(
    made: Yard, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    Journal.open(made.journal).close()
    with monkeypatch.context() as patch:
        patch.setattr("routercfg.batch.store._BUSY", 0.2)
        if name == "the journal is read-only":
            patch.setattr("routercfg.batch.store._connect", read_only)
            with pytest.raises(JournalError, match="readonly"):
                made.run()
        else:
            with held(made.journal), pytest.raises(JournalError, match="locked"):
                made.run()
    assert made.lab.attempts("gw") == 0
    assert list(made.unlike_state("gw", new=False)) == []
    assert made.run()["gw"].outcome is Outcome.PUSHED


def read_only(path: Path) -> sqlite3.Connection:
    """The journal on a disk that was mounted to be read."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Somebody else writes to the journal."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@proves(
    "another process takes hold of the journal in the middle, for too long",
    "another process takes hold of the journal in the middle, for a moment",
)
@every_pack
@pytest.mark.parametrize("how_long", ["for too long", "for a moment"])
def test_a_journal_that_another_process_holds_is_waited_for_but_not_for_ever(
    made: Yard, monkeypatch: pytest.MonkeyPatch, how_long: str
) -> None:
    monkeypatch.setattr("routercfg.batch.store._BUSY", 0.5 if how_long == "for too long" else 30.0)
    over, holds = threading.Event(), threading.Event()

    def hold() -> None:
        with held(made.journal):
            holds.set()
            over.wait(30 if how_long == "for too long" else 0.3)

    holder = threading.Thread(target=hold)

    def begin() -> None:
        holder.start()
        holds.wait(10)

    result = made.run(watch=when(MIDDLE, begin))["gw"]
    over.set()
    holder.join()
    row = named(f"another process takes hold of the journal in the middle, {how_long}")
    ends(made, result, row, whole=how_long == "for a moment")


# Another run, and the clock -----------------------------------------------------------------------


class Wall:
    """The clock on the wall, which somebody sets. Uptime goes on as it did."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.ahead = 0.0
        clock = SimpleNamespace(time=lambda: time.time() + self.ahead)
        for module in ("lease", "reconcile", "crashes"):
            patch.setattr(f"routercfg.batch.{module}.time", clock)
        patch.setattr("routercfg.batch.journal._now", self._now)
        patch.setattr("routercfg.push.keeping.datetime", SimpleNamespace(now=self._now))

    def _now(self, _zone: object = UTC) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)


def pushed_while(made: Yard, act: Callable[[], object]) -> tuple[Result, Result, str]:
    """A run in the middle of which something happens, and then another run begins."""
    others: list[Result] = []

    def other_run() -> None:
        act()
        others.append(made.run()["gw"])

    result = made.run(watch=when(MIDDLE, other_run))["gw"]
    return result, others[0], history.runs(made.journal)[-1].run


@proves(
    "another run works on the router",
    "the clock is put six hours forward in the middle",
    "the clock is put six hours back in the middle",
)
@every_pack
@pytest.mark.parametrize(
    ("name", "ahead"),
    [
        ("another run works on the router", 0.0),
        ("the clock is put six hours forward in the middle", SIX_HOURS),
        ("the clock is put six hours back in the middle", -SIX_HOURS),
    ],
)
def test_a_second_run_is_refused_whatever_the_clock_says(
    made: Yard, monkeypatch: pytest.MonkeyPatch, name: str, ahead: float
) -> None:
    wall = Wall(monkeypatch)
    result, other, run = pushed_while(made, partial(setattr, wall, "ahead", ahead))
    assert other.outcome is Outcome.REFUSED
    assert isinstance(other.error, LeaseError)
    assert run in str(other.error)
    assert made.lab.attempts("gw") == 2, "the two logins of the run that works on it"
    ends(made, result, named(name), run=run)


@proves("the clock is put six hours forward while a revert is pending")
@every_pack
def test_a_clock_put_forward_does_not_end_a_pending_revert(
    made: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = named("the clock is put six hours forward while a revert is pending")
    wall = Wall(monkeypatch)
    broken_off(made)
    sent = len(changing(made))
    wall.ahead = SIX_HOURS
    result, told = found(made)
    assert result.outcome is row.end.outcome
    assert "may still be armed" in str(result.error)
    assert told == []
    assert len(changing(made)) == sent
    reverted(made, monkeypatch)
    assert list(made.unlike_state("gw", new=row.end.new)) == []
    result, told = found(made)
    assert told == ["as it was before"]
    assert result.outcome is Outcome.PUSHED, result.error


@proves("the clock is put six hours back while a revert is pending")
@every_pack
def test_a_clock_put_back_does_not_make_a_revert_pend_for_hours(
    made: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = Wall(monkeypatch)
    broken_off(made)
    wall.ahead = -SIX_HOURS
    reverted(made, monkeypatch)
    assert list(made.unlike_state("gw", new=False)) == []
    result, told = found(made)
    assert told == ["as it was before"]
    assert result.outcome is Outcome.PUSHED, result.error


def reverted(made: Yard, patch: pytest.MonkeyPatch) -> None:
    """Let the time pass that the revert takes: on the router, and since this machine started."""
    from routercfg.batch.uptime import uptime  # noqa: PLC0415 - before it is replaced

    time.sleep(0.3)  # the lab sees the connection end
    made.clocks["gw"].ahead += LATER
    patch.setattr("routercfg.batch.crashes.uptime", lambda: uptime() + LATER)
