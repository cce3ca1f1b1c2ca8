"""`ipv6`: a default-deny that lets in what RFC 4890 asks for, or no IPv6 at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routercfg.model.change import DefendIpv6, DisableIpv6
from routercfg.model.finding import Finding, Status
from routercfg.model.firewall import Chain, Match, Rule, Ruleset, Verdict
from routercfg.model.intent import Ipv6Mode
from routercfg.model.state import Ipv6
from routercfg.net import PortSet, PrefixSet
from routercfg.requirements import ipv6

from .build import (
    CLOSED,
    ESTABLISHED,
    ICMPV6,
    MANAGEMENT,
    OFFICE,
    UNREADABLE,
    check,
    firewall,
    intent,
    ruleset,
    state,
    wan_rule,
)


def test_ipv6_without_a_filter_is_defended_for_router_and_lan() -> None:
    naked = firewall(input6=ruleset(), forward6=ruleset())
    found = check("ipv6", firewall=naked)
    assert found.status is Status.VIOLATION
    change = DefendIpv6(("wan0",), to_router=True, to_lan=True, management_sources=OFFICE.only(6))
    assert found.changes == (change,)


def test_an_explicit_accept_of_one_port_is_still_default_deny() -> None:
    one = wan_rule(Verdict.ACCEPT, protocols=frozenset({"tcp"}), ports=PortSet.of(443))
    host = wan_rule(Verdict.ACCEPT, destinations=PrefixSet.of("2001:db8:10::80"))
    rules = firewall(
        input6=ruleset(ESTABLISHED, ICMPV6, one, CLOSED),
        forward6=ruleset(ESTABLISHED, host, CLOSED),
    )
    assert check("ipv6", firewall=rules).status is Status.OK


def test_a_default_deny_without_neighbour_discovery_is_a_violation() -> None:
    deaf = firewall(input6=ruleset(ESTABLISHED, CLOSED))
    found = check("ipv6", firewall=deaf)
    assert found.status is Status.VIOLATION
    assert "ICMPv6" in found.summary


def test_a_filter_that_refuses_replies_is_a_violation() -> None:
    found = check("ipv6", firewall=firewall(forward6=ruleset(CLOSED)))
    assert found.status is Status.VIOLATION
    assert "replies" in found.summary


def test_an_unreadable_ipv6_filter_is_unknown() -> None:
    assert check("ipv6", firewall=firewall(forward6=UNREADABLE)).status is Status.UNKNOWN
    assert check("ipv6", ipv6=UNREADABLE).status is Status.UNKNOWN


def test_link_local_alone_is_not_ipv6_in_use() -> None:
    idle = Ipv6(enabled=True, in_use=False)
    assert check("ipv6", ipv6=idle).status is Status.NOT_APPLICABLE


def test_ipv6_that_is_to_be_off() -> None:
    asked = intent(ipv6=Ipv6Mode.OFF)
    assert check("ipv6", asked, ipv6=Ipv6(enabled=False, in_use=False)).status is Status.OK
    found = check("ipv6", asked)
    assert (found.status, found.changes) == (Status.VIOLATION, (DisableIpv6(),))


def test_icmpv6_that_is_taken_at_groups_alone_is_a_violation() -> None:
    """An answer to our own neighbour solicitation comes to our own address (RFC 4861, 7.2.4)."""
    groups = wan_rule(
        Verdict.ACCEPT,
        protocols=frozenset({"icmpv6"}),
        sources=PrefixSet.of("fe80::/10"),
        destinations=PrefixSet.of("ff02::/64"),
    )
    found = check("ipv6", firewall=firewall(input6=ruleset(ESTABLISHED, groups, CLOSED)))
    assert found.status is Status.VIOLATION
    assert "neighbour advertisement" in found.summary


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
