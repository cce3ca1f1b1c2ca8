"""`management`: who reaches the router's services, and others' by a forward."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routercfg.model.change import DisableListener, RestrictForward, RestrictManagement
from routercfg.model.finding import Status
from routercfg.model.firewall import Match, Rule, Verdict
from routercfg.model.state import ForwardKind, Interface, Ipv6
from routercfg.net import ALL_PORTS, NOBODY, PortSet, PrefixSet

from .build import (
    CLOSED,
    ESTABLISHED,
    OFFICE,
    SSH,
    TELNET,
    UNREADABLE,
    check,
    firewall,
    forward,
    intent,
    open_forward,
    ruleset,
)


def test_ssh_that_the_internet_reaches_is_restricted_to_the_management_sources() -> None:
    opened = firewall(input4=ruleset(), input6=ruleset())
    found = check("management", firewall=opened)
    assert found.status is Status.VIOLATION
    assert found.changes == (RestrictManagement(("wan0",), OFFICE, (SSH,)),)
    assert [dict(item.facts)["family"] for item in found.items] == [4, 6]


def test_a_restriction_to_other_sources_is_a_violation_that_names_them() -> None:
    listener = replace(SSH, sources=PrefixSet.of("198.18.0.0/15"))
    found = check("management", listeners=(listener,), firewall=firewall(input4=ruleset()))
    assert found.status is Status.VIOLATION
    assert dict(found.items[0].facts)["from"] == "198.18.0.0/15"


def test_telnet_is_a_violation_wherever_it_is_on() -> None:
    found = check("management", listeners=(TELNET,))
    assert found.status is Status.VIOLATION
    assert found.changes == (DisableListener(TELNET),)


def test_plain_http_is_one_only_where_wan_reaches_it() -> None:
    http = replace(TELNET, name="http", ports=PortSet.of(80))
    assert check("management", listeners=(http,)).status is Status.OK
    opened = firewall(input4=ruleset())
    assert check("management", listeners=(http,), firewall=opened).status is Status.VIOLATION


def test_a_service_that_is_off_or_of_one_family_is_judged_as_such() -> None:
    off = replace(SSH, enabled=False)
    four = replace(SSH, families=frozenset({4}))
    opened = firewall(input6=ruleset())
    assert check("management", listeners=(off, four), firewall=opened).status is Status.OK


def test_a_resolver_that_answers_over_both_protocols_is_two_things_to_decide() -> None:
    both = tuple(
        replace(SSH, name="dns", protocol=one, ports=PortSet.of(53), management=False)
        for one in ("udp", "tcp")
    )
    found = check("management", listeners=both, firewall=firewall(input4=ruleset()))
    notes = [item.note for item in found.items if dict(item.facts)["family"] == 4]
    assert notes == [f"dns ({one} 53) is open to the internet over IPv4" for one in ("udp", "tcp")]


def test_an_open_resolver_is_for_a_person_to_decide() -> None:
    dns = replace(SSH, name="dns", protocol="udp", ports=PortSet.of(53), management=False)
    found = check("management", listeners=(dns,), firewall=firewall(input4=ruleset()))
    assert found.status is Status.DECISION
    assert found.changes == ()


def test_a_service_on_the_lan_address_only_is_not_reached_from_wan() -> None:
    inner = replace(SSH, addresses=PrefixSet.of("192.168.10.1"), families=frozenset({4}))
    found = check("management", listeners=(inner,), firewall=firewall(input4=ruleset()))
    assert found.status is Status.OK


def test_behind_another_nat_private_sources_are_outside() -> None:
    lan_admin = ruleset(
        ESTABLISHED, Rule(Verdict.ACCEPT, Match(sources=PrefixSet.of("10.0.0.0/8"))), CLOSED
    )
    found = check("management", firewall=firewall(input4=lan_admin))
    assert found.status is Status.OK
    double = (Interface("wan0", ("10.1.1.2/24",), up=True),)
    found = check("management", interfaces=double, firewall=firewall(input4=lan_admin))
    assert found.status is Status.VIOLATION


def test_an_unreadable_input_filter_is_unknown_but_not_where_ipv6_is_off() -> None:
    blind = firewall(input4=UNREADABLE)
    assert check("management", firewall=blind).status is Status.UNKNOWN
    blind6 = firewall(input6=UNREADABLE)
    assert check("management", firewall=blind6).status is Status.UNKNOWN
    off = Ipv6(enabled=False, in_use=False)
    assert check("management", firewall=blind6, ipv6=off).status is Status.OK


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"ports": PortSet.of(443)}, Status.VIOLATION),
        ({"ports": PortSet.of(40443), "to_ports": PortSet.of(443)}, Status.VIOLATION),
        ({"ports": PortSet.of(443), "sources": OFFICE}, Status.OK),
        ({"ports": PortSet.of(25)}, Status.OK),
        ({"ports": PortSet.of(25), "to_router": True}, Status.VIOLATION),
        ({"ports": ALL_PORTS, "kind": ForwardKind.HOST, "protocols": None}, Status.VIOLATION),
        ({"ports": PortSet.of(443), "enabled": False}, Status.OK),
        ({"ports": PortSet.of(443), "protocols": frozenset({"udp"})}, Status.OK),
    ],
)
def test_forwards_to_management_ports(changes: dict[str, object], status: Status) -> None:
    tcp = {"protocols": frozenset({"tcp"})} | changes
    opened = firewall(forward4=open_forward(), input4=ruleset())
    found = check("management", listeners=(), forwards=(forward(**tcp),), firewall=opened)
    assert found.status is status
    if status is Status.VIOLATION:
        assert found.changes == (RestrictForward(forward(**tcp), OFFICE),)


def test_without_management_sources_a_forward_is_left_for_a_person() -> None:
    tcp = forward(ports=PortSet.of(443), protocols=frozenset({"tcp"}))
    opened = firewall(forward4=open_forward())
    asked = intent(management_sources=NOBODY)
    found = check("management", asked, listeners=(), forwards=(tcp,), firewall=opened)
    assert (found.status, found.changes) == (Status.VIOLATION, ())


def test_the_pbx_web_ports_of_the_inventory_count_as_management() -> None:
    tcp = forward(ports=PortSet.of(9443), protocols=frozenset({"tcp"}))
    opened = firewall(forward4=open_forward())
    asked = intent(pbx_web_ports=PortSet.of(9443))
    assert check("management", asked, forwards=(tcp,), firewall=opened).status is Status.VIOLATION
