"""Pushes to a simulated RouterOS: which revert is taken, when none is, and that each works."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from routercfg.errors import RevertHeldError
from routercfg.lab import Lab
from routercfg.lab.faults import Fault, Trouble
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.platforms import load_simulator
from routercfg.push import Options, Outcome, Result, Step, push
from routercfg.push.result import Moment
from tests.push.subjects import SUBJECTS

SUBJECT = next(one for one in SUBJECTS if one.platform == "mikrotik_routeros")
#: More commands than safe mode can undo.
LONG = replace(
    SUBJECT.intent,
    management_sources=SUBJECT.intent.management_sources
    | PrefixSet.of(*(f"203.0.113.{n}" for n in range(0, 60, 2))),
)
SECONDS = 3000


class Clock:
    """The router's clock: it runs fast enough for a boot, and can be put forward."""

    def __init__(self) -> None:
        self.start, self.ahead = time.monotonic(), 0.0

    def __call__(self) -> float:
        return self.start + self.ahead + (time.monotonic() - self.start) * 40


class Site:
    """One router behind SSH, and pushes to it."""

    def __init__(self, folder: Path, lab: Lab, router: Any, clock: Clock) -> None:
        self.folder, self.lab, self.router, self.clock = folder, lab, router, clock
        self.whole = router.configuration()

    def target(self, intent: Intent = SUBJECT.intent) -> Any:
        return replace(SUBJECT.target(self.lab, self.folder, timeout=15), intent=intent)

    def push(self, intent: Intent = SUBJECT.intent, **options: Any) -> Result:
        return push(self.target(intent), Options(revert_seconds=SECONDS, **options))

    def ask(self, command: str) -> str:
        output, _ = self.router.execute(command, "admin", SUBJECT.engineer)
        return str(output).strip()

    def leftovers(self) -> tuple[str, str]:
        return (
            self.ask(':put [:len [/system scheduler find where name~"^routercfg-"]]'),
            self.ask(':put [:len [/file find where name~"^routercfg-"]]'),
        )


@contextmanager
def running(folder: Path, version: str, device_mode: str) -> Iterator[Site]:
    clock = Clock()
    router = load_simulator(SUBJECT.platform).create(
        SUBJECT.configuration, hostname="gw", version=version, device_mode=device_mode, clock=clock
    )
    with SUBJECT.lab(router) as lab:
        yield Site(folder, lab, router, clock)


@pytest.fixture(params=["6.49.17", "7.12.2", "7.20.8"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path, request.param, "advanced") as one:
        yield one


# -- the scheduler ---------------------------------------------------------------------------------


def test_more_than_safe_mode_can_undo_is_pushed_under_the_scheduler(site: Site) -> None:
    result = site.push(LONG)
    assert result.outcome is Outcome.PUSHED, result.error
    assert result.before is not None
    assert len(result.before.commands) > 80
    armed = next(one for one in result.moments if one.step is Step.ARMED)
    assert armed.detail == "the router's scheduler restores a backup"
    assert site.leftovers() == ("0", "0")
    site.clock.ahead += 2 * SECONDS
    assert site.push(LONG).outcome is Outcome.UNCHANGED


def test_a_lost_connection_is_undone_by_the_backup_and_the_router_reboots(site: Site) -> None:
    fault = Fault(Trouble.DROP_BEFORE_REPLY, 1, matching="service-port set sip")
    site.lab.faults["gw"].append(fault)
    result = site.push(LONG)
    assert result.outcome is Outcome.ROLLED_BACK, result.error
    assert site.router.configuration() == site.whole
    assert any("/system backup load" in line for line in site.lab.sent("gw"))
    site.lab.faults["gw"].clear()
    assert site.push(LONG).outcome is Outcome.PUSHED


@pytest.mark.parametrize("step", [Step.ARMED, Step.APPLIED, Step.VERIFIED])
def test_a_crash_is_undone_by_the_scheduler_alone(site: Site, step: Step) -> None:
    def die(_router: str, moment: Moment) -> None:
        if moment.step is step:
            os.kill(os.getpid(), signal.SIGKILL)

    options = Options(revert_seconds=SECONDS)
    child = get_context("fork").Process(target=push, args=(site.target(LONG), options, die))
    child.start()
    child.join(30)
    assert child.exitcode == -signal.SIGKILL
    assert site.leftovers() == ("1", "1")
    # Neither may a later push be confirmed that the backup would undo.
    blocked = site.push(SUBJECT.intent)
    assert blocked.outcome is Outcome.REFUSED
    assert isinstance(blocked.error, RevertHeldError)
    assert site.router.configuration() != site.whole
    site.clock.ahead += SECONDS
    assert site.router.configuration() == site.whole
    site.clock.ahead += 60
    assert site.push(LONG).outcome is Outcome.PUSHED


def test_a_revert_that_could_not_be_armed_reboots_nobody(site: Site) -> None:
    fault = Fault(
        Trouble.LOG_LINE, 1, matching="^/system scheduler add", text="failure: not allowed"
    )
    site.lab.faults["gw"].append(fault)
    result = site.push(LONG)
    assert result.outcome is Outcome.ROLLED_BACK
    assert site.leftovers() == ("0", "0")
    assert not any("backup load name" in line.split("on-event")[0] for line in site.lab.sent("gw"))
    assert site.router.configuration() == site.whole


def test_where_device_mode_forbids_the_scheduler_too_long_a_plan_is_refused(tmp_path: Path) -> None:
    with running(tmp_path, "7.20.8", "home") as site:
        result = site.push(LONG)
        assert result.outcome is Outcome.REFUSED
        assert "more than the 80" in str(result.error)
        assert site.router.configuration() == site.whole
        assert site.push().outcome is Outcome.PUSHED


# -- safe mode of others ---------------------------------------------------------------------------


@pytest.mark.parametrize("intent", [SUBJECT.intent, LONG], ids=["safe mode", "scheduler"])
def test_while_somebody_else_holds_safe_mode_nothing_is_sent(site: Site, intent: Intent) -> None:
    """What we confirmed would be undone with what that session undoes."""
    other = site.router.login("boss", SUBJECT.engineer)
    other.start()
    other.feed("\x18/ip firewall nat add chain=srcnat action=masquerade comment=boss\r")
    result = site.push(intent)
    assert result.outcome is Outcome.REFUSED, result.error
    assert isinstance(result.error, RevertHeldError)
    assert "afe Mode" in result.error.message
    assert "/user active print" in result.error.hint
    assert site.leftovers() == ("0", "0")
    # It is still theirs, to keep or to undo.
    assert "<SAFE>" in other.feed("\r")
    assert "comment=boss" in site.router.configuration()
    other.feed("\x04")
    assert site.router.configuration() == site.whole
    assert site.push(intent).outcome is Outcome.PUSHED
