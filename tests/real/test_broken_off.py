"""A run that is killed, or loses its connection, at any step on a real router: old or new, never
between, and the journal knows.
"""

from __future__ import annotations

import multiprocessing
import re
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from routercfg.batch import carry_out, records
from routercfg.batch.journal import Journal
from routercfg.batch.note import Note
from routercfg.errors import ReplyError
from routercfg.platforms.manifest import Manifest
from routercfg.push import Options, Result, inspect, push
from routercfg.push.reading import open_ssh
from routercfg.transport import Reply, Session, Target
from tests.batch import killing

from .lab import WAN, Lab, office
from .probes import tcp_answers
from .test_push import everything, target

ONLY = ("sip-alg", "udp-timeouts", "management")
#: Long enough for any step on a busy machine. The lab ends the wait, or the push confirms.
SECONDS = 120
FORK = multiprocessing.get_context("fork")

UNTOUCHED = [("reached", "planned"), ("reached", "backed up")]
UNCONFIRMED = [
    ("begins", "armed"),
    ("reached", "armed"),
    ("begins", "applied"),
    ("replied", None),
    ("reached", "applied"),
    ("begins", "reconnected"),
    ("reached", "reconnected"),
    ("reached", "verified"),
    ("begins", "confirmed"),
]
CONFIRMED = [("reached", "confirmed"), ("begins", "saved"), ("reached", "saved")]


@pytest.fixture(scope="module")
def building(real_linux: None) -> Iterator[Lab]:
    with office() as made:
        yield made


@pytest.fixture
def lab(building: Lab) -> Lab:
    building.router.reset()
    return building


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(ids=ONLY, revert_seconds=SECONDS, backup_folder=tmp_path / "backups")


def kill(lab: Lab, options: Options, path: Path, kind: str, step: str | None) -> None:
    with lab.mgmt.entered():
        killing.kill(partial(push, options=options), target(lab), path, kind, step, context=FORK)


def again(lab: Lab, options: Options, path: Path) -> tuple[Result, list[Note]]:
    work = partial(push, options=options)
    with lab.mgmt.entered():
        return killing.again(path, target(lab), work, partial(inspect, ids=ONLY))


def lines(lab: Lab) -> str:
    """Everything with handles."""
    return lab.router.shell("cat /etc/nftables.conf") + handles(lab) + everything(lab)[1]


def handles(lab: Lab) -> str:
    """The rules that run, with handles: what was sent twice would have others."""
    return lab.router.shell("nft -s -a list ruleset")


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the run that comes after think that the revert's time is over, as the lab made it."""
    clock = SimpleNamespace(time=lambda: time.time() + SECONDS + 60)
    monkeypatch.setattr("routercfg.batch.reconcile.time", clock)


@pytest.mark.parametrize(("kind", "step"), UNTOUCHED)
def test_killed_before_anything_was_sent_the_router_needs_no_look(
    lab: Lab, options: Options, path: Path, kind: str, step: str
) -> None:
    before = everything(lab)
    kill(lab, options, path, kind, step)
    assert everything(lab) == before
    result, reconciled = again(lab, options, path)
    assert reconciled == []
    assert result.outcome.value == "pushed", result.error


@pytest.mark.parametrize(("kind", "step"), UNCONFIRMED)
def test_killed_before_it_was_confirmed_the_router_goes_back_by_itself(
    lab: Lab,
    options: Options,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    step: str | None,
) -> None:
    before = everything(lab)
    kill(lab, options, path, kind, step)
    broken = records.run(path, "last")
    assert broken.router("gw-jansen").outcome == records.CRASHED
    assert broken.router("gw-jansen").step == (step or "armed")
    left = lines(lab)
    refused, reconciled = again(lab, options, path)
    assert refused.outcome.value == "refused"
    assert "may still be armed" in str(refused.error)
    assert reconciled == []
    assert lines(lab) == left
    lab.router.let_time_pass()
    assert everything(lab) == before
    later(monkeypatch)
    result, [note] = again(lab, options, path)
    assert note.data["run"] == broken.run
    assert note.data["found"] == "as it was before"
    assert result.outcome.value == "pushed", result.error
    assert records.run(path, broken.run).router("gw-jansen").outcome == (
        "reconciled: as it was before"
    )
    assert records.check(path).broken is None


@pytest.mark.parametrize(("kind", "step"), CONFIRMED)
def test_killed_after_it_was_confirmed_the_change_stands_and_is_not_sent_again(
    lab: Lab, options: Options, path: Path, kind: str, step: str
) -> None:
    before = everything(lab)
    kill(lab, options, path, kind, step)
    left = everything(lab)
    assert left[:2] != before[:2]
    saved = (kind, step) == ("reached", "saved")
    assert (left[2] != before[2]) is saved
    numbered = handles(lab)
    result, [note] = again(lab, options, path)
    assert note.data["found"] == "the change stands" + ("" if saved else ", and is saved now")
    assert result.outcome.value == "unchanged"
    assert handles(lab) == numbered
    lab.router.let_time_pass()
    assert handles(lab) == numbered
    lab.reboot()
    assert everything(lab)[:2] == left[:2]


# Connections ---------------------------------------------------------------------------------


