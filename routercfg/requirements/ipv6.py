"""`ipv6`: filtered as RFC 4890 asks, or not there at all."""

from __future__ import annotations

from routercfg.model.change import DefendIpv6, DisableIpv6
from routercfg.model.evidence import Unknown
from routercfg.model.finding import Finding, Item, Status, worst
from routercfg.model.firewall import Hook, Ruleset
from routercfg.model.intent import Intent, Ipv6Mode
from routercfg.model.reachability import Query, exposed
from routercfg.model.state import Ipv6, RouterState
from routercfg.net import PortSet, PrefixSet
from routercfg.requirements.outside import internet, wans

ID = "ipv6"

_LINK_LOCAL = PrefixSet.of("fe80::/10")

#: RFC 4890 section 4.4: what a router must take itself, and at which of its addresses (RFC 4861).
#: Errors may ride on `related`.
_NEEDED = (
    (135, "neighbour solicitation", PrefixSet.of("ff02::1:ff00:0/104")),
    (136, "neighbour advertisement", _LINK_LOCAL),
    (128, "echo", PrefixSet.of("2000::/3") | _LINK_LOCAL),
)


def check(intent: Intent, state: RouterState) -> Finding:
    """Judge by the mode that the inventory asks for."""
    if isinstance(state.ipv6, Unknown):
        return Finding(ID, Status.UNKNOWN, state.ipv6.reason, state.ipv6.evidence)
    if intent.ipv6 is Ipv6Mode.OFF:
        return _off(state.ipv6)
    if not state.ipv6.in_use:
        return Finding(
            ID, Status.NOT_APPLICABLE, "IPv6 is not in use on this router", state.ipv6.evidence
        )
    return _firewall(intent, state, state.ipv6)


def _off(ipv6: Ipv6) -> Finding:
    if not ipv6.in_use:
        return Finding(ID, Status.OK, "no IPv6 address, advertisement or route", ipv6.evidence)
    return Finding(
        ID,
        Status.VIOLATION,
        f"IPv6 is to be off, and is in use: {ipv6.detail}",
        ipv6.evidence,
        changes=(DisableIpv6(),),
    )


def _firewall(intent: Intent, state: RouterState, ipv6: Ipv6) -> Finding:
    outside = wans(intent, state)
    if isinstance(outside, Unknown):
        return Finding(ID, Status.UNKNOWN, outside.reason, outside.evidence)
    # Whom the inventory names may come in: that is what their rules are for.
    known = intent.provider | intent.management_sources
    items = []
    for hook, target in ((Hook.INPUT, "router"), (Hook.FORWARD, "LAN")):
        ruleset = state.firewall.ruleset(hook, 6)
        if isinstance(ruleset, Unknown):
            items.append(Item(Status.UNKNOWN, (("target", target),), ruleset.reason))
            continue
        items += [_judge(ruleset, hook, target, wan, state, known) for wan in outside]
    status = worst(item.verdict for item in items)
    bad = [item for item in items if item.verdict.needs_attention]
    summary = "; ".join(dict.fromkeys(item.note for item in bad))
    violated = {item.facts[0][1] for item in items if item.verdict is Status.VIOLATION}
    change = DefendIpv6(
        outside, "router" in violated, "LAN" in violated, intent.management_sources.only(6)
    )
    return Finding(
        ID,
        status,
        summary or "IPv6 from outside is refused unless asked for",
        ipv6.evidence,
        tuple(items),
        (change,) if violated else (),
    )


def _judge(
    ruleset: Ruleset, hook: Hook, target: str, wan: str, state: RouterState, known: PrefixSet
) -> Item:
    facts = (("target", target), ("wan", wan))
    if _open_by_default(ruleset, wan, state, known):
        return Item(Status.VIOLATION, facts, f"anybody can reach the {target} over IPv6 by {wan}")
    if not exposed(ruleset, Query(6, "udp", state="established", in_interface=wan)):
        return Item(Status.VIOLATION, facts, f"replies to the {target} are refused on {wan}")
    if hook is Hook.INPUT:
        for number, name, where in _NEEDED:
            query = Query(6, "icmpv6", in_interface=wan, destinations=where, icmp_type=number)
            if not exposed(ruleset, query) & _LINK_LOCAL:
                return Item(Status.VIOLATION, facts, f"ICMPv6 {name} is refused on {wan}")
    return Item(Status.OK, facts, f"the {target} is closed on {wan}")


def _open_by_default(ruleset: Ruleset, wan: str, state: RouterState, known: PrefixSet) -> bool:
    """Does a port and address that no rule speaks of let a stranger in?"""
    for protocol in ("tcp", "udp"):
        query = Query(
            6,
            protocol,
            _unmentioned_port(ruleset),
            in_interface=wan,
            destinations=_unmentioned_address(ruleset),
        )
        if (exposed(ruleset, query) & internet(state, wan).only(6)) - known:
            return True
    return False


def _unmentioned_port(ruleset: Ruleset) -> PortSet | None:
    mentioned = PortSet()
    for rule in ruleset.rules():
        if rule.match.ports is not None and len(rule.match.ports) < 60000:
            mentioned |= rule.match.ports
    free = PortSet.of("1024-65535") - mentioned
    return PortSet.of(free.intervals[-1][1]) if free else None


def _unmentioned_address(ruleset: Ruleset) -> PrefixSet | None:
    free = PrefixSet.of("2000::/3")
    for rule in ruleset.rules():
        wanted = rule.match.destinations
        if wanted is not None and not PrefixSet.of("2000::/3") <= wanted:
            free -= wanted
    return PrefixSet((), ((free.v6[-1][1], free.v6[-1][1]),)) if free else None
