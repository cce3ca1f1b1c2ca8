"""The lines of the larger changes. What is ours bears our tag, and is replaced as a whole."""

from __future__ import annotations

from routercfg.errors import UnsafeValueError
from routercfg.model.change import AllowProvider, DefendIpv6, RestrictEgress, RestrictManagement
from routercfg.model.firewall import Hook
from routercfg.model.intent import Intent, Ipv6Mode
from routercfg.model.state import RouterState, UdpTimer
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
from . import writing
from .places import barriers, dialect, release
from .reading import Dialect


def provider_lines(state: RouterState, change: AllowProvider, tag: str) -> list[str]:
    """Two rules, from and to the provider, before anything that may refuse."""
    lines = []
    for family in FAMILIES:
        if not change.prefixes.only(family) or (family == 6 and not uses_ipv6(state)):
            continue
        lines += _refreshed(state, change.prefixes, family)
        chains = barriers(places.ruleset(state, Hook.FORWARD, family))
        if not chains:
            continue
        lines += group(state, "PROVIDER", change.prefixes, family, change.requirement)
        for chain in chains:
            below = places.refuser(chain) or places.AFTER_ALL
            inward, outward = places.numbers(chain, change.requirement, below, 2)
            lines += places.stale(chain, change.requirement)
            for slot, side in ((inward, "source"), (outward, "destination")):
                rule = f"{chain.name} rule {slot}"
                where = f"{side} group network-group ROUTERCFG-PROVIDER"
                lines += rule_lines(rule, "accept", tag, [where])
    return lines


def management_lines(
    state: RouterState, change: RestrictManagement, tag: str, intent: Intent
) -> list[str]:
    """Management from WAN: the sources may, others may not."""
    modern = dialect(state) is Dialect.MODERN
    lines: list[str] = []
    for family in FAMILIES:
        open_ones = [one for one in change.listeners if is_open(state, one, family, change)]
        closes = intent.ipv6 is Ipv6Mode.FIREWALL and family == 6
        if not open_ones or (closes and not modern and left_to_ipv6(state, change)):
            continue
        services = by_protocol(to_bar(state, change, family, open_ones))
        if change.sources.only(family):
            lines += group(state, "MANAGEMENT", change.sources, family, change.requirement)
        if modern:
            rules = _barring(change.sources, family, services, "return")
            lines += writing.modern(state, change, Hook.INPUT, family, tag, "MANAGEMENT", rules)
        else:
            rules = _barring(change.sources, family, services, "accept")
            lines += judged(state, change, Hook.INPUT, family, tag, "LOCAL", rules)
    return lines


def egress_lines(state: RouterState, change: RestrictEgress, tag: str) -> list[str]:
    """SIP and RTP out: from the voice subnets to the provider, and otherwise not."""
    lines: list[str] = []
    for family in FAMILIES:
        if family == 6 and not uses_ipv6(state):
            continue
        rules: Rules = []
        if change.voice.only(family) and change.provider.only(family):
            lines += group(state, "VOICE", change.voice, family, change.requirement)
            lines += group(state, "EGRESS", change.provider, family, change.requirement)
            source = "source group network-group ROUTERCFG-VOICE"
            rules.append(("accept", [source, "destination group network-group ROUTERCFG-EGRESS"]))
        rules += refusing(change)
        if dialect(state) is Dialect.MODERN:
            lines += writing.modern(state, change, Hook.FORWARD, family, tag, "EGRESS", rules)
        else:
            lines += judged(state, change, Hook.FORWARD, family, tag, "OUT", rules)
    return lines


def ipv6_lines(state: RouterState, change: DefendIpv6, tag: str, intent: Intent) -> list[str]:
    """Replies and the ICMPv6 that is needed pass; what else comes from WAN does not."""
    lines: list[str] = []
    needed: Rules = [("accept", _states(state, "established", "related"))]
    to_router = [
        *needed,
        *needed_by_router(),
    ]
    to_lan = list(needed)
    if intent.provider.only(6) and change.to_lan:
        lines += group(state, "PROVIDER6", intent.provider, 6, change.requirement)
        to_lan.append(("accept", ["source group network-group ROUTERCFG-PROVIDER6"]))
    if change.management_sources and change.to_router:
        lines += group(state, "MANAGEMENT6", change.management_sources, 6, change.requirement)
        to_router.append(("accept", ["source group network-group ROUTERCFG-MANAGEMENT6"]))
    for wanted, hook, rules, name in (
        (change.to_router, Hook.INPUT, to_router, "LOCAL-6"),
        (change.to_lan, Hook.FORWARD, to_lan, "IN-6"),
    ):
        if not wanted:
            continue
        if dialect(state) is Dialect.MODERN:
            lines += writing.modern_ipv6(state, change, hook, tag, name, rules)
        else:
            lines += defended(state, change, hook, tag, name, rules)
    return lines


def timer_path(state: RouterState, timer: UdpTimer) -> str:
    """Where a timer is set. Raises UnsafeValueError where only the version would tell."""
    configured = timer.id.startswith("firewall ") or any(line.line for line in timer.evidence)
    if configured or release(state) is not None:
        return quoting.path(timer.id)
    if dialect(state) is Dialect.MODERN:
        raise UnsafeValueError(
            "the timers moved in 1.5, and the version is not known: give `show version` as well"
        )
    return quoting.path(timer.id)


def _refreshed(state: RouterState, prefixes: PrefixSet, family: Family) -> list[str]:
    """The group of our own IPv6 rules, where those are what the provider has outgrown."""
    path = "firewall group ipv6-network-group ROUTERCFG-PROVIDER6"
    if family == 4 or not any(own.id == path for own in state.owned):
        return []
    return group(state, "PROVIDER6", prefixes, 6, "ipv6")


def _barring(
    sources: PrefixSet, family: Family, services: list[tuple[str, PortSet]], verdict: str
) -> Rules:
    """From 1.4 the sources go back to the rules that judged them before; to 1.3 there is no way
    back out of a ruleset, so that each service has to be accepted there."""
    group_of = "source group network-group ROUTERCFG-MANAGEMENT"
    known = bool(sources.only(family))
    rules: Rules = [("return", [group_of])] if known else []
    if verdict == "accept":
        rules = []
    for protocol, ports in services:
        service = [f"protocol {protocol}", f"destination port {quoting.ports(ports)}"]
        if verdict == "accept" and known:
            rules.append(("accept", [*service, group_of]))
        rules.append(("drop", service))
    return rules


def _states(state: RouterState, *names: str) -> list[str]:
    suffix = "" if dialect(state) is Dialect.MODERN else " enable"
    return [f"state {name}{suffix}" for name in names]
