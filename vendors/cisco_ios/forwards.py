"""Address translations that lead new connections inside, in every form IOS has for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import ip_network

from routercfg.model.evidence import Evidence
from routercfg.model.firewall import Rule, Verdict
from routercfg.model.state import Forward, ForwardKind
from routercfg.net import ALL_PORTS, EVERYBODY, NOBODY, PortSet, PrefixSet

from .config import Line
from .source import Source

_STATIC = ("ip nat inside source static", "ip nat source static")
#: Words behind a static entry that do not change what it lets in.
_PLAIN = frozenset({"extendable", "no-alias", "no-payload", "forced", "overload", "reversible"})
_NAMED = frozenset({"vrf", "redundancy", "mapping-id", "match-in-vrf"})


def read_forwards(source: Source) -> tuple[Forward, ...]:
    """Static entries, default inside server, 1:1, the NVI form, and rotary pools."""
    own = PrefixSet.of(
        *(text.split("/")[0] for port in source.ports.values() for text in port.addresses)
    )
    found: list[Forward] = []
    for line in source.config.all("ip nat"):
        prefix = next((p for p in _STATIC if line.text.startswith(p + " ")), None)
        if prefix is not None:
            words = line.text.removeprefix(prefix).split()
            found.append(_static(source, line, words))
        elif line.text.startswith("ip nat inside destination list "):
            found.append(_rotary(source, line))
    return tuple(
        replace(forward, to_router=bool(forward.to) and forward.to <= own) for forward in found
    )


def _static(source: Source, line: Line, words: list[str]) -> Forward:
    whole = Forward(line.text, 4, NOBODY, evidence=(source.evidence(line),))
    try:
        if words[0] in ("tcp", "udp"):
            return _port(source, whole, words)
        if words[0] == "network":
            local = PrefixSet.of(ip_network(f"{words[1]}/{_length(words[3])}", strict=False))
            world = PrefixSet.of(ip_network(f"{words[2]}/{_length(words[3])}", strict=False))
            forward = replace(whole, kind=ForwardKind.ONE_TO_ONE, to=local, destinations=world)
            return _options(forward, words[4:])
        protocols = None
        if words[0] in ("esp", "gre"):
            protocols, words = frozenset({words[0]}), words[1:]
        forward = replace(whole, to=PrefixSet.of(words[0]), protocols=protocols)
        if words[1] == "interface":
            name, rest = _interface(words[2:])
            destinations = _addresses(source, name)
            forward = replace(forward, kind=ForwardKind.HOST, destinations=destinations)
            return _options(forward, rest)
        world = PrefixSet.of(words[1])
        forward = replace(forward, kind=ForwardKind.ONE_TO_ONE, destinations=world)
        return _options(forward, words[2:])
    except (ValueError, IndexError):
        # It leads somewhere, and we do not see where: everything it might be stays possible.
        return replace(whole, kind=ForwardKind.HOST, to=PrefixSet.all(4), opaque=(line.text,))


def _port(source: Source, whole: Forward, words: list[str]) -> Forward:
    """`udp LOCAL port GLOBAL|interface NAME port`: the local port comes first."""
    protocols = frozenset({words[0]})
    local, inside = PrefixSet.of(words[1]), PortSet.of(words[2])
    if words[3] == "interface":
        name, rest = _interface(words[4:])
        destinations, outside, rest = _addresses(source, name), PortSet.of(rest[0]), rest[1:]
    else:
        destinations, outside, rest = PrefixSet.of(words[3]), PortSet.of(words[4]), words[5:]
    forward = replace(
        whole,
        to=local,
        protocols=protocols,
        ports=outside,
        to_ports=inside,
        destinations=destinations,
    )
    return _options(forward, rest)


def _interface(words: list[str]) -> tuple[str, list[str]]:
    """The name may be two words: `interface Dialer 1 5060` was typed, one is printed."""
    if words[0].isalpha() and len(words) > 1 and words[1][0].isdigit():
        return words[0] + words[1], words[2:]
    return words[0], words[1:]


def _addresses(source: Source, name: str) -> PrefixSet | None:
    port = source.ports.get(name)
    texts = [text.split("/")[0] for text in port.addresses] if port is not None else []
    return PrefixSet.of(*texts).only(4) or None


def _options(forward: Forward, words: list[str]) -> Forward:
    opaque = []
    while words:
        word, words = words[0], words[1:]
        if word in _PLAIN:
            continue
        if word in _NAMED and words and words[0] not in _PLAIN:
            words = words[1:]
        elif word not in _NAMED:
            # A route map narrows it in a way we do not work out; it narrows nothing for certain.
            opaque.append(" ".join([word, *words[:1]]))
            words = words[1:]
    return replace(forward, opaque=tuple(opaque))


def _length(text: str) -> str:
    return text.lstrip("/")


def _used(source: Source, name: str, line: Line, own: list[Line]) -> bool:
    """Does anything else name it? A number that only looks like it counts too."""
    numbers = {line.number, *(one.number for one in own)}
    return any(one.number not in numbers and name in one.words for one in source.config.walk())


@dataclass(frozen=True, slots=True)
class _Selection:
    """What a destination list selects."""

    protocols: frozenset[str] | None
    ports: PortSet
    sources: PrefixSet
    destinations: PrefixSet | None
    opaque: tuple[str, ...]


def _rotary(source: Source, line: Line) -> Forward:
    """`ip nat inside destination list 114 pool P`: the only way IOS forwards a range of ports."""
    words = line.words
    evidence: list[Evidence] = [source.evidence(line)]
    name = words[5] if len(words) > 5 else ""
    pool = words[7] if len(words) > 7 and words[6] == "pool" else ""
    to, pool_lines = _pool(source, pool)
    if not _used(source, pool, line, pool_lines):
        evidence += (source.evidence(one) for one in pool_lines)
    acl = source.acls.get(4, name)
    if acl is None:
        selected = _Selection(None, ALL_PORTS, EVERYBODY, None, (f"list {name} is not there",))
    else:
        entries = [entry for entry in acl.entries if entry.matches]
        own = [acl.line, *(entry.line for entry in acl.entries)]
        if not _used(source, name, line, own):
            header = [] if acl.line in [entry.line for entry in entries] else [acl.line]
            evidence += (source.evidence(one) for one in (*header, *(e.line for e in entries)))
        rules = source.acls.chain(acl).rules
        standard = acl.kind == "standard"
        selected = _selection([r for r in rules if not r.id.startswith("implicit")], standard)
    kind = ForwardKind.HOST if selected.ports.is_all else ForwardKind.PORT
    return Forward(
        id=line.text,
        family=4,
        to=to or PrefixSet.all(4),
        kind=kind,
        protocols=selected.protocols,
        ports=selected.ports,
        sources=selected.sources,
        destinations=selected.destinations,
        opaque=selected.opaque if to else (*selected.opaque, f"pool {pool} is not there"),
        evidence=tuple(evidence),
    )


def _selection(rules: list[Rule], standard: bool) -> _Selection:
    permits = [rule for rule in rules if rule.verdict is Verdict.ACCEPT]
    opaque = [text for rule in permits for text in rule.match.opaque]
    if len(permits) < len(rules):
        opaque.append("its list has deny entries")
    if standard:
        # A standard list is compared with the destination here.
        wanted = [rule.match.sources for rule in permits]
        return _Selection(None, ALL_PORTS, EVERYBODY, _union(wanted), tuple(opaque))
    protocols: frozenset[str] | None = frozenset()
    ports = PortSet()
    for rule in permits:
        match = rule.match
        if protocols is not None:
            protocols = None if match.protocols is None else protocols | match.protocols
        ports |= ALL_PORTS if match.ports is None else match.ports
    sources = _union([rule.match.sources for rule in permits]) or EVERYBODY
    destinations = _union([rule.match.destinations for rule in permits])
    return _Selection(protocols, ports, sources, destinations, tuple(opaque))


def _union(parts: list[PrefixSet | None]) -> PrefixSet | None:
    found = PrefixSet()
    for part in parts:
        if part is None:
            return None
        found |= part
    return found


def _pool(source: Source, name: str) -> tuple[PrefixSet, list[Line]]:
    """Addresses of a pool, on one line or on lines of its own."""
    found, lines = PrefixSet(), []
    for line in source.config.all(f"ip nat pool {name}") if name else ():
        lines.append(line)
        ranges = [line.words[4:6], *(child.words[1:3] for child in line.all("address"))]
        for pair in ranges:
            try:
                found |= PrefixSet.of(f"{pair[0]}-{pair[1]}")
            except (ValueError, IndexError):
                continue
    return found, lines
