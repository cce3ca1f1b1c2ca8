"""What a router has confirmed is saved, over another login or by the next run; never blindly."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from routercfg.batch import records
from routercfg.batch.note import Note
from routercfg.lab.faults import Fault, Trouble
from routercfg.push import Outcome, Result
from routercfg.report.console import details
from routercfg.report.entry import changed
from routercfg.transport import Target

from .bench import PACKS, Yard, known, states, yard
from .subjects import Subject

#: RouterOS saves by itself.
SAVING = [one for one in PACKS if one.platform != "mikrotik_routeros"]
#: More than the logins of one run.
MANY = range(3, 40)


@pytest.fixture(params=SAVING, ids=str)
def made(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Yard]:
    subject: Subject = request.param
    with yard(subject, tmp_path, monkeypatch) as running:
        running.timeout = 15
        yield running


def cut_at_saving(made: Yard, *more: Fault) -> Result:
    """A push whose connection drops before the answer to what saves; nothing is saved then."""
    first = known(made.subject).of("saving")[0]
    made.lab.faults["gw"] += [
        Fault(Trouble.NOT_CARRIED_OUT, first.login, first.line),
        Fault(Trouble.DROP_BEFORE_REPLY, first.login, first.line),
        *more,
    ]
    result = made.run()["gw"]
    made.lab.faults["gw"].clear()
    return result


def left_unsaved(made: Yard) -> str:
    """A router that has confirmed and could not be reached again to save; the run."""
    result = cut_at_saving(made, *(Fault(Trouble.REFUSE_LOGIN, n) for n in MANY))
    assert result.outcome is Outcome.UNKNOWN
    assert "A restart of the router would undo it" in str(result.error)
    assert list(made.unlike_state("gw", new=True)) == []
    assert list(made.unsaved())
    return records.run(made.journal, "last").run


def found(made: Yard, **more: Any) -> tuple[Result, list[str]]:
    """The next run's result, and what it found the broken one to have left."""
    notes: list[Note] = []
    result = made.run(watch=notes.append, **more)["gw"]
    return result, [note.data["found"] for note in notes if note.kind == "reconciled"]


def typed(made: Yard, *lines: str) -> None:
    """Somebody changes the router, and does not save."""
    shell = made.lab.routers["gw"].login(made.subject.user, made.subject.engineer)
    shell.start()
    for line in lines:
        shell.feed(f"{line}\n")
    shell.hangup()


def test_a_save_that_the_line_breaks_off_is_done_over_another_login(made: Yard) -> None:
    result = cut_at_saving(made)
    assert result.outcome is Outcome.PUSHED, result.error
    assert list(made.unlike_state("gw", new=True)) == []
    assert list(made.unsaved()) == []
    assert made.told("gw", "begins")[-2:] == ["saved", "saved"]
    assert made.told("gw", "reached")[-1] == "saved"


def test_a_refused_login_after_the_confirmation_is_not_tried_again(made: Yard) -> None:
    result = cut_at_saving(made, *(Fault(Trouble.REFUSE_PASSWORD, n) for n in MANY))
    assert result.outcome is Outcome.UNKNOWN
    assert made.lab.passwords("gw") == 3, "two good ones, and one that was refused"


def test_the_next_run_saves_what_was_confirmed_and_says_so(made: Yard) -> None:
    run = left_unsaved(made)
    sent = len(made.lab.sent("gw"))
    result, told = found(made)
    assert told == ["the change stands, and is saved now"]
    assert result.outcome is Outcome.UNCHANGED, result.error
    assert list(made.unlike_state("gw", new=True)) == []
    assert list(made.unsaved()) == []
    assert not set(known(made.subject).commands) & set(made.lab.sent("gw")[sent:])
    assert f"gw: saved what run {run} had confirmed" in details([changed(result)])
    for kind in ("begins", "reached"):
        assert "saved" in made.told("gw", kind)
    assert records.run(made.journal, run).router("gw").outcome == f"reconciled: {told[0]}"
    assert records.check(made.journal).broken is None
    assert found(made)[1] == []


def test_a_run_about_other_requirements_saves_it_as_well(made: Yard) -> None:
    made.changes["ids"] = ("sip-alg",)
    result = cut_at_saving_of(made, ("sip-alg",))
    assert result.outcome is Outcome.UNKNOWN, result.error
    before = made.configuration()
    made.changes["ids"] = ("udp-timeouts",)
    work = partial(stopped_after_reading, made=made)
    _, told = found(made, work=work)
    assert told == ["the change stands, and is saved now"]
    assert made.configuration() == made.lab.routers["gw"].persisted() == before


def cut_at_saving_of(made: Yard, ids: tuple[str, ...]) -> Result:
    save = known(made.subject).of("saving")[0].text
    made.lab.faults["gw"] += [
        Fault(Trouble.NOT_CARRIED_OUT, 2, matching=f"^{save}$"),
        Fault(Trouble.DROP_BEFORE_REPLY, 2, matching=f"^{save}$"),
        *(Fault(Trouble.REFUSE_LOGIN, n) for n in MANY),
    ]
    result = made.run(settings={"requirements": list(ids)})["gw"]
    made.lab.faults["gw"].clear()
    return result


def stopped_after_reading(target: Target, made: Yard) -> Result:
    return made.look(target)


def test_what_somebody_changed_since_is_not_saved(made: Yard) -> None:
    left_unsaved(made)
    undone = {
        "cisco_ios": ("configure terminal", "ip nat service sip udp port 5060", "end"),
        "vyos": ("configure", "set system conntrack modules sip", "commit", "exit"),
        "ubiquiti_edgeos": ("configure", "delete system conntrack modules sip", "commit", "exit"),
    }[made.subject.platform]
    typed(made, *undone)
    changed_since = made.configuration()
    assert changed_since != states(made.subject)[1]
    saved = made.lab.routers["gw"].persisted()
    _, told = found(made, work=partial(stopped_after_reading, made=made))
    [words] = told
    assert words.startswith("neither as before nor as planned; it was not saved")
    assert made.lab.routers["gw"].persisted() == saved
    assert made.configuration() == changed_since


def test_a_router_that_restarted_before_it_was_saved_is_pushed_to_again(made: Yard) -> None:
    left_unsaved(made)
    restarted = made.subject.router(clock=made.clocks["gw"])
    made.lab.routers["gw"] = restarted  # type: ignore[index]  # the lab was given a dictionary
    result, told = found(made)
    assert told == ["as it was before: what it had confirmed was lost before it was saved"]
    assert result.outcome is Outcome.PUSHED, result.error
    assert list(made.unsaved()) == []


def test_a_router_that_refuses_to_save_is_unknown_until_it_does(made: Yard) -> None:
    left_unsaved(made)
    save = known(made.subject).of("saving")[0].text
    refusal = Fault(
        Trouble.NOT_CARRIED_OUT, matching=f"^{save}$", text=made.subject.refusal.strip("\r\n")
    )
    made.lab.faults["gw"].append(refusal)
    result, told = found(made)
    assert result.outcome is Outcome.UNKNOWN
    assert "had confirmed is not saved" in str(result.error)
    assert told == []
    made.lab.faults["gw"].clear()
    assert found(made)[1] == ["the change stands, and is saved now"]
    assert list(made.unsaved()) == []
