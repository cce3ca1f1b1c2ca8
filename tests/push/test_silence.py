"""A link that goes silent at each step: an end in bounded time, and nothing arrives afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from routercfg.batch import Pace, carry_out
from routercfg.batch.journal import Journal
from routercfg.platforms.manifest import Manifest
from routercfg.push import Outcome, Result, push
from routercfg.push.events import Event, What, heard_by, listener
from routercfg.push.reading import open_ssh
from routercfg.push.result import Step
from routercfg.transport import Session, Target
from routercfg.transport.hostkeys import entry_name

from .bench import PACKS, Known, Yard, known, yard
from .matrix import EDGE, IOS, ROS, ROWS, VYOS, Group, Row, named, proves
from .relay import Lost, Relay, relay
from .subjects import Subject

#: Longer than any revert takes, and than what the journal adds to it.
LATER = 1200.0
#: Seconds of silence after which a dead link is given up here. A link that lives has all it needs.
SHORT = 0.3
#: A while, in connections: that many find nobody.
WHILE = 2
#: Seconds that a router may take until its end is known, at most: half a dozen of such waits, and
#: readings by a busy machine.
MOST = 20.0


@dataclass(frozen=True)
class Silence:
    """When the link goes silent (`line`: at which reply of that step), and how."""

    what: What
    step: Step
    line: Callable[[list[int]], int] | None = None
    lost: Lost = Lost.BOTH
    swallow: int = 0

    def event(self, push_of: Known) -> int:
        """The event of a push at which it strikes."""
        step, replies = None, []
        for number, event in enumerate(push_of.events):
            step = event.step or step
            if self.line and event.what is What.REPLIED and step is self.step:
                replies.append(number)
            elif not self.line and (event.what, event.step) == (self.what, self.step):
                return number
        assert self.line is not None
        return self.line(replies)


def middle(replies: list[int]) -> int:
    return replies[len(replies) // 2]


def first(replies: list[int]) -> int:
    return replies[0]


ALWAYS = 1000
#: On which platform each strikes: a revert that the session holds (RouterOS), one that a line arms
#: (IOS), one that comes with the commit (VyOS, EdgeOS).
SILENCES: dict[str, tuple[tuple[str, Silence], ...]] = {
    "silent while the revert is armed": (
        (EDGE, Silence(What.BEGINS, Step.ARMED)),
        (IOS, Silence(What.REPLIED, Step.ARMED, first, Lost.ANSWERS)),
    ),
    "silent at a line of the plan, which does not arrive": (
        (VYOS, Silence(What.BEGINS, Step.APPLIED)),
        (ROS, Silence(What.REPLIED, Step.APPLIED, middle)),
    ),
    "silent at a line of the plan, whose answer does not arrive": (
        (IOS, Silence(What.REPLIED, Step.APPLIED, middle, Lost.ANSWERS)),
    ),
    "silent at a line of the plan; no new connection for a while": (
        (EDGE, Silence(What.REPLIED, Step.APPLIED, middle, swallow=WHILE)),
    ),
    "silent after the last line": (
        (ROS, Silence(What.REACHED, Step.APPLIED)),
        (IOS, Silence(What.REACHED, Step.APPLIED)),
    ),
    "silent after the last line; no new connection for a while": (
        (VYOS, Silence(What.REACHED, Step.APPLIED, swallow=WHILE)),
    ),
    "silent in the second reading": ((ROS, Silence(What.REACHED, Step.RECONNECTED)),),
    "silent in the second reading; no new connection for a while": (
        (IOS, Silence(What.REACHED, Step.RECONNECTED, swallow=WHILE)),
    ),
    "silent at the confirmation, which does not arrive": (
        (ROS, Silence(What.BEGINS, Step.CONFIRMED)),
        (VYOS, Silence(What.BEGINS, Step.CONFIRMED)),
    ),
    "silent at the confirmation, whose answer does not arrive": (
        (ROS, Silence(What.BEGINS, Step.CONFIRMED, lost=Lost.ANSWERS)),
        (IOS, Silence(What.BEGINS, Step.CONFIRMED, lost=Lost.ANSWERS)),
        (VYOS, Silence(What.BEGINS, Step.CONFIRMED, lost=Lost.ANSWERS)),
    ),
    "silent before it is saved": (
        (IOS, Silence(What.BEGINS, Step.SAVED)),
        (EDGE, Silence(What.BEGINS, Step.SAVED, lost=Lost.ANSWERS)),
    ),
    "silent before it is saved; no new connection for a while": (
        (VYOS, Silence(What.BEGINS, Step.SAVED, swallow=WHILE)),
    ),
    "silent before it is saved; no new connection any more": (
        (VYOS, Silence(What.BEGINS, Step.SAVED, swallow=ALWAYS)),
    ),
}
NOBODY = "a connection is made, and nobody answers"


@dataclass
class Line:
    """The way to the routers of a yard, which a test may silence."""

    made: Yard
    between: Relay
    keys: Path
    sessions: dict[str, list[Session]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def target(self, name: str) -> Target:
        host, port = self.between.address(name)
        return replace(self.made.target(name), host=host, port=port, known_hosts=self.keys)

    def connect(self, target: Target, manifest: Manifest) -> Session:
        """A login that waits long for a router behind a link that lives, and not for a dead one."""
        dead = self.between.is_silent(target.router)
        session = open_ssh(replace(target, timeout=SHORT) if dead else target, manifest)
        self.sessions.setdefault(target.router, []).append(session)
        return session

    def silence(self, name: str, how: Silence) -> None:
        # The simulated RouterOS counts the time of a session that is lost from its loss.
        noticed = str(self.made.subject) == ROS and how.lost is Lost.BOTH
        self.between.silence(name, how.lost, swallow=how.swallow, noticed=noticed)
        for session in self.sessions[name]:
            session._target = replace(session._target, timeout=SHORT)  # type: ignore[attr-defined]

    def push(self, at: dict[str, Silence]) -> dict[str, Result]:
        """One run over all of them, each silent at its own moment."""
        events = {name: how.event(known(self.made.subject)) for name, how in at.items()}

        def work(target: Target) -> Result:
            tell, number = listener(), iter(range(10_000))
            name = target.router

            def hear(event: Event) -> None:
                tell(event)
                if next(number) == events[name]:
                    self.silence(name, at[name])

            options = self.made.subject.pushing(backup_folder=self.made.folder / "backups")
            begun = time.monotonic()
            with heard_by(hear), self.made.waiting.for_router(self.made.clocks[name]):
                result = push(target, options, connect=self.connect)
            self.seconds[name] = time.monotonic() - begun
            return result

        return self.run(work, *at)

    def run(self, work: Callable[[Target], Result], *names: str, **more: Any) -> dict[str, Result]:
        with Journal.open(self.made.journal) as journal:
            targets = [self.target(name) for name in names]
            pace = Pace(workers=6)
            results = carry_out(work, targets, pace, journal=journal, **more)
            return {one.router: one for one in results}


def struck(subject: Subject) -> list[tuple[str, Silence]]:
    """The rows that are tried on this platform, and how."""
    return [(row, how) for row, hows in SILENCES.items() for on, how in hows if on == str(subject)]


@pytest.fixture
def lines(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Line]:
    subject: Subject = request.param
    names = ["gw", *(f"r{number}" for number in range(len(struck(subject))))]
    with yard(subject, tmp_path, monkeypatch, names) as made, relay(made.lab, names) as between:
        made.timeout = 20
        keys = tmp_path / "keys"
        places = (entry_name(*between.address(name)) for name in names)
        keys.write_text("".join(f"{place} {made.lab.host_key}\n" for place in places))
        yield Line(made, between, keys)


def test_every_row_of_a_silent_link_has_its_moment() -> None:
    rows = {row.name for row in ROWS if row.group is Group.SILENCE}
    assert rows == set(SILENCES) | {NOBODY}
    for name, hows in SILENCES.items():
        assert {on for on, _ in hows} == set(named(name).on)


@proves(*SILENCES)
@pytest.mark.parametrize("lines", PACKS, ids=str, indirect=True)
def test_a_link_that_goes_silent_leaves_the_old_state_or_the_new_in_bounded_time(
    lines: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = lines.made
    rows: dict[str, Row] = {}
    at: dict[str, Silence] = {}
    for name, (row, how) in zip(made.names[1:], struck(made.subject), strict=True):
        rows[name], at[name] = named(row), how
    results = lines.push(at)
    wrong = {
        f"{rows[name].name} {at[name]}": problems
        for name, result in results.items()
        if (problems := list(made.unlike(result, rows[name].end_on(made.subject))))
    }
    assert wrong == {}
    assert max(lines.seconds.values()) < MOST
    ends = {name: made.configuration(name) for name in at}
    for name in at:
        lines.between.heal(name)
    time.sleep(0.3)  # whatever is still under way arrives
    assert {name: made.configuration(name) for name in at} == ends

    later = SimpleNamespace(time=lambda: time.time() + LATER)
    monkeypatch.setattr("routercfg.batch.reconcile.time", later)
    for clock in made.clocks.values():
        clock.ahead += LATER
    again = lines.run(made.work, *at)
    for name, result in again.items():
        stood = rows[name].end_on(made.subject).new
        assert result.outcome is (Outcome.UNCHANGED if stood else Outcome.PUSHED), result.error
        assert [*made.unlike_state(name, new=True), *made.unsaved(name)] == []


@proves(NOBODY)
@pytest.mark.parametrize("lines", [one for one in PACKS if str(one) == IOS], ids=str, indirect=True)
def test_a_connection_that_nobody_answers_is_an_unreachable_router(lines: Line) -> None:
    made = lines.made
    lines.between.silence_for_ever("gw")
    begun = time.monotonic()

    def work(target: Target) -> Result:
        return push(target, made.subject.pushing(), connect=lines.connect)

    result = lines.run(work, "gw")["gw"]
    assert time.monotonic() - begun < 10
    assert list(made.unlike(result, named(NOBODY).end)) == []
    assert made.lab.attempts("gw") == 0
