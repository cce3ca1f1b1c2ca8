"""RouterOS's packet filter: who gets in, by every matcher that rules are made of."""

from __future__ import annotations

import time

import pytest

from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Hook, Ruleset
from routercfg.model.reachability import Query, assured
from routercfg.net import EVERYBODY, NOBODY, PortSet, PrefixSet

from .routeros import export, filters, read, who

EVERY4 = EVERYBODY.only(4)
DROP = "chain=input action=drop"


def test_without_rules_everybody_gets_in() -> None:
    assert who(read("")) == EVERY4
    assert read("").firewall.input4 == Ruleset()


def test_a_rule_without_an_action_accepts() -> None:
    assert who(filters("chain=input dst-port=443 protocol=tcp", DROP)) == EVERY4


def test_a_disabled_rule_does_nothing() -> None:
    assert who(filters("chain=input disabled=yes", DROP)) == NOBODY


@pytest.mark.parametrize("action", ["drop", "reject", "tarpit"])
def test_what_refuses_refuses(action: str) -> None:
    assert who(filters(f"chain=input action={action}")) == NOBODY


@pytest.mark.parametrize(
    "action", ["log", "passthrough", "add-src-to-address-list address-list=seen"]
)
def test_what_decides_nothing_is_left_out(action: str) -> None:
    assert who(filters(f"chain=input action={action}", DROP)) == NOBODY


def test_an_action_that_is_not_known_may_do_anything() -> None:
    state = filters("chain=input action=teleport", "chain=input action=accept")
    ruleset = state.firewall.input4
    assert isinstance(ruleset, Ruleset)
    query = Query(4, "tcp", PortSet.of(22), "ether1")
    assert who(state, port=22) == EVERY4
    assert assured(ruleset, query) == NOBODY


@pytest.mark.parametrize(
    ("matcher", "inside"),
    [
        ("src-address=198.51.100.0/24", "198.51.100.0/24"),
        ("src-address=198.51.100.7", "198.51.100.7"),
        ("src-address=198.51.100.7-198.51.100.9", "198.51.100.7-198.51.100.9"),
        ("src-address=!0.0.0.0-198.51.100.6", "198.51.100.7-255.255.255.255"),
        ("src-address-list=beheer", "198.51.100.64/28"),
        ("protocol=tcp", "0.0.0.0/0"),
        ("protocol=6", "0.0.0.0/0"),
        ("protocol=!udp", "0.0.0.0/0"),
        ("protocol=tcp dst-port=22,443,8000-9000", "0.0.0.0/0"),
        ("protocol=tcp port=443", "0.0.0.0/0"),
        ("protocol=tcp dst-port=!22", "0.0.0.0/0"),
        ("in-interface=ether1", "0.0.0.0/0"),
        ("in-interface=!bridge", "0.0.0.0/0"),
        ("in-interface-list=WAN", "0.0.0.0/0"),
        ("in-interface-list=!LAN", "0.0.0.0/0"),
        ("in-interface-list=all", "0.0.0.0/0"),
        ("connection-state=new", "0.0.0.0/0"),
        ("connection-state=!established,related", "0.0.0.0/0"),
        ("dst-address=192.0.2.10", "0.0.0.0/0"),
        ("dst-address-type=local", "0.0.0.0/0"),
        ("ipsec-policy=in,none", "0.0.0.0/0"),
        ("connection-nat-state=!dstnat", "0.0.0.0/0"),
        # Not understood: it may let in everybody that the rest lets in.
        ("src-address=198.51.100.0/24 content=x", "198.51.100.0/24"),
        ("limit=10,5:packet", "0.0.0.0/0"),
        ("src-address-list=nowhere", "0.0.0.0/0"),
        ("in-interface-list=dynamic", "0.0.0.0/0"),
        ("in-interface=all-ppp", "0.0.0.0/0"),
    ],
)
def test_a_matcher_lets_in_whom_it_names(matcher: str, inside: str) -> None:
    lists = "/ip firewall address-list add address=198.51.100.64/28 list=beheer\n"
    state = filters(f"chain=input {matcher}", DROP, lines=lists)
    assert who(state) == PrefixSet.of(inside)


@pytest.mark.parametrize(
    "matcher",
    [
        "protocol=udp",
        "protocol=!tcp",
        "protocol=tcp dst-port=!443",
        "protocol=tcp dst-port=80",
        "in-interface=bridge",
        "in-interface=!ether1",
        "in-interface-list=LAN",
        "in-interface-list=!WAN",
        "in-interface-list=none",
        "connection-state=established,related,untracked",
        "connection-state=!new",
        "dst-address=192.168.88.1",
        "dst-address=127.0.0.1",
        "dst-address=!192.0.2.0/24",
        "connection-nat-state=dstnat",
        # What comes out of a tunnel was let in by its key.
        "ipsec-policy=in,ipsec",
    ],
)
def test_a_matcher_that_does_not_hold_lets_nobody_in(matcher: str) -> None:
    assert who(filters(f"chain=input {matcher}", DROP)) == NOBODY


@pytest.mark.parametrize(
    "matcher", ["limit=10,5:packet", "time=8h-18h,mon", "src-address-list=nowhere", "psd=21,3s,3,1"]
)
def test_a_refusal_that_is_not_understood_shields_nobody(matcher: str) -> None:
    assert who(filters(f"{DROP} {matcher}")) == EVERY4


