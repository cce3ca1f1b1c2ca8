"""A packet walk, rule by rule: what the reachability analysis must agree with.

It knows nothing of address sets or of analysis: one concrete packet stands at one place of one
chain. Where a matcher is opaque, or asks for the port the sender chose, the walk goes on both ways.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from routercfg.model.firewall import Chain, Match, Rule, Ruleset, Verdict

ACCEPT, DROP, LEFT = "accept", "drop", "left"
ANYTHING = frozenset({ACCEPT, DROP, LEFT})

#: Which outcomes of a rule's unknowable matchers the walk tries.
Choices = Callable[[Rule], tuple[bool, ...]]


@dataclass(frozen=True)
class Packet:
    source: IPv4Address | IPv6Address
    destination: IPv4Address | IPv6Address
    protocol: str
    port: int
    in_interface: str
    out_interface: str
    state: str
    dnat: bool
    icmp_type: int


def matches(match: Match, packet: Packet) -> bool:
    """Does the packet fulfil every matcher that can be known?"""

    def named(interfaces, name):
        hit = any(
            name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
            for pattern in interfaces.names
        )
        return not hit if interfaces.negated else hit

    return not (
        (match.protocols is not None and packet.protocol not in match.protocols)
        or (match.sources is not None and packet.source not in match.sources)
        or (match.destinations is not None and packet.destination not in match.destinations)
        or (match.ports is not None and packet.port not in match.ports)
        or (match.states is not None and packet.state not in match.states)
        or (match.in_interfaces is not None and not named(match.in_interfaces, packet.in_interface))
        or (
            match.out_interfaces is not None
            and not named(match.out_interfaces, packet.out_interface)
        )
        or (match.dnat is not None and match.dnat != packet.dnat)
        or (match.icmp_types is not None and packet.icmp_type not in match.icmp_types)
    )


def both_ways(rule: Rule) -> tuple[bool, ...]:
    """Every meeting with an unknowable matcher is a choice of its own."""
    return (True, False) if rule.match.opaque or rule.match.source_ports is not None else (True,)


def endings(
    chain: Chain,
    ruleset: Ruleset,
    packet: Packet,
    choices: Choices = both_ways,
    inside: tuple[str, ...] = (),
    start: int = 0,
) -> frozenset[str]:
    """How the packet's way through the chain, from rule `start`, can end."""
    for place, rule in enumerate(chain.rules[start:], start):
        if not matches(rule.match, packet):
            continue
        taken = choices(rule)
        found: frozenset[str] = frozenset()
        if False in taken:
            found |= endings(chain, ruleset, packet, choices, inside, place + 1)
        if True in taken:
            found |= _taken(chain, place, ruleset, packet, choices, inside)
        return found
    return frozenset({LEFT})


def _taken(chain, place, ruleset, packet, choices, inside) -> frozenset[str]:
    rule = chain.rules[place]
    if rule.verdict is Verdict.ACCEPT:
        return frozenset({ACCEPT})
    if rule.verdict is Verdict.DROP:
        return frozenset({DROP})
    if rule.verdict is Verdict.RETURN:
        return frozenset({LEFT})
    if rule.target not in ruleset.chains or rule.target in inside:
        entered = ANYTHING  # a chain that is not there, or one that never ends
    else:
        target = ruleset.chains[rule.target]
        entered = endings(target, ruleset, packet, choices, (*inside, rule.target))
    if rule.verdict is Verdict.JUMP and LEFT in entered:
        after = endings(chain, ruleset, packet, choices, inside, place + 1)
        return entered - {LEFT} | after
    return entered


def finals(ruleset: Ruleset, packet: Packet, choices: Choices = both_ways) -> frozenset[str]:
    """How the packet's way through all base chains can end: accepted by all, or dropped by one."""
    found: frozenset[str] = frozenset({ACCEPT})
    for chain in ruleset.base:
        ends = endings(chain, ruleset, packet, choices)
        if LEFT in ends:
            ends = ends - {LEFT} | {chain.policy.value}
        found = (found - {ACCEPT} | ends) if ACCEPT in found else found
    return found
