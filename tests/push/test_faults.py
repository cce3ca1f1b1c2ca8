"""The matrix of faults, carried out on simulated routers behind a real SSH server."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import time
from pathlib import Path

import pytest

from routercfg.errors import LockoutRiskError
from routercfg.lab.faults import Fault, Trouble
from routercfg.push import Outcome, Result, Step, push
from routercfg.push.result import Moment

from .matrix import DOCUMENT, ROWS, Row, written
from .subjects import PASSWORD, SUBJECTS, Subject

every_subject = pytest.mark.parametrize("subject", SUBJECTS, ids=str)


@every_subject
@pytest.mark.parametrize("fault", ROWS, ids=lambda row: row.name)
def test_a_fault_leaves_the_old_state_or_the_new_and_never_anything_between(
    subject: Subject, fault: Row, tmp_path: Path
) -> None:
    router = subject.router()
    before = router.configuration()
    with subject.lab(router) as lab:
        lab.faults["gw"] += map(subject.fault, fault.faults)
        result = push(
            subject.target(lab, tmp_path), subject.pushing(backup_folder=tmp_path / "backups")
        )
        after = router.configuration()
        lab.faults["gw"].clear()
        now = push(subject.target(lab, tmp_path), subject.pushing())

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


@every_subject
def test_a_refused_password_is_tried_once(subject: Subject, tmp_path: Path) -> None:
    router = subject.router()
    with subject.lab(router) as lab:
        lab.faults["gw"].append(Fault(Trouble.REFUSE_PASSWORD))
        push(subject.target(lab, tmp_path), subject.pushing())
        assert lab.attempts("gw") == 1
        assert lab.sent("gw") == ()


@every_subject
def test_a_line_that_the_router_refuses_is_the_last_that_is_sent(
    subject: Subject, tmp_path: Path
) -> None:
    router = subject.router()
    before = router.configuration()
    with subject.lab(router) as lab:
        struck = Fault(Trouble.LOG_LINE, 1, matching="{line}", text=subject.refusal)
        lab.faults["gw"].append(subject.fault(struck))
        result = push(subject.target(lab, tmp_path), subject.pushing())
        sent = lab.sent("gw")
    assert result.outcome is Outcome.ROLLED_BACK, result.error
    assert subject.refusal.strip() in str(result.error)
    assert result.before is not None
    commands = result.before.commands
    refused = next(n for n, one in enumerate(commands) if re.search(subject.line, one))
    assert commands[refused] in sent
    # Lines that only enter a mode come more than once.
    assert not (set(commands[refused + 1 :]) - set(commands[: refused + 1])) & set(sent)
    assert router.configuration() == before


@every_subject
def test_a_plan_that_would_lock_us_out_is_refused_and_nothing_is_sent(
    subject: Subject, tmp_path: Path
) -> None:
    router = subject.router()
    before = router.configuration()
    with subject.lab(router, source=subject.stranger) as lab:
        result = push(subject.target(lab, tmp_path), subject.pushing())
    assert result.outcome is Outcome.REFUSED
    assert isinstance(result.error, LockoutRiskError)
    assert router.configuration() == before


@every_subject
def test_the_accepted_risk_of_a_lockout_is_still_undone_by_the_router(
    subject: Subject, tmp_path: Path
) -> None:
    router = subject.router()
    before = router.configuration()
    with subject.lab(router, source=subject.stranger) as lab:
        result = push(subject.target(lab, tmp_path), subject.pushing(accept_lockout_risk=True))
    assert result.outcome is Outcome.ROLLED_BACK, result.error
    assert router.configuration() == before


@every_subject
@pytest.mark.parametrize(
    "step", [Step.PLANNED, Step.ARMED, Step.APPLIED, Step.RECONNECTED, Step.VERIFIED]
)
def test_a_crash_at_any_step_is_undone_by_the_router_alone(
    subject: Subject, tmp_path: Path, step: Step
) -> None:
    router = subject.router()
    before = router.configuration()

    def die(_router: str, moment: Moment) -> None:
        if moment.step is step:
            os.kill(os.getpid(), signal.SIGKILL)

    with subject.lab(router) as lab:
        to = subject.target(lab, tmp_path)
        child = multiprocessing.get_context("fork").Process(
            target=push, args=(to, subject.pushing(), die)
        )
        child.start()
        child.join(30)
        assert child.exitcode == -signal.SIGKILL
        deadline = time.monotonic() + subject.patience() + 5
        while router.configuration() != before and time.monotonic() < deadline:
            time.sleep(0.1)
        assert router.configuration() == before
        # A revert that is still pending belongs to the run that died, and refuses ours till then.
        while push(to, subject.pushing()).outcome is not Outcome.PUSHED:
            assert time.monotonic() < deadline
            assert router.configuration() == before


@every_subject
def test_a_crash_after_the_confirmation_leaves_the_new_state(
    subject: Subject, tmp_path: Path
) -> None:
    router = subject.router()

    def die(_router: str, moment: Moment) -> None:
        if moment.step is Step.CONFIRMED:
            os.kill(os.getpid(), signal.SIGKILL)

    with subject.lab(router) as lab:
        to = subject.target(lab, tmp_path)
        child = multiprocessing.get_context("fork").Process(
            target=push, args=(to, subject.pushing(), die)
        )
        child.start()
        child.join(30)
        assert child.exitcode == -signal.SIGKILL
        time.sleep(1.5)
        assert push(to, subject.pushing()).outcome is Outcome.UNCHANGED


@every_subject
def test_an_interrupt_rolls_back_before_it_goes_on(subject: Subject, tmp_path: Path) -> None:
    router = subject.router()
    before = router.configuration()

    def interrupt(_router: str, moment: Moment) -> None:
        if moment.step is Step.APPLIED:
            raise KeyboardInterrupt

    with (
        subject.lab(router) as lab,
        pytest.raises(KeyboardInterrupt),
    ):
        push(subject.target(lab, tmp_path), subject.pushing(), watch=interrupt)
    assert router.configuration() == before


@every_subject
def test_the_backup_is_the_configuration_and_only_its_owner_reads_it(
    subject: Subject, tmp_path: Path
) -> None:
    router = subject.router()
    folder = tmp_path / "backups"
    with subject.lab(router) as lab:
        result: Result = push(subject.target(lab, tmp_path), subject.pushing(backup_folder=folder))
    assert result.outcome is Outcome.PUSHED
    (backup,) = folder.glob("*.txt")
    (readings,) = folder.glob("*.readings.json")
    assert backup.stat().st_mode & 0o777 == readings.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert "nat" in backup.read_text()


def test_the_matrix_in_the_manual_is_the_one_that_was_run() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == written(text)
