"""Faults while a confirmed change is put back: the state of after or of before, never between."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from routercfg.errors import LockoutRiskError
from routercfg.platforms import load_pack
from routercfg.push import Options, Outcome, Result, Step, WayBack, push, put_back
from routercfg.push.keeping import Kept, load_readings
from routercfg.push.result import Moment

from .bench import Clock
from .matrix import ROWS, Row
from .subjects import PASSWORD, SUBJECTS, Subject

every_subject = pytest.mark.parametrize("subject", SUBJECTS, ids=str)
#: Those of the matrix that strike once something is sent, and the readings that say too little.
STRIKING = [
    row
    for row in ROWS
    if row.name
    in (
        "nothing goes wrong",
        "the configuration arrives cut in half",
        "log lines are mixed into every reply",
        "colours are mixed into every reply",
        "the connection drops before the reply to a line",
        "the connection drops after the reply to a line",
        "a line ends in the wrong prompt",
        "the second login is cut off",
        "the second login's password is refused",
        "the host key changes in between, and stays changed",
        "the second reading drops",
        "the second reading is cut",
    )
]


def pushed(subject: Subject, router: Any, folder: Path, options: Options) -> WayBack:
    """Push, and the way back from that."""
    with subject.lab(router) as lab:
        result = push(subject.target(lab, folder), options)
        assert result.outcome is Outcome.PUSHED, result.error
    assert options.backup_folder is not None
    [file] = options.backup_folder.glob("*.readings.json")
    import hashlib  # noqa: PLC0415 - only here

    kept = Kept(file, hashlib.sha256(file.read_bytes()).hexdigest())
    return WayBack(load_readings(kept, "gw", subject.platform))


def line_of(way: WayBack, subject: Subject) -> str:
    """A pattern that finds the last line of the way back among what is sent."""
    pack = load_pack(subject.platform)
    now = way.readings.after
    return f"^{re.escape(pack.undo(way.readings.before, now, now).commands[-1])}$"


@every_subject
@pytest.mark.parametrize("fault", STRIKING, ids=lambda row: row.name)
def test_a_fault_leaves_the_change_or_takes_it_back_and_never_anything_between(
    subject: Subject, fault: Row, tmp_path: Path
) -> None:
    router = subject.router()
    before = router.configuration()
    options = subject.pushing(backup_folder=tmp_path / "backups")
    way = pushed(subject, router, tmp_path, options)
    after = router.configuration()
    striking = replace(subject, line=line_of(way, subject))
    with subject.lab(router) as lab:
        lab.faults["gw"] += map(striking.fault, fault.faults)
        result = put_back(subject.target(lab, tmp_path), way, options)
        now = router.configuration()
        lab.faults["gw"].clear()
        again = put_back(subject.target(lab, tmp_path), way, options)

    assert PASSWORD not in repr(result) + str(result.error)
    if result.outcome is Outcome.UNDONE:
        assert lines(now) == lines(before)
        assert again.outcome is Outcome.UNCHANGED
    else:
        assert fault.name != "nothing goes wrong", result.error
        assert result.outcome in (Outcome.ROLLED_BACK, Outcome.REFUSED, Outcome.UNKNOWN)
        assert now == after
        assert again.outcome is Outcome.UNDONE, (again.error, "it must still let an engineer in")
        assert lines(router.configuration()) == lines(before)
    if fault.name == "the configuration arrives cut in half":
        assert result.outcome is Outcome.REFUSED
        assert result.error is not None
        assert result.error.code == "RC155"


def die_at(step: Step, _router: str, moment: Moment) -> None:
    """Be killed once this step is reached. Runs in a child."""
    if moment.step is step:
        os.kill(os.getpid(), signal.SIGKILL)


@every_subject
@pytest.mark.parametrize("step", [Step.ARMED, Step.APPLIED, Step.VERIFIED])
def test_a_crash_is_undone_by_the_router_alone(
    subject: Subject, tmp_path: Path, step: Step
) -> None:
    clock = Clock()
    router = subject.router(clock=clock)
    options = subject.pushing(backup_folder=tmp_path / "backups")
    way = pushed(subject, router, tmp_path, options)
    after = router.configuration()

    with subject.lab(router) as lab:
        to = subject.target(lab, tmp_path)
        # Not a fork: this process runs the lab's threads, whose locks a copy would inherit.
        child = multiprocessing.get_context("spawn").Process(
            target=put_back, args=(to, way, options, partial(die_at, step))
        )
        child.start()
        child.join(30)
        assert child.exitcode == -signal.SIGKILL
        deadline = time.monotonic() + subject.patience() + 5
        while router.configuration() != after and time.monotonic() < deadline:
            time.sleep(0.1)
            # Nobody waits for the router's timers; some begin once it sees the session end.
            clock.ahead += 600
        assert router.configuration() == after


@every_subject
def test_where_our_own_way_in_was_shut_before_it_is_refused(
    subject: Subject, tmp_path: Path
) -> None:
    """Pushed from where strangers are, with the risk accepted, by somebody with another way in."""
    router = subject.router()
    options = subject.pushing(backup_folder=tmp_path / "backups")
    way = pushed(subject, router, tmp_path, options)
    # What is put back is what the push left: from strangers it is closed.
    shut = WayBack(replace(way.readings, before=way.readings.after, after=way.readings.before))
    assert put(subject, router, tmp_path, way, options).outcome is Outcome.UNDONE
    was = router.configuration()
    refused = put(subject, router, tmp_path, shut, options, source=subject.stranger)
    assert refused.outcome is Outcome.REFUSED
    assert isinstance(refused.error, LockoutRiskError)
    assert router.configuration() == was
    risked = replace(options, accept_lockout_risk=True)
    undone = put(subject, router, tmp_path, shut, risked, source=subject.stranger)
    assert undone.outcome is Outcome.ROLLED_BACK, (undone.error, "the router itself takes it back")
    assert router.configuration() == was
    assert put(subject, router, tmp_path, shut, options).outcome is Outcome.UNDONE


def lines(configuration: str) -> list[str]:
    """IOS keeps its static translations in the order in which they came, which means nothing."""
    return sorted(configuration.splitlines())


def put(
    subject: Subject,
    router: Any,
    folder: Path,
    way: WayBack,
    options: Options,
    source: str | None = None,
) -> Result:
    with subject.lab(router, source=source) as lab:
        return put_back(subject.target(lab, folder), way, options)
