"""Access lists of both families, in every form in which a running configuration prints them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, ip_network

from routercfg.model.firewall import Chain, Match, Rule, Ruleset, Verdict
from routercfg.net import EVERYBODY, Family, PortSet, PrefixSet

from .config import Config, Line
from .naming import tag_of
from .objects import Objects, Service, read_objects
from .words import ICMP, ICMP6, PORTS, PROTOCOLS

_NEW_STATES = frozenset({"established", "related"})
#: Words behind an entry that only log or count.
_QUIET = frozenset({"log", "log-input"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: several matches where it has several ports or services, none for a remark."""

    line: Line
    sequence: int | None
    permit: bool
    text: str
    matches: tuple[Match, ...] = ()
    reflect: str | None = None
    evaluate: str | None = None


@dataclass(frozen=True, slots=True)
class Acl:
    """One access list. `header` opens it in configuration mode; empty ones permit everything."""

    name: str
    family: Family
    kind: str
    line: Line
    entries: tuple[Entry, ...] = ()

    @property
    def header(self) -> str:
        """The command that opens this list for editing; numbered lists too can be edited so."""
        if self.family == 6:
            return f"ipv6 access-list {self.name}"
        return f"ip access-list {self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Acls:
    """All access lists by family and name."""

    config: Config
    by_name: Mapping[tuple[Family, str], Acl]

    def get(self, family: Family, name: str) -> Acl | None:
        """The list of that name. None: it does not exist, and what names it permits everything."""
        return self.by_name.get((family, name))

    def sources(self, family: Family, name: str, protocol: str, ports: PortSet) -> PrefixSet:
        """Who the list lets use a service of the router itself."""
        from routercfg.model.reachability import Query, exposed  # noqa: PLC0415

        acl = self.get(family, name)
        everybody = EVERYBODY.only(family)
        if acl is None or not acl.entries:
            # UNVERIFIED, well known: a list that does not exist, or is empty, permits everything.
            return everybody
        ruleset = Ruleset((self.chain(acl),))
        return exposed(ruleset, Query(family, protocol, ports)) & everybody

    def chain(self, acl: Acl) -> Chain:
        """The list as a chain that decides, with what it does at its end."""
        rules = [rule for entry in acl.entries for rule in self._rules(acl, entry)]
        if any(entry.matches or entry.evaluate for entry in acl.entries):
            rules += _ending(acl.family)
        return Chain(acl.header, tuple(rules), evidence=self.config.evidence(acl.line))

    def _rules(self, acl: Acl, entry: Entry) -> list[Rule]:
        number = "" if entry.sequence is None else str(entry.sequence)
        verdict = Verdict.ACCEPT if entry.permit else Verdict.DROP
        evidence = self.config.evidence(entry.line)
        tag = tag_of(entry.text) or tag_of(acl.name)
        matches = entry.matches
        if entry.evaluate is not None:
            matches = self._reflected(entry.evaluate)
        return [
            Rule(verdict, match, id=f"{acl.header} {number}".strip(), tag=tag, evidence=evidence)
            for match in matches
        ]

    def _reflected(self, name: str) -> tuple[Match, ...]:
        """What comes back to flows that an entry with `reflect` let out."""
        found = [
            match
            for acl in self.by_name.values()
            for entry in acl.entries
            if entry.reflect == name
            for match in entry.matches
        ]
        return tuple(
            Match(protocols=match.protocols, states=_NEW_STATES, opaque=match.opaque)
            for match in found
        )


def _ending(family: Family) -> list[Rule]:
    found = [Rule(Verdict.DROP, id="implicit deny")]
    if family == 6:
        neighbours = Match(frozenset({"icmpv6"}), icmp_types=frozenset({135, 136}))
        found.insert(0, Rule(Verdict.ACCEPT, neighbours, id="implicit permit nd"))
    return found


