"""The matrix of faults, carried out on simulated routers behind a real SSH server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from routercfg.batch import Pace
from routercfg.errors import LockoutRiskError
from routercfg.lab.faults import Fault, Trouble
from routercfg.push import Outcome, Result, Step, push
from routercfg.push.result import Moment

from .bench import PACKS, known, spread, yard
from .matrix import CLAIMED, DOCUMENT, ROWS, Row, named, proves, written
from .subjects import PASSWORD, SUBJECTS, Subject

every_subject = pytest.mark.parametrize("subject", SUBJECTS, ids=str)
IOS = [one for one in SUBJECTS if str(one) == "cisco_ios"]
by_lines = [one for one in SUBJECTS if one.library == "netmiko"]
by_candidate = [one for one in SUBJECTS if one.library == "napalm"]


STRUCK = [
    pytest.param(subject, row, id=f"{row.name}-{subject}")
    for row in ROWS
    for subject in SUBJECTS
    if row.in_lab and str(subject) in row.on
]


@pytest.mark.parametrize(("subject", "row"), STRUCK)
def test_a_fault_leaves_the_old_state_or_the_new_and_never_anything_between(
    subject: Subject, row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with yard(subject, tmp_path, monkeypatch) as made:
        if row.end_on(subject).new:
            made.timeout = 15  # nothing is waited for in vain, but the machine may be busy
        made.lab.faults["gw"] += map(subject.fault, row.faults)
        result = made.run()["gw"]
        assert list(made.unlike(result, row.end_on(subject))) == []
        made.lab.faults["gw"].clear()
        now = made.work(made.target())
    assert now.outcome is (Outcome.UNCHANGED if row.end_on(subject).new else Outcome.PUSHED), (
        now.error,
        "it must still let an engineer in",
    )


@pytest.mark.parametrize("subject", PACKS, ids=str)
def test_the_connection_may_drop_at_every_step(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drops: dict[str, tuple[Row, Fault]] = {}
    for row in ROWS:
        if not row.step or str(subject) not in row.on:
            continue
        places = known(subject).of(row.step)
        assert places, row.step
        struck = spread(places) if row.trouble is Trouble.DROP_BEFORE_REPLY else places[-1:]
        for place in struck:
            fault = Fault(row.trouble, place.login, place.line)
            drops[f"{row.trouble}-{place.login}-{place.line}".replace(" ", "-")] = (row, fault)
    with yard(subject, tmp_path, monkeypatch, drops) as made:
        made.timeout = 20
        for name, (_, fault) in drops.items():
            made.lab.faults[name].append(fault)
        results = made.run()
        wrong = {
            name: problems
            for name, (row, _) in drops.items()
            if (problems := list(made.unlike(results[name], row.end_on(subject))))
        }
        assert wrong == {}
        made.lab.faults.clear()
        looked = [made.look(made.target(name)) for name in drops]
    assert all(one.before is not None for one in looked), "they must all let an engineer in"


NAMELESS = "the router's name cannot be resolved"


@proves(NAMELESS)
@pytest.mark.parametrize("subject", PACKS, ids=str)
def test_a_name_that_cannot_be_resolved_is_an_unreachable_router(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with yard(subject, tmp_path, monkeypatch) as made:
        made.host = "gw.example.invalid"
        result = made.run(pace=Pace(retries=1, backoff=0.01))["gw"]
        assert list(made.unlike(result, named(NAMELESS).end)) == []
        assert "gw.example.invalid" in str(result.error)
        assert made.lab.attempts("gw") == 0


@pytest.mark.parametrize("subject", PACKS, ids=str)
def test_a_wrong_password_reaches_the_router_once_whatever_the_retries(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with yard(subject, tmp_path, monkeypatch) as made:
        made.lab.faults["gw"].append(Fault(Trouble.REFUSE_PASSWORD))
        result = made.run(pace=Pace(retries=3, backoff=0.01))["gw"]
        assert result.outcome is Outcome.UNREACHABLE
        assert made.lab.passwords("gw") == made.lab.attempts("gw") == 1
        assert made.lab.sent("gw") == ()


@pytest.mark.parametrize("subject", PACKS, ids=str)
def test_a_password_that_is_refused_after_the_change_is_tried_again_only_once_it_is_undone(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change itself may be why it was refused, so the way back needs one try of its own."""
    with yard(subject, tmp_path, monkeypatch) as made:
        made.lab.faults["gw"] += [Fault(Trouble.REFUSE_PASSWORD, n) for n in range(2, 20)]
        made.run(pace=Pace(retries=3, backoff=0.01))
        assert made.lab.passwords("gw") == 3, "one good, one to prove, one to see the old state"


