"""`ipv6`: what lets ICMPv6 and replies in only under a condition that we do not understand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routercfg.model.finding import Finding, Status
from routercfg.model.firewall import Chain, Match, Rule, Ruleset, Verdict
from routercfg.requirements import ipv6

from .build import CLOSED, ESTABLISHED, ICMPV6, MANAGEMENT, firewall, intent, ruleset, state


def judged(*rules: Rule) -> Finding:
    """By these rules for packets to the router itself."""
    return ipv6.check(intent(), state(firewall=firewall(input6=ruleset(*rules))))


def on(rule: Rule, *opaque: str, limited: bool = False) -> Rule:
    """The rule under a condition that we read and do not understand."""
    return replace(rule, match=replace(rule.match, opaque=opaque), limited=limited)


def test_icmpv6_on_a_condition_that_is_not_understood_is_unknown_and_names_it() -> None:
    found = judged(ESTABLISHED, on(ICMPV6, "hop-limit equal 255"), MANAGEMENT, CLOSED)
    assert found.status is Status.UNKNOWN
    assert "ICMPv6 neighbour solicitation" in found.summary
    assert "hop-limit equal 255" in found.summary
    assert found.changes == ()


def test_icmpv6_up_to_a_limit_on_the_rate_is_what_rfc_4890_allows() -> None:
    limited = on(ICMPV6, "limit", limited=True)
    assert judged(ESTABLISHED, limited, MANAGEMENT, CLOSED).status is Status.OK


def test_what_another_rule_lets_in_without_a_condition_is_let_in() -> None:
    found = judged(ESTABLISHED, on(ICMPV6, "time 9-17"), ICMPV6, MANAGEMENT, CLOSED)
    assert found.status is Status.OK


def test_replies_on_a_condition_that_is_not_understood_are_unknown() -> None:
    found = judged(on(ESTABLISHED, "mark 7"), ICMPV6, MANAGEMENT, CLOSED)
    assert found.status is Status.UNKNOWN
    assert "replies to the router" in found.summary
    assert "mark 7" in found.summary


@pytest.mark.parametrize("verdict", [Verdict.JUMP, Verdict.GOTO])
def test_a_jump_on_such_a_condition_makes_what_it_leads_to_unknown(verdict: Verdict) -> None:
    jump = Rule(verdict, Match(opaque=("quota",)), "more")
    rules = Ruleset(
        (Chain("base", (ESTABLISHED, jump, MANAGEMENT, CLOSED), Verdict.DROP),),
        {"more": Chain("more", (ICMPV6,))},
    )
    found = ipv6.check(intent(), state(firewall=firewall(input6=rules)))
    assert found.status is Status.UNKNOWN
    assert "quota" in found.summary


def test_what_nothing_lets_in_at_all_stays_a_violation() -> None:
    found = judged(on(ESTABLISHED, "mark 7"), MANAGEMENT, CLOSED)
    assert found.status is Status.VIOLATION
    assert "ICMPv6" in found.summary


def test_a_refusal_on_such_a_condition_refuses_nothing_for_sure() -> None:
    refusal = Rule(Verdict.DROP, replace(ICMPV6.match, opaque=("hop-limit not 255",)))
    assert judged(ESTABLISHED, refusal, ICMPV6, MANAGEMENT, CLOSED).status is Status.OK
