"""The lines of the larger changes. What is ours bears our tag, and is replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from routercfg.errors import UnsafeValueError
from routercfg.model.change import AllowProvider, DefendIpv6, RestrictEgress, RestrictManagement
from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Hook
from routercfg.model.intent import Intent, Ipv6Mode
from routercfg.model.state import Listener, RouterState
from routercfg.net import Family, PortSet, PrefixSet
from routercfg.requirements.outside import reaches_router

from . import places, quoting

_FAMILIES: tuple[Family, Family] = (4, 6)
#: RFC 4890 section 4.4.1: echo, router advertisement, neighbour solicitation and advertisement.
#: Errors ride on `related`.
_ICMP6 = (128, 134, 135, 136)
_ESTABLISHED = ("state established enable", "state related enable")

Conditions = Sequence[str]
Rules = list[tuple[str, Conditions]]


def provider_lines(state: RouterState, change: AllowProvider, tag: str) -> list[str]:
    """From and to the provider, before anything that may refuse."""
    lines: list[str] = []
    for family in _FAMILIES:
        if not change.prefixes.only(family) or (family == 6 and not _uses_ipv6(state)):
            continue
        chains = places.barriers(places.ruleset(state, Hook.FORWARD, family))
        if not chains:
            continue
        if family == 4:
            lines += group(state, "PROVIDER", change.prefixes, change.requirement)
        wanted = [
            condition
            for side in ("source", "destination")
            for condition in _ends(side, "PROVIDER", change.prefixes, family)
        ]
        for chain in chains:
            below = places.refuser(chain) or 10_000
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
    for family in _FAMILIES:
        open_ones = [one for one in change.listeners if _is_open(state, one, family, change)]
        closes = intent.ipv6 is Ipv6Mode.FIREWALL and family == 6
        if not open_ones or (closes and _left_to_ipv6(state, change)):
            continue
        if change.sources.only(family) and family == 4:
            lines += group(state, "MANAGEMENT", change.sources, change.requirement)
        # Rules of ours are replaced as a whole: with them goes what shields the other services.
        barred = _shielded(state, family) if _has_rules(state, change.requirement) else open_ones
        rules = _barring(change.sources, family, _by_protocol(barred))
        name = "LOCAL" if family == 4 else "MANAGE-6"
        lines += _judged(state, change, Hook.INPUT, family, tag, name, rules)
    return lines


def egress_lines(state: RouterState, change: RestrictEgress, tag: str) -> list[str]:
    """SIP and RTP out: from the voice subnets to the provider, and otherwise not."""
    lines: list[str] = []
    for family in _FAMILIES:
        if family == 6 and not _uses_ipv6(state):
            continue
        rules: Rules = []
        if change.voice.only(family) and change.provider.only(family):
            if family == 4:
                lines += group(state, "VOICE", change.voice, change.requirement)
                lines += group(state, "EGRESS", change.provider, change.requirement)
            rules += [
                ("accept", [source, target])
                for source in _ends("source", "VOICE", change.voice, family)
                for target in _ends("destination", "EGRESS", change.provider, family)
            ]
        sip, rtp = quoting.ports(change.sip_ports), quoting.ports(change.rtp_ports)
        rules.append(("drop", ["protocol tcp_udp", f"destination port {sip}"]))
        rules.append(("drop", ["protocol udp", f"destination port {rtp}"]))
        name = "OUT" if family == 4 else "OUT-6"
        lines += _judged(state, change, Hook.FORWARD, family, tag, name, rules)
    return lines


def ipv6_lines(state: RouterState, change: DefendIpv6, tag: str, intent: Intent) -> list[str]:
    """Replies and the ICMPv6 that is needed pass; what else comes from WAN does not."""
    needed: Rules = [("accept", _ESTABLISHED)]
    to_router: Rules = [
        *needed,
        *(("accept", ["protocol icmpv6", f"icmpv6 type {number}"]) for number in _ICMP6),
        # The answers of the ISP's DHCPv6 server, without which there is no prefix.
        ("accept", ["protocol udp", "source address fe80::/10", "destination port 546"]),
        *(("accept", [one]) for one in _ends("source", "", change.management_sources, 6)),
    ]
    to_lan: Rules = [
        *needed,
        *(("accept", [one]) for one in _ends("source", "", intent.provider, 6)),
        *(("accept", [one]) for one in _ends("destination", "", intent.provider, 6)),
    ]
    lines: list[str] = []
    if change.to_router:
        lines += _defended(state, change, Hook.INPUT, tag, "LOCAL-6", to_router)
    if change.to_lan:
        lines += _defended(state, change, Hook.FORWARD, tag, "IN-6", to_lan)
    return lines


def ipv6_uses(state: RouterState) -> list[str]:
    """Paths of what makes IPv6 be in use."""
    if isinstance(state.ipv6, Unknown) or not state.ipv6.detail:
        return []
    return state.ipv6.detail.split("; ")


def group(state: RouterState, name: str, found: PrefixSet, requirement: str) -> list[str]:
    """A group of ours, from scratch where it may be there already."""
    path = f"firewall group network-group ROUTERCFG-{name}"
    had = any(own.id == path for own in state.owned)
    return [
        *([f"delete {path}"] if had else []),
        f"set {path} description routercfg:{requirement}",
        *(f"set {path} network {prefix}" for prefix in quoting.prefixes(found, 4)),
    ]


def rule_lines(path: str, action: str, tag: str, conditions: Iterable[str]) -> list[str]:
    """One rule that bears our tag."""
    return [
        f"set {path} action {action}",
        f"set {path} description {quoting.quote(tag)}",
        *(f"set {path} {condition}" for condition in conditions),
    ]


def _ends(side: str, name: str, found: PrefixSet, family: Family) -> list[str]:
    """One condition by a group; of IPv6 one for each prefix, since groups there are UNVERIFIED."""
    if family == 4:
        return [f"{side} group network-group ROUTERCFG-{name}"]
    return [f"{side} address {prefix}" for prefix in quoting.prefixes(found, 6)]


def _uses_ipv6(state: RouterState) -> bool:
    return isinstance(state.ipv6, Unknown) or state.ipv6.in_use


def _left_to_ipv6(state: RouterState, change: RestrictManagement) -> bool:
    """One interface takes one ruleset: where none filters IPv6, the one for `ipv6` will."""
    if not _uses_ipv6(state):
        return False
    return bool(places.unbound(places.ruleset(state, Hook.INPUT, 6), change.wans))


def _is_open(
    state: RouterState, listener: Listener, family: Family, change: RestrictManagement
) -> bool:
    reached = reaches_router(state, listener, family, change.wans)
    return not isinstance(reached, Unknown) and bool(reached - change.sources)


def _has_rules(state: RouterState, requirement: str) -> bool:
    return any(
        own.requirement == requirement and own.id.startswith(("firewall name", "firewall ipv6-"))
        for own in state.owned
    )


def _shielded(state: RouterState, family: Family) -> list[Listener]:
    known = state.listeners if isinstance(state.listeners, tuple) else ()
    return [
        one
        for one in known
        if one.enabled and one.management and one.ports and family in one.families
    ]


def _by_protocol(listeners: Iterable[Listener]) -> list[tuple[str, PortSet]]:
    found: dict[str, PortSet] = {}
    for one in listeners:
        found[one.protocol] = found.get(one.protocol, PortSet()) | one.ports
    return sorted(found.items())


def _barring(sources: PrefixSet, family: Family, services: list[tuple[str, PortSet]]) -> Rules:
    """There is no way back out of a ruleset: each service is accepted, or refused, right here."""
    known = _ends("source", "MANAGEMENT", sources, family) if sources.only(family) else []
    rules: Rules = []
    for protocol, ports in services:
        service = [f"protocol {protocol}", f"destination port {quoting.ports(ports)}"]
        rules += [("accept", [*service, one]) for one in known]
        rules.append(("drop", service))
    return rules


def _chain(state: RouterState, path: str, default: str, tag: str, rules: Rules) -> list[str]:
    """A ruleset of our own, from scratch where it may be there already."""
    had = any(own.id == path for own in state.owned)
    lines = [f"delete {path}"] if had else []
    lines += [
        f"set {path} default-action {default}",
        f"set {path} description {quoting.quote(tag)}",
    ]
    for slot, (action, conditions) in enumerate(rules, start=1):
        # The ruleset as a whole bears the tag.
        rule = f"{path} rule {slot * 10}"
        lines += [f"set {rule} action {action}", *(f"set {rule} {one}" for one in conditions)]
    return lines


def _judged(
    state: RouterState,
    change: RestrictManagement | RestrictEgress,
    hook: Hook,
    family: Family,
    tag: str,
    name: str,
    rules: Rules,
) -> list[str]:
    """Into the rulesets that judge WAN; where none does, one of our own that is bound there."""
    outward = hook is Hook.FORWARD
    found = places.ruleset(state, hook, family)
    lines: list[str] = []
    leaf = "name" if family == 4 else "ipv6-name"
    for chain in places.bound(found, change.wans, outward):
        if chain.name == f"firewall {leaf} ROUTERCFG-{name}":
            lines += _chain(state, chain.name, "accept", tag, rules)
            continue
        below = places.opener(chain, change.requirement)
        slots = places.numbers(chain, change.requirement, below, len(rules), first=outward)
        lines += places.stale(chain, change.requirement)
        for slot, (action, conditions) in zip(slots, rules, strict=True):
            lines += rule_lines(f"{chain.name} rule {slot}", action, tag, conditions)
    bare = places.unbound(found, change.wans, outward)
    side = "out" if outward else "local"
    return lines + _bind(state, bare, side, family, name, "accept", tag, rules)


def _defended(
    state: RouterState, change: DefendIpv6, hook: Hook, tag: str, name: str, rules: Rules
) -> list[str]:
    """What must pass before anything refuses; and a drop, before anything opens wide."""
    found = places.ruleset(state, hook, 6)
    side = "local" if hook is Hook.INPUT else "in"
    own = f"firewall ipv6-name ROUTERCFG-{name}"
    lines: list[str] = []
    for chain in places.bound(found, change.wans):
        if chain.name == own:
            lines += _chain(state, own, "drop", tag, rules)
            continue
        passing = places.refuser(chain) or 10_000
        dropping = places.broad(chain, change.requirement)
        (late,) = places.numbers(chain, change.requirement, dropping, 1)
        slots = places.numbers(chain, change.requirement, min(passing, late), len(rules))
        lines += places.stale(chain, change.requirement)
        for slot, (action, conditions) in zip(slots, rules, strict=True):
            lines += rule_lines(f"{chain.name} rule {slot}", action, tag, conditions)
        lines += rule_lines(f"{chain.name} rule {late}", "drop", tag, [])
    bare = places.unbound(found, change.wans)
    return lines + _bind(state, bare, side, 6, name, "drop", tag, rules)


def _bind(
    state: RouterState,
    wans: list[str],
    side: str,
    family: Family,
    name: str,
    default: str,
    tag: str,
    rules: Rules,
) -> list[str]:
    if not wans:
        return []
    leaf = "name" if family == 4 else "ipv6-name"
    own = f"ROUTERCFG-{name}"
    if any(
        o.id == f"firewall {leaf} {own}" and f"routercfg:{o.requirement}" != tag
        for o in state.owned
    ):
        raise UnsafeValueError(f"{own} is there for another requirement")
    return [
        *_chain(state, f"firewall {leaf} {own}", default, tag, rules),
        *(
            f"set {places.interface_path(quoting.interface(wan), state)} "
            f"firewall {side} {leaf} {own}"
            for wan in wans
        ),
    ]
