"""Access lists of both families, in every form in which a running configuration prints them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from routercfg.model.firewall import Chain, Match, Rule, Ruleset, Verdict
from routercfg.model.reachability import Query, exposed
from routercfg.net import EVERYBODY, Family, PortSet, PrefixSet

from .config import Config, Line
from .entry import RETURNING, Reader
from .naming import tag_of
from .objects import Objects, read_objects


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
            Match(protocols=match.protocols, states=RETURNING, opaque=match.opaque)
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
    reader = Reader(words[1:], family, objects)
    matches = reader.standard() if kind == "standard" else reader.extended()
    return Entry(line, sequence, permit, text, matches, reader.reflect)
