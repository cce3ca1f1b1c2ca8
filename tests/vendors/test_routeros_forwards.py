"""What leads in on RouterOS: forwards of every kind, and what UPnP has opened."""

from __future__ import annotations

import pytest

from routercfg.model.evidence import Unknown
from routercfg.model.state import Forward, ForwardKind
from routercfg.net import ALL_PORTS, EVERYBODY, PortSet, PrefixSet

from .routeros import read

NAT = "/ip firewall nat add "


def forwards(*rules: str, **more: str) -> tuple[Forward, ...]:
    found = read("".join(f"{NAT}{rule}\n" for rule in rules), **more).forwards
    assert not isinstance(found, Unknown), found
    return found


def forward(*rules: str) -> Forward:
    (found,) = forwards(*rules)
    return found


def test_a_port_range_forwards_to_a_host() -> None:
    one = forward(
        "action=dst-nat chain=dstnat comment=SIP dst-port=5060-5061 in-interface=ether1"
        " protocol=udp to-addresses=192.168.88.20 to-ports=5060-5061"
    )
    assert one.kind is ForwardKind.PORT
    assert one.protocols == {"udp"}
    assert one.ports == PortSet.of("5060-5061") == one.to_ports
    assert one.to == PrefixSet.of("192.168.88.20")
    assert one.in_interfaces is not None
    assert "ether1" in one.in_interfaces
    assert not one.to_router
    assert one.enabled


def test_a_forward_without_a_port_counts_as_all_ports() -> None:
    one = forward("action=dst-nat chain=dstnat in-interface=ether1 to-addresses=192.168.88.20")
    assert (one.kind, one.ports, one.protocols) == (ForwardKind.HOST, ALL_PORTS, None)


def test_a_protocol_without_a_port_is_a_whole_host_too() -> None:
    one = forward("action=dst-nat chain=dstnat protocol=udp to-addresses=192.168.88.20")
    assert (one.kind, one.ports) == (ForwardKind.HOST, ALL_PORTS)


def test_a_twin_in_srcnat_makes_it_one_to_one() -> None:
    one = forward(
        "action=dst-nat chain=dstnat dst-address=192.0.2.11 to-addresses=192.168.88.20",
        "action=src-nat chain=srcnat src-address=192.168.88.20 to-addresses=192.0.2.11",
    )
    assert one.kind is ForwardKind.ONE_TO_ONE
    assert one.destinations == PrefixSet.of("192.0.2.11")
    assert forward("action=netmap chain=dstnat to-addresses=192.168.88.0/28").kind is (
        ForwardKind.ONE_TO_ONE
    )


def test_lists_of_ports_and_either_direction_count() -> None:
    rule = "action=dst-nat chain=dstnat protocol=tcp to-addresses=192.168.88.20"
    assert forward(f"{rule} dst-port=53,5060,8000-8010").ports == PortSet.of("53,5060,8000-8010")
    assert forward(f"{rule} port=22").ports == PortSet.of(22)
    assert forward(f"{rule} dst-port=!22").ports == ALL_PORTS - PortSet.of(22)


def test_a_rule_on_the_senders_port_is_no_forward() -> None:
    rule = "action=dst-nat chain=dstnat protocol=udp src-port=5060 to-addresses=192.168.88.20"
    assert forwards(rule) == ()


def test_a_redirect_leads_to_the_router_itself() -> None:
    one = forward("action=redirect chain=dstnat dst-port=8443 protocol=tcp to-ports=443")
    assert one.to_router
    assert one.to_ports == PortSet.of(443)
    assert "192.168.88.1" in one.to


def test_a_forward_to_the_routers_lan_address_leads_to_the_router() -> None:
    rule = "action=dst-nat chain=dstnat dst-port=8443 protocol=tcp to-addresses={} to-ports=443"
    assert forward(rule.format("192.168.88.1")).to_router
    assert not forward(rule.format("192.168.88.2")).to_router


