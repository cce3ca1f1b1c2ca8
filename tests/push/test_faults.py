"""The matrix of faults, carried out against a simulated RouterOS behind a real SSH server."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import routercfg.lab
from routercfg.errors import LockoutRiskError
from routercfg.inventory.secret import Secret
from routercfg.lab import Lab
from routercfg.lab.faults import Fault, Trouble
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.platforms import load_simulator
from routercfg.push import Options, Outcome, Result, Step, push
from routercfg.push.result import Moment
from routercfg.transport import Target
from routercfg.transport.hostkeys import entry_name

from .matrix import DOCUMENT, ROWS, Row, written

MESSY = Path(routercfg.lab.__file__).with_name("demo") / "messy.rsc"
PASSWORD = "correct horse"
ENGINEER = "192.0.2.10"
INTENT = Intent(
    provider=PrefixSet.of("203.0.113.0/24"),
    management_sources=PrefixSet.of("192.0.2.0/24"),
    pbx=PrefixSet.of("192.168.30.20"),
)


def hurried() -> Callable[[], float]:
    """A clock on which the nine minutes of a lost safe mode pass in a second."""
    start = time.monotonic()
    return lambda: start + (time.monotonic() - start) * 600


def sick_router(clock: Callable[[], float] | None = None) -> Any:
    return load_simulator("mikrotik_routeros").create(
        MESSY.read_text(encoding="utf-8"), hostname="gw", version="7.12.2", clock=clock or hurried()
    )


def target(lab: Lab, folder: Path, *, timeout: float = 2.0, intent: Intent = INTENT) -> Target:
    host, port = lab.address("gw")
    known = folder / "known_hosts"
    known.write_text(f"{entry_name(host, port)} {lab.host_key}\n")
    return Target(
        router="gw",
        platform="mikrotik_routeros",
        intent=intent,
        host=host,
        port=port,
        user="admin",
        password=Secret.of(PASSWORD),
        known_hosts=known,
        timeout=timeout,
    )


@pytest.mark.parametrize("fault", ROWS, ids=lambda row: row.name)
def test_a_fault_leaves_the_old_state_or_the_new_and_never_anything_between(
    fault: Row, tmp_path: Path
) -> None:
    router = sick_router()
    before = router.configuration()
    with Lab({"gw": router}, users={"admin": PASSWORD}, seen_from=ENGINEER) as lab:
        lab.faults["gw"] += fault.faults
        result = push(target(lab, tmp_path), Options(backup_folder=tmp_path / "backups"))
        after = router.configuration()
        lab.faults["gw"].clear()
        now = push(target(lab, tmp_path))

    assert result.outcome in fault.outcomes, (result.outcome, result.error)
    if fault.code:
        assert result.error is not None
        assert result.error.code == fault.code
    assert PASSWORD not in repr(result) + str(result.error)
    if result.outcome is Outcome.PUSHED:
        assert now.outcome is Outcome.UNCHANGED, "a second push must have nothing to send"
    else:
        assert after == before
        assert now.outcome is Outcome.PUSHED, (now.error, "it must still let an engineer in")


def test_a_refused_password_is_tried_once(tmp_path: Path) -> None:
    router = sick_router()
    with Lab({"gw": router}, users={"admin": PASSWORD}, seen_from=ENGINEER) as lab:
        lab.faults["gw"].append(Fault(Trouble.REFUSE_PASSWORD))
        push(target(lab, tmp_path))
        assert lab.attempts("gw") == 1
        assert lab.sent("gw") == ()


def test_a_line_that_the_router_refuses_is_the_last_that_is_sent(tmp_path: Path) -> None:
    router = sick_router()
    before = router.configuration()
    refused = "failure: not allowed by device-mode"
    with Lab({"gw": router}, users={"admin": PASSWORD}, seen_from=ENGINEER) as lab:
        lab.faults["gw"].append(
            Fault(Trouble.LOG_LINE, 1, matching="connection tracking set", text=refused)
        )
        result = push(target(lab, tmp_path))
        sent = lab.sent("gw")
    assert result.outcome is Outcome.ROLLED_BACK
    assert refused in str(result.error)
    assert not any("service-port set sip" in line for line in sent)
    assert router.configuration() == before


def test_a_plan_that_would_lock_us_out_is_refused_and_nothing_is_sent(tmp_path: Path) -> None:
    router = sick_router()
    before = router.configuration()
    with Lab({"gw": router}, users={"admin": PASSWORD}, seen_from="198.51.100.77") as lab:
        result = push(target(lab, tmp_path))
    assert result.outcome is Outcome.REFUSED
    assert isinstance(result.error, LockoutRiskError)
    assert router.configuration() == before


def test_the_accepted_risk_of_a_lockout_is_still_undone_by_the_router(tmp_path: Path) -> None:
    router = sick_router()
    before = router.configuration()
    with Lab({"gw": router}, users={"admin": PASSWORD}, seen_from="198.51.100.77") as lab:
        result = push(target(lab, tmp_path), Options(accept_lockout_risk=True))
    assert result.outcome is Outcome.ROLLED_BACK, result.error
    assert router.configuration() == before


@pytest.mark.parametrize(
    "step", [Step.PLANNED, Step.ARMED, Step.APPLIED, Step.RECONNECTED, Step.VERIFIED]
)
def test_a_crash_at_any_step_is_undone_by_the_router_alone(tmp_path: Path, step: Step) -> None:
    router = sick_router()
    before = router.configuration()

    def die(_router: str, moment: Moment) -> None:
        if moment.step is step:
            os.kill(os.getpid(), signal.SIGKILL)

    with Lab({"gw": router}, users={"admin": PASSWORD}, seen_from=ENGINEER) as lab:
        to = target(lab, tmp_path)
        child = multiprocessing.get_context("fork").Process(target=push, args=(to, None, die))
        child.start()
        child.join(30)
        assert child.exitcode == -signal.SIGKILL
        deadline = time.monotonic() + 15
        while router.configuration() != before and time.monotonic() < deadline:
            time.sleep(0.1)
        assert router.configuration() == before
        time.sleep(1.2)  # until the router gives up the safe mode of the session that died
        assert push(to).outcome is Outcome.PUSHED


def test_a_crash_after_the_confirmation_leaves_the_new_state(tmp_path: Path) -> None:
    router = sick_router()

    def die(_router: str, moment: Moment) -> None:
        if moment.step is Step.CONFIRMED:
            os.kill(os.getpid(), signal.SIGKILL)

    with Lab({"gw": router}, users={"admin": PASSWORD}, seen_from=ENGINEER) as lab:
        to = target(lab, tmp_path)
        child = multiprocessing.get_context("fork").Process(target=push, args=(to, None, die))
        child.start()
        child.join(30)
        assert child.exitcode == -signal.SIGKILL
        time.sleep(1.5)
        assert push(to).outcome is Outcome.UNCHANGED


def test_an_interrupt_rolls_back_before_it_goes_on(tmp_path: Path) -> None:
    router = sick_router()
    before = router.configuration()

    def interrupt(_router: str, moment: Moment) -> None:
        if moment.step is Step.APPLIED:
            raise KeyboardInterrupt

    with (
        Lab({"gw": router}, users={"admin": PASSWORD}, seen_from=ENGINEER) as lab,
        pytest.raises(KeyboardInterrupt),
    ):
        push(target(lab, tmp_path), watch=interrupt)
    assert router.configuration() == before


def test_the_backup_is_the_configuration_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    router = sick_router()
    folder = tmp_path / "backups"
    with Lab({"gw": router}, users={"admin": PASSWORD}, seen_from=ENGINEER) as lab:
        result: Result = push(target(lab, tmp_path), Options(backup_folder=folder))
    assert result.outcome is Outcome.PUSHED
    (backup,) = folder.iterdir()
    assert backup.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert "/ip firewall nat" in backup.read_text()


def test_the_matrix_in_the_manual_is_the_one_that_was_run() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == written(text)
