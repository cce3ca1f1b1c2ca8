"""What a transaction asks of its goal, and the way in that a rollback must leave open."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from routercfg.errors import LockoutRiskError, PushError
from routercfg.inventory.secret import Secret
from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Chain, Firewall, Interfaces, Match, Rule, Ruleset, Verdict
from routercfg.model.intent import Intent
from routercfg.model.state import Interface, Listener, Wan, unread
from routercfg.model.undo import Undo
from routercfg.net import PortSet, PrefixSet
from routercfg.planning import Plan, make_plan
from routercfg.platforms import load_pack
from routercfg.platforms.manifest import Manifest
from routercfg.push import Options, Outcome, Step
from routercfg.push.exchange import Exchange
from routercfg.push.reading import Reading
from routercfg.push.transaction import bring_about
from routercfg.push.way_in import check_way_in
from routercfg.transport import Reply, Target

PACK = load_pack("vyos")
TARGET = Target(
    "r1", "vyos", Intent(), "192.0.2.1", user="root", password=Secret.of("correct horse")
)


def plan(state: Any = None) -> Plan:
    found = state or unread("vyos", "not read")
    return make_plan("r1", PACK, found, Intent(), ())


@dataclass
class Wire:
    """A session that takes every line, and what it was sent."""

    sent: list[str] = field(default_factory=list)
    closed: int = 0

    def __call__(self, _target: Target, _manifest: Manifest) -> Wire:
        return self

    def read(self, commands: Any) -> tuple[Reply, ...]:
        return tuple(Reply(one, "") for one in commands)

    def send(self, command: str) -> Reply:
        self.sent.append(command)
        return Reply(command, "")

    def press(self, characters: str, expect: str | None) -> str:
        raise AssertionError((characters, expect))

    def close(self) -> None:
        self.closed += 1


@dataclass
class Steps:
    """A goal that is told how each reading goes."""

    commands: tuple[str, ...] = ("one", "two")
    problem: str = ""
    refusal: PushError | None = None
    risk: LockoutRiskError | None = None
    asked: list[str] = field(default_factory=list)
    reached: Outcome = Outcome.UNDONE

    def read(self, session: Any, target: Target, pack: Any) -> Reading:
        self.asked.append("read")
        texts = dict.fromkeys((read.id for read in pack.manifest.reads), "")
        left = self.commands if self.asked.count("read") == 1 else ()
        return Reading(texts, plan(), Undo(left))

    def facts(self, reading: Reading) -> dict[str, Any]:
        return {"own": len(reading.commands)}

    def check(self, reading: Reading) -> None:
        self.asked.append("check")
        if self.refusal:
            raise self.refusal

    def guard(self, reading: Reading) -> None:
        self.asked.append("guard")
        if self.risk:
            raise self.risk

    def unproved(self, before: Reading, after: Reading) -> str:
        self.asked.append("unproved")
        assert before.commands == self.commands
        return self.problem

    def same(self, one: Reading, other: Reading) -> bool:
        self.asked.append("same")
        return True


BARE = Options(accept_no_revert=True)


@pytest.fixture(autouse=True)
def no_revert(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what the goal says is sent, and nothing of a platform's own."""
    monkeypatch.setattr("routercfg.push.transaction.choose_revert", lambda *_: None)


def test_what_the_goal_says_is_sent_and_its_outcome_is_the_result() -> None:
    goal, wire = Steps(), Wire()
    result = bring_about(goal, TARGET, BARE, connect=wire)
    assert result.outcome is Outcome.UNDONE, result.error
    assert wire.sent == ["one", "two", "save"]
    assert goal.asked == ["read", "check", "guard", "read", "unproved"]
    assert result.undo == Undo(("one", "two"))
    assert wire.closed == 2


def test_a_goal_that_is_reached_already_sends_nothing_and_is_asked_no_more() -> None:
    goal, wire = Steps(commands=()), Wire()
    assert bring_about(goal, TARGET, BARE, connect=wire).outcome is Outcome.UNCHANGED
    assert (goal.asked, wire.sent) == (["read"], [])


@pytest.mark.parametrize(
    "goal", [Steps(refusal=PushError("not so")), Steps(risk=LockoutRiskError("shut"))]
)
def test_what_the_goal_refuses_is_never_begun(goal: Steps) -> None:
    wire = Wire()
    result = bring_about(goal, TARGET, BARE, connect=wire)
    assert result.outcome is Outcome.REFUSED
    assert wire.sent == []


