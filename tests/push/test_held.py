"""A session that is dead, and what it holds on the router: left to it, and never confirmed."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from routercfg.push import Outcome
from routercfg.push.events import What
from routercfg.push.result import Step

from .bench import PACKS, Yard, known, yard
from .matrix import EDGE, IOS, ROS, VYOS, named, proves
from .subjects import Subject
from .test_killed import LATER, Point, again, kill_at

BY_NAME = {str(one): one for one in PACKS}
PENDING = "a dead session of somebody else holds a change that the router is to undo"
LOCK = "a dead session of somebody else holds the configuration lock"
UNNOTICED = "routercfg is killed, and the router does not notice that its session is dead"
#: What somebody types who then loses the connection: a change that nobody has confirmed yet.
CHANGES = {
    ROS: ("\x18/ip firewall nat add chain=srcnat action=masquerade comment=boss\r",),
    IOS: ("configure terminal revert timer 10\n", "ip nat translation udp-timeout 299\n", "end\n"),
    VYOS: ("configure\n", "set system host-name boss\n", "commit-confirm 10\n", "y\n", "exit\n"),
    EDGE: ("configure\n", "set system host-name boss\n", "commit-confirm 10\n", "y\n", "exit\n"),
}
#: Seconds until a router finds a session dead that it owes nothing.
UNAWARE = 86400.0


def typed(made: Yard, *lines: str) -> Any:
    """Somebody's session; as long as it does not hang up, the router takes it for alive."""
    session = made.lab.routers["gw"].login(made.subject.user, made.subject.engineer)
    session.start()
    for line in lines:
        session.feed(line)
    return session


def refused(made: Yard, row: str) -> None:
    """A push is refused, and leaves everything to whoever holds it."""
    held = made.configuration()
    result = made.run()["gw"]
    end = named(row).end
    assert (result.outcome, result.error and result.error.code) == (end.outcome, end.code)
    assert result.error is not None
    assert result.error.hint
    assert made.configuration() == held
    told = made.told("gw", "reached")
    assert "armed" not in told
    assert "rolling back" not in told


def then_pushed(made: Yard) -> None:
    assert list(made.unlike_state("gw", new=False)) == []
    result = made.run()["gw"]
    assert result.outcome is Outcome.PUSHED, result.error
    assert [*made.unlike_state("gw", new=True), *made.unsaved()] == []


@proves(PENDING)
@pytest.mark.parametrize("subject", PACKS, ids=str)
def test_what_a_dead_session_left_pending_is_neither_confirmed_nor_undone_by_a_push(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with yard(subject, tmp_path, monkeypatch) as made:
        dead = typed(made, *CHANGES[str(subject)])
        assert list(made.unlike_state("gw", new=False)) != []
        refused(made, PENDING)
        dead.hangup()
        refused(made, PENDING)
        made.clocks["gw"].ahead += LATER
        then_pushed(made)


@proves(LOCK)
def test_a_lock_that_a_dead_session_holds_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with yard(BY_NAME[IOS], tmp_path, monkeypatch) as made:
        locking = made.lab.routers["gw"].running
        typed(made, "configure terminal\n", "configuration mode exclusive auto\n", "end\n").hangup()
        assert locking.top("configuration mode exclusive auto")
        dead = typed(made, "configure terminal\n")
        held = made.configuration()
        result = made.run()["gw"]
        assert (result.outcome, result.error and result.error.code) == (Outcome.REFUSED, "RC157")
        assert "locked exclusively by user" in str(result.error)
        assert made.configuration() == held
        dead.hangup()
        assert made.run()["gw"].outcome is Outcome.PUSHED


@proves(UNNOTICED)
def test_what_an_unnoticed_dead_session_holds_is_not_taken_for_standing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = BY_NAME[ROS]
    events = list(enumerate(known(subject).events))
    applied = next(n for n, e in events if (e.what, e.step) == (What.REACHED, Step.APPLIED))
    confirms = next(n for n, e in events if (e.what, e.step) == (What.BEGINS, Step.CONFIRMED))
    at = {
        "middle": Point(applied - len(known(subject).commands) // 2, written=False),
        "applied": Point(applied, written=True),
        "confirming": Point(confirms, written=True),
    }
    unaware = replace(subject, options={**subject.options, "notices_after": UNAWARE})
    with yard(unaware, tmp_path, monkeypatch, at) as made:
        made.timeout = 60
        kill_at(made, at)
        time.sleep(0.3)  # the lab sees the connections end
        for clock in made.clocks.values():
            clock.ahead += LATER
        later = SimpleNamespace(time=lambda: time.time() + LATER)
        monkeypatch.setattr("routercfg.batch.reconcile.time", later)
        left = {name: made.configuration(name) for name in at}
        for _ in range(2):  # The refusal does not make the journal forget.
            soon, found = again(made)
            assert {one.outcome for one in soon.values()} == {Outcome.REFUSED}
            assert {one.error.code for one in soon.values() if one.error} == {"RC157"}
            assert found == {}
            assert {name: made.configuration(name) for name in at} == left
        # Somebody undoes the first of them by hand; the router finds the others dead.
        boss = made.lab.routers["middle"].login("boss", subject.engineer)
        boss.start()
        boss.feed("\x18u\x04")
        for name in ("applied", "confirming"):
            made.clocks[name].ahead += UNAWARE
        then, found = again(made)
        assert set(found.values()) == {"as it was before"}
        assert {one.outcome for one in then.values()} == {Outcome.PUSHED}
        assert [problem for name in at for problem in made.unlike_state(name, new=True)] == []
