"""The lines of the larger changes. What is ours bears our tag, and is replaced as a whole."""

from __future__ import annotations

from routercfg.model.change import AllowProvider, DefendIpv6, RestrictEgress, RestrictManagement
from routercfg.model.firewall import Chain, Hook, Ruleset
from routercfg.model.intent import Intent, Ipv6Mode
from routercfg.model.state import RouterState
from routercfg.net import Family, PortSet, PrefixSet

from ..vyatta import places, quoting
from ..vyatta.wanted import (
    FAMILIES,
    by_protocol,
    is_open,
    left_to_ipv6,
    to_bar,
    uses_ipv6,
)
from ..vyatta.writing import (
    Rules,
    defended,
    group,
    judged,
    needed_by_router,
    refusing,
    rule_lines,
)

_ESTABLISHED = ("state established enable", "state related enable")


def provider_lines(state: RouterState, change: AllowProvider, tag: str) -> list[str]:
    """From and to the provider, before anything that may refuse."""
    lines: list[str] = []
    for family in FAMILIES:
        if not change.prefixes.only(family) or (family == 6 and not uses_ipv6(state)):
            continue
        chains = _barriers(places.ruleset(state, Hook.FORWARD, family))
        if not chains:
            continue
        if family == 4:
            lines += group(state, "PROVIDER", change.prefixes, 4, change.requirement)
        wanted = [
            condition
            for side in ("source", "destination")
            for condition in _ends(side, "PROVIDER", change.prefixes, family)
        ]
        for chain in chains:
            below = places.refuser(chain) or places.AFTER_ALL
            slots = places.numbers(chain, change.requirement, below, len(wanted))
            lines += places.stale(chain, change.requirement)
            for slot, condition in zip(slots, wanted, strict=True):
                lines += rule_lines(f"{chain.name} rule {slot}", "accept", tag, [condition])
    return lines


def management_lines(
    state: RouterState, change: RestrictManagement, tag: str, intent: Intent
) -> list[str]:
    """Management from WAN: the sources may, others may not."""
    lines: list[str] = []
    for family in FAMILIES:
        open_ones = [one for one in change.listeners if is_open(state, one, family, change)]
        closes = intent.ipv6 is Ipv6Mode.FIREWALL and family == 6
        if not open_ones or (closes and left_to_ipv6(state, change)):
            continue
        if change.sources.only(family) and family == 4:
            lines += group(state, "MANAGEMENT", change.sources, 4, change.requirement)
        barred = to_bar(state, change, family, open_ones)
        rules = _barring(change.sources, family, by_protocol(barred))
        name = "LOCAL" if family == 4 else "MANAGE-6"
        lines += judged(state, change, Hook.INPUT, family, tag, name, rules)
    return lines


def egress_lines(state: RouterState, change: RestrictEgress, tag: str) -> list[str]:
    """SIP and RTP out: from the voice subnets to the provider, and otherwise not."""
    lines: list[str] = []
    for family in FAMILIES:
        if family == 6 and not uses_ipv6(state):
            continue
        rules: Rules = []
        if change.voice.only(family) and change.provider.only(family):
            if family == 4:
                lines += group(state, "VOICE", change.voice, 4, change.requirement)
                lines += group(state, "EGRESS", change.provider, 4, change.requirement)
            rules += [
                ("accept", [source, target])
                for source in _ends("source", "VOICE", change.voice, family)
                for target in _ends("destination", "EGRESS", change.provider, family)
            ]
        rules += refusing(change)
        name = "OUT" if family == 4 else "OUT-6"
        lines += judged(state, change, Hook.FORWARD, family, tag, name, rules)
    return lines


def ipv6_lines(state: RouterState, change: DefendIpv6, tag: str, intent: Intent) -> list[str]:
    """Replies and the ICMPv6 that is needed pass; what else comes from WAN does not."""
    needed: Rules = [("accept", _ESTABLISHED)]
    to_router: Rules = [
        *needed,
        *needed_by_router(),
        *(("accept", [one]) for one in _ends("source", "", change.management_sources, 6)),
    ]
    to_lan: Rules = [
        *needed,
        *(("accept", [one]) for one in _ends("source", "", intent.provider, 6)),
        *(("accept", [one]) for one in _ends("destination", "", intent.provider, 6)),
    ]
    lines: list[str] = []
    if change.to_router:
        lines += defended(state, change, Hook.INPUT, tag, "LOCAL-6", to_router)
    if change.to_lan:
        lines += defended(state, change, Hook.FORWARD, tag, "IN-6", to_lan)
    return lines


def _ends(side: str, name: str, found: PrefixSet, family: Family) -> list[str]:
    """One condition by a group; of IPv6 one for each prefix, since groups there are UNVERIFIED."""
    if family == 4:
        return [f"{side} group network-group ROUTERCFG-{name}"]
    return [f"{side} address {prefix}" for prefix in quoting.prefixes(found, 6)]


def _barring(sources: PrefixSet, family: Family, services: list[tuple[str, PortSet]]) -> Rules:
    """There is no way back out of a ruleset: each service is accepted, or refused, right here."""
    known = _ends("source", "MANAGEMENT", sources, family) if sources.only(family) else []
    rules: Rules = []
    for protocol, ports in services:
        service = [f"protocol {protocol}", f"destination port {quoting.ports(ports)}"]
        rules += [("accept", [*service, one]) for one in known]
        rules.append(("drop", service))
    return rules


def _barriers(found: Ruleset) -> list[Chain]:
    """Configured chains that may refuse a packet that passes through."""
    joined = {
        chain.name: chain for _, chain in places.jumps(found) if " ROUTERCFG-OUT" not in chain.name
    }
    return [
        chain
        for chain in joined.values()
        if " ROUTERCFG-OUT" not in chain.name and places.refuser(chain) is not None
    ]
