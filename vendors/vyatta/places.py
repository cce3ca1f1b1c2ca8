"""Where a rule of ours goes: which ruleset, and which free number in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from routercfg.errors import UnsafeValueError
from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Chain, Hook, Rule, Ruleset, Verdict
from routercfg.model.state import RouterState
from routercfg.net import Family

#: Behind all rules there can be.
AFTER_ALL = 10_000
#: Requirements that may share a chain take numbers of different remainders, so that two changes of
#: one plan never take the same.
_SHARE = {"provider-access": 0, "management": 1, "ipv6": 2, "egress": 3}
_QUIET = frozenset({"established", "related", "invalid"})
_LAST = AFTER_ALL - 1


def ruleset(state: RouterState, hook: Hook, family: Family) -> Ruleset:
    """A ruleset that is known. Raises UnsafeValueError otherwise."""
    found = state.firewall.ruleset(hook, family)
    if isinstance(found, Unknown):
        raise UnsafeValueError(found.reason)
    return found


def interface_path(name: str, state: RouterState) -> str:
    """Where an interface is configured that no ruleset judges yet."""
    for hook in Hook:
        for chain in ruleset(state, hook, 4).base:
            for rule in chain.rules:
                where = rule.match.in_interfaces
                if rule.id.startswith("interfaces ") and where is not None and name in where:
                    return rule.id.partition(" firewall ")[0]
    raise UnsafeValueError(f"interface {name} is not configured on this router")


def configured(name: str) -> bool:
    """Is this a chain of the router's own, and not one that stands for bindings or zones?"""
    return name.startswith("firewall ") and " zone " not in name


def jumps(found: Ruleset) -> Iterator[tuple[Rule, Chain]]:
    """Bindings and zone pairs, with the ruleset each of them names."""
    pending = [chain for chain in found.base if not configured(chain.name)]
    while pending:
        chain = pending.pop(0)
        for rule in chain.rules:
            target = found.chains.get(rule.target or "")
            if rule.verdict is not Verdict.JUMP or target is None:
                continue
            if configured(target.name):
                yield rule, target
            else:
                pending.append(target)


def bound(found: Ruleset, wans: Iterable[str], outward: bool = False) -> list[Chain]:
    """Rulesets that judge what these interfaces bring in (or send out), and nothing else.

    Raises UnsafeValueError where one of them also judges another interface.
    """
    names = set(wans)
    chains: dict[str, Chain] = {}
    others: set[str] = set()
    for rule, chain in jumps(found):
        where = rule.match.out_interfaces if outward else rule.match.in_interfaces
        if where is None:
            continue
        if any(name in where for name in names):
            chains[chain.name] = chain
        if where.names - names:
            others.add(chain.name)
    for name in chains:
        if name in others:
            raise UnsafeValueError(f"{name} also judges other interfaces: a rule there would too")
    return list(chains.values())


def unbound(found: Ruleset, wans: Iterable[str], outward: bool = False) -> list[str]:
    """Interfaces of these that no ruleset judges.

    Raises UnsafeValueError where they are in zones.
    """
    bare = []
    for name in wans:
        judged = any(
            where is not None and name in where
            for rule, _ in jumps(found)
            for where in (rule.match.out_interfaces if outward else rule.match.in_interfaces,)
        )
        if not judged:
            bare.append(name)
    if bare and any(chain.name.startswith("zones ") for chain in found.base):
        raise UnsafeValueError(f"{bare[0]} is in a zone that no ruleset joins to the router or LAN")
    return bare


def number(rule: Rule) -> int:
    """The number of a rule; beyond all numbers for what a chain does with the rest."""
    match = re.search(r" rule (\d+)$", rule.id)
    return int(match[1]) if match else _LAST + 1


def refuser(chain: Chain) -> int | None:
    """Number of the first rule of others that may refuse a new packet; None if none does.

    Our own rules let the provider pass.
    """
    for rule in chain.rules:
        if rule.tag is not None:
            continue
        if rule.match.states is not None and "new" not in rule.match.states:
            continue
        if rule.verdict in (Verdict.DROP, Verdict.JUMP, Verdict.GOTO) and not _never(rule):
            return number(rule)
    return _LAST + 1 if chain.policy is Verdict.DROP else None


def opener(chain: Chain, requirement: str) -> int:
    """Number of the first rule that may let a new packet in."""
    for rule in others(chain, requirement):
        quiet = rule.match.states is not None and rule.match.states <= _QUIET
        if rule.verdict is not Verdict.DROP and not quiet and not _never(rule):
            return number(rule)
    return _LAST + 1


def broad(chain: Chain, requirement: str) -> int:
    """Number of the first rule that lets in whatever no other rule speaks of. None of ours does."""
    for rule in others(chain, requirement):
        if rule.tag is not None:
            continue
        match = rule.match
        narrow = match.ports or match.sources or match.destinations or match.icmp_types
        quiet = match.states is not None and match.states <= _QUIET
        names = match.protocols is None or match.protocols & {"tcp", "udp"}
        if rule.verdict is not Verdict.DROP and not narrow and not quiet and names:
            return number(rule)
    return _LAST + 1


def others(chain: Chain, requirement: str) -> list[Rule]:
    """Rules that are not ours for this requirement: ours are replaced wholesale."""
    return [rule for rule in chain.rules if rule.tag != f"routercfg:{requirement}"]


def stale(chain: Chain, requirement: str) -> list[str]:
    """Lines that take our rules for this requirement out of a chain."""
    # What lets a narrowed forward in bears the tag as well, and has numbers of another kind.
    return [
        f"delete {rule.id}"
        for rule in chain.rules
        if rule.tag == f"routercfg:{requirement}" and number(rule) % 4 == _SHARE[requirement]
    ]


def numbers(
    chain: Chain, requirement: str, below: int, count: int, *, first: bool = False
) -> list[int]:
    """Free numbers below a rule, ascending: the highest, or with `first` the lowest there are."""
    used = {number(rule) for rule in others(chain, requirement)}
    top = min(below, _LAST + 1)
    if top > _LAST and not first:
        # Nothing has to come after: close behind the others, and not at the end of all numbers.
        top = min(max((n for n in used if n <= _LAST), default=0) + 10 * (count + 1), _LAST)
    free = [n for n in range(1, top) if n not in used and n % 4 == _SHARE[requirement]]
    if len(free) < count:
        raise UnsafeValueError(f"{chain.name} has no {count} free numbers below rule {below}")
    return free[:count] if first else free[-count:]


def spare(chain: Chain, below: int) -> list[int]:
    """Free numbers for what lets a narrowed forward in: no other change takes these."""
    used = {number(rule) for rule in chain.rules}
    top = min(below, _LAST + 1)
    if top > _LAST:
        # Far behind what other changes take, and before what the ruleset does with the rest.
        top = min(max((n for n in used if n <= _LAST), default=0) + 1000, _LAST)
    return [n for n in range(1, top) if n not in used and n % 5 == 0 and n % 4 == 2]


def _never(rule: Rule) -> bool:
    return rule.match.protocols == frozenset()
