"""Routers of one kind behind one lab, for faults that must be tried at many places at once.

Each router has a clock of its own. Only who waits puts it forward, so that nothing depends on how
fast the machine is, and nobody waits ten minutes for a revert.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from routercfg.batch import Pace, carry_out, records
from routercfg.batch.journal import Journal
from routercfg.batch.note import Note
from routercfg.lab import Lab
from routercfg.push import Outcome, Result, inspect, push
from routercfg.push.events import Event, What, heard_by
from routercfg.push.result import Step
from routercfg.transport import Target

from .matrix import End
from .subjects import PASSWORD, SUBJECTS, Subject

#: One for each simulated platform.
PACKS = tuple(subject for subject in SUBJECTS if subject.library == "netmiko")


class Clock:
    """A router's clock, in seconds."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


class Waiting:
    """In place of `time` where the product waits for a router: it puts that router's clock forward.

    By more than was asked for, so that a revert is found at its third or fourth reading.
    """

    _HASTE = 60.0

    def __init__(self) -> None:
        self._thread = threading.local()

    @contextmanager
    def for_router(self, clock: Clock) -> Iterator[None]:
        """This thread works on the router with this clock."""
        self._thread.clock = clock
        yield

    def monotonic(self) -> float:
        clock: Clock = self._thread.clock
        return clock()

    def sleep(self, seconds: float) -> None:
        time.sleep(0.02)  # the lab has to see that a connection has ended
        self._thread.clock.ahead += seconds * self._HASTE


@dataclass
class Yard:
    """Routers by name, the lab they are in, and the journal of those who push to them."""

    subject: Subject
    folder: Path
    lab: Lab
    clocks: dict[str, Clock]
    waiting: Waiting
    timeout: float = 3.0
    host: str = ""
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def journal(self) -> Path:
        return self.folder / "state" / "journal.db"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.clocks)

    def configuration(self, name: str = "gw") -> str:
        return str(self.lab.routers[name].configuration())

    def target(self, name: str = "gw") -> Target:
        target = self.subject.target(self.lab, self.folder, self.timeout, name=name)
        return replace(target, host=self.host) if self.host else target

    def work(self, target: Target) -> Result:
        """Push to one router, on its own time."""
        options = self.subject.pushing(backup_folder=self.folder / "backups", **self.changes)
        with self.waiting.for_router(self.clocks[target.router]):
            return push(target, options)

    def run(
        self,
        *names: str,
        work: Callable[[Target], Result] | None = None,
        watch: Callable[[Note], None] | None = None,
        pace: Pace | None = None,
        **more: Any,
    ) -> dict[str, Result]:
        """One run over these routers, or all, with a journal."""
        targets = [self.target(name) for name in names or self.names]
        with Journal.open(self.journal) as journal:
            results = carry_out(
                work or self.work,
                targets,
                pace or Pace(workers=min(len(targets), 8)),
                journal=journal,
                watch=watch,
                **more,
            )
            return {one.router: one for one in results}

    def look(self, target: Target) -> Result:
        """Read one router."""
        return inspect(target)

    def unlike(
        self, result: Result, end: End, *, run: str = "last", whole: bool = True
    ) -> Iterator[str]:
        """How a result differs from the only right end, and what is wrong with any end.

        `whole`: the journal could be written to until the end.
        """
        name = result.router
        if result.outcome is not end.outcome:
            yield f"{result.outcome.value} instead of {end.outcome.value}: {result.error}"
        if end.code and (result.error is None or result.error.code != end.code):
            yield f"the error is {result.error}"
        yield from self.unlike_state(name, new=end.new)
        told = self.told(name, "reached", run)
        reached = [moment.step.value for moment in result.moments]
        if told != (reached if whole else reached[: len(told)]):
            yield f"the journal has {told} of {result.moments}"
        if records.check(self.journal).broken:
            yield "the journal's chain is broken"
        if result.outcome is Outcome.PUSHED:
            yield from self.unsaved(name)
        if PASSWORD in repr(result) + str(result.error):
            yield "the password is in the result"
        if any(PASSWORD.encode() in one.read_bytes() for one in self.journal.parent.iterdir()):
            yield "the password is in the journal"

    def unlike_state(self, name: str, *, new: bool) -> Iterator[str]:
        """How the router differs from its old or its new state, and whether it is out of reach."""
        before, after = states(self.subject)
        if self.configuration(name) != (after if new else before):
            yield "the router is not as planned" if new else "the router is not as it was"
        if not self.lab.routers[name].may_connect(self.subject.engineer, 22):
            yield "the engineer is locked out"

    def unsaved(self, name: str = "gw") -> Iterator[str]:
        """Whether a restart would undo the planned state."""
        pack = next(one for one in PACKS if one.platform == self.subject.platform)
        if self.lab.routers[name].persisted() != known(pack).persisted:
            yield "a restart would undo it"

    def told(self, name: str, kind: str, run: str = "last") -> list[str]:
        """The steps of entries of a kind that the journal holds about a router."""
        entries = records.story(self.journal, run, name)
        return [json.loads(one.data).get("step", "") for one in entries if one.kind == kind]


