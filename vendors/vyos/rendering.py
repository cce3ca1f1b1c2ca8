"""The lines of the larger changes. What is ours bears our tag, and is replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from routercfg.errors import UnsafeValueError
from routercfg.model.change import AllowProvider, DefendIpv6, RestrictEgress, RestrictManagement
from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Chain, Hook
from routercfg.model.intent import Intent, Ipv6Mode
from routercfg.model.state import Listener, RouterState
from routercfg.net import Family, PortSet, PrefixSet
from routercfg.requirements.outside import reaches_router

from . import places, quoting
from .reading import Dialect

_FAMILIES: tuple[Family, Family] = (4, 6)
#: RFC 4890 section 4.4.1: echo, router advertisement, neighbour solicitation and advertisement.
#: Errors ride on `related`.
_ICMP6 = (128, 134, 135, 136)

Conditions = Sequence[str]


def provider_lines(state: RouterState, change: AllowProvider, tag: str) -> list[str]:
    """Two rules, from and to the provider, before anything that may refuse."""
    lines = []
    for family in _FAMILIES:
        if not change.prefixes.only(family) or (family == 6 and not _uses_ipv6(state)):
            continue
        lines += _refreshed(state, change.prefixes, family)
        chains = places.barriers(places.ruleset(state, Hook.FORWARD, family))
        if not chains:
            continue
        lines += group(state, "PROVIDER", change.prefixes, family, change.requirement)
        for chain in chains:
            below = places.refuser(chain) or 10_000
            inward, outward = places.numbers(chain, change.requirement, below, 2)
            lines += places.stale(chain, change.requirement)
            for slot, side in ((inward, "source"), (outward, "destination")):
                rule = f"{chain.name} rule {slot}"
                where = f"{side} group network-group ROUTERCFG-PROVIDER"
                lines += _rule(rule, "accept", tag, [where])
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
        services = _by_protocol(open_ones)
        if change.sources.only(family):
            lines += group(state, "MANAGEMENT", change.sources, family, change.requirement)
        if places.dialect(state) is Dialect.MODERN:
            rules = _barring(change.sources, family, services, "return")
            lines += _modern(state, change, Hook.INPUT, family, tag, "MANAGEMENT", rules)
        else:
            rules = _barring(change.sources, family, services, "accept")
            lines += _legacy(state, change, Hook.INPUT, family, tag, "LOCAL", rules)
    return lines


def egress_lines(state: RouterState, change: RestrictEgress, tag: str) -> list[str]:
    """SIP and RTP out: from the voice subnets to the provider, and otherwise not."""
    lines: list[str] = []
    for family in _FAMILIES:
        if family == 6 and not _uses_ipv6(state):
            continue
        rules: list[tuple[str, Conditions]] = []
        if change.voice.only(family) and change.provider.only(family):
            lines += group(state, "VOICE", change.voice, family, change.requirement)
            lines += group(state, "EGRESS", change.provider, family, change.requirement)
            source = "source group network-group ROUTERCFG-VOICE"
            rules.append(("accept", [source, "destination group network-group ROUTERCFG-EGRESS"]))
        sip, rtp = quoting.ports(change.sip_ports), quoting.ports(change.rtp_ports)
        rules.append(("drop", ["protocol tcp_udp", f"destination port {sip}"]))
        rules.append(("drop", ["protocol udp", f"destination port {rtp}"]))
        if places.dialect(state) is Dialect.MODERN:
            lines += _modern(state, change, Hook.FORWARD, family, tag, "EGRESS", rules)
        else:
            lines += _legacy(state, change, Hook.FORWARD, family, tag, "OUT", rules)
    return lines


def ipv6_lines(state: RouterState, change: DefendIpv6, tag: str, intent: Intent) -> list[str]:
    """Replies and the ICMPv6 that is needed pass; what else comes from WAN does not."""
    lines: list[str] = []
    needed: list[tuple[str, Conditions]] = [("accept", _states(state, "established", "related"))]
    to_router = [
        *needed,
        *(("accept", ["protocol icmpv6", f"icmpv6 type {number}"]) for number in _ICMP6),
        # The answers of the ISP's DHCPv6 server, without which there is no prefix.
        ("accept", ["protocol udp", "source address fe80::/10", "destination port 546"]),
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
        if places.dialect(state) is Dialect.MODERN:
            lines += _modern_ipv6(state, change, hook, tag, name, rules)
        else:
            lines += _legacy_ipv6(state, change, hook, tag, name, rules)
    return lines


def ipv6_uses(state: RouterState) -> list[str]:
    """Paths of what makes IPv6 be in use."""
    if isinstance(state.ipv6, Unknown) or not state.ipv6.detail:
        return []
    return state.ipv6.detail.split("; ")


def _uses_ipv6(state: RouterState) -> bool:
    return isinstance(state.ipv6, Unknown) or state.ipv6.in_use


def _refreshed(state: RouterState, prefixes: PrefixSet, family: Family) -> list[str]:
    """The group of our own IPv6 rules, where those are what the provider has outgrown."""
    path = "firewall group ipv6-network-group ROUTERCFG-PROVIDER6"
    if family == 4 or not any(own.id == path for own in state.owned):
        return []
    return group(state, "PROVIDER6", prefixes, 6, "ipv6")


def _left_to_ipv6(state: RouterState, change: RestrictManagement) -> bool:
    """One interface takes one ruleset to 1.3: where none filters IPv6, the one for `ipv6` will."""
    if not _uses_ipv6(state) or places.dialect(state) is Dialect.MODERN:
        return False
    return bool(places.unbound(places.ruleset(state, Hook.INPUT, 6), change.wans))


def _is_open(
    state: RouterState, listener: Listener, family: Family, change: RestrictManagement
) -> bool:
    reached = reaches_router(state, listener, family, change.wans)
    return not isinstance(reached, Unknown) and bool(reached - change.sources)


def _by_protocol(listeners: Iterable[Listener]) -> list[tuple[str, PortSet]]:
    found: dict[str, PortSet] = {}
    for one in listeners:
        found[one.protocol] = found.get(one.protocol, PortSet()) | one.ports
    return sorted(found.items())


def _barring(
    sources: PrefixSet, family: Family, services: list[tuple[str, PortSet]], verdict: str
) -> list[tuple[str, Conditions]]:
    """From 1.4 the sources go back to the rules that judged them before; to 1.3 there is no way
    back out of a ruleset, so that each service has to be accepted there."""
    group_of = "source group network-group ROUTERCFG-MANAGEMENT"
    known = bool(sources.only(family))
    rules: list[tuple[str, Conditions]] = [("return", [group_of])] if known else []
    if verdict == "accept":
        rules = []
    for protocol, ports in services:
        service = [f"protocol {protocol}", f"destination port {quoting.ports(ports)}"]
        if verdict == "accept" and known:
            rules.append(("accept", [*service, group_of]))
        rules.append(("drop", service))
    return rules


def group(
    state: RouterState, name: str, found: PrefixSet, family: Family, requirement: str
) -> list[str]:
    """A group of ours, from scratch where it may be there already."""
    kind = "network-group" if family == 4 else "ipv6-network-group"
    path = f"firewall group {kind} ROUTERCFG-{name}"
    had = any(own.id == path for own in state.owned)
    return [
        *([f"delete {path}"] if had else []),
        f"set {path} description routercfg:{requirement}",
        *(f"set {path} network {prefix}" for prefix in quoting.prefixes(found, family)),
    ]


def _rule(path: str, action: str, tag: str, conditions: Iterable[str]) -> list[str]:
    return [
        f"set {path} action {action}",
        f"set {path} description {quoting.quote(tag)}",
        *(f"set {path} {condition}" for condition in conditions),
    ]


def _states(state: RouterState, *names: str) -> list[str]:
    suffix = "" if places.dialect(state) is Dialect.MODERN else " enable"
    return [f"state {name}{suffix}" for name in names]


def _chain(
    state: RouterState, path: str, default: str, tag: str, rules: Iterable[tuple[str, Conditions]]
) -> list[str]:
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


def _wan_group(wans: Iterable[str]) -> list[str]:
    path = "firewall group interface-group ROUTERCFG-WAN"
    return [f"set {path} interface {quoting.interface(name)}" for name in wans]


def _modern_base(state: RouterState, hook: Hook, family: Family) -> tuple[str, Chain]:
    name = f"firewall ipv{family} {hook.value} filter"
    found = places.ruleset(state, hook, family)
    return name, next(chain for chain in found.base if chain.name == name)


def _modern(
    state: RouterState,
    change: RestrictManagement | RestrictEgress,
    hook: Hook,
    family: Family,
    tag: str,
    name: str,
    rules: list[tuple[str, Conditions]],
) -> list[str]:
    """Our own ruleset, and one jump to it before anything that opens."""
    base, chain = _modern_base(state, hook, family)
    below = places.opener(chain, change.requirement)
    first = hook is Hook.FORWARD
    (slot,) = places.numbers(chain, change.requirement, below, 1, first=first)
    own = f"ROUTERCFG-{name}"
    side = "outbound" if hook is Hook.FORWARD else "inbound"
    where = [f"jump-target {own}", f"{side}-interface group ROUTERCFG-WAN"]
    return [
        *_wan_group(change.wans),
        *_chain(state, f"firewall ipv{family} name {own}", "return", tag, rules),
        *places.stale(chain, change.requirement),
        *_rule(f"{base} rule {slot}", "jump", tag, where),
    ]


def _modern_ipv6(
    state: RouterState,
    change: DefendIpv6,
    hook: Hook,
    tag: str,
    name: str,
    rules: list[tuple[str, Conditions]],
) -> list[str]:
    """A jump to what must pass, before anything refuses; and a drop, before anything opens wide."""
    base, chain = _modern_base(state, hook, 6)
    passing = places.refuser(chain) or 10_000
    dropping = places.broad(chain, change.requirement)
    (late,) = places.numbers(chain, change.requirement, dropping, 1)
    (early,) = places.numbers(chain, change.requirement, min(passing, late), 1)
    own = f"ROUTERCFG-{name}"
    where = "inbound-interface group ROUTERCFG-WAN"
    return [
        *_wan_group(change.wans),
        *_chain(state, f"firewall ipv6 name {own}", "return", tag, rules),
        *places.stale(chain, change.requirement),
        *_rule(f"{base} rule {early}", "jump", tag, [f"jump-target {own}", where]),
        *_rule(f"{base} rule {late}", "drop", tag, [where]),
    ]


def _legacy(
    state: RouterState,
    change: RestrictManagement | RestrictEgress,
    hook: Hook,
    family: Family,
    tag: str,
    name: str,
    rules: list[tuple[str, Conditions]],
) -> list[str]:
    """Into the rulesets that judge WAN; where none does, one of our own that is bound there."""
    outward = hook is Hook.FORWARD
    found = places.ruleset(state, hook, family)
    lines: list[str] = []
    for chain in places.bound(found, change.wans, outward):
        below = places.opener(chain, change.requirement)
        slots = places.numbers(chain, change.requirement, below, len(rules), first=outward)
        lines += places.stale(chain, change.requirement)
        for slot, (action, conditions) in zip(slots, rules, strict=True):
            lines += _rule(f"{chain.name} rule {slot}", action, tag, conditions)
    bare = places.unbound(found, change.wans, outward)
    side = "out" if outward else "local"
    return lines + _bind(state, bare, side, family, name, "accept", tag, rules)


def _legacy_ipv6(
    state: RouterState,
    change: DefendIpv6,
    hook: Hook,
    tag: str,
    name: str,
    rules: list[tuple[str, Conditions]],
) -> list[str]:
    found = places.ruleset(state, hook, 6)
    lines: list[str] = []
    for chain in places.bound(found, change.wans):
        passing = places.refuser(chain) or 10_000
        dropping = places.broad(chain, change.requirement)
        (late,) = places.numbers(chain, change.requirement, dropping, 1)
        slots = places.numbers(chain, change.requirement, min(passing, late), len(rules))
        lines += places.stale(chain, change.requirement)
        for slot, (action, conditions) in zip(slots, rules, strict=True):
            lines += _rule(f"{chain.name} rule {slot}", action, tag, conditions)
        lines += _rule(f"{chain.name} rule {late}", "drop", tag, [])
    bare = places.unbound(found, change.wans)
    side = "local" if hook is Hook.INPUT else "in"
    return lines + _bind(state, bare, side, 6, name, "drop", tag, rules)


def _bind(
    state: RouterState,
    wans: list[str],
    side: str,
    family: Family,
    name: str,
    default: str,
    tag: str,
    rules: list[tuple[str, Conditions]],
) -> list[str]:
    if not wans:
        return []
    leaf = "name" if family == 4 else "ipv6-name"
    # Two requirements may want a ruleset of this name in one family.
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
