"""`egress` (opt-in): SIP and RTP leave only from the voice subnet, and only to the provider.

A worm that finds the PBX uses it as a proxy to other SIP servers; this is what stops the bill.
"""

from __future__ import annotations

from routercfg.model.change import RestrictEgress
from routercfg.model.evidence import Unknown
from routercfg.model.finding import Finding, Item, Status, worst
from routercfg.model.firewall import Hook, Ruleset
from routercfg.model.intent import Intent
from routercfg.model.reachability import Query, exposed
from routercfg.model.state import RouterState
from routercfg.net import INTERNET, Family, PrefixSet
from routercfg.requirements.outside import FAMILIES, insides, networks, wans, without_ipv6

ID = "egress"


def check(intent: Intent, state: RouterState) -> Finding:
    """Ask who inside can send SIP or RTP where."""
    if not intent.egress:
        return Finding(ID, Status.NOT_APPLICABLE, "egress is not asked for (egress: true)")
    outside = wans(intent, state)
    if isinstance(outside, Unknown):
        return Finding(ID, Status.UNKNOWN, outside.reason, outside.evidence)
    voice = intent.voice_subnets | intent.pbx
    if not voice or not intent.provider:
        missing = "voice_subnets or pbx" if not voice else "provider_prefixes"
        return Finding(ID, Status.UNKNOWN, f"egress needs {missing}")
    items = [
        _judge(family, intent, state, outside)
        for family in FAMILIES
        if family == 4 or not without_ipv6(state)
    ]
    status = worst(item.verdict for item in items)
    bad = [item for item in items if item.verdict.needs_attention]
    change = RestrictEgress(outside, voice, intent.provider, intent.sip_ports, intent.rtp_ports)
    return Finding(
        ID,
        status,
        "; ".join(item.note for item in bad) or "SIP and RTP leave only from the voice subnet",
        items=tuple(items),
        changes=(change,) if status is Status.VIOLATION else (),
    )


def _judge(family: Family, intent: Intent, state: RouterState, outside: tuple[str, ...]) -> Item:
    facts = (("family", family),)
    ruleset = state.firewall.ruleset(Hook.FORWARD, family)
    if isinstance(ruleset, Unknown):
        return Item(Status.UNKNOWN, facts, ruleset.reason, ruleset.evidence)
    if isinstance(state.interfaces, Unknown):
        return Item(Status.UNKNOWN, facts, state.interfaces.reason)
    strangers = INTERNET.only(family) - intent.provider
    astray = _senders(ruleset, family, strangers, intent, state, outside)
    if astray:
        note = f"{astray} can send SIP or RTP past the provider over IPv{family}"
        return Item(Status.VIOLATION, facts, note)
    provider = intent.provider.only(family)
    voice = intent.voice_subnets | intent.pbx
    others = _senders(ruleset, family, provider, intent, state, outside) - voice
    if others:
        note = f"{others} can send SIP or RTP though it is not the voice subnet (IPv{family})"
        return Item(Status.VIOLATION, facts, note)
    return Item(Status.OK, facts, f"closed over IPv{family}")


def _senders(
    ruleset: Ruleset,
    family: Family,
    destinations: PrefixSet,
    intent: Intent,
    state: RouterState,
    outside: tuple[str, ...],
) -> PrefixSet:
    found = PrefixSet()
    if not destinations:
        return found
    for wan in outside:
        for lan in insides(outside, state):
            sources = networks((lan,), family)
            for protocol, ports in (
                ("udp", intent.sip_ports),
                ("tcp", intent.sip_ports),
                ("udp", intent.rtp_ports),
            ):
                query = Query(family, protocol, ports, lan.name, wan, destinations)
                found |= exposed(ruleset, query) & sources
    return found
