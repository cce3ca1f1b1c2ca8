"""What templates need for traffic that passes through: the provider, IPv6, zones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from routercfg.errors import PackError
from routercfg.model.change import AllowProvider, DefendIpv6
from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Chain, Hook, Rule, Ruleset, Verdict
from routercfg.model.intent import Intent
from routercfg.model.reachability import Query, assured
from routercfg.model.state import RouterState
from routercfg.net import Family, PrefixSet

from .binding import Binding
from .quoting import line

#: What RFC 4890 section 4.4 asks a router to take.
ICMP6 = (
    "nd-ns",
    "nd-na",
    "router-solicitation",
    "router-advertisement",
    "echo-request",
    "echo-reply",
    "packet-too-big",
    "time-exceeded",
    "parameter-problem",
    "unreachable",
)
_PROVIDER = "routercfg-provider-access"


def lists(bound: Binding, entry: str) -> bool:
    """Does the list hold this entry of ours, on whatever number?"""
    return any(text.endswith(f"permit ip {entry}") for text in bound.texts)


def missing6(found: PrefixSet, bound: Binding, inward: bool) -> list[str]:
    """Entries for the provider's IPv6 prefixes that a list lacks: IPv6 has no groups here."""
    wanted = [
        f"permit ipv6 {prefix} any" if inward else f"permit ipv6 any {prefix}"
        for prefix in found.only(6).prefixes()
    ]
    there = " | ".join(sorted(bound.texts)).lower()
    return [text for text in wanted if text not in there]


def inward6(change: DefendIpv6, state: RouterState, intent: Intent) -> list[str]:
    """What may come in over IPv6: RFC 4890's ICMPv6, the provider, the sources, and replies."""
    found = [f"permit icmp any any {name}" for name in ICMP6]
    found += [f"permit ipv6 {prefix} any" for prefix in intent.provider.only(6).prefixes()]
    for prefix in change.management_sources.only(6).prefixes():
        found += [f"permit tcp {prefix} any eq {port}" for port in managed(state)]
    found += [
        "permit udp fe80::/10 any eq 546",
        "permit tcp any any established",
        "evaluate routercfg-ipv6-flows",
    ]
    return found


def managed(state: RouterState) -> list[int]:
    """Ports on which the router is managed."""
    listeners = () if isinstance(state.listeners, Unknown) else state.listeners
    return sorted(
        {
            low
            for one in listeners
            if one.enabled and one.management and not one.plaintext and one.protocol == "tcp"
            for low, _ in one.ports.intervals
        }
    )


def zone_lines(state: RouterState, change: AllowProvider, wans: tuple[str, ...]) -> list[str]:
    """A class of ours in every policy between LAN and WAN that may refuse the provider.

    It passes rather than inspects: no application is looked into, and no timer ends the call. It
    is appended, so it comes after the router's own classes: where one of those refuses the
    provider, a person has to put them in order.
    """
    lacking = [
        pair
        for family in _families(state, change)
        for pair in _lacking(state, change, tuple(wans), family)
    ]
    if not lacking:
        return []
    lines = _class_lines(state, change)
    for pair in dict.fromkeys(lacking):
        if pair.policy == _PROVIDER or (pair.policy and pair.has_class):
            raise PackError(f"zone-pair {pair.name}: a class before ours refuses the provider")
        policy = pair.policy or _PROVIDER
        lines += [f"policy-map type inspect {policy}", f"class type inspect {_PROVIDER}", "pass"]
        if not pair.policy:
            head = f"zone-pair security {pair.name} source {pair.source} destination {pair.to}"
            lines += [head, f"service-policy type inspect {_PROVIDER}"]
    return [line(text) for text in lines]


@dataclass(frozen=True, slots=True)
class _Pair:
    name: str
    source: str
    to: str
    policy: str
    has_class: bool


def _families(state: RouterState, change: AllowProvider) -> list[Family]:
    found: list[Family] = [4] if change.prefixes.only(4) else []
    if change.prefixes.only(6) and not isinstance(state.ipv6, Unknown) and state.ipv6.in_use:
        found.append(6)
    return found


def _class_lines(state: RouterState, change: AllowProvider) -> list[str]:
    lines = []
    names = []
    for family in _families(state, change):
        if family == 4:
            names.append(_PROVIDER)
            lines += [
                f"ip access-list extended {_PROVIDER}",
                f"permit ip object-group {_PROVIDER} any",
                f"permit ip any object-group {_PROVIDER}",
            ]
            continue
        names.append(f"{_PROVIDER}-v6")
        lines.append(f"ipv6 access-list {_PROVIDER}-v6")
        for prefix in change.prefixes.only(6).prefixes():
            lines += [f"permit ipv6 {prefix} any", f"permit ipv6 any {prefix}"]
    lines.append(f"class-map type inspect match-any {_PROVIDER}")
    return [*lines, *(f"match access-group name {name}" for name in names)]


def _lacking(
    state: RouterState, change: AllowProvider, wans: tuple[str, ...], family: Family
) -> list[_Pair]:
    ruleset = state.firewall.ruleset(Hook.FORWARD, family)
    if isinstance(ruleset, Unknown):
        return []
    chain = next((chain for chain in ruleset.base if chain.name == "zones"), None)
    if chain is None:
        return []
    alone = Ruleset((chain,), ruleset.chains)
    zones = {
        rule.id.removeprefix("zone security "): sorted(rule.match.in_interfaces.names)
        for rule in chain.rules
        if rule.id.startswith("zone security ") and rule.match.in_interfaces is not None
    }
    outer = [zone for zone, names in zones.items() if set(names) & set(wans)]
    found = []
    for inner, outside in product((z for z in zones if z not in outer), outer):
        for source, to in ((inner, outside), (outside, inner)):
            provider = change.prefixes.only(family)
            inward = source == outside
            if any(
                _refused(alone, family, a, b, provider, inward)
                for a, b in product(zones[source], zones[to])
            ):
                found.append(_pair(chain, ruleset.chains, source, to))
    return found


def _refused(
    ruleset: Ruleset, family: Family, here: str, there: str, provider: PrefixSet, inward: bool
) -> bool:
    for protocol in ("udp", "tcp"):
        if inward:
            query = Query(family, "udp", None, here, there)
            if provider - assured(ruleset, query):
                return True
        else:
            query = Query(family, protocol, None, here, there, destinations=provider)
            if PrefixSet.all(family) - assured(ruleset, query):
                return True
    return False


def _pair(chain: Chain, chains: Mapping[str, Chain], source: str, to: str) -> _Pair:
    for rule in chain.rules:
        if rule.verdict is not Verdict.GOTO or rule.evidence is None or rule.target is None:
            continue
        words = rule.evidence.text.split()
        if words[4:5] == [source] and words[6:7] == [to]:
            policy = rule.id.partition(" policy ")[2]
            return _Pair(words[2], source, to, policy, _has_class(chains[rule.target].rules))
    return _Pair(f"{_PROVIDER}-{source}-{to}", source, to, "", False)


def _has_class(rules: tuple[Rule, ...]) -> bool:
    return any(rule.id == _PROVIDER for rule in rules)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "inward6": inward6,
    "lists": lists,
    "missing6": missing6,
    "zone_lines": zone_lines,
}
