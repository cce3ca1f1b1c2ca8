"""A run that is killed before and after every step, and what the next run makes of what it left.

One process pushes to many routers, each of which waits at another step; then it is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace

import pytest

from routercfg.batch import Pace, carry_out, records
from routercfg.batch.journal import Journal
from routercfg.batch.note import Note
from routercfg.push import Options, Outcome, Result, push
from routercfg.push.events import Event, What, heard_by, listener
from routercfg.push.result import Step
from routercfg.transport import Target

from .bench import PACKS, Known, Yard, known, yard
from .matrix import Row, named, proves
from .subjects import Subject

SPAWN = multiprocessing.get_context("spawn")
#: Longer than any revert takes, and than what the journal adds to it.
LATER = 1200.0

BEFORE = named("routercfg is killed before anything is sent")
ARMING = named("routercfg is killed while it arms the revert")
SENDING = named("routercfg is killed after the revert is armed, or at a line of the plan")
PROVING = named(
    "routercfg is killed after the last line, at the second login, or before it confirms"
)
CONFIRMED = named("routercfg is killed when the router has confirmed")


@dataclass(frozen=True)
class Point:
    """Where it is killed: at which event, before or after the journal holds it."""

    event: int
    written: bool


def points(push_of: Known) -> Iterator[Point]:
    """Before and after each step; and with the line carried out whose answer nobody wrote down."""
    lines: dict[Step, list[int]] = {}
    step = Step.PLANNED
    for number, event in enumerate(push_of.events):
        if event.what is What.REPLIED:
            lines.setdefault(step, []).append(number)
            continue
        step = event.step or step
        if event.what is What.REACHED:
            yield Point(number, written=False)
        yield Point(number, written=True)
    for step, numbers in lines.items():
        few = step is Step.APPLIED
        for number in {numbers[0], numbers[len(numbers) // 2], numbers[-1]} if few else numbers:
            yield Point(number, written=False)


def row_of(push_of: Known, point: Point) -> Row:
    """The row of the matrix that this point belongs to."""

    def first(what: What, step: Step) -> int:
        events = enumerate(push_of.events)
        return next(n for n, event in events if (event.what, event.step) == (what, step))

    confirms = first(What.REACHED, Step.CONFIRMED) - 1  # the answer to the line that does it
    for row, end in (
        (BEFORE, first(What.BEGINS, Step.ARMED)),
        (ARMING, first(What.REACHED, Step.ARMED)),
        (SENDING, first(What.REACHED, Step.APPLIED)),
        (PROVING, confirms),
    ):
        if point.event < end:
            return row
    return CONFIRMED


def push_until(
    at: dict[str, Point], targets: list[Target], options: Options, path: Path, ready: Connection
) -> None:
    """Push to each router until its point, and wait there. Runs in a child."""
    here = threading.Semaphore(0)

    def wait() -> None:
        here.release()
        threading.Event().wait()

    def work(target: Target) -> Result:
        tell, number, point = listener(), count(), at[target.router]

        def hear(event: Event) -> None:
            reached = next(number) == point.event
            if reached and not point.written:
                wait()
            tell(event)
            if reached:
                wait()

        with heard_by(hear):
            return push(target, options)

    def tell_parent() -> None:
        for _ in at:
            here.acquire()
        time.sleep(0.1)  # what has happened is on the disk within a moment
        ready.send("all wait")

    threading.Thread(target=tell_parent, daemon=True).start()
    with Journal.open(path) as journal:
        list(carry_out(work, targets, Pace(workers=len(targets)), journal=journal))


def kill_at(made: Yard, at: dict[str, Point]) -> None:
    """Push to all routers at once, and be killed when each is at its point."""
    ours, theirs = SPAWN.Pipe()
    options = made.subject.pushing(backup_folder=made.folder / "backups")
    targets = [made.target(name) for name in at]
    child = SPAWN.Process(target=push_until, args=(at, targets, options, made.journal, theirs))
    child.start()
    theirs.close()
    assert ours.poll(120), "they never all came to their points"
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join(30)
    assert child.exitcode == -signal.SIGKILL


@proves(BEFORE.name, ARMING.name, SENDING.name, PROVING.name, CONFIRMED.name)
@pytest.mark.parametrize("subject", PACKS, ids=str)
def test_killed_at_any_step_the_router_is_old_or_new_and_the_next_run_reads_first(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = known(subject)
    at = {f"{p.event}-{'written' if p.written else 'done'}": p for p in points(whole)}
    rows = {name: row_of(whole, point) for name, point in at.items()}
    assert set(rows.values()) == {BEFORE, ARMING, SENDING, PROVING, CONFIRMED}
    with yard(subject, tmp_path, monkeypatch, at) as made:
        made.timeout = 60
        kill_at(made, at)
        time.sleep(0.3)  # the lab sees the connections end
        killed = records.run(made.journal, "last").run
        heard = {name: len(made.lab.heard(name)) for name in at}
        for clock in made.clocks.values():
            clock.ahead += LATER
        problems = {
            name: [
                *made.unlike_state(name, new=rows[name].end.new),
                *forgotten(made, killed, name, whole, point),
            ]
            for name, point in at.items()
        }
        assert {name: wrong for name, wrong in problems.items() if wrong} == {}

        soon, found = again(made)
        for name, result in soon.items():
            if rows[name] is not BEFORE:
                problems[name] += sent_blindly(made, name, heard[name], whole)
            if result.outcome is Outcome.REFUSED:
                problems[name] += made.unlike_state(name, new=rows[name].end.new)
                if "may still be armed" not in str(result.error):
                    problems[name].append(str(result.error))
        later = SimpleNamespace(time=lambda: time.time() + LATER)
        monkeypatch.setattr("routercfg.batch.reconcile.time", later)
        refused = [name for name, one in soon.items() if one.outcome is Outcome.REFUSED]
        then, more = again(made, *refused) if refused else ({}, {})
        found |= more
        for name, row in rows.items():
            result = then.get(name, soon[name])
            if result.outcome is not row.end.outcome:
                problems[name].append(f"the next run: {result.outcome.value} {result.error}")
            stands = "the change stands" if row.end.new else "as it was before"
            if not found.get(name, "").startswith("" if row is BEFORE else stands):
                problems[name].append(f"it found: {found.get(name)}")
            problems[name] += [*made.unlike_state(name, new=True), *made.unsaved(name)]
        assert {name: wrong for name, wrong in problems.items() if wrong} == {}
        assert records.check(made.journal).broken is None


def again(made: Yard, *names: str) -> tuple[dict[str, Result], dict[str, str]]:
    """The next run, and what it found of those before it."""
    found: dict[str, str] = {}

    def watch(note: Note) -> None:
        if note.kind == "reconciled":
            found[note.router] = note.data["found"]

    return made.run(*names, watch=watch), found


def forgotten(made: Yard, run: str, name: str, whole: Known, point: Point) -> Iterator[str]:
    """What happened and is not in the journal, or is there and did not happen."""
    upto = whole.events[: point.event + point.written]
    for what in (What.BEGINS, What.REACHED):
        told = made.told(name, what.value, run)
        happened = [event.step.value for event in upto if event.what is what and event.step]
        if told != happened:
            yield f"the journal has {what.value} {told}"
    record = records.run(made.journal, run).router(name)
    last = [event.step.value for event in upto if event.step][-1:] or [""]
    if record.outcome != records.CRASHED or [record.step] != last:
        yield f"the journal says {record.outcome} at {record.step!r}"


def sent_blindly(made: Yard, name: str, since: int, whole: Known) -> Iterator[str]:
    """Lines of the first login after the kill that are no reads."""
    heard = made.lab.heard(name)[since:]
    reads = {place.text for place in whole.of("reading")} | {"\x04"}
    first = min((login for login, _, _ in heard), default=0)
    yield from (repr(line) for login, _, line in heard if login == first and line not in reads)
