"""Destination translations as forwards, rule by rule as the kernel walks them.

In a nat chain an earlier `accept`, `return` or other translation takes packets away from a later
one; our own narrowing of a forward is such a `return` in front of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from routercfg.model.firewall import Interfaces, Match, Verdict
from routercfg.model.state import Forward, ForwardKind
from routercfg.net import ALL_PORTS, EVERYBODY, PortSet, PrefixSet

from .firewall import tag_of
from .matching import Decided, decided
from .ruleset import Nft, NftChain, NftRule
from .values import ports, prefixes

_MAX_DEPTH = 16


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where one translation leads, and what of a map's key it adds to the match."""

    to: PrefixSet
    to_ports: PortSet | None
    number: int | None = None
    key_ports: PortSet | None = None
    key_destinations: PrefixSet | None = None
    key_protocol: str | None = None
    opaque: tuple[str, ...] = ()


def read_forwards(nft: Nft, own: PrefixSet) -> tuple[Forward, ...]:
    """Every translation of new connections from outside."""
    found: list[Forward] = []
    bases = [c for c in nft.chains if c.hook == "prerouting" and c.type == "nat"]
    for chain in sorted(bases, key=lambda one: one.priority):
        stops: list[Match] = []
        for rule, one in _walk(nft, chain, Match(), 0):
            if one.translation is not None:
                found += _shielded(_forwards(nft, rule, one, own), stops)
            if one.translation is None and not one.match.opaque:
                stops.append(one.match)
    return tuple(found)


def _walk(nft: Nft, chain: NftChain, outer: Match, depth: int) -> Iterator[tuple[NftRule, Decided]]:
    """Translating and ending rules in order, with what the jumps to them ask as well."""
    for rule in chain.rules:
        for one in decided(nft, rule):
            inner = replace(one, match=_joined(outer, one.match))
            if one.verdict in (Verdict.JUMP, Verdict.GOTO):
                target = nft.by_id.get(one.target or "")
                if target is not None and depth < _MAX_DEPTH:
                    yield from _walk(nft, target, inner.match, depth + 1)
            elif (
                one.translation is not None
                or one.verdict is Verdict.ACCEPT
                or (one.verdict is Verdict.RETURN and depth == 0)
            ):
                yield rule, inner


def _ends(one: Decided, depth: int) -> bool:
    # A `return` out of a chain that was jumped to goes on in the one before.
    at_base = one.verdict is Verdict.RETURN and depth == 0
    return one.translation is not None or one.verdict is Verdict.ACCEPT or at_base


def _joined(outer: Match, inner: Match) -> Match:
    opaque = (*outer.opaque, *inner.opaque)
    if outer.in_interfaces is not None and inner.in_interfaces is not None:
        opaque = (*opaque, "interfaces asked for twice")
    return Match(
        protocols=_met(outer.protocols, inner.protocols),
        sources=_met(outer.sources, inner.sources),
        destinations=_met(outer.destinations, inner.destinations),
        source_ports=_met(outer.source_ports, inner.source_ports),
        ports=_met(outer.ports, inner.ports),
        states=_met(outer.states, inner.states),
        in_interfaces=inner.in_interfaces or outer.in_interfaces,
        opaque=opaque,
    )


def _met(left: Any, right: Any) -> Any:
    if left is None or right is None:
        return right if left is None else left
    return left & right


def _forwards(nft: Nft, rule: NftRule, one: Decided, own: PrefixSet) -> Iterator[Forward]:
    if one.translation is None:
        return
    kind, body = one.translation
    for entry in _entries(nft, rule, kind, body, own):
        match = one.match
        for family in sorted(one.families):
            to = entry.to.only(4 if family == 4 else 6)
            if not to and not (entry.opaque and not entry.to):
                continue
            number = "" if entry.number is None else f"#{entry.number}"
            protocols = match.protocols
            if protocols is None and entry.key_protocol in ("tcp", "udp"):
                protocols = frozenset({entry.key_protocol})
            wanted = _met(match.ports, entry.key_ports)
            opaque = (*match.opaque, *entry.opaque)
            if match.source_ports is not None:
                opaque = (*opaque, "source port")
            yield Forward(
                id=rule.id + number,
                family=family,
                to=to,
                kind=_kind(rule, wanted, to, protocols),
                protocols=protocols,
                ports=ALL_PORTS if wanted is None else wanted,
                to_ports=entry.to_ports,
                sources=_everybody(family) if match.sources is None else match.sources,
                in_interfaces=match.in_interfaces,
                destinations=_met(match.destinations, entry.key_destinations),
                enabled=match.states is None or "new" in match.states,
                to_router=kind == "redirect" or bool(to & own),
                opaque=opaque,
                tag=tag_of(rule),
                evidence=(rule.evidence,),
            )


