"""A run that is killed at any step, and what the next run makes of what it left."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from routercfg.batch import Pace, carry_out, records
from routercfg.batch.journal import Journal
from routercfg.batch.note import Note
from routercfg.inventory import Secret
from routercfg.lab import Lab
from routercfg.platforms.registry import load_simulator
from routercfg.push import Options, Result, inspect, push
from routercfg.push.events import fingerprint
from routercfg.transport import Target

from . import killing
from .office import INTENT, PLATFORM, SOURCE, Office

ONLY = ("sip-alg", "upnp")
WORK = partial(push, options=Options(ids=ONLY))
LOOK = partial(inspect, ids=ONLY)


def again(path: Path, target: Target) -> tuple[Result, list[Note]]:
    return killing.again(path, target, WORK, LOOK)


class Clock:
    """The router's clock, which a test may put forward."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lab(clock: Clock) -> Iterator[Lab]:
    router = load_simulator(PLATFORM).create(hostname="r1", clock=clock)
    with Lab({"r1": router}, users={"admin": "secret-enough"}, seen_from=SOURCE) as running:
        yield running


@pytest.fixture
def target(lab: Lab, tmp_path: Path) -> Target:
    host, port = lab.address("r1")
    known_hosts = tmp_path / "known_hosts"
    known_hosts.write_text(f"[{host}]:{port} {lab.host_key}\n")
    return Target(
        router="r1",
        platform=PLATFORM,
        intent=INTENT,
        host=host,
        port=port,
        user="admin",
        password=Secret.of("secret-enough"),
        known_hosts=known_hosts,
    )


def kill(target: Target, path: Path, kind: str, step: str | None, engine: str = "threads") -> None:
    killing.kill(WORK, target, path, kind, step, engine)


def settled(lab: Lab, clock: Clock) -> str:
    """The configuration once TCP has given up the session that is gone."""
    time.sleep(0.3)  # the lab sees the connection end
    clock.ahead += 600
    return str(lab.routers["r1"].configuration())


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        ("reached", "armed"),
        ("begins", "applied"),
        ("replied", None),
        ("reached", "applied"),
        ("reached", "verified"),
        ("begins", "confirmed"),
    ],
)
def test_what_was_killed_before_it_was_confirmed_is_undone_and_then_pushed(
    lab: Lab, clock: Clock, target: Target, path: Path, kind: str, step: str
) -> None:
    before = lab.routers["r1"].configuration()
    kill(target, path, kind, step)
    assert settled(lab, clock) == before
    assert records.run(path, "last").router("r1").outcome == records.CRASHED
    broken = records.run(path, "last").run
    result, [reconciled] = again(path, target)
    assert reconciled.data["run"] == broken
    assert reconciled.data["found"] == "as it was before"
    assert result.outcome.value == "pushed", result.error
    assert records.run(path, broken).router("r1").outcome == "reconciled: as it was before"
    assert records.check(path).broken is None
    assert again(path, target)[1] == []


@pytest.mark.parametrize(("kind", "step"), [("reached", "confirmed"), ("reached", "saved")])
def test_what_was_killed_after_it_was_confirmed_stands_and_is_not_sent_again(
    lab: Lab, target: Target, path: Path, kind: str, step: str
) -> None:
    kill(target, path, kind, step)
    sent = len(lab.sent("r1"))
    result, [reconciled] = again(path, target)
    assert reconciled.data["found"] == "the change stands"
    assert result.outcome.value == "unchanged"
    assert not any(" set " in line for line in lab.sent("r1")[sent:])


def test_while_a_dead_session_may_still_hold_its_changes_nothing_is_sent(
    lab: Lab, clock: Clock, target: Target, path: Path
) -> None:
    kill(target, path, "reached", "applied")
    sent = len(lab.sent("r1"))
    result, reconciled = again(path, target)
    assert result.outcome.value == "refused"
    assert "may still be armed" in str(result.error)
    assert reconciled == []
    assert not any(" set " in line for line in lab.sent("r1")[sent:])
    settled(lab, clock)
    assert again(path, target)[0].outcome.value == "pushed"


def test_what_was_killed_before_anything_was_sent_needs_no_reading(
    target: Target, path: Path
) -> None:
    kill(target, path, "reached", "planned")
    result, reconciled = again(path, target)
    assert reconciled == []
    assert result.outcome.value == "pushed"


def test_a_worker_process_whose_coordinator_is_killed_leaves_the_router_as_it_was(
    lab: Lab, clock: Clock, target: Target, path: Path
) -> None:
    before = lab.routers["r1"].configuration()
    kill(target, path, "reached", "applied", engine="processes")
    assert settled(lab, clock) == before
    assert again(path, target)[0].outcome.value == "pushed"