def read_acls(config: Config, numbers: Mapping[tuple[Family, str], list[int]]) -> Acls:
    """Every list. `numbers`: the live sequence numbers of entries that a configuration may omit."""
    objects = read_objects(config)
    found: dict[tuple[Family, str], Acl] = {}
    for line in config.lines:
        words = line.words
        if words[:2] in (["ip", "access-list"], ["ipv6", "access-list"]):
            acl = _named(line, words, objects)
        elif words[0] == "access-list" and len(words) > 2 and words[1].isdecimal():
            acl = _numbered(line, words, objects)
        else:
            continue
        if acl is None:
            continue
        key = (acl.family, acl.name)
        old = found.get(key)
        found[key] = acl if old is None else replace(old, entries=old.entries + acl.entries)
    return Acls(config, {key: _sequenced(acl, numbers.get(key)) for key, acl in found.items()})


def _sequenced(acl: Acl, live: list[int] | None) -> Acl:
    """Every entry with its number: as printed, else as the router counts, else ten by ten."""
    if all(entry.sequence is not None for entry in acl.entries):
        return acl
    deciding = [entry for entry in acl.entries if entry.matches or entry.evaluate]
    listed = live if live is not None and len(live) == len(deciding) else None
    counted = iter(listed or [10 * (n + 1) for n in range(len(deciding))])
    entries = [
        replace(entry, sequence=next(counted)) if entry.matches or entry.evaluate else entry
        for entry in acl.entries
    ]
    return replace(acl, entries=tuple(entries))


def _numbered(line: Line, words: list[str], objects: Objects) -> Acl | None:
    number = int(words[1])
    standard = number < 100 or 1300 <= number < 2000
    extended = 100 <= number < 200 or 2000 <= number < 2700
    if not standard and not extended:
        return None
    kind = "standard" if standard else "extended"
    entry = _entry(line, words[2:], 4, kind, objects)
    return Acl(words[1], 4, kind, line, (entry,))


def _named(line: Line, words: list[str], objects: Objects) -> Acl | None:
    family: Family = 4 if words[0] == "ip" else 6
    rest = words[2:]
    if family == 4 and len(rest) == 2 and rest[0] in ("standard", "extended"):
        kind, name = rest
    elif len(rest) == 1 and (family == 6 or line.children):
        kind, name = "extended", rest[0]
    else:
        return None  # `ip access-list resequence`, `log-update`, and the like
    entries = tuple(_entry(c, c.words, family, kind, objects) for c in line.children)
    return Acl(name, family, kind, line, entries)


def _entry(line: Line, words: list[str], family: Family, kind: str, objects: Objects) -> Entry:
    text = " ".join(words)
    sequence = None
    if words and words[0].isdecimal():
        sequence, words = int(words[0]), words[1:]
    if len(words) > 1 and words[0] == "sequence" and words[1].isdecimal():
        sequence, words = int(words[1]), words[2:]
    if len(words) > 2 and words[-2] == "sequence" and words[-1].isdecimal():
        sequence, words = int(words[-1]), words[:-2]
    if not words or words[0] == "remark":
        return Entry(line, None, False, text)
    if words[0] == "evaluate" and len(words) > 1:
        return Entry(line, sequence, True, text, evaluate=words[1])
    if words[0] not in ("permit", "deny"):
        # Not understood: it may permit, and shields nothing.
        return Entry(line, sequence, True, text, (Match(opaque=(text,)),))
    permit = words[0] == "permit"
    reader = _Reader(words[1:], family, objects)
    matches = reader.standard() if kind == "standard" else reader.extended()
    return Entry(line, sequence, permit, text, matches, reader.reflect)


