"""Groups, rulesets and rules as lines, in both dialects of the filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from routercfg.errors import UnsafeValueError
from routercfg.model.change import DefendIpv6, RestrictEgress, RestrictManagement
from routercfg.model.firewall import Chain, Hook
from routercfg.model.state import RouterState
from routercfg.net import Family, PrefixSet

from . import places, quoting

#: What a rule asks of a packet, each as the end of a `set` line.
Conditions = Sequence[str]


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


def ruleset_lines(
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


def wan_group(wans: Iterable[str]) -> list[str]:
    """The group of WAN interfaces, from 1.4."""
    path = "firewall group interface-group ROUTERCFG-WAN"
    return [f"set {path} interface {quoting.interface(name)}" for name in wans]


def base_chain(state: RouterState, hook: Hook, family: Family) -> tuple[str, Chain]:
    """The base chain of a hook, from 1.4, with its path."""
    name = f"firewall ipv{family} {hook.value} filter"
    found = places.ruleset(state, hook, family)
    return name, next(chain for chain in found.base if chain.name == name)


def modern(
    state: RouterState,
    change: RestrictManagement | RestrictEgress,
    hook: Hook,
    family: Family,
    tag: str,
    name: str,
    rules: list[tuple[str, Conditions]],
) -> list[str]:
    """Our own ruleset, and one jump to it before anything that opens."""
    base, chain = base_chain(state, hook, family)
    below = places.opener(chain, change.requirement)
    first = hook is Hook.FORWARD
    (slot,) = places.numbers(chain, change.requirement, below, 1, first=first)
    own = f"ROUTERCFG-{name}"
    side = "outbound" if hook is Hook.FORWARD else "inbound"
    where = [f"jump-target {own}", f"{side}-interface group ROUTERCFG-WAN"]
    return [
        *wan_group(change.wans),
        *ruleset_lines(state, f"firewall ipv{family} name {own}", "return", tag, rules),
        *places.stale(chain, change.requirement),
        *rule_lines(f"{base} rule {slot}", "jump", tag, where),
    ]


def modern_ipv6(
    state: RouterState,
    change: DefendIpv6,
    hook: Hook,
    tag: str,
    name: str,
    rules: list[tuple[str, Conditions]],
) -> list[str]:
    """A jump to what must pass, before anything refuses; and a drop, before anything opens wide."""
    base, chain = base_chain(state, hook, 6)
    passing = places.refuser(chain) or 10_000
    dropping = places.broad(chain, change.requirement)
    (late,) = places.numbers(chain, change.requirement, dropping, 1)
    (early,) = places.numbers(chain, change.requirement, min(passing, late), 1)
    own = f"ROUTERCFG-{name}"
    where = "inbound-interface group ROUTERCFG-WAN"
    return [
        *wan_group(change.wans),
        *ruleset_lines(state, f"firewall ipv6 name {own}", "return", tag, rules),
        *places.stale(chain, change.requirement),
        *rule_lines(f"{base} rule {early}", "jump", tag, [f"jump-target {own}", where]),
        *rule_lines(f"{base} rule {late}", "drop", tag, [where]),
    ]


def legacy(
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
            lines += rule_lines(f"{chain.name} rule {slot}", action, tag, conditions)
    bare = places.unbound(found, change.wans, outward)
    side = "out" if outward else "local"
    return lines + _bind(state, bare, side, family, name, "accept", tag, rules)


def legacy_ipv6(
    state: RouterState,
    change: DefendIpv6,
    hook: Hook,
    tag: str,
    name: str,
    rules: list[tuple[str, Conditions]],
) -> list[str]:
    """Into the rulesets that judge WAN; where none does, one of our own that is bound there."""
    found = places.ruleset(state, hook, 6)
    lines: list[str] = []
    for chain in places.bound(found, change.wans):
        passing = places.refuser(chain) or 10_000
        dropping = places.broad(chain, change.requirement)
        (late,) = places.numbers(chain, change.requirement, dropping, 1)
        slots = places.numbers(chain, change.requirement, min(passing, late), len(rules))
        lines += places.stale(chain, change.requirement)
        for slot, (action, conditions) in zip(slots, rules, strict=True):
            lines += rule_lines(f"{chain.name} rule {slot}", action, tag, conditions)
        lines += rule_lines(f"{chain.name} rule {late}", "drop", tag, [])
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
        *ruleset_lines(state, f"firewall {leaf} {own}", default, tag, rules),
        *(
            f"set {places.interface_path(quoting.interface(wan), state)} "
            f"firewall {side} {leaf} {own}"
            for wan in wans
        ),
    ]