def killed_worker(target: Target) -> Result:
    """A worker process that dies in the middle of a transaction."""

    def watch(_router: str, moment: object) -> None:
        if "APPLIED" in str(moment):
            os.kill(os.getpid(), signal.SIGKILL)

    return push(target, Options(ids=ONLY), watch)


def test_a_worker_that_dies_in_a_transaction_is_unknown_and_reconciled_later(
    lab: Lab, clock: Clock, target: Target, path: Path
) -> None:
    before = lab.routers["r1"].configuration()
    with Journal.open(path) as journal:
        pace = Pace(engine="processes", workers=1)
        [result] = carry_out(killed_worker, (target,), pace, journal=journal)
    assert result.outcome.value == "unknown", result.error
    assert settled(lab, clock) == before
    result, [reconciled] = again(path, target)
    assert reconciled.data["found"] == "as it was before"
    assert result.outcome.value == "pushed"


# A revert on the router's own clock ---------------------------------------------------------------


def broken_off(path: Path, target: Target, seconds: float, before: str, *first: Note) -> str:
    """The journal of a run that broke off with a timer of this many seconds armed.

    `first`: what it did before its own push.
    """
    with Journal.open(path) as journal:
        run = journal.begin_run("push", (target,))
        armed = {"step": "armed", "seconds": seconds, "held_by_session": False, "token": "t"}
        for note in (
            Note("starts", target.router),
            *first,
            Note("reached", target.router, {"step": "planned", "fingerprint": before}),
            Note("begins", target.router, armed),
            Note("reached", target.router, {"step": "armed"}),
            Note("begins", target.router, {"step": "applied"}),
        ):
            journal.write(run, note)
        return run


def worked(office: Office, path: Path, target: Target) -> tuple[Result, list[Note]]:
    work = partial(push, options=Options(ids=ONLY), connect=office.connect)
    return killing.again(path, target, work, partial(inspect, ids=ONLY, connect=office.connect))


def test_nothing_is_pushed_while_an_old_timer_could_still_undo_it(
    office: Office, path: Path
) -> None:
    [target] = office.targets("r1")
    plan = inspect(target, ONLY, office.connect).before
    assert plan is not None
    run = broken_off(path, target, 900, fingerprint(plan))
    result, reconciled = worked(office, path, target)
    assert result.outcome.value == "refused"
    assert run in str(result.error)
    assert "reverted by" in str(result.error)
    assert reconciled == []
    assert office.changes("r1") == []
    # The refusal does not make the journal forget.
    assert worked(office, path, target)[0].outcome.value == "refused"


@pytest.mark.parametrize(
    ("before", "found"),
    [(None, "as it was before"), ("another", "neither as before nor as planned")],
)
def test_once_the_timer_is_over_the_reading_decides(
    office: Office, path: Path, before: str | None, found: str
) -> None:
    [target] = office.targets("r1")
    plan = inspect(target, ONLY, office.connect).before
    assert plan is not None
    broken_off(path, target, -100, before or fingerprint(plan))
    result, [reconciled] = worked(office, path, target)
    assert reconciled.data["found"] == found
    assert result.outcome.value == "pushed"


def test_a_run_that_broke_off_after_it_found_out_about_another_is_not_forgotten(
    office: Office, path: Path
) -> None:
    [target] = office.targets("r1")
    plan = inspect(target, ONLY, office.connect).before
    assert plan is not None
    first = broken_off(path, target, -100, fingerprint(plan))
    found = {"run": first, "step": "begins applied", "found": "as it was before"}
    second = broken_off(path, target, 900, fingerprint(plan), Note("reconciled", "r1", found))
    result, reconciled = worked(office, path, target)
    assert result.outcome.value == "refused"
    assert second in str(result.error)
    assert reconciled == []
    assert not records.run(path, second).router("r1").outcome.startswith("reconciled")


def test_a_router_that_cannot_be_read_is_not_reconciled(office: Office, path: Path) -> None:
    [target] = office.targets("r1")
    broken_off(path, target, -100, "")
    office.trouble["r1"] = "unreachable"
    result, reconciled = worked(office, path, target)
    assert result.outcome.value == "unreachable"
    assert reconciled == []


def test_the_fingerprint_of_a_reading_is_the_same_in_every_process(office: Office) -> None:
    [target] = office.targets("r1")
    plan = inspect(target, None, office.connect).before
    assert plan is not None
    # Each process hashes strings in its own way, and sets come in that order.
    with killing.SPAWN.Pool(1) as pool:
        assert pool.apply(_fingerprint_here) == fingerprint(plan)


def _fingerprint_here() -> str:
    office = Office()
    [target] = office.targets("r1")
    plan = inspect(target, None, office.connect).before
    assert plan is not None
    return fingerprint(plan)
