"""Questions that templates ask of a state: where to put a rule, and what it has to match."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from routercfg.errors import UnsafeValueError
from routercfg.model.change import RestrictManagement, SplitForward
from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Chain, Hook, Verdict
from routercfg.model.intent import Intent
from routercfg.model.state import Forward, Listener, RouterState
from routercfg.net import Family, PortSet, PrefixSet

from . import quoting

_OURS = "inet routercfg "
_REFUSING = frozenset({Verdict.DROP, Verdict.JUMP, Verdict.GOTO})


def with_forwards(state: RouterState, forwards: tuple[Forward, ...]) -> RouterState:
    """The state with its forwards, which need the router's own addresses to be read."""
    return replace(state, forwards=forwards)


def outside(state: RouterState, intent: Intent) -> tuple[str, ...]:
    """The WAN interfaces: the inventory's, else those the router shows."""
    if intent.wan_interfaces:
        return intent.wan_interfaces
    return () if isinstance(state.wans, Unknown) else tuple(wan.name for wan in state.wans)


def barriers(state: RouterState, hook: str, family: Family) -> tuple[str, ...]:
    """Base chains of others that may refuse packets: `inet filter forward`."""
    ruleset = state.firewall.ruleset(Hook(hook), family)
    if isinstance(ruleset, Unknown):
        return ()
    found = tuple(
        chain.name for chain in ruleset.base if not chain.name.startswith(_OURS) and _refuses(chain)
    )
    for name in found:
        if name.endswith((" FORWARD", " INPUT")):
            raise UnsafeValueError(f"chain {name} belongs to iptables: add the rules there with it")
    return found


def _refuses(chain: Chain) -> bool:
    if chain.policy is Verdict.DROP:
        return True
    return any(rule.verdict in _REFUSING for rule in chain.rules)


def every_barrier(state: RouterState, hook: str) -> tuple[str, ...]:
    """Barriers of either family, each once."""
    return tuple(dict.fromkeys((*barriers(state, hook, 4), *barriers(state, hook, 6))))


def before_routing(state: RouterState) -> frozenset[str]:
    """Base chains that packets meet before it is known where they leave: they judge both hooks."""
    names = []
    for hook in Hook:
        sets = (state.firewall.ruleset(hook, family) for family in (4, 6))
        rulesets = (one for one in sets if not isinstance(one, Unknown))
        names.append({chain.name for one in rulesets for chain in one.base})
    return frozenset(names[0] & names[1])


def ours_in(state: RouterState, chain: str, tag: str) -> tuple[str, ...]:
    """Handles of our own rules with this tag in a chain of others."""
    found: dict[str, None] = {}
    for hook in Hook:
        for family in (4, 6):
            ruleset = state.firewall.ruleset(hook, family)
            for rule in () if isinstance(ruleset, Unknown) else ruleset.rules():
                place, _, handle = rule.id.rpartition(" ")
                if place == chain and rule.tag == tag:
                    found[handle] = None
    return tuple(found)


def refused_ports(change: SplitForward) -> Iterator[tuple[str, PortSet]]:
    """Protocols and external ports that a narrowed forward gives up."""
    kept = dict(change.keep)
    for protocol in sorted(change.forward.protocols or {"tcp", "udp"}):
        gone = change.forward.ports - kept.get(protocol, PortSet())
        if gone:
            yield protocol, gone


def managed(state: RouterState, change: RestrictManagement) -> Iterator[tuple[str, PortSet]]:
    """Ports by protocol that only the management sources may reach: those of before, and these."""
    found: dict[str, PortSet] = {}
    for family in (4, 6):
        ruleset = state.firewall.ruleset(Hook.INPUT, family)
        for chain in () if isinstance(ruleset, Unknown) else ruleset.base:
            if chain.name == f"{_OURS}management":
                for rule in chain.rules:
                    if rule.verdict is Verdict.DROP and rule.match.ports is not None:
                        for name in rule.match.protocols or ():
                            found[name] = found.get(name, PortSet()) | rule.match.ports
    for listener in change.listeners:
        found[listener.protocol] = found.get(listener.protocol, PortSet()) | listener.ports
    for name in sorted(found):
        if name not in ("tcp", "udp"):
            raise UnsafeValueError(f"protocol {name!r} has no ports to close")
        yield name, found[name]


def service_match(listener: Listener) -> str:
    """What takes packets to a service of the router."""
    if listener.protocol not in ("tcp", "udp"):
        raise UnsafeValueError(f"protocol {listener.protocol!r} has no ports to close")
    return f"{listener.protocol} dport {quoting.ports(listener.ports)}"


def union(left: PortSet, right: PortSet) -> PortSet:
    """Ports of either set."""
    return left | right


def is_part(forward: Forward) -> bool:
    """Is it one entry of a map, so that its rule must stay for the others?"""
    return "#" in forward.id


def protocol_match(forward: Forward) -> str:
    """`meta l4proto { tcp, udp }` of a forward without ports, empty where it takes any."""
    names = sorted(forward.protocols or ())
    if any(not name.isalnum() for name in names):
        raise UnsafeValueError(f"protocols {names} cannot be named to nft")
    return f"meta l4proto {{ {', '.join(names)} }}" if names else ""


def forward_match(
    forward: Forward, protocol: str | None = None, ports: PortSet | None = None
) -> str:
    """What takes the same packets as the forward; of some protocol and ports, if given."""
    family: Family = 6 if forward.family == 6 else 4
    # nft refuses to ask the family where the table has but one.
    parts = [f"meta nfproto ipv{family}"] if forward.id.startswith("inet ") else []
    if forward.in_interfaces is not None:
        operator = "!= " if forward.in_interfaces.negated else ""
        parts.append(f"iifname {operator}{quoting.interfaces(forward.in_interfaces.names)}")
    word = "ip" if family == 4 else "ip6"
    if forward.destinations is not None:
        parts.append(f"{word} daddr {quoting.addresses(forward.destinations, family)}")
    sources: PrefixSet = forward.sources
    if not sources.is_all(family):
        parts.append(f"{word} saddr {quoting.addresses(sources, family)}")
    wanted = forward.ports if ports is None else ports
    if protocol is not None:
        parts.append(f"{protocol} dport {quoting.ports(wanted)}")
    elif not wanted.is_all:
        parts.append(f"{protocol_match(forward)} th dport {quoting.ports(wanted)}".strip())
    elif forward.protocols:
        parts.append(protocol_match(forward))
    return " ".join(parts)


def each_port(wanted: PortSet) -> tuple[int, ...]:
    """Every single port, for programs that take no ranges. Refuses more than 64."""
    found = tuple(port for low, high in wanted.intervals for port in range(low, high + 1))
    if len(found) > 64:
        raise UnsafeValueError(f"{wanted} are too many ports to end flows one by one")
    return found