@pytest.mark.parametrize("subject", IOS, ids=str)
def test_the_old_state_is_not_said_to_be_back_while_a_revert_is_still_armed(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would take away what somebody else does in the meantime."""
    with yard(subject, tmp_path, monkeypatch) as made:
        made.lab.faults["gw"] += [
            Fault(Trouble.DROP_AFTER_REPLY, 1, matching="^configure terminal revert timer"),
            Fault(Trouble.REFUSE_LOGIN, 2),
        ]
        result = made.run()["gw"]
        assert result.outcome is Outcome.ROLLED_BACK, result.error
        shell = made.lab.routers["gw"].login(subject.user, subject.engineer)
        shell.start()
        for line in ("configure terminal", "hostname renamed", "end"):
            shell.feed(f"{line}\n")
        made.clocks["gw"].ahead += 3600
        assert made.look(made.target()).before is not None
        assert "hostname renamed" in made.configuration()


_PUSH_200_MB = """
import json, resource, sys, time
from pathlib import Path
from routercfg.push import push
from tests.push.subjects import SUBJECTS
from routercfg.transport import Target
from dataclasses import replace
from routercfg.inventory.secret import Secret

name, host, port, known_hosts, password = sys.argv[1:]
subject = next(one for one in SUBJECTS if str(one) == name)
target = Target(router="gw", platform=subject.platform, intent=subject.intent, host=host,
    port=int(port), user=subject.user, password=Secret.of(password), known_hosts=Path(known_hosts),
    timeout=20.0)
# What is loaded and compiled for any push is not what is measured.
push(replace(target, host="127.0.0.2", port=1), subject.pushing())
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begun = time.monotonic()
result = push(target, subject.pushing())
print(json.dumps([
    result.outcome.value,
    time.monotonic() - begun,
    (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most) / 1024,
]))
"""


@pytest.mark.parametrize("subject", PACKS, ids=str)
def test_of_200_mb_a_few_are_taken_and_none_are_kept(subject: Subject, tmp_path: Path) -> None:
    with subject.lab(subject.router()) as lab:
        junk = Fault(Trouble.JUNK, 1, matching="{reading}", megabytes=200)
        lab.faults["gw"].append(subject.fault(junk))
        target = subject.target(lab, tmp_path)
        ended = subprocess.run(
            [sys.executable, "-c", _PUSH_200_MB, str(subject), target.host, str(target.port),
             str(target.known_hosts), PASSWORD],
            check=False, capture_output=True, text=True, timeout=120,
            cwd=Path(__file__).resolve().parents[2],
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        outcome, seconds, megabytes = json.loads(ended.stdout)
        printed = lab.printed("gw")
    assert outcome == "unreachable"
    assert printed < 40_000_000, "it must stop reading, not read it all"
    assert megabytes < 100, f"{megabytes:.0f} MB more than before"
    assert seconds < 60, "of which a machine at rest needs one"


@every_subject
def test_a_refused_password_is_tried_once(subject: Subject, tmp_path: Path) -> None:
    router = subject.router()
    with subject.lab(router) as lab:
        lab.faults["gw"].append(Fault(Trouble.REFUSE_PASSWORD))
        push(subject.target(lab, tmp_path), subject.pushing())
        assert lab.attempts("gw") == 1
        assert lab.sent("gw") == ()


@pytest.mark.parametrize("subject", by_lines, ids=str)
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


@pytest.mark.parametrize("subject", by_candidate, ids=str)
def test_a_candidate_with_a_line_that_the_router_refuses_is_neither_confirmed_nor_saved(
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
    assert not [line for line in sent if line.startswith(("configure confirm", "write"))]
    assert router.configuration() == router.persisted() == before


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


def test_every_row_of_the_matrix_is_carried_out_by_a_test() -> None:
    for module in ("test_held", "test_killed", "test_our_side", "test_silence"):
        import_module(f"tests.push.{module}")
    by_itself = {row.name for row in ROWS if row.in_lab or row.step}
    assert by_itself | CLAIMED == {row.name for row in ROWS}
    assert by_itself & CLAIMED == set()
