"""Rulesets that customers made: bound to interfaces, joined by zones, or not bound at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routercfg.model.finding import Status
from routercfg.model.intent import OnPartial
from routercfg.net import NOBODY
from routercfg.planning import Plan

from .vyatta import INTENT, vyos

BASE = """
set interfaces ethernet eth0 address 192.0.2.2/24
set interfaces ethernet eth0 address 2001:db8:0:1::2/64
set interfaces ethernet eth1 address 192.168.1.1/24
set interfaces ethernet eth1 address 2001:db8:1:1::1/64
set protocols static route 0.0.0.0/0 next-hop 192.0.2.1
set protocols static route6 ::/0 next-hop 2001:db8:0:1::1
set service ssh port 22
set system conntrack modules tftp
set system host-name r1
set system login user vyos authentication encrypted-password '!'
"""
TIMERS = "set {} timeout udp stream 300\nset {} timeout udp other 300\n"
OLD_TIMERS = TIMERS.replace("{}", "system conntrack")


def old_ruleset(kind: str, name: str, *rules: str) -> str:
    lines = f"""
set firewall {kind} {name} default-action drop
set firewall {kind} {name} rule 10 action accept
set firewall {kind} {name} rule 10 state established enable
set firewall {kind} {name} rule 10 state related enable
set firewall {kind} {name} rule 20 action drop
set firewall {kind} {name} rule 20 state invalid enable
"""
    return lines + "".join(f"set firewall {kind} {name} rule {rule}\n" for rule in rules)


ICMP6 = tuple(
    line
    for number, kind in enumerate((128, 134, 135, 136), start=30)
    for line in (
        f"{number} action accept",
        f"{number} protocol icmpv6",
        f"{number} icmpv6 type {kind}",
    )
)
SSH = ("40 action accept", "40 protocol tcp", "40 destination port 22")
BOUND = (
    BASE
    + OLD_TIMERS
    + old_ruleset("name", "WAN_IN")
    + old_ruleset("name", "WAN_LOCAL", *SSH)
    + old_ruleset("ipv6-name", "WANv6_IN")
    + old_ruleset("ipv6-name", "WANv6_LOCAL", *ICMP6, *SSH)
)
BINDINGS = """
set interfaces ethernet eth0 firewall in name WAN_IN
set interfaces ethernet eth0 firewall local name WAN_LOCAL
set interfaces ethernet eth0 firewall in ipv6-name WANv6_IN
set interfaces ethernet eth0 firewall local ipv6-name WANv6_LOCAL
"""
ZONES = """
set {zone} LAN default-action drop
set {zone} LAN interface eth1
set {zone} LAN from WAN firewall name WAN_IN
set {zone} LAN from WAN firewall ipv6-name WANv6_IN
set {zone} LAN from LOCAL firewall name OPEN
set {zone} LAN from LOCAL firewall ipv6-name OPEN6
set {zone} WAN default-action drop
set {zone} WAN interface eth0
set {zone} WAN from LAN firewall name OPEN
set {zone} WAN from LAN firewall ipv6-name OPEN6
set {zone} WAN from LOCAL firewall name OPEN
set {zone} WAN from LOCAL firewall ipv6-name OPEN6
set {zone} LOCAL default-action drop
set {zone} LOCAL local-zone
set {zone} LOCAL from WAN firewall name WAN_LOCAL
set {zone} LOCAL from WAN firewall ipv6-name WANv6_LOCAL
set {zone} LOCAL from LAN firewall name OPEN
set {zone} LOCAL from LAN firewall ipv6-name OPEN6
"""
OPEN = """
set firewall name OPEN default-action accept
set firewall ipv6-name OPEN6 default-action accept
"""


def modern(text: str, version: str) -> str:
    """The same configuration as 1.4 and 1.5 write it."""
    timers = "firewall global-options" if version >= "1.5" else "system conntrack"
    return (
        text.replace(OLD_TIMERS, TIMERS.replace("{}", timers))
        .replace("set firewall name ", "set firewall ipv4 name ")
        .replace("set firewall ipv6-name ", "set firewall ipv6 name ")
        .replace(" enable\n", "\n")
    )


def statuses(found: Plan) -> dict[str, Status]:
    return {finding.requirement: finding.status for finding in found.findings}


CASES = {
    "bound 1.3": ("1.3.8", BOUND + BINDINGS),
    "zones 1.3": ("1.3.8", BOUND + OPEN + ZONES.replace("{zone}", "zone-policy zone")),
    "zones 1.4": ("1.4.0", modern(BOUND + OPEN, "1.4") + ZONES.replace("{zone}", "firewall zone")),
    "zones 1.5": ("1.5.0", modern(BOUND + OPEN, "1.5") + ZONES.replace("{zone}", "firewall zone")),
}


@pytest.mark.parametrize("name", CASES)
def test_rules_go_into_the_rulesets_that_judge_wan_and_nowhere_else(name: str) -> None:
    bench = vyos(*CASES[name])
    one = bench.router()
    before = bench.plan(one)
    assert statuses(before)["management"] is Status.VIOLATION
    assert statuses(before)["provider-access"] is Status.VIOLATION
    assert statuses(before)["ipv6"] is Status.OK
    bench.apply(one, before.commands)
    after = bench.plan(one)
    assert after.commands == ()
    assert not {key: s for key, s in statuses(after).items() if s.needs_attention}
    assert one.may_connect("203.0.113.9", 22)
    assert one.may_connect("192.168.1.20", 22)
    assert not one.may_connect("198.18.0.1", 22)
    assert "OPEN rule" not in one.configuration()


def test_a_ruleset_that_nothing_binds_protects_nothing() -> None:
    bench = vyos("1.3.8", BOUND)
    one = bench.router()
    before = bench.plan(one)
    assert statuses(before)["ipv6"] is Status.VIOLATION
    assert statuses(before)["provider-access"] is Status.OK
    assert one.may_connect("198.18.0.1", 22)
    bench.apply(one, before.commands)
    assert not {k: s for k, s in statuses(bench.plan(one)).items() if s.needs_attention}
    assert not one.may_connect("198.18.0.1", 22)


def test_a_ruleset_that_also_judges_the_lan_is_left_to_a_person() -> None:
    configuration = (
        BOUND + BINDINGS + "set interfaces ethernet eth1 firewall local name WAN_LOCAL\n"
    )
    bench = vyos("1.3.8", configuration)
    found = bench.plan(bench.router())
    assert any("also judges other interfaces" in problem for problem in found.problems)


def test_a_forward_that_the_filter_closes_is_well() -> None:
    configuration = BOUND + BINDINGS + (
        "set nat destination rule 10 inbound-interface eth0\n"
        "set nat destination rule 10 protocol udp\n"
        "set nat destination rule 10 destination port 5060\n"
        "set nat destination rule 10 translation address 192.168.1.50\n"
    )  # fmt: skip
    # Without a provider there is nothing the same plan would open to the forward.
    alone = replace(INTENT, provider=NOBODY)
    bench = vyos("1.3.8", configuration)
    found = bench.plan(bench.router(), alone)
    assert statuses(found)["sip-forwards"] is Status.OK
    assert statuses(bench.plan(bench.router()))["sip-forwards"] is (Status.VIOLATION)


def test_a_one_to_one_translation_and_a_group_are_understood() -> None:
    configuration = modern(BASE + OLD_TIMERS, "1.4") + (
        "set firewall group address-group PHONES address 192.168.1.50\n"
        "set nat static rule 10 destination address 192.0.2.9\n"
        "set nat static rule 10 inbound-interface eth0\n"
        "set nat static rule 10 translation address 192.168.1.9\n"
        "set nat66 destination rule 10 inbound-interface name eth0\n"
        "set nat66 destination rule 10 protocol udp\n"
        "set nat66 destination rule 10 destination port 5060\n"
        "set nat66 destination rule 10 translation address 2001:db8:1:1::50\n"
    )
    bench = vyos("1.4.0", configuration)
    found = bench.plan(bench.router())
    forwards = next(f for f in found.findings if f.requirement == "sip-forwards")
    verdicts = {dict(item.facts)["id"]: item.verdict for item in forwards.items}
    assert verdicts["nat static rule 10"] is Status.DECISION
    assert verdicts["nat66 destination rule 10"] is Status.VIOLATION
    assert INTENT.on_partial is OnPartial.SPLIT