def test_an_accepted_risk_is_not_guarded() -> None:
    goal = Steps(risk=LockoutRiskError("shut"))
    options = replace(BARE, accept_lockout_risk=True)
    assert bring_about(goal, TARGET, options, connect=Wire()).outcome is Outcome.UNDONE
    assert "guard" not in goal.asked


def test_what_is_unproved_is_never_confirmed() -> None:
    result = bring_about(Steps(problem="two is not there"), TARGET, BARE, connect=Wire())
    assert result.outcome is Outcome.UNKNOWN
    assert "two is not there" in str(result.error)
    assert Step.CONFIRMED not in [one.step for one in result.moments]


OURS = PrefixSet.of("203.0.113.9")
WAN = Interface("wan0", ("198.51.100.2/24",))
LAN = Interface("lan0", ("192.168.1.1/24",))
SSH = Listener("ssh", "tcp", PortSet.of(22))


def router(*rules: Rule, source: str | None = "203.0.113.9", **changes: Any) -> Any:
    rulesets = Ruleset((Chain("input", rules, Verdict.ACCEPT),))
    state = replace(
        unread("vyos", "not read"),
        interfaces=(WAN, LAN),
        wans=(Wan("wan0", "told"),),
        firewall=Firewall(rulesets, rulesets, rulesets, rulesets),
        listeners=(SSH,),
        session_source=source,
    )
    return replace(state, **changes)


def shut(*sources: str) -> Rule:
    return Rule(Verdict.DROP, Match(frozenset({"tcp"}), PrefixSet.of(*sources)))


@pytest.mark.parametrize(
    "then",
    [
        router(),
        router(shut("192.0.2.0/24")),
        router(Rule(Verdict.ACCEPT, Match(sources=OURS)), shut("0.0.0.0/0")),
        router(listeners=(replace(SSH, sources=PrefixSet.of("203.0.113.0/24")),)),
    ],
    ids=["no filter", "others are shut out", "we are let in first", "its own list has us"],
)
def test_a_way_in_that_is_certain_then_is_taken(then: Any) -> None:
    check_way_in(plan(router()), then)


@pytest.mark.parametrize(
    ("then", "why"),
    [
        (router(shut("203.0.113.0/24")), "does not certainly let it in on wan0"),
        (
            router(Rule(Verdict.DROP, Match(opaque=("geoip",)))),
            "does not certainly let it in",
        ),
        (router(listeners=(replace(SSH, sources=PrefixSet.of("192.0.2.0/24")),)), "admitted 192"),
        (router(listeners=(replace(SSH, enabled=False),)), "SSH was off then"),
        (router(listeners=(replace(SSH, families=frozenset({6})),)), "SSH was off then"),
        (router(listeners=Unknown("no listing")), "no listing"),
        (router(firewall=Firewall(*[Unknown("cut off")] * 4)), "cut off"),
        (router(wans=Unknown("no default route")), "no default route"),
    ],
)
def test_a_way_in_that_is_not_certain_then_is_a_risk(then: Any, why: str) -> None:
    with pytest.raises(LockoutRiskError, match=why):
        check_way_in(plan(router()), then)


def test_a_session_from_inside_is_judged_where_it_comes_in() -> None:
    only_wan = Rule(Verdict.DROP, Match(in_interfaces=Interfaces(frozenset({"wan0"}))))
    inside = router(source="192.168.1.50")
    check_way_in(plan(inside), router(only_wan))
    with pytest.raises(LockoutRiskError):
        check_way_in(plan(inside), router(shut("192.168.1.0/24")))


def test_a_session_whose_source_the_router_does_not_show_is_a_risk() -> None:
    with pytest.raises(LockoutRiskError, match="does not show where"):
        check_way_in(plan(router(source=None)), router())


def test_neither_password_of_a_router_is_told_to_anybody() -> None:
    target = replace(TARGET, enable_password=Secret.of("battery staple"))
    exchange = Exchange(target, PACK, Wire(), lambda _router, _moment: None)
    told = exchange.clean("% Bad secrets: battery staple (correct horse)")
    assert told == "% Bad secrets: *** (***)"
