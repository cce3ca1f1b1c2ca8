"""Our rulesets and the jumps to them in the base chains, which are there from 1.4."""

from __future__ import annotations

from collections.abc import Iterable

from routercfg.model.change import DefendIpv6, RestrictEgress, RestrictManagement
from routercfg.model.firewall import Chain, Hook
from routercfg.model.state import RouterState
from routercfg.net import Family

from ..vyatta import places, quoting
from ..vyatta.writing import Rules, rule_lines, ruleset_lines


def wan_group(wans: Iterable[str]) -> list[str]:
    """The group of WAN interfaces."""
    path = "firewall group interface-group ROUTERCFG-WAN"
    return [f"set {path} interface {quoting.interface(name)}" for name in wans]


def base_chain(state: RouterState, hook: Hook, family: Family) -> tuple[str, Chain]:
    """The base chain of a hook, with its path."""
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
    rules: Rules,
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
    rules: Rules,
) -> list[str]:
    """A jump to what must pass, before anything refuses; and a drop, before anything opens wide."""
    base, chain = base_chain(state, hook, 6)
    passing = places.refuser(chain) or places.AFTER_ALL
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
