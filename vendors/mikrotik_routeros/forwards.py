"""Port forwards: destination NAT, static and leased, IPv4 and (RouterOS 7) IPv6."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from routercfg.errors import ParseError
from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Match
from routercfg.model.state import Forward, ForwardKind
from routercfg.net import ALL_PORTS, EVERYBODY, PortSet, PrefixSet

from .export import Statement
from .naming import describe, tag_of
from .prints import records, refused
from .source import Source

#: Jumps deeper than this loop.
_MAX_DEPTH = 16
_ACTIONS = ("dst-nat", "netmap", "redirect")


def read_forwards(source: Source) -> tuple[Forward, ...] | Unknown:
    """Every forward, switched off ones too, in the router's order; leases last."""
    found: list[Forward] = []
    for family in (4, 6):
        prefix = "ip firewall" if family == 4 else "ipv6 firewall"
        trouble = source.trouble(
            f"{prefix} nat", f"{prefix} address-list", "interface list", "interface list member"
        )
        if trouble:
            return trouble
        found += _Walk(source, family).forwards()
    leases = _leases(source)
    return leases if isinstance(leases, Unknown) else _numbered([*found, *leases])


def _numbered(found: list[Forward]) -> tuple[Forward, ...]:
    """Rules that are equal to the letter get a number behind their id: each must go by itself."""
    seen: dict[tuple[int, str], int] = {}
    numbered = []
    for one in found:
        count = seen[one.family, one.id] = seen.get((one.family, one.id), 0) + 1
        numbered.append(one if count == 1 else replace(one, id=f"{one.id} ({count})"))
    return tuple(numbered)


@dataclass
class _Walk:
    """One walk through chain dstnat and the chains it jumps to."""

    source: Source
    family: int

    def __post_init__(self) -> None:
        export = self.source.export
        self.menu = f"{'ip' if self.family == 4 else 'ipv6'} firewall nat"
        self.matchers = self.source.matchers[self.family]
        self.own = self.source.own
        self.chains: dict[str, list[Statement]] = {}
        for one in export.adds(self.menu):
            self.chains.setdefault(one.get("chain"), []).append(one)

    def forwards(self) -> list[Forward]:
        found: dict[int, Forward] = {}
        for one, forward in self._chain("dstnat", Match(), enabled=True, depth=0):
            # Two jumps may lead to one rule: it is open to whom either of them lets through.
            now = found.get(one.line)
            found[one.line] = forward if now is None else _joined(now, forward)
        return list(found.values())

    def _chain(
        self, name: str, outer: Match, *, enabled: bool, depth: int
    ) -> Iterator[tuple[Statement, Forward]]:
        for one in self.chains.get(name, ()):
            on = enabled and not one.disabled
            for match in self.matchers.read(one):
                inner = _both(outer, match)
                if inner.ports is None and inner.source_ports is not None:
                    continue  # it asks for the sender's port: no forward
                if one.get("action") == "jump" and depth < _MAX_DEPTH:
                    target = one.get("jump-target")
                    yield from self._chain(target, inner, enabled=on, depth=depth + 1)
                elif one.get("action") in _ACTIONS:
                    yield one, self._forward(one, inner, enabled=on)

    def _forward(self, one: Statement, match: Match, *, enabled: bool) -> Forward:
        to, to_ports, opaque = self._target(one)
        return Forward(
            id=describe(one),
            family=self.family,
            to=to,
            kind=self._kind(one, match),
            protocols=match.protocols,
            ports=ALL_PORTS if match.ports is None else match.ports,
            to_ports=to_ports,
            sources=EVERYBODY if match.sources is None else match.sources,
            in_interfaces=match.in_interfaces,
            destinations=match.destinations,
            enabled=enabled and one.in_force,
            to_router=one.get("action") == "redirect"
            or not _inside(one)
            or (bool(to) and to <= self.own),
            opaque=(*match.opaque, *opaque),
            tag=tag_of(one),
            evidence=(self.source.evidence(one),),
        )

    def _target(self, one: Statement) -> tuple[PrefixSet, PortSet | None, tuple[str, ...]]:
        """Inside addresses and ports; without an address it is the router itself."""
        opaque: tuple[str, ...] = ()
        to, ports = self.own.only(4 if self.family == 4 else 6), None
        if _inside(one) and one.get("action") != "redirect":
            try:
                to = PrefixSet.of(_inside(one))
            except ValueError:
                to, opaque = PrefixSet.all(4 if self.family == 4 else 6), ("to-addresses",)
        if one.get("to-ports"):
            try:
                ports = PortSet.of(one.get("to-ports"))
            except ValueError:
                ports, opaque = ALL_PORTS, (*opaque, "to-ports")
        return to, ports, opaque

    def _kind(self, one: Statement, match: Match) -> ForwardKind:
        if one.get("action") == "netmap":
            return ForwardKind.ONE_TO_ONE
        if match.ports is not None:
            return ForwardKind.PORT
        twins = (
            twin
            for twin in self.chains.get("srcnat", ())
            if twin.get("action") in ("src-nat", "netmap")
            and _inside(one)
            and twin.get("src-address").split("/")[0] == _inside(one).split("/")[0]
        )
        return ForwardKind.ONE_TO_ONE if next(twins, None) is not None else ForwardKind.HOST


