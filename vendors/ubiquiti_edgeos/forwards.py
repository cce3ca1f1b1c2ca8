"""Translations that lead from outside to inside: `port-forward` and `service nat` destinations."""

from __future__ import annotations

from collections.abc import Iterable

from routercfg.model.evidence import Evidence
from routercfg.model.firewall import Interfaces
from routercfg.model.state import Forward, ForwardKind
from routercfg.net import ALL_PORTS, EVERYBODY, NOBODY, PortSet, PrefixSet

from ..vyatta.matching import Groups, match_of, ports, prefixes, protocols
from ..vyatta.source import tag_of
from ..vyatta.tree import Node
from .reading import Config

_NAT = ("service", "nat")
_SIMPLE = ("port-forward",)
_LEAVES = (
    ("original-port",),
    ("forward-to", "address"),
    ("forward-to", "port"),
    ("destination", "port"),
    ("inside-address", "address"),
    ("inside-address", "port"),
)


def read_forwards(config: Config, own: PrefixSet) -> tuple[Forward, ...]:
    """Every translation of a destination. `port-forward` comes first: its rules are numbered so."""
    groups = Groups(config.root)
    simple = [_simple(config, rule, own) for rule in _numbered(config, *_SIMPLE)]
    nat = [
        _nat(config, rule, groups, own)
        for rule in _numbered(config, *_NAT)
        if rule.value("type") == "destination"
    ]
    return (*simple, *nat)


def opened_by_itself(config: Config) -> bool:
    """Does `auto-firewall` let in what `port-forward` translates? No ruleset shows that."""
    return config.root.value("port-forward", "auto-firewall") == "enable"


def _numbered(config: Config, *place: str) -> list[Node]:
    rules = [rule for rule in config.root.below(*place, "rule") if rule.word.isdecimal()]
    return sorted(rules, key=lambda rule: int(rule.word))


def _simple(config: Config, rule: Node, own: PrefixSet) -> Forward:
    """A rule of `port-forward`: from the WAN interface's own address, from everybody."""
    path = (*_SIMPLE, "rule", rule.word)
    opaque: list[str] = []
    wan = config.root.value("port-forward", "wan-interface")
    outside, inside = rule.value("original-port"), rule.value("forward-to", "port")
    wanted = _ports(outside, "original-port", opaque)
    # Without a protocol it is both.
    protocol = protocols(rule.value("protocol") or "tcp_udp")
    if isinstance(protocol, str):
        opaque.append(protocol)
        protocol = None
    to = prefixes(rule.words("forward-to", "address")) or NOBODY
    if not to:
        opaque.append("forward-to address")
    return Forward(
        id=" ".join(path),
        family=4,
        to=to,
        kind=ForwardKind.HOST if outside is None else ForwardKind.PORT,
        protocols=protocol,
        ports=wanted,
        to_ports=_ports(inside, "forward-to port", opaque) if inside else None,
        in_interfaces=Interfaces(frozenset({wan})) if wan else None,
        enabled=not rule.has("disable") and wan is not None,
        to_router=bool(to and to <= own),
        opaque=tuple(opaque),
        tag=tag_of(rule),
        evidence=tuple(_lines(config, rule, path)),
    )


def _nat(config: Config, rule: Node, groups: Groups, own: PrefixSet) -> Forward:
    path = (*_NAT, "rule", rule.word)
    match = match_of(rule, groups, 4)
    opaque = list(match.opaque)
    words = rule.words("inside-address", "address")
    # Where only the port is translated the packet goes where it was going.
    to = prefixes(words) if words else match.destinations or NOBODY
    if not to:
        opaque.append("inside-address")
        to = NOBODY
    inside = rule.value("inside-address", "port")
    kind = ForwardKind.PORT
    if match.ports is None:
        kind = ForwardKind.HOST if match.destinations is None else ForwardKind.ONE_TO_ONE
    return Forward(
        id=" ".join(path),
        family=4,
        to=to,
        kind=kind,
        protocols=match.protocols,
        ports=ALL_PORTS if match.ports is None else match.ports,
        to_ports=_ports(inside, "inside-address port", opaque) if inside else None,
        sources=EVERYBODY if match.sources is None else match.sources,
        in_interfaces=match.in_interfaces,
        destinations=match.destinations,
        # `exclude` keeps packets from being translated: it leads nowhere.
        enabled=not rule.has("disable") and not rule.has("exclude"),
        to_router=bool(to and to <= own),
        opaque=tuple(opaque),
        tag=tag_of(rule),
        evidence=tuple(_lines(config, rule, path)),
    )


def _ports(text: str | None, label: str, opaque: list[str]) -> PortSet:
    """Ports of a leaf; all of them, and a note, where a name is not understood."""
    if text is None:
        return ALL_PORTS
    found = ports(text)
    if found is None:
        opaque.append(f"{label} {text}")
        return ALL_PORTS
    return found


def _lines(config: Config, rule: Node, path: tuple[str, ...]) -> Iterable[Evidence]:
    yield config.found(rule, *path)
    for leaf in _LEAVES:
        node = rule.at(*leaf)
        if node is not None and node.line != rule.line:
            yield config.found(node, *path, *leaf)