class _Reader:
    """Reads the words of one entry, left to right; what it does not know becomes opaque."""

    def __init__(self, words: list[str], family: Family, objects: Objects) -> None:
        self._words = words
        self._family = family
        self._objects = objects
        self._opaque: list[str] = []
        self.reflect: str | None = None

    def standard(self) -> tuple[Match, ...]:
        """A source, with a wildcard mask or without."""
        sources = self._address()
        self._rest(Match())
        return (Match(sources=sources, opaque=tuple(self._opaque)),)

    def extended(self) -> tuple[Match, ...]:
        """Protocol or service group, source, ports, destination, ports, and the rest."""
        services = self._services()
        sources = self._address()
        source_ports = self._ports()
        destinations = self._address()
        ports = self._ports()
        base = self._rest(
            Match(
                sources=sources,
                destinations=destinations,
                source_ports=source_ports,
                ports=ports,
            ),
            services,
        )
        opaque = tuple(self._opaque)
        if services is None:
            return (replace(base, opaque=opaque),)
        return tuple(
            replace(
                base,
                protocols=frozenset({service.protocol}),
                ports=service.ports if base.ports is None else base.ports,
                icmp_types=service.icmp or base.icmp_types,
                opaque=opaque + service.opaque,
            )
            for service in services
        )

    def _take(self) -> str:
        return self._words.pop(0) if self._words else ""

    def _services(self) -> tuple[Service, ...] | None:
        word = self._take()
        if word == "object-group":
            return self._objects.services(self._take())
        if word in ("ip", "ipv6", "ipv4"):
            return None
        name = PROTOCOLS.get(word, word)
        if name == "icmp" and self._family == 6:
            name = "icmpv6"
        return (Service(name),)

    def _address(self) -> PrefixSet | None:
        word = self._take()
        if word in ("any", "any4", "any6"):
            return None
        if word == "host":
            return self._set(self._take())
        if word == "object-group":
            name = self._take()
            found = self._objects.networks(name)
            if found is None:
                self._opaque.append(f"object-group {name}")
            return found
        if self._family == 6 or "/" in word:
            return self._set(word)
        if self._words and re.fullmatch(r"\d+\.\d+\.\d+\.\d+", self._words[0]):
            return self._wildcard(word, self._take())
        return self._set(word)

    def _set(self, text: str) -> PrefixSet | None:
        try:
            return PrefixSet.of(ip_network(text, strict=False))
        except ValueError:
            self._opaque.append(text or "an address that is not there")
            return None

    def _wildcard(self, address: str, mask: str) -> PrefixSet | None:
        try:
            low, bits = int(IPv4Address(address)), int(IPv4Address(mask))
        except ValueError:
            self._opaque.append(f"{address} {mask}")
            return None
        if bits & (bits + 1):
            # Ones with gaps: not an interval.
            self._opaque.append(f"{address} {mask}")
            return None
        low &= ~bits
        return PrefixSet(((low, low | bits),), ())

    def _ports(self) -> PortSet | None:
        if not self._words or self._words[0] not in ("eq", "neq", "lt", "gt", "range"):
            return None
        operator = self._take()
        if operator == "range":
            first, last = _port(self._take()), _port(self._take())
            if first is None or last is None or first > last:
                self._opaque.append("range")
                return None
            return PortSet.of(f"{first}-{last}")
        found = []
        while self._words and _port(self._words[0]) is not None:
            found.append(_port(self._take()) or 0)
            if operator in ("lt", "gt"):
                break
        if not found:
            self._opaque.append(f"{operator} {self._take()}")
            return None
        return _operated(operator, found)

    def _rest(self, match: Match, services: tuple[Service, ...] | None = None) -> Match:
        icmp = services is not None and services[0].protocol in ("icmp", "icmpv6")
        while self._words:
            word = self._take()
            if word in _QUIET:
                self._words.clear()  # only a cookie may follow
            elif word == "established":
                match = replace(match, states=_NEW_STATES)
            elif word == "reflect":
                self.reflect = self._take()
                self._words.clear()
            elif icmp and (number := self._icmp(word)) is not None:
                match = replace(match, icmp_types=frozenset({number}))
                if self._words and self._words[0].isdecimal():
                    self._opaque.append(f"code {self._take()}")
            else:
                self._opaque.append(word)
        return match

    def _icmp(self, word: str) -> int | None:
        if word.isdecimal():
            return int(word)
        return (ICMP if self._family == 4 else ICMP6).get(word)


def _port(word: str) -> int | None:
    if word.isdecimal() and int(word) < 65536:
        return int(word)
    return PORTS.get(word)


def _operated(operator: str, found: list[int]) -> PortSet:
    ports = PortSet.of(*found)
    if operator == "neq":
        return ~ports
    if operator == "lt":
        return PortSet.of(f"0-{found[0] - 1}") if found[0] else PortSet()
    if operator == "gt":
        return PortSet.of(f"{found[0] + 1}-65535") if found[0] < 65535 else PortSet()
    return ports