def _inside(one: Statement) -> str:
    """Where a rule leads; the property has another name in IPv6's menu of some versions."""
    return one.get("to-addresses") or one.get("to-address")


def _both(outer: Match, inner: Match) -> Match:
    """What must hold for a packet to come through a jump and meet a rule behind it."""
    opaque = (*outer.opaque, *inner.opaque)
    interfaces = inner.in_interfaces or outer.in_interfaces
    if outer.in_interfaces and inner.in_interfaces and outer.in_interfaces != inner.in_interfaces:
        opaque = (*opaque, "interfaces of the jump")
    return replace(
        inner,
        protocols=_and(outer.protocols, inner.protocols),
        sources=_and(outer.sources, inner.sources),
        destinations=_and(outer.destinations, inner.destinations),
        ports=_and(outer.ports, inner.ports),
        source_ports=_and(outer.source_ports, inner.source_ports),
        in_interfaces=interfaces,
        opaque=opaque,
    )


_Set = TypeVar("_Set", frozenset[str], PrefixSet, PortSet)


def _and(a: _Set | None, b: _Set | None) -> _Set | None:
    if a is None or b is None:
        return b if a is None else a
    return a & b


def _joined(one: Forward, other: Forward) -> Forward:
    return replace(
        one,
        sources=one.sources | other.sources,
        ports=one.ports | other.ports,
        protocols=(
            None
            if one.protocols is None or other.protocols is None
            else one.protocols | other.protocols
        ),
        in_interfaces=one.in_interfaces if one.in_interfaces == other.in_interfaces else None,
        destinations=one.destinations if one.destinations == other.destinations else None,
        enabled=one.enabled or other.enabled,
    )


def _leases(source: Source) -> tuple[Forward, ...] | Unknown:
    """What UPnP and NAT-PMP opened: dynamic rules, which no export shows."""
    output = source.outputs.get("leases")
    if output is None:
        return ()
    if refused(output):
        return Unknown(f"refused: {output.lines[0].strip()}", (output.evidence(1),))
    try:
        found = records(output)
    except ParseError as error:
        return Unknown(error.message, (output.evidence(1),))
    leases = []
    for record in found:
        if record.get("chain") == "dstnat" and record.get("action") in _ACTIONS:
            lease = _lease(source, record.values)
            leases.append(replace(lease, evidence=(output.evidence(record.line),)))
    return tuple(leases)


def _lease(source: Source, values: Mapping[str, str]) -> Forward:
    one = Statement("ip firewall nat", "add", 0, values=values)
    read = source.matchers[4].read(one)
    match = read[0] if read else Match()
    to = _addresses(one.get("to-addresses"))
    ports = one.get("to-ports")
    return Forward(
        id=describe(one),
        family=4,
        to=to,
        kind=ForwardKind.LEASE,
        protocols=match.protocols,
        ports=ALL_PORTS if match.ports is None else match.ports,
        to_ports=PortSet.of(ports) if ports.replace("-", "").isdecimal() else None,
        sources=EVERYBODY if match.sources is None else match.sources,
        in_interfaces=match.in_interfaces,
        destinations=match.destinations,
        to_router=bool(to) and to <= source.own,
        opaque=match.opaque,
    )


def _addresses(text: str) -> PrefixSet:
    try:
        return PrefixSet.of(text)
    except ValueError:
        return PrefixSet.all(4)
