"""Router states built by hand, compliant unless a test says otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from routercfg.model.evidence import Evidence, Unknown
from routercfg.model.finding import Finding
from routercfg.model.firewall import Chain, Firewall, Interfaces, Match, Rule, Ruleset, Verdict
from routercfg.model.intent import Intent
from routercfg.model.state import (
    Forward,
    Helper,
    Identity,
    Interface,
    Ipv6,
    Listener,
    PortMapper,
    RouterState,
    UdpTimer,
    Wan,
)
from routercfg.net import PortSet, PrefixSet
from routercfg.requirements import REQUIREMENTS

PROVIDER = PrefixSet.of("203.0.113.0/24", "2001:db8:203::/48")
OFFICE = PrefixSet.of("192.0.2.0/24", "2001:db8:192::/48")
PBX = PrefixSet.of("192.168.10.20")
LINE = Evidence("show everything", 7, "a line")
UNREADABLE = Unknown("the output is cut", (LINE,))


def intent(**changes: Any) -> Intent:
    """An intent with a provider and management sources."""
    return replace(Intent(provider=PROVIDER, management_sources=OFFICE, pbx=PBX), **changes)


def wan_rule(verdict: Verdict, **match: Any) -> Rule:
    """A rule on what comes in by the WAN."""
    return Rule(verdict, Match(in_interfaces=Interfaces(frozenset({"wan0"})), **match), id="w")


ESTABLISHED = Rule(Verdict.ACCEPT, Match(states=frozenset({"established", "related"})), id="e")
FROM_PROVIDER = Rule(Verdict.ACCEPT, Match(sources=PROVIDER), id="p", tag="provider-access")
TO_PROVIDER = Rule(Verdict.ACCEPT, Match(destinations=PROVIDER), id="q", tag="provider-access")
ICMPV6 = Rule(Verdict.ACCEPT, Match(protocols=frozenset({"icmpv6"})), id="i")
CLOSED = wan_rule(Verdict.DROP)
MANAGEMENT = Rule(Verdict.ACCEPT, Match(sources=OFFICE), id="m")


def ruleset(*rules: Rule, policy: Verdict = Verdict.ACCEPT) -> Ruleset:
    """One base chain."""
    return Ruleset((Chain("base", rules, policy),))


INPUT4 = ruleset(ESTABLISHED, MANAGEMENT, CLOSED)
INPUT6 = ruleset(ESTABLISHED, ICMPV6, MANAGEMENT, CLOSED)
FORWARD = ruleset(ESTABLISHED, FROM_PROVIDER, TO_PROVIDER, CLOSED)

SSH = Listener("ssh", "tcp", PortSet.of(22), id="ssh", evidence=(LINE,))
TELNET = Listener("telnet", "tcp", PortSet.of(23), plaintext=True, id="telnet", evidence=(LINE,))


def forward(**changes: Any) -> Forward:
    """A forward of SIP to the PBX, changed as asked."""
    sip = Forward(
        id="f1",
        family=4,
        to=PBX,
        protocols=frozenset({"udp"}),
        ports=PortSet.of("5060-5061"),
        evidence=(LINE,),
    )
    return replace(sip, **changes)


def firewall(**changes: Any) -> Firewall:
    """Closed to the internet, open to the provider and to management."""
    return replace(Firewall(INPUT4, INPUT6, FORWARD, FORWARD), **changes)


def state(**changes: Any) -> RouterState:
    """A compliant router."""
    good = RouterState(
        platform="test",
        identity=Identity("r1", "Model", "7.1", certified=True, range=">=7"),
        interfaces=(
            Interface("wan0", ("198.51.100.2/24", "2001:db8:1::2/64"), up=True),
            Interface("lan0", ("192.168.10.1/24", "2001:db8:10::1/64"), up=True),
        ),
        wans=(Wan("wan0", "default route", (LINE,)),),
        firewall=firewall(),
        forwards=(),
        listeners=(SSH,),
        sip_helpers=(Helper("sip", "sip", enabled=False, evidence=(LINE,)),),
        tftp_helpers=(Helper("tftp", "tftp", enabled=True, evidence=(LINE,)),),
        ipv6=Ipv6(enabled=True, in_use=True, evidence=(LINE,)),
        udp_timers=(UdpTimer("udp", 300, (LINE,)), UdpTimer("udp-stream", 600, (LINE,))),
        port_mappers=(PortMapper("upnp", enabled=False, evidence=(LINE,)),),
    )
    return replace(good, **changes)


def closed_forward() -> Ruleset:
    """What comes in by the WAN is dropped, translated or not."""
    return ruleset(ESTABLISHED, FROM_PROVIDER, TO_PROVIDER, CLOSED)


def open_forward() -> Ruleset:
    """What comes in by the WAN is dropped unless it was translated, as RouterOS ships it."""
    return ruleset(ESTABLISHED, FROM_PROVIDER, TO_PROVIDER, wan_rule(Verdict.DROP, dnat=False))


def check(name: str, asked: Intent | None = None, **changes: object) -> Finding:
    """What one requirement finds on a compliant router with these changes."""
    return REQUIREMENTS[name](asked or intent(), state(**changes))