def test_a_list_that_rules_fill_is_not_known() -> None:
    lists = "/ip firewall address-list add address=198.51.100.64/28 list=beheer\n"
    knock = "chain=input action=add-src-to-address-list address-list=beheer protocol=tcp dst-port=7"
    assert who(filters(knock, "chain=input src-address-list=beheer", DROP, lines=lists)) == EVERY4


def test_a_list_with_a_host_name_is_not_known() -> None:
    lists = "/ip firewall address-list add address=beheer.example list=beheer\n"
    assert who(filters("chain=input src-address-list=beheer", DROP, lines=lists)) == EVERY4


def test_a_disabled_entry_is_not_on_its_list() -> None:
    lists = (
        "/ip firewall address-list add address=198.51.100.1 list=beheer\n"
        "/ip firewall address-list add address=198.51.100.2 disabled=yes list=beheer\n"
    )
    state = filters("chain=input src-address-list=beheer", DROP, lines=lists)
    assert who(state) == PrefixSet.of("198.51.100.1")


def test_lists_include_and_exclude_lists() -> None:
    early = (
        "/interface list add include=WAN,LAN name=beide\n"
        "/interface list add exclude=WAN include=beide name=binnen\n"
    )
    assert who(filters("chain=input in-interface-list=beide", DROP, early=early)) == EVERY4
    assert who(filters("chain=input in-interface-list=binnen", DROP, early=early)) == NOBODY


def test_a_jump_comes_back_and_a_return_leaves() -> None:
    state = filters(
        "chain=input action=jump jump-target=beheer protocol=tcp",
        DROP,
        "chain=beheer action=return src-address=198.51.100.1",
        "chain=beheer action=accept src-address=198.51.100.0/30",
    )
    assert who(state) == PrefixSet.of("198.51.100.0/30") - PrefixSet.of("198.51.100.1")
    assert who(state, protocol="udp") == NOBODY


def test_a_jump_to_a_chain_that_is_not_there_may_do_anything() -> None:
    assert who(filters("chain=input action=jump jump-target=weg", DROP)) == EVERY4


def test_raw_comes_before_the_filter_and_its_refusal_is_final() -> None:
    raw = "/ip firewall raw add action=drop chain=prerouting dst-port=443 protocol=tcp\n"
    assert who(filters("chain=input action=accept", lines=raw)) == NOBODY
    assert who(filters("chain=input action=accept", lines=raw), port=22) == EVERY4
    accept = "/ip firewall raw add action=accept chain=prerouting\n"
    assert who(filters(DROP, lines=accept)) == NOBODY


def test_raw_sees_ports_before_translation() -> None:
    raw = "/ip firewall raw add action=drop chain=prerouting dst-port=5060 protocol=udp\n"
    state = filters("chain=forward action=accept", lines=raw)
    assert who(state, Hook.FORWARD, protocol="udp", port=5060, to="192.168.88.5") == EVERY4


def test_the_default_forward_rule_lets_in_only_what_is_forwarded() -> None:
    state = filters(
        "chain=forward action=drop connection-state=new connection-nat-state=!dstnat"
        " in-interface-list=WAN"
    )
    assert who(state, Hook.FORWARD, to="192.168.88.5") == NOBODY
    assert who(state, Hook.FORWARD, to="192.168.88.5", dnat=True) == EVERY4


def test_ipv6_has_rules_and_lists_of_its_own() -> None:
    lines = (
        "/ipv6 firewall address-list add address=2001:db8:1::/64 list=beheer\n"
        "/ipv6 firewall filter add chain=input src-address-list=beheer\n"
        "/ipv6 firewall filter add action=accept chain=input icmp-options=135:0-255"
        " protocol=icmpv6\n"
        "/ipv6 firewall filter add action=drop chain=input\n"
    )
    ruleset = read(lines).firewall.input6
    assert isinstance(ruleset, Ruleset)
    allowed = assured(ruleset, Query(6, "tcp", PortSet.of(22), "ether1"))
    assert allowed == PrefixSet.of("2001:db8:1::/64")
    assert assured(ruleset, Query(6, "icmpv6", icmp_type=135)) == EVERYBODY.only(6)
    assert assured(ruleset, Query(6, "icmpv6", icmp_type=128)) == allowed


def test_a_menu_that_cannot_be_read_leaves_its_family_unknown() -> None:
    state = filters("chain=input src-address=198.51.100.1action=drop", "action=drop")
    assert isinstance(filters("action=drop").firewall.input4, Unknown)
    broken = read("/ip firewall filter add chain=input in-interface=!blockaction=drop\n")
    assert isinstance(broken.firewall.input4, Unknown)
    assert not isinstance(broken.firewall.input6, Unknown)
    assert isinstance(state.firewall.forward4, Unknown)


def test_a_thousand_rules_are_read_in_a_third_of_a_second() -> None:
    rules = "".join(
        f"/ip firewall filter add action=accept chain=forward dst-port={n} in-interface-list=WAN"
        f' protocol=tcp src-address=10.{n // 250}.{n % 250}.0/24 comment="rule {n}"\n'
        for n in range(1, 1001)
    )
    text = export(rules)
    assert text.count("filter") == 1000
    started = time.process_time()
    state = read(rules)
    assert time.process_time() - started < 0.3
    assert isinstance(state.firewall.forward4, Ruleset)
    assert len(state.firewall.forward4.rules()) == 1000