def push_and_lose(
    lab: Lab, options: Options, path: Path, kind: str, step: str | None
) -> tuple[Result, list[str]]:
    """Push, and lose every connection once the journal holds the note; the steps reached."""
    reached: list[str] = []
    lost = False

    def watch(note: Note) -> None:
        nonlocal lost
        if note.kind == "reached":
            reached.append(note.data["step"])
        if not lost and killing.at(note, kind, step):
            lost = True
            lab.router.drop_sessions()

    work = partial(push, options=options)
    with lab.mgmt.entered(), Journal.open(path) as journal:
        [result] = carry_out(work, (target(lab),), journal=journal, watch=watch)
    assert lost
    return result, reached


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        ("begins", "armed"),
        ("reached", "armed"),
        ("begins", "applied"),
        ("replied", None),
        ("reached", "reconnected"),
        ("reached", "verified"),
        ("begins", "confirmed"),
    ],
)
def test_a_connection_lost_before_the_confirm_ends_in_the_old_state_proved(
    lab: Lab, options: Options, path: Path, kind: str, step: str | None
) -> None:
    before = everything(lab)
    result, reached = push_and_lose(lab, options, path, kind, step)
    if (kind, step) == ("begins", "armed"):
        # Nothing was armed, and there is nothing on the router to roll back with.
        assert result.outcome.value in ("rolled back", "unknown")
    else:
        assert result.outcome.value == "rolled back", (result.error, reached)
    assert everything(lab) == before
    assert records.run(path, "last").router("gw-jansen").outcome == result.outcome.value
    lab.router.let_time_pass()
    assert everything(lab) == before


@pytest.mark.parametrize(("kind", "step"), [("reached", "applied"), ("begins", "reconnected")])
def test_the_first_connection_is_not_needed_once_the_lines_are_sent(
    lab: Lab, options: Options, path: Path, kind: str, step: str
) -> None:
    result, _ = push_and_lose(lab, options, path, kind, step)
    assert result.outcome.value == "pushed", result.error


@pytest.mark.parametrize(("kind", "step"), [("reached", "confirmed"), ("begins", "saved")])
def test_a_connection_lost_before_saving_is_made_anew_and_the_change_is_saved(
    lab: Lab, options: Options, path: Path, kind: str, step: str
) -> None:
    before = everything(lab)
    result, reached = push_and_lose(lab, options, path, kind, step)
    assert result.outcome.value == "pushed", result.error
    assert reached[-2:] == ["confirmed", "saved"]
    left = everything(lab)
    assert left[:2] != before[:2]
    assert left[2] != before[2]
    lab.reboot()
    assert everything(lab)[:2] == left[:2]


class Deaf:
    """A session on which the router carries out a command, and the answer is lost with the link."""

    def __init__(self, lab: Lab, inner: Session, command: str) -> None:
        self._lab, self._inner, self._command = lab, inner, command

    def read(self, commands: Sequence[str]) -> tuple[Reply, ...]:
        return self._inner.read(commands)

    def send(self, command: str) -> Reply:
        reply = self._inner.send(command)
        if re.search(self._command, command):
            self._lab.router.drop_sessions()
            raise ReplyError("the connection was lost")
        return reply

    def press(self, characters: str, expect: str | None) -> str:
        return self._inner.press(characters, expect)

    def close(self) -> None:
        self._inner.close()


@pytest.mark.parametrize(
    ("command", "outcome", "stands"),
    [
        (r"routercfg\"-armed", "rolled back", False),
        (r"nft -f -", "rolled back", False),
        (r"routercfg\"-confirmed", "unknown", True),
        (r"routercfg\"-rules-saved", "unknown", True),
        (r"routercfg\"-saved", "unknown", True),
    ],
)
def test_an_answer_that_is_lost_is_never_taken_for_a_yes(
    lab: Lab,
    options: Options,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    outcome: str,
    stands: bool,
) -> None:
    # The old state is looked for until the revert must have fired; here it never will.
    monkeypatch.setattr("routercfg.push.retreat._SLACK", 3.0 - SECONDS)
    monkeypatch.setattr("routercfg.push.saving._PAUSES", (0.0,))
    before = everything(lab)

    def connect(to: Target, manifest: Manifest) -> Session:
        return Deaf(lab, open_ssh(to, manifest), command)

    work = partial(push, options=options, connect=connect)
    with lab.mgmt.entered(), Journal.open(path) as journal:
        [result] = carry_out(work, (target(lab),), journal=journal)
    assert result.outcome.value == outcome, result.error
    assert (everything(lab)[:2] != before[:2]) is stands
    assert records.run(path, "last").router("gw-jansen").outcome == outcome
    left = everything(lab)
    if "confirmed" in command:
        # The journal never heard of the confirm: until the revert's time is over it may fire.
        refused, _ = again(lab, options, path)
        assert "may still be armed" in str(refused.error)
    later(monkeypatch)
    result, _ = again(lab, options, path)
    assert result.outcome.value == ("unchanged" if stands else "pushed"), result.error
    if stands:
        assert everything(lab)[:2] == left[:2]
        assert everything(lab)[2] != before[2], "it is saved now"
    assert tcp_answers(lab.mgmt, WAN.v4, 22)