def _everybody(family: int) -> PrefixSet:
    return EVERYBODY.only(4 if family == 4 else 6)


def _kind(
    rule: NftRule, wanted: PortSet | None, to: PrefixSet, protocols: frozenset[str] | None
) -> ForwardKind:
    if "miniupnpd" in f"{rule.table.name} {rule.chain}".lower():
        return ForwardKind.LEASE
    if wanted is not None and not wanted.is_all:
        return ForwardKind.PORT
    if protocols is not None and not protocols & {"tcp", "udp"}:
        return ForwardKind.PORT
    single = all(low == high for low, high in (*to.v4, *to.v6))
    return ForwardKind.HOST if single else ForwardKind.ONE_TO_ONE


def _entries(
    nft: Nft, rule: NftRule, kind: str, body: Mapping[str, Any], own: PrefixSet
) -> Iterator[_Entry]:
    to_ports = _ports_of(body.get("port"))
    if kind == "redirect":
        yield _Entry(own or EVERYBODY, to_ports)
        return
    address = body.get("addr")
    if not isinstance(address, dict) or "map" not in address:
        yield _Entry(_addresses(address), to_ports)
        return
    key, data = address["map"]["key"], address["map"]["data"]
    pairs = nft.sets.get((rule.table, data[1:])) if isinstance(data, str) else data.get("set")
    if pairs is None:
        # A map that others fill: it may lead anywhere.
        yield _Entry(EVERYBODY, to_ports, opaque=("a map that changes by itself",))
        return
    for number, (value, target) in enumerate(pairs, start=1):
        yield _mapped(key, value, target, to_ports, number)


def _mapped(key: Any, value: Any, target: Any, to_ports: PortSet | None, number: int) -> _Entry:
    if isinstance(target, dict) and "concat" in target:
        address, port = target["concat"]
        entry = _Entry(_addresses(address), _ports_of(port), number)
    else:
        entry = _Entry(_addresses(target), to_ports, number)
    payload = key.get("payload", {}) if isinstance(key, dict) else {}
    if payload.get("field") == "dport":
        return replace(entry, key_ports=ports([value]), key_protocol=payload.get("protocol"))
    if payload.get("field") == "daddr":
        return replace(entry, key_destinations=prefixes([value]))
    return replace(entry, opaque=(f"map by {key}"[:160],))


def _addresses(value: Any) -> PrefixSet:
    if isinstance(value, str) or (isinstance(value, dict) and value.keys() & {"range", "prefix"}):
        return prefixes([value])
    # Computed (jhash, numgen) or unknown: it may lead anywhere.
    return EVERYBODY


def _ports_of(value: Any) -> PortSet | None:
    if value is None:
        return None
    if isinstance(value, int) or (isinstance(value, dict) and "range" in value):
        return ports([value])
    return ALL_PORTS


def _shielded(forwards: Iterable[Forward], stops: list[Match]) -> Iterator[Forward]:
    for forward in forwards:
        left = [forward]
        for stop in stops:
            left = [part for one in left for part in _behind(one, stop)]
        yield from left


def _behind(forward: Forward, stop: Match) -> tuple[Forward, ...]:
    """What is left of a forward behind a rule that surely ends the walk for what it matches."""
    if not _covers(stop, forward):
        return (forward,)
    if forward.protocols != stop.protocols and stop.protocols is not None:
        return tuple(
            part
            for name in sorted(forward.protocols or {"tcp", "udp"})
            for part in _behind_one(replace(forward, protocols=frozenset({name})), stop)
        )
    return _behind_one(forward, stop)


def _behind_one(forward: Forward, stop: Match) -> tuple[Forward, ...]:
    mine = forward.protocols
    if stop.protocols is not None and (mine is None or not mine <= stop.protocols):
        return (forward,)
    everyone = stop.sources is None or forward.sources <= stop.sources
    if everyone:
        kept = PortSet() if stop.ports is None else forward.ports - stop.ports
        if not kept:
            return ()
        kind = ForwardKind.PORT if not kept.is_all else forward.kind
        return (replace(forward, ports=kept, kind=kind),)
    if stop.sources is not None and (stop.ports is None or forward.ports <= stop.ports):
        return (replace(forward, sources=forward.sources - stop.sources),)
    return (forward,)


def _covers(stop: Match, forward: Forward) -> bool:
    if stop.destinations is not None and not (
        forward.destinations is not None and forward.destinations <= stop.destinations
    ):
        return False
    if stop.source_ports is not None or (stop.states is not None and "new" not in stop.states):
        return False
    return stop.in_interfaces is None or _same(stop.in_interfaces, forward.in_interfaces)


def _same(wanted: Interfaces, mine: Interfaces | None) -> bool:
    if mine is None:
        return False
    if wanted == mine:
        return True
    return not mine.negated and all(name in wanted for name in mine.names)
