"""The laws of every pack, for Cisco IOS: carried out in its simulator, line by line."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routercfg.model.intent import Ipv6Mode, OnPartial
from routercfg.net import PrefixSet

from . import ios

PARTIAL = """
hostname partial
archive
 path flash:cfg
interface FastEthernet4
 ip address 198.51.100.10 255.255.255.248
 ip nat outside
interface Vlan1
 ip address 192.168.1.1 255.255.255.0
 ip nat inside
no ip http server
no ip http secure-server
ip nat pool rtp 192.168.1.20 192.168.1.20 netmask 255.255.255.0 type rotary
ip nat inside source list 10 interface FastEthernet4 overload
ip nat inside destination list RTP pool rtp
ip route 0.0.0.0 0.0.0.0 198.51.100.9
ip access-list extended RTP
 permit udp any any range 8000 65535
access-list 10 permit 192.168.1.0 0.0.0.255
line vty 0 4
 transport input ssh
"""
NETCONF = """
hostname yang
archive
 path bootflash:cfg
interface GigabitEthernet0/0/0
 ip address dhcp
 ip nat outside
interface Vlan1
 ip address 192.168.1.1 255.255.255.0
 ip nat inside
ip http server
ip http secure-server
ip nat inside source static tcp 192.168.1.9 3389 interface GigabitEthernet0/0/0 33890
ip nat inside source static tcp 192.168.1.8 443 interface GigabitEthernet0/0/0 443
ip nat inside source list 1 interface GigabitEthernet0/0/0 overload
access-list 1 permit 192.168.1.0 0.0.0.255
line vty 0 4
 transport input ssh
netconf-yang
restconf
vstack
"""

POLLED = """
hostname polled
archive
 path flash:cfg
interface FastEthernet4
 ip address 198.51.100.10 255.255.255.248
 ip nat outside
 ipv6 address 2001:DB8:1::2/64
interface Vlan1
 ip address 192.168.1.1 255.255.255.0
 ip nat inside
no ip http server
no ip http secure-server
ip nat inside source list 10 interface FastEthernet4 overload
ip route 0.0.0.0 0.0.0.0 198.51.100.9
ip access-list standard NMS
 permit 192.168.1.7
 permit 203.0.113.9
ipv6 access-list NOBODY6
 deny ipv6 any any
access-list 10 permit 192.168.1.0 0.0.0.255
access-list 50 permit 192.168.1.8
snmp-server community op3n RO
snmp-server community wr1te view ALL RW
snmp-server community half RO NMS
snmp-server community inside RO ipv6 NOBODY6 50
line vty 0 4
 transport input ssh
"""

SIX = """
hostname six
archive
 path flash:cfg
interface FastEthernet4
 ip address 198.51.100.10 255.255.255.248
 ip nat outside
 ipv6 address 2001:DB8:1::2/64
 ipv6 traffic-filter WAN6 in
interface Vlan1
 ip address 192.168.1.1 255.255.255.0
 ip nat inside
 ipv6 address 2001:DB8:1:10::1/64
no ip http server
no ip http secure-server
ip nat inside source list 10 interface FastEthernet4 overload
ip route 0.0.0.0 0.0.0.0 198.51.100.9
ipv6 unicast-routing
ipv6 access-list WAN6
{}
access-list 10 permit 192.168.1.0 0.0.0.255
line vty 0 4
 transport input ssh
