"""How events become notes."""

from __future__ import annotations

import pytest

from routercfg.batch import hearing
from routercfg.batch.hearing import Hearing
from routercfg.batch.note import Note
from routercfg.errors import PushError, StoppedError
from routercfg.push import Step
from routercfg.push.events import Event, What


def replied(reply: str) -> Event:
    return Event("r1", What.REPLIED, facts={"command": "a line", "reply": reply})


def begins(step: Step) -> Event:
    return Event("r1", What.BEGINS, step)


def test_replies_are_told_together_and_before_the_step_that_follows() -> None:
    notes: list[Note] = []
    hear = Hearing("r1", notes.append, "w", 0)
    hear(begins(Step.APPLIED))
    for text in ("one", "two", "three"):
        hear(replied(text))
    assert [note.kind for note in notes] == ["begins"]
    hear(Event("r1", What.REACHED, Step.APPLIED))
    assert [note.kind for note in notes] == ["begins", "replied", "reached"]
    assert [one["reply"] for one in notes[1].data["replies"]] == ["one", "two", "three"]
    assert {note.worker for note in notes} == {"w"}


def test_a_reply_of_a_slow_router_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(hearing.time, "monotonic", lambda: now)
    notes: list[Note] = []
    hear = Hearing("r1", notes.append, "w", 0)
    for text in ("one", "two"):
        now += 1.0
        hear(replied(text))
    assert [len(note.data["replies"]) for note in notes] == [1, 1]


def test_a_step_is_told_though_its_replies_were_refused() -> None:
    kinds: list[str] = []

    def report(note: Note) -> None:
        kinds.append(note.kind)
        raise StoppedError(note.kind)

    hear = Hearing("r1", report, "w", 0)
    hear(replied("one"))
    with pytest.raises(StoppedError):
        hear(Event("r1", What.REACHED, Step.ROLLED_BACK))
    assert kinds == ["replied", "reached"]


def test_what_is_left_is_told_at_the_end_whoever_refuses_it() -> None:
    notes: list[Note] = []

    def report(note: Note) -> None:
        notes.append(note)
        raise StoppedError("enough")

    hear = Hearing("r1", report, "w", 0)
    hear(replied("one"))
    hear.end()
    hear.end()
    assert [note.kind for note in notes] == ["replied"]


def test_after_its_time_a_router_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(hearing.time, "monotonic", lambda: now)
    hear = Hearing("r1", lambda _note: None, "w", 5.0)
    hear(begins(Step.ARMED))
    now += 6.0
    with pytest.raises(PushError, match="longer than 5 s"):
        hear(begins(Step.APPLIED))


def test_a_step_that_cannot_be_stopped_any_more_is_told_after_its_time_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr(hearing.time, "monotonic", lambda: now)
    notes: list[Note] = []
    hear = Hearing("r1", notes.append, "w", 5.0)
    now += 6.0
    for event in (replied("one"), Event("r1", What.REACHED, Step.CONFIRMED)):
        with pytest.raises(PushError, match="longer than 5 s"):
            hear(event)
    assert [note.kind for note in notes] == ["replied", "reached"]
