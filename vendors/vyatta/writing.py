"""Groups, rulesets and rules as lines. What is ours bears our tag, and is replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from routercfg.errors import UnsafeValueError
from routercfg.model.change import DefendIpv6, RestrictEgress, RestrictManagement
from routercfg.model.firewall import Hook
from routercfg.model.state import RouterState
from routercfg.net import Family, PrefixSet

from . import places, quoting
from .wanted import NEEDED_ICMP6

#: What a rule asks of a packet, each as the end of a `set` line.
Conditions = Sequence[str]
#: Action and conditions of each rule.
Rules = list[tuple[str, Conditions]]


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


def rule_lines(path: str, action: str, tag: str, conditions: Iterable[str]) -> list[str]:
    """One rule that bears our tag."""
    return [
        f"set {path} action {action}",
        f"set {path} description {quoting.quote(tag)}",
        *(f"set {path} {condition}" for condition in conditions),
    ]


def ruleset_lines(state: RouterState, path: str, default: str, tag: str, rules: Rules) -> list[str]:
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


def refusing(change: RestrictEgress) -> Rules:
    """No SIP and no RTP, to whomever."""
    sip, rtp = quoting.ports(change.sip_ports), quoting.ports(change.rtp_ports)
    return [
        ("drop", ["protocol tcp_udp", f"destination port {sip}"]),
        ("drop", ["protocol udp", f"destination port {rtp}"]),
    ]


def needed_by_router() -> Rules:
    """What the router itself needs of IPv6 besides replies."""
    return [
        *(("accept", ["protocol icmpv6", f"icmpv6 type {number}"]) for number in NEEDED_ICMP6),
        # The answers of the ISP's DHCPv6 server, without which there is no prefix.
        ("accept", ["protocol udp", "source address fe80::/10", "destination port 546"]),
    ]


def judged(
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
            lines += ruleset_lines(state, chain.name, "accept", tag, rules)
            continue
        below = places.opener(chain, change.requirement)
        slots = places.numbers(chain, change.requirement, below, len(rules), first=outward)
        lines += places.stale(chain, change.requirement)
        for slot, (action, conditions) in zip(slots, rules, strict=True):
            lines += rule_lines(f"{chain.name} rule {slot}", action, tag, conditions)
    bare = places.unbound(found, change.wans, outward)
    side = "out" if outward else "local"
    return lines + _bind(state, bare, side, family, name, "accept", tag, rules)


def defended(
    state: RouterState, change: DefendIpv6, hook: Hook, tag: str, name: str, rules: Rules
) -> list[str]:
    """What must pass before anything refuses; and a drop, before anything opens wide."""
    found = places.ruleset(state, hook, 6)
    side = "local" if hook is Hook.INPUT else "in"
    own = f"firewall ipv6-name ROUTERCFG-{name}"
    lines: list[str] = []
    for chain in places.bound(found, change.wans):
        if chain.name == own:
            lines += ruleset_lines(state, own, "drop", tag, rules)
            continue
        passing = places.refuser(chain) or places.AFTER_ALL
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
        *ruleset_lines(state, f"firewall {leaf} {own}", default, tag, rules),
        *(
            f"set {places.interface_path(quoting.interface(wan), state)} "
            f"firewall {side} {leaf} {own}"
            for wan in wans
        ),
    ]
