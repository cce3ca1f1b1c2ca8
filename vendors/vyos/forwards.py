"""Translations that lead from outside to inside: `nat destination`, `nat static`, `nat66`."""

from __future__ import annotations

from collections.abc import Iterable

from routercfg.model.evidence import Evidence
from routercfg.model.state import Forward, ForwardKind
from routercfg.net import ALL_PORTS, EVERYBODY, NOBODY, Family, PrefixSet

from ..vyatta.matching import Groups, match_of, ports, prefixes
from ..vyatta.source import tag_of
from ..vyatta.tree import Node
from .reading import Config

_PLACES: tuple[tuple[tuple[str, ...], Family], ...] = (
    (("nat", "destination"), 4),
    (("nat", "static"), 4),
    (("nat66", "destination"), 6),
)


def read_forwards(config: Config, own: PrefixSet) -> tuple[Forward, ...]:
    """Every translation of a destination, in the order in which packets meet them."""
    groups = Groups(config.root)
    found = []
    for place, family in _PLACES:
        rules = [rule for rule in config.root.below(*place, "rule") if rule.word.isdecimal()]
        found += [
            _forward(config, rule, (*place, "rule", rule.word), family, groups, own)
            for rule in sorted(rules, key=lambda rule: int(rule.word))
        ]
    return tuple(found)


def _forward(
    config: Config,
    rule: Node,
    path: tuple[str, ...],
    family: Family,
    groups: Groups,
    own: PrefixSet,
) -> Forward:
    match = match_of(rule, groups, family)
    # Of a static rule `destination` is its outside address and nothing else.
    static = "static" in path
    redirects = rule.has("translation", "redirect")
    to = _targets(rule, match.destinations)
    opaque = list(match.opaque)
    if to is None:
        opaque.append("translation")
        to = NOBODY
    inside = rule.value("translation", "port") or rule.value("translation", "redirect", "port")
    to_ports = ports(inside) if inside else None
    if inside and to_ports is None:
        opaque.append(f"translation port {inside}")
        to_ports = ALL_PORTS
    wanted = match.ports or ALL_PORTS
    kind = ForwardKind.PORT
    if static or (match.ports is None and match.destinations is not None):
        kind = ForwardKind.ONE_TO_ONE
    elif match.ports is None:
        kind = ForwardKind.HOST
    return Forward(
        id=" ".join(path),
        family=family,
        to=to if not redirects else own.only(family),
        kind=kind,
        protocols=match.protocols,
        ports=wanted,
        to_ports=to_ports,
        sources=EVERYBODY if match.sources is None else match.sources,
        in_interfaces=match.in_interfaces,
        destinations=match.destinations,
        # `exclude` keeps packets from being translated: it leads nowhere.
        enabled=not rule.has("disable") and not rule.has("exclude"),
        to_router=redirects or bool(to and to <= own),
        opaque=tuple(opaque),
        tag=tag_of(rule),
        evidence=tuple(_lines(config, rule, path)),
    )


def _targets(rule: Node, outside: PrefixSet | None) -> PrefixSet | None:
    words = rule.words("translation", "address") + rule.words("load-balance", "backend")
    if words:
        return prefixes(words)
    # Only the port is translated: the packet goes where it was going.
    return outside if outside is not None else NOBODY


def _lines(config: Config, rule: Node, path: tuple[str, ...]) -> Iterable[Evidence]:
    yield config.found(rule, *path)
    for leaf in (("destination", "port"), ("translation", "address"), ("translation", "port")):
        node = rule.at(*leaf)
        if node is not None and node.line != rule.line:
            yield config.found(node, *path, *leaf)
