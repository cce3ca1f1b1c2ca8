"""`egress`: SIP and speech leave from the voice subnet to the provider alone."""

from __future__ import annotations

from dataclasses import replace

from routercfg.model.change import RestrictEgress
from routercfg.model.finding import Status
from routercfg.model.firewall import Interfaces, Match, Rule, Verdict
from routercfg.model.state import Ipv6
from routercfg.net import NOBODY, PortSet, PrefixSet

from .build import (
    CLOSED,
    ESTABLISHED,
    FROM_PROVIDER,
    PBX,
    PROVIDER,
    TO_PROVIDER,
    UNREADABLE,
    check,
    firewall,
    intent,
    ruleset,
)

VOICE = PrefixSet.of("192.168.10.20")

SIP_PORTS = PortSet.of("5060-5061")


def egress_rules() -> tuple[Rule, ...]:
    rules = []
    for protocols, ports in (({"tcp", "udp"}, SIP_PORTS), ({"udp"}, PortSet.of("10000-20000"))):
        match = Match(protocols=frozenset(protocols), ports=ports)
        rules.append(Rule(Verdict.ACCEPT, replace(match, sources=VOICE, destinations=PROVIDER)))
        rules.append(Rule(Verdict.DROP, match))
    return tuple(rules)


def test_egress_is_opt_in() -> None:
    assert check("egress").status is Status.NOT_APPLICABLE


def test_sip_that_can_leave_anywhere_is_restricted() -> None:
    asked = intent(egress=True, voice_subnets=VOICE)
    idle = Ipv6(enabled=True, in_use=False)
    found = check("egress", asked, ipv6=idle)
    assert found.status is Status.VIOLATION
    assert isinstance(found.changes[0], RestrictEgress)
    held = firewall(forward4=ruleset(*egress_rules(), ESTABLISHED, CLOSED))
    assert check("egress", asked, ipv6=idle, firewall=held).status is Status.OK


def test_sip_to_the_provider_from_elsewhere_than_the_voice_subnet_is_a_violation() -> None:
    strangers = ~PROVIDER
    rule = Rule(Verdict.DROP, Match(destinations=strangers))
    idle = Ipv6(enabled=True, in_use=False)
    asked = intent(egress=True, voice_subnets=VOICE)
    found = check("egress", asked, ipv6=idle, firewall=firewall(forward4=ruleset(rule)))
    assert found.status is Status.VIOLATION
    assert "voice subnet" in found.summary


def test_egress_without_a_voice_subnet_provider_or_rules_is_unknown() -> None:
    asked = intent(egress=True, voice_subnets=VOICE)
    assert (
        check("egress", replace(asked, voice_subnets=NOBODY, pbx=NOBODY)).status is Status.UNKNOWN
    )
    assert check("egress", replace(asked, provider=NOBODY)).status is Status.UNKNOWN
    blind = firewall(forward4=UNREADABLE)
    idle = Ipv6(enabled=True, in_use=False)
    assert check("egress", asked, firewall=blind, ipv6=idle).status is Status.UNKNOWN
    assert check("egress", asked, interfaces=UNREADABLE).status is Status.UNKNOWN
    assert check("egress", asked, wans=UNREADABLE).status is Status.UNKNOWN


def test_with_egress_only_the_voice_must_reach_the_provider() -> None:
    asked = intent(egress=True, voice_subnets=VOICE, provider=PROVIDER.only(4), pbx=PBX)
    out = tuple(
        replace(rule, match=replace(rule.match, out_interfaces=Interfaces(frozenset({"wan0"}))))
        for rule in egress_rules()
    )
    held = firewall(forward4=ruleset(*out, ESTABLISHED, FROM_PROVIDER, TO_PROVIDER, CLOSED))
    assert check("provider-access", asked, firewall=held).status is Status.OK
    everybody = replace(asked, egress=False)
    assert check("provider-access", everybody, firewall=held).status is Status.VIOLATION