@contextmanager
def yard(
    subject: Subject, folder: Path, patch: pytest.MonkeyPatch, names: Iterable[str] = ("gw",)
) -> Iterator[Yard]:
    """Routers of this kind, each in need of a push."""
    clocks = {name: Clock() for name in names}
    routers = {name: subject.router(clock=clock) for name, clock in clocks.items()}
    waiting = Waiting()
    patch.setattr("routercfg.push.retreat.time", waiting)
    patch.setattr("routercfg.push.saving.time", waiting)
    with subject.lab(routers) as lab:
        yield Yard(subject, folder, lab, clocks, waiting)


@dataclass(frozen=True)
class Place:
    """One line that a push sends: the step it belongs to, and where a Fault finds it."""

    step: str
    login: int
    line: int
    text: str


@dataclass(frozen=True)
class Known:
    """A push to which nothing happens: the configurations around it, and all that is sent."""

    before: str
    after: str
    persisted: str
    commands: tuple[str, ...]
    places: tuple[Place, ...]
    events: tuple[Event, ...]

    def of(self, step: str) -> tuple[Place, ...]:
        return tuple(place for place in self.places if place.step == step)


def states(subject: Subject) -> tuple[str, str]:
    """Its configuration before and after a push to which nothing happens.

    The platform's own lines say what that is, whatever the way they are sent.
    """
    pack = next(one for one in PACKS if one.platform == subject.platform)
    return known(pack).before, known(pack).after


def known(subject: Subject) -> Known:
    """The push that goes as it should."""
    return _known(PACKS.index(subject))


@cache
def _known(index: int) -> Known:
    subject = PACKS[index]
    router = subject.router(clock=Clock())
    before = router.configuration()
    events: list[Event] = []
    marks: list[tuple[int, str]] = [(0, "reading")]
    with TemporaryDirectory() as folder, subject.lab(router) as lab:

        def listen(event: Event) -> None:
            events.append(event)
            if event.step is not None:
                marks.append((len(lab.heard("gw")), _phase(event)))

        with heard_by(listen):
            path = Path(folder)
            options = subject.pushing(backup_folder=path / "backups")
            result = push(subject.target(lab, path), options)
        assert result.before is not None
        heard = lab.heard("gw")[: marks[-1][0]]
    commands = result.before.commands
    places = []
    for index, (login, line, text) in enumerate(heard):
        step = [name for mark, name in marks if mark <= index][-1]
        places.append(Place(step, login, line, text))
    last = max(i for i, place in enumerate(places) if place.text == commands[-1])
    for index in range(last + 1, len(places)):
        if places[index].step == "lines":
            one = places[index]
            places[index] = Place("committing", one.login, one.line, one.text)
    return Known(
        before, router.configuration(), router.persisted(), commands, tuple(places), tuple(events)
    )


def _phase(event: Event) -> str:
    """What is sent from this event on."""
    if event.what is What.REACHED and event.step is Step.BACKED_UP:
        return "asking"
    if event.what is What.REACHED:
        return "reading again" if event.step in (Step.RECONNECTED, Step.VERIFIED) else "between"
    return {
        Step.ARMED: "arming",
        Step.APPLIED: "lines",
        Step.RECONNECTED: "reading again",
        Step.CONFIRMED: "confirming",
        Step.SAVED: "saving",
    }[event.step or Step.UNKNOWN]


def spread(places: Sequence[Place]) -> tuple[Place, ...]:
    """The first, the middle and the last."""
    chosen = {0, len(places) // 2, len(places) - 1} if places else set()
    return tuple(places[index] for index in sorted(chosen))