"""


def six(*entries: str) -> str:
    """A router with a list of others on its WAN interface."""
    return SIX.format("\n".join(f" {text}" for text in entries))


REFUSING = six("permit icmp any any", "permit tcp any any established", "deny ipv6 any any log")
OPENING = six(
    "permit icmp any any", "permit tcp any host 2001:DB8:1:10::5 eq 443", "permit ipv6 any any"
)

CASES = {
    "IPv6 list without a way back": (REFUSING, "15.4(3)M", ios.INTENT),
    "IPv6 list without a way back, numbered": (REFUSING, "16.12.3", ios.INTENT),
    "IPv6 list that opens at its end": (OPENING, "15.4(3)M", ios.INTENT),
    "IPv6 list that opens at its end, numbered": (OPENING, "17.3.4", ios.INTENT),
    "IPv6 list that says nothing": (six("permit tcp any any established"), None, ios.INTENT),
    "IPv6 list that is an open door": (six("permit ipv6 any any"), None, ios.INTENT),
    "SNMP open to strangers": (POLLED, "15.4(3)M", ios.INTENT),
    "SNMP open, numbers printed": (POLLED, "16.12.3", ios.INTENT),
    "factory 16.9": ("factory", "16.9.5", ios.INTENT),
    "factory 17.3, numbers printed": ("factory", "17.3.4", ios.INTENT),
    "messy 15.7": ("messy", None, ios.INTENT),
    "messy 16.12, numbers printed": ("messy", "16.12.3", ios.INTENT),
    "messy, without IPv6": ("messy", None, replace(ios.INTENT, ipv6=Ipv6Mode.OFF)),
    "messy, egress": ("messy", None, replace(ios.INTENT, egress=True)),
    "factory, egress": ("factory", "16.9.5", replace(ios.INTENT, egress=True)),
    "messy, nobody manages": ("messy", None, replace(ios.INTENT, management_sources=PrefixSet())),
    "zones": (ios.ZONES, "16.9.5", ios.INTENT),
    "zones, numbers printed": (ios.ZONES, "17.6.1", ios.INTENT),
    "zones of before IOS-XE": (ios.ZONES, "15.4(3)M", ios.INTENT),
    "rotary pool, split": (PARTIAL, "15.4(3)M", replace(ios.INTENT, on_partial=OnPartial.SPLIT)),
    "rotary pool, removed": (PARTIAL, "15.4(3)M", replace(ios.INTENT, on_partial=OnPartial.REMOVE)),
    "netconf, restconf, forwards": (NETCONF, "16.12.3", ios.INTENT),
}
#: What stays for a person on a router: an open resolver is a decision.
OPEN = {"dns"}


@pytest.mark.parametrize("name", CASES)
def test_after_a_plan_nothing_is_left_to_send(name: str) -> None:
    configuration, version, intent = CASES[name]
    one = ios.router(configuration, version=version)
    before = ios.plan(one, intent)
    assert before.commands
    ios.carry_out(one, before.commands)
    after = ios.plan(one, intent)
    assert after.commands == ()
    assert after.problems == ()
    bad = {f.requirement: f.summary for f in after.findings if f.status.value == "violation"}
    if intent.management_sources:
        assert bad == {}
    else:
        # Forwards cannot be restricted to nobody: they are for a person.
        assert set(bad) <= {"management"}


@pytest.mark.parametrize("name", CASES)
def test_a_compliant_router_gets_an_empty_plan_again_and_again(name: str) -> None:
    configuration, version, intent = CASES[name]
    one = ios.router(configuration, version=version)
    ios.carry_out(one, ios.plan(one, intent).commands)
    text = one.configuration()
    assert ios.plan(one, intent).commands == ()
    assert one.configuration() == text


@pytest.mark.parametrize("name", CASES)
def test_rolling_back_restores_the_configuration_to_the_letter(name: str) -> None:
    configuration, version, intent = CASES[name]
    one = ios.router(configuration, version=version)
    before = one.configuration()
    shell = ios.carry_out(one, ios.plan(one, intent).commands)
    assert one.configuration() != before
    assert "Rollback" in ios.talk(shell, "configure revert now")
    assert one.configuration() == before


@pytest.mark.parametrize("name", CASES)
def test_lines_outside_the_slice_stay(name: str) -> None:
    configuration, version, intent = CASES[name]
    one = ios.router(configuration, version=version)
    before = one.configuration().splitlines()
    found = ios.plan(one, intent)
    ios.carry_out(one, found.commands)
    after = set(one.configuration().splitlines())
    gone = {re.sub(r"^\d+ ", "", line.strip()) for line in before if line not in after}
    removed = " ".join(c.removeprefix("no ") for c in found.commands if c.startswith("no "))
    for line in gone:
        named = line.removeprefix("no ") in removed or " ".join(line.split()[:2]) in removed
        # A value that the plan sets takes the place of the one before.
        start = "access-class" if line.startswith("access-class") else " ".join(line.split()[:2])
        set_anew = any(start in command for command in found.commands)
        whole_list = "access-list" in removed and line.startswith("permit udp any any range")
        assert named or set_anew or whole_list, line


def test_a_list_in_use_is_never_removed_or_emptied() -> None:
    one = ios.router("messy")
    shell = ios.terminal(one)
    ios.talk(shell, "configure terminal revert timer 5")
    for command in ios.plan(one).commands:
        ios.talk(shell, command)
        assert one.may_connect("192.0.2.130", 22), command
        assert one.running.acls["INTERNET_IN"].entries


def test_new_management_sources_change_the_lists_in_place() -> None:
    one = ios.router("factory")
    ios.carry_out(one, ios.plan(one).commands)
    ios.talk(ios.terminal(one), "configure confirm")
    other = replace(ios.INTENT, management_sources=PrefixSet.of("192.0.2.144/28"))
    found = ios.plan(one, other)
    assert not any(c.startswith("no ip access-list") for c in found.commands)
    ios.carry_out(one, found.commands)
    assert ios.plan(one, other).commands == ()
    assert one.may_connect("192.0.2.145", 22)
    assert not one.may_connect("192.0.2.130", 22)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_cut_or_garbled_configuration_is_never_ok(data: st.DataObject) -> None:
    text = ios.router("messy").printed()
    lines = text.splitlines(keepends=True)
    kind = data.draw(st.sampled_from(["cut", "middle", "pager", "error"]))
    place = data.draw(st.integers(8, len(lines) - 2))
    if kind == "cut":
        text = "".join(lines[:place])
    elif kind == "middle":
        text = "".join(lines[: place // 2] + lines[place // 2 + len(lines) // 3 :])
    elif kind == "pager":
        text = "".join([*lines[:place], " --More-- \b\b\b\n", *lines[place:]])
    else:
        text = "                ^\n% Invalid input detected at '^' marker.\n"
    state = ios.pack().state({"config": text})
    found = ios.make_plan("r1", ios.pack(), state, ios.INTENT)
    assert {f.status.value for f in found.findings} <= {"unknown", "not_applicable"}
    assert found.commands == ()
