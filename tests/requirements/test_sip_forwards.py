"""`sip-forwards`: what leads SIP and speech in, by the rulings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routercfg.model.change import RemoveForward, SplitForward
from routercfg.model.finding import Finding, Status
from routercfg.model.firewall import Interfaces, Match, Rule, Verdict
from routercfg.model.intent import Intent, OnPartial
from routercfg.model.state import ForwardKind, PortMapper
from routercfg.net import ALL_PORTS, NOBODY, PortSet, PrefixSet

from .build import (
    CLOSED,
    ESTABLISHED,
    LINE,
    PROVIDER,
    UNREADABLE,
    check,
    firewall,
    forward,
    intent,
    open_forward,
    ruleset,
)


def sip(asked: Intent | None = None, *, rules: object = None, **changes: object) -> Finding:
    opened = firewall(forward4=rules or open_forward())
    return check("sip-forwards", asked, forwards=(forward(**changes),), firewall=opened)


def test_a_forward_of_sip_is_removed() -> None:
    found = sip()
    assert found.status is Status.VIOLATION
    assert isinstance(found.changes[0], RemoveForward)
    assert dict(found.items[0].facts) == {
        "protocol": "udp",
        "ports": "5060-5061",
        "to": "192.168.10.20/32",
        "id": "f1",
    }


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"ports": PortSet.of(443), "protocols": frozenset({"tcp"})}, Status.OK),
        ({"ports": PortSet.of("10000-20000")}, Status.VIOLATION),
        ({"ports": PortSet.of("5060,10000-20000")}, Status.VIOLATION),
        ({"ports": PortSet.of(12000)}, Status.VIOLATION),  # to the PBX
        ({"ports": PortSet.of(12000), "to": PrefixSet.of("192.168.10.99")}, Status.DECISION),
        (
            {"ports": PortSet.of("12000-12016"), "to": PrefixSet.of("192.168.10.99")},
            Status.VIOLATION,
        ),
        ({"ports": PortSet.of("5000-5100")}, Status.DECISION),
        ({"ports": PortSet.of("10000-20000"), "protocols": frozenset({"tcp"})}, Status.OK),
        (
            {"ports": PortSet.of("10000-20000"), "protocols": frozenset({"tcp", "udp"})},
            Status.DECISION,
        ),
        ({"ports": PortSet.of(40000), "to_ports": PortSet.of(5060)}, Status.VIOLATION),
        ({"ports": ALL_PORTS, "kind": ForwardKind.HOST, "protocols": None}, Status.DECISION),
        ({"ports": ALL_PORTS, "kind": ForwardKind.ONE_TO_ONE, "protocols": None}, Status.DECISION),
        ({"ports": ALL_PORTS}, Status.DECISION),
        ({"kind": ForwardKind.LEASE}, Status.VIOLATION),
        ({"enabled": False}, Status.OK),
        ({"sources": PROVIDER}, Status.VIOLATION),
        ({"sources": PrefixSet.of("10.0.0.0/8")}, Status.OK),
        ({"in_interfaces": Interfaces(frozenset({"lan0"}))}, Status.OK),
        ({"in_interfaces": Interfaces(frozenset({"lan0"}), negated=True)}, Status.VIOLATION),
        ({"protocols": frozenset({"esp"})}, Status.OK),
    ],
)
def test_forwards_are_judged_by_the_rulings(changes: dict[str, object], status: Status) -> None:
    assert sip(**changes).status is status


def test_a_forward_that_the_filter_closes_is_ok_and_says_so() -> None:
    found = sip(intent(provider=NOBODY), rules=ruleset(ESTABLISHED, CLOSED))
    assert found.status is Status.OK
    assert "closed by" in found.items[0].note


def test_a_forward_goes_with_the_plan_that_would_open_it_to_the_provider() -> None:
    found = sip(rules=ruleset(ESTABLISHED, CLOSED))
    assert found.status is Status.VIOLATION
    assert isinstance(found.changes[0], RemoveForward)
    elsewhere = sip(sources=PrefixSet.of("198.18.0.0/15"), rules=ruleset(ESTABLISHED, CLOSED))
    assert elsewhere.status is Status.OK


def test_an_unreadable_filter_closes_nothing() -> None:
    blind = firewall(forward4=UNREADABLE)
    found = check("sip-forwards", forwards=(forward(),), firewall=blind)
    assert found.status is Status.VIOLATION


def test_a_partial_forward_is_split_or_removed_where_the_inventory_says_so() -> None:
    split = sip(intent(on_partial=OnPartial.SPLIT), ports=PortSet.of("5000-5100"))
    assert split.changes == (
        SplitForward(
            forward(ports=PortSet.of("5000-5100")), (("udp", PortSet.of("5000-5059,5062-5100")),)
        ),
    )
    removed = sip(intent(on_partial=OnPartial.REMOVE), ports=PortSet.of("5000-5100"))
    assert isinstance(removed.changes[0], RemoveForward)


def test_splitting_a_forward_of_both_protocols_keeps_its_tcp_half() -> None:
    both = {"ports": PortSet.of("10000-20000"), "protocols": frozenset({"tcp", "udp"})}
    (change,) = sip(intent(on_partial=OnPartial.SPLIT), **both).changes
    assert isinstance(change, SplitForward)
    assert change.keep == (("tcp", PortSet.of("10000-20000")),)


def test_an_ipv6_accept_of_sip_to_the_lan_counts_and_the_providers_does_not() -> None:
    open6 = Rule(
        Verdict.ACCEPT,
        Match(protocols=frozenset({"udp"}), ports=PortSet.of(5060)),
        id="six",
        evidence=LINE,
    )
    exposing = firewall(forward6=ruleset(ESTABLISHED, open6, CLOSED))
    found = check("sip-forwards", firewall=exposing)
    assert found.status is Status.VIOLATION
    assert dict(found.items[0].facts)["id"] == "six"
    scoped = replace(open6, match=replace(open6.match, sources=PROVIDER))
    shut = firewall(forward6=ruleset(ESTABLISHED, scoped, CLOSED))
    assert check("sip-forwards", firewall=shut).status is Status.OK


def test_an_ipv6_accept_of_more_than_sip_is_for_a_person_to_decide() -> None:
    wide = Rule(
        Verdict.ACCEPT,
        Match(
            protocols=frozenset({"tcp"}),
            ports=PortSet.of("5000-6000"),
            destinations=PrefixSet.of("2001:db8:10::20"),
        ),
        id="wide",
    )
    found = check("sip-forwards", firewall=firewall(forward6=ruleset(wide, CLOSED)))
    assert found.status is Status.DECISION
    lan_only = replace(
        wide, match=replace(wide.match, in_interfaces=Interfaces(frozenset({"lan0"})))
    )
    found = check("sip-forwards", firewall=firewall(forward6=ruleset(lan_only, CLOSED)))
    assert found.status is Status.OK


def test_what_upnp_opened_is_unknown_where_nothing_shows_it() -> None:
    on = PortMapper("upnp", enabled=True)
    assert check("sip-forwards", port_mappers=(on,)).status is Status.UNKNOWN
    seen = replace(on, leases_known=True)
    assert check("sip-forwards", port_mappers=(seen,)).status is Status.OK
    off = replace(on, enabled=False)
    assert check("sip-forwards", port_mappers=(off,)).status is Status.OK
