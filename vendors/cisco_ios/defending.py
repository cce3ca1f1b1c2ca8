"""The IPv6 firewall where a WAN interface has a list of others already: it is edited in place.

What RFC 4890 asks for comes in right before the entry that refuses it; a refusal of everything else
right before the entry that lets strangers in. Entries of others stay, on their numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from routercfg.errors import PackError
from routercfg.model.change import DefendIpv6
from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Chain, Hook, Match, Rule, Ruleset, Verdict
from routercfg.model.intent import Intent
from routercfg.model.reachability import Query, assured
from routercfg.model.state import RouterState
from routercfg.net import NOT_INTERNET, PortSet, PrefixSet

from .binding import Binding, bindings
from .passing import ICMP6, managed, missing6
from .quoting import line
from .words import ICMP6 as ICMP6_TYPES

_OURS = "routercfg-ipv6-in"
_FLOWS = "routercfg-ipv6-flows"
_LINK_LOCAL = PrefixSet.of("fe80::/10")
_GLOBAL = PrefixSet.of("2000::/3")
#: Fewer ports than this are a service that somebody opened on purpose, not an open router.
_MANY = 60000


@dataclass(frozen=True, slots=True)
class Edit:
    """What goes into the list on one interface. `flows`: it looks for marks that ours leaves."""

    interface: str
    header: str
    entries: tuple[str, ...]
    flows: bool


@dataclass(frozen=True, slots=True)
class _Need:
    """An entry, and the packet that has to come in from these sources."""

    entry: str
    query: Query
    sources: PrefixSet


def foreign6(change: DefendIpv6, state: RouterState, intent: Intent) -> list[Edit]:
    """Edits of lists that are not ours. Raises PackError where there is no room, or no way."""
    found = [
        _edit(bound, change, state, intent)
        for bound in bindings(state, 6, "in")
        if bound.interface in change.wans and bound.name != _OURS and not _is_open(bound, state)
    ]
    headers = [edit.header for edit in found]
    for header in headers:
        if headers.count(header) > 1 and len({e.entries for e in found if e.header == header}) > 1:
            raise PackError(f"{header} is on interfaces that need different entries")
    return found


def _is_open(bound: Binding, state: RouterState) -> bool:
    """Does the first entry let everything in? Such a list does nothing: ours takes its place."""
    first = next(iter(_rules(bound, state)), None)
    return first is not None and first.verdict is Verdict.ACCEPT and first.match == Match()


def _edit(bound: Binding, change: DefendIpv6, state: RouterState, intent: Intent) -> Edit:
    rules = _rules(bound, state)
    known = intent.provider | intent.management_sources
    opener = next((n for n, rule in enumerate(rules) if _opens(rule, known)), len(rules))
    flows = _flows(bound, state)
    needs = [*_icmp(), *_replies(flows or _FLOWS)]
    if opener < len(rules):
        needs += _known(change, state, intent)
    before = Ruleset((Chain("list", tuple(rules[:opener]), Verdict.DROP),))
    lacking = [need for need in needs if need.sources - assured(before, need.query)]
    blocker = min((_blocker(rules[:opener], need) for need in lacking), default=opener)
    permits = list(dict.fromkeys(need.entry for need in lacking))
    reserved = len(missing6(intent.provider, bound, inward=True))
    if opener == len(rules):
        placed = _numbered(bound, rules, blocker, permits, reserved)
    elif blocker == opener:
        placed = _numbered(bound, rules, opener, [*permits, "deny ipv6 any any"], reserved)
    else:
        placed = _numbered(bound, rules, blocker, permits, reserved)
        placed += _numbered(bound, rules, opener, ["deny ipv6 any any"], reserved)
    marks = any(text.startswith("evaluate ") for text in permits) and flows is None
    return Edit(bound.interface, bound.header, tuple(placed), marks)


def _rules(bound: Binding, state: RouterState) -> list[Rule]:
    ruleset = state.firewall.ruleset(Hook.FORWARD, 6)
    if isinstance(ruleset, Unknown):
        raise PackError(ruleset.reason)
    return [rule for rule in ruleset.chains[bound.header].rules if rule.evidence is not None]


def _opens(rule: Rule, known: PrefixSet) -> bool:
    """Does this entry let strangers in to whatever they ask for?"""
    match = rule.match
    if rule.verdict is not Verdict.ACCEPT or (match.states and "new" not in match.states):
        return False
    if match.protocols is not None and not match.protocols & {"tcp", "udp"}:
        return False
    everywhere = match.destinations is None or match.destinations >= _GLOBAL
    sources = _GLOBAL if match.sources is None else match.sources & _GLOBAL
    ports = match.ports is None or len(match.ports) >= _MANY
    return ports and everywhere and bool(sources - known - NOT_INTERNET)


def _icmp() -> list[_Need]:
    found = []
    for name in ICMP6:
        query = Query(6, "icmpv6", icmp_type=ICMP6_TYPES[name])
        near = name.startswith(("nd-", "router-"))
        sources = _LINK_LOCAL if near else _GLOBAL | _LINK_LOCAL
        found.append(_Need(f"permit icmp any any {name}", query, sources))
    return found


def _replies(flows: str) -> list[_Need]:
    lease = Query(6, "udp", PortSet.of(546))
    return [
        _Need("permit udp fe80::/10 any eq 546", lease, _LINK_LOCAL),
        _Need("permit tcp any any established", Query(6, "tcp", state="established"), _GLOBAL),
        _Need(f"evaluate {flows}", Query(6, "udp", state="established"), _GLOBAL),
    ]


def _known(change: DefendIpv6, state: RouterState, intent: Intent) -> list[_Need]:
    """Whom a refusal of everybody else would keep out."""
    provider = intent.provider.only(6).prefixes()
    found = [
        _Need(f"permit ipv6 {prefix} any", Query(6, protocol), PrefixSet.of(prefix))
        for prefix in provider
        for protocol in ("udp", "tcp")
    ]
    for prefix in change.management_sources.only(6).prefixes():
        for port in managed(state):
            query = Query(6, "tcp", PortSet.of(port))
            found.append(_Need(f"permit tcp {prefix} any eq {port}", query, PrefixSet.of(prefix)))
    return found


def _flows(bound: Binding, state: RouterState) -> str | None:
    """The marks that the list on the way out leaves. None: ours is to be bound there."""
    out = next((one for one in bindings(state, 6, "out") if one.interface == bound.interface), None)
    if out is None or out.name == "routercfg-ipv6-out":
        return None
    marks = [
        m[1] for text in out.texts if (m := re.search(r"^.*permit udp .* reflect (\S+)", text))
    ]
    if not marks:
        raise PackError(
            f"{out.header} on {bound.interface} leaves no marks (`reflect`) for replies"
        )
    return min(marks)


def _blocker(rules: Sequence[Rule], need: _Need) -> int:
    """The first entry that refuses what has to come in; the end where that is silent."""
    for place in range(len(rules)):
        head = Ruleset((Chain("head", tuple(rules[: place + 1]), Verdict.ACCEPT),))
        if need.sources - assured(head, need.query):
            return place
    return len(rules)


def _numbered(
    bound: Binding, rules: Sequence[Rule], place: int, entries: Sequence[str], reserved: int
) -> list[str]:
    """Entries on the numbers right before those of the entry at this place."""
    numbers = [_number(bound, rule) for rule in rules]
    low = max(numbers[:place], default=0)
    high = numbers[place] if place < len(rules) else math.inf
    if place == 0:
        # The provider's own entries come first in every list: see `allow_provider.j2`.
        high -= reserved
    if high == math.inf:
        first = low + 10
        return [f"sequence {first + 10 * n} {line(text)}" for n, text in enumerate(entries)]
    first = int(high) - len(entries)
    if first <= low:
        raise PackError(
            f"{bound.header} has no room for {len(entries)} entries before {int(high)}: "
            "number its entries further apart first"
        )
    return [f"sequence {first + n} {line(text)}" for n, text in enumerate(entries)]


def _number(bound: Binding, rule: Rule) -> int:
    match = re.search(r" (\d+)$", rule.id.removeprefix(bound.header))
    if match is None:
        raise PackError(f"{bound.header}: the numbers of its entries are not known")
    return int(match[1])


FILTERS: Mapping[str, Callable[..., Any]] = {"foreign6": foreign6}