def test_a_jump_adds_what_it_asks() -> None:
    one = forward(
        "action=jump chain=dstnat in-interface=ether1 jump-target=buiten protocol=udp"
        " src-address=198.51.100.0/24",
        "action=dst-nat chain=buiten dst-port=5060 src-address=198.51.100.128/25"
        " to-addresses=192.168.88.20",
    )
    assert one.protocols == {"udp"}
    assert one.sources == PrefixSet.of("198.51.100.128/25")
    assert one.in_interfaces is not None
    assert "ether1" in one.in_interfaces


def test_two_jumps_to_one_rule_open_it_to_both() -> None:
    one = forward(
        "action=jump chain=dstnat jump-target=x src-address=198.51.100.1",
        "action=jump chain=dstnat jump-target=x src-address=198.51.100.2",
        "action=dst-nat chain=x dst-port=5060 protocol=udp to-addresses=192.168.88.20",
    )
    assert one.sources == PrefixSet.of("198.51.100.1", "198.51.100.2")


def test_a_chain_that_nothing_jumps_to_forwards_nothing() -> None:
    assert (
        forwards("action=dst-nat chain=los dst-port=5060 protocol=udp to-addresses=10.0.0.1") == ()
    )


def test_a_loop_of_jumps_ends() -> None:
    loop = "action=jump chain=x jump-target=x"
    assert forwards("action=jump chain=dstnat jump-target=x", loop) == ()


def test_a_disabled_forward_is_mentioned_as_such() -> None:
    rule = "action=dst-nat chain=dstnat dst-port=5060 protocol=udp to-addresses=10.0.0.1"
    assert not forward(f"{rule} disabled=yes").enabled


def test_sources_are_read_from_addresses_and_lists() -> None:
    rule = "action=dst-nat chain=dstnat dst-port=443 protocol=tcp to-addresses=192.168.88.20"
    assert forward(f"{rule} src-address=!198.51.100.0/24").sources == ~PrefixSet.of(
        "198.51.100.0/24"
    )
    found = read(
        "/ip firewall address-list add address=198.51.100.1 list=beheer\n"
        f"{NAT}{rule} src-address-list=beheer\n"
        f"{NAT}{rule} src-address-list=elders\n"
    ).forwards
    assert not isinstance(found, Unknown)
    assert found[0].sources == PrefixSet.of("198.51.100.1")
    assert found[1].sources == EVERYBODY
    assert found[1].opaque == ("src-address-list=elders",)


@pytest.mark.parametrize("key", ["to-address", "to-addresses"])
def test_ipv6_forwards_of_routeros_7_count(key: str) -> None:
    rule = f"action=dst-nat chain=dstnat dst-port=5060 protocol=udp {key}=2001:db8::5/128"
    found = read(f"/ipv6 firewall nat add {rule}\n").forwards
    assert not isinstance(found, Unknown)
    assert (found[0].family, found[0].to) == (6, PrefixSet.of("2001:db8::5"))
    assert not found[0].to_router


def test_what_upnp_opened_is_a_lease() -> None:
    leases = (
        "Flags: X - disabled, I - invalid; D - dynamic\n"
        " 0  D ;;; upnp 192.168.88.9: phone\n"
        "      chain=dstnat action=dst-nat to-addresses=192.168.88.9 to-ports=5060\n"
        "      protocol=udp dst-address=192.0.2.10 in-interface=ether1 dst-port=5062\n"
    )
    found = read("", leases=leases).forwards
    assert not isinstance(found, Unknown)
    assert found[0].kind is ForwardKind.LEASE
    assert (found[0].ports, found[0].to_ports) == (PortSet.of(5062), PortSet.of(5060))
    assert found[0].evidence[0].line == 2


@pytest.mark.parametrize("text", ["bad command name nat (line 1 column 14)\n", "?? garbage\n"])
def test_leases_that_cannot_be_read_leave_forwards_unknown(text: str) -> None:
    assert isinstance(read("", leases=text).forwards, Unknown)
