"""The zone-based firewall as chains: zone pairs, policies, classes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Chain, Interfaces, Match, Rule, Verdict
from routercfg.net import Family, PortSet

from .config import Line
from .interfaces import read_wans
from .source import Source
from .words import APPLICATIONS

_RETURNS = frozenset({"established", "related"})
#: Before IOS-XE 16 we have no source for what a zone pair does with IPv6.
_OLD6 = ("zone firewall for IPv6 before IOS-XE 16",)


@dataclass(frozen=True, slots=True)
class Pair:
    """One zone pair. `policy` None: nothing is let through."""

    name: str
    source: str
    destination: str
    policy: str | None
    line: Line


@dataclass(slots=True)
class Zones:
    """Chains of one family."""

    forward: list[Rule] = field(default_factory=list)
    router: list[Rule] = field(default_factory=list)
    chains: dict[str, Chain] = field(default_factory=dict)


def pairs(source: Source) -> list[Pair]:
    """Every zone pair."""
    found = []
    for line in source.config.all("zone-pair security"):
        words = line.words
        if len(words) < 7 or words[3] != "source" or words[5] != "destination":
            continue
        policy = line.child("service-policy type inspect")
        name = policy.words[3] if policy is not None and len(policy.words) > 3 else None
        found.append(Pair(words[2], words[4], words[6], name, line))
    return found


def classes_of(source: Source, policy: str) -> list[tuple[str, Line]]:
    """Classes of a policy with the lines that hold their actions, in order."""
    line = source.config.first(f"policy-map type inspect {policy}")
    found = []
    for child in line.children if line is not None else ():
        words = child.words
        if words[:3] == ["class", "type", "inspect"] and len(words) > 3:
            found.append((words[3], child))
        elif words == ["class", "class-default"]:
            found.append(("class-default", child))
    return found


def class_map(source: Source, name: str) -> Line | None:
    """The class map of that name; the kind of match is between type and name."""
    for line in source.config.all("class-map type inspect"):
        if line.words[-1] == name:
            return line
    return None


def read_zones(source: Source, family: Family) -> Zones:
    """What zones do with packets through the router and to it."""
    zones = Zones()
    if not any(source.zones.values()):
        return zones
    reader = _Reader(source, family, zones)
    for pair in pairs(source):
        reader.add(pair)
    everything: frozenset[str] = frozenset()
    outside = _outside(source)
    for zone, names in source.zones.items():
        if names:
            inside = Interfaces(names)
            # From one outside interface to another nobody inside is reached: what comes in there
            # with its way out unknown is meant for the inside.
            zones.forward.append(
                reader.rule(
                    Verdict.DROP if names <= outside else Verdict.ACCEPT,
                    Match(in_interfaces=inside, out_interfaces=inside),
                    name=f"zone security {zone}",
                )
            )
            everything |= names
    # Between zones without a pair, and between a zone and an interface in none: nothing passes.
    zones.forward.append(reader.rule(Verdict.DROP, Match(in_interfaces=Interfaces(everything))))
    zones.forward.append(reader.rule(Verdict.DROP, Match(out_interfaces=Interfaces(everything))))
    return zones


def _outside(source: Source) -> frozenset[str]:
    wans = read_wans(source.config, source.ports)
    return frozenset() if isinstance(wans, Unknown) else frozenset(wan.name for wan in wans)


class _Reader:
    def __init__(self, source: Source, family: Family, zones: Zones) -> None:
        self._source = source
        self._family: Family = family
        self._zones = zones
        self._opaque = _OLD6 if family == 6 and not source.is_xe else ()
        self._here: Interfaces | None = None

    def rule(
        self, verdict: Verdict, match: Match, target: str | None = None, name: str = ""
    ) -> Rule:
        """A rule, opaque where this release's zones may not see the family at all."""
        return Rule(verdict, replace(match, opaque=match.opaque + self._opaque), target, name)

    def add(self, pair: Pair) -> None:
        """The jump of one pair, and the way back of what it inspects."""
        here = self._interfaces(pair.source)
        there = self._interfaces(pair.destination)
        if here == Interfaces(frozenset()) or there == Interfaces(frozenset()):
            return
        name = f"zone-pair {pair.name}"
        self._here = here
        self._keep(self._policy(name, pair))
        match = Match(in_interfaces=here, out_interfaces=there)
        jump = self.rule(
            Verdict.GOTO, match, name, f"zone-pair security {pair.name} policy {pair.policy or ''}"
        )
        jump = replace(jump, evidence=self._source.evidence(pair.line))
        back = Match(_inspected(self._source, pair), states=_RETURNS, in_interfaces=there)
        if pair.destination == "self":
            self._zones.router.append(replace(jump, match=replace(jump.match, out_interfaces=None)))
        elif pair.source == "self":
            if back.protocols:
                self._zones.router.insert(0, self.rule(Verdict.ACCEPT, back))
        else:
            if back.protocols:
                returning = replace(back, out_interfaces=here)
                self._zones.forward.insert(0, self.rule(Verdict.ACCEPT, returning))
            self._zones.forward.append(jump)

    def _keep(self, chain: Chain) -> None:
        """Each rule says where it holds, so that none is taken for one that lets strangers in."""
        rules = (
            replace(rule, match=replace(rule.match, in_interfaces=self._here))
            for rule in chain.rules
        )
        self._zones.chains[chain.name] = replace(chain, rules=tuple(rules))

    def _interfaces(self, zone: str) -> Interfaces | None:
        return None if zone == "self" else Interfaces(self._source.zones.get(zone, frozenset()))

    def _policy(self, name: str, pair: Pair) -> Chain:
        rules: list[Rule] = []
        policy = pair.policy
        for number, (class_name, line) in enumerate(
            classes_of(self._source, policy) if policy else ()
        ):
            verdict = _action(line)
            if class_name == "class-default":
                rules.append(
                    Rule(verdict, id="class-default", evidence=self._source.evidence(line))
                )
                break
            rules += self._class(f"{name} {number} {class_name}", class_name, verdict, line)
        rules.append(Rule(Verdict.DROP, id="class-default"))
        return Chain(name, tuple(rules), evidence=self._source.evidence(pair.line))

    def _class(self, chain: str, name: str, verdict: Verdict, line: Line) -> list[Rule]:
        evidence = self._source.evidence(line)
        found = class_map(self._source, name)
        if found is None:
            return [Rule(verdict, Match(opaque=(f"class {name}",)), id=name, evidence=evidence)]
        statements = found.all("match")
        if "match-any" in found.words:
            groups = [[statement] for statement in statements]
        else:
            groups = [statements]
        rules = []
        for number, group in enumerate(groups):
            for match, acl in self._together(group):
                rules.append(self._matched(f"{chain} {number}", match, acl, verdict, name))
        return [replace(rule, evidence=evidence) for rule in rules]

    def _matched(
        self, chain: str, match: Match, acl: str | None, verdict: Verdict, name: str
    ) -> Rule:
        if acl is None:
            return Rule(verdict, match, id=name)
        self._keep(self._listed(f"{chain} {acl}", acl, verdict))
        return Rule(Verdict.JUMP, match, f"{chain} {acl}", id=name)

    def _listed(self, chain: str, name: str, verdict: Verdict) -> Chain:
        """The access list of a class: what it permits gets the verdict, what it denies goes on."""
        acl = self._source.acls.get(self._family, name)
        if acl is None:
            other = self._source.acls.get(6 if self._family == 4 else 4, name)
            # A list of the other family matches nothing of this one; one that is nowhere may.
            unknown = Rule(verdict, Match(opaque=(f"list {name}",)))
            return Chain(chain, () if other is not None else (unknown,))
        rules = tuple(
            replace(rule, verdict=verdict if rule.verdict is Verdict.ACCEPT else Verdict.RETURN)
            for rule in self._source.acls.chain(acl).rules
        )
        return Chain(chain, rules)

    def _together(self, statements: list[Line]) -> list[tuple[Match, str | None]]:
        """Statements that must all hold, as matches with at most one access list."""
        found: list[tuple[Match, str | None]] = [(Match(), None)]
        for statement in statements:
            words = statement.words[1:]
            match words:
                case ["access-group", "name", name] | ["access-group", name] if all(
                    acl is None for _, acl in found
                ):
                    found = [(match, name) for match, _ in found]
                case ["protocol", name, *_] if name in APPLICATIONS:
                    found = [
                        (_narrowed(match, protocol, ports), acl)
                        for match, acl in found
                        for protocol, ports in APPLICATIONS[name]
                    ]
                case _:
                    text = " ".join(words)
                    found = [(replace(m, opaque=(*m.opaque, text)), acl) for m, acl in found]
        return found


def _narrowed(match: Match, protocol: str, ports: str | None) -> Match:
    protocols = frozenset({protocol})
    if match.protocols is not None:
        protocols &= match.protocols
    wanted = match.ports if ports is None else PortSet.of(ports)
    if match.ports is not None and wanted is not None:
        wanted &= match.ports
    return replace(match, protocols=protocols, ports=wanted)


def _action(line: Line) -> Verdict:
    if line.child("inspect") is not None or line.child("pass") is not None:
        return Verdict.ACCEPT
    return Verdict.DROP


def _inspected(source: Source, pair: Pair) -> frozenset[str]:
    """Protocols whose replies an inspecting class of the pair lets back."""
    found: set[str] = set()
    for name, line in classes_of(source, pair.policy) if pair.policy else ():
        if line.child("inspect") is None:
            continue
        statements = class_map(source, name)
        for statement in statements.all("match protocol") if statements is not None else ():
            found |= {p for p, _ in APPLICATIONS.get(statement.words[2], ())}
        if statements is not None and not statements.all("match protocol"):
            found |= {"tcp", "udp", "icmp", "icmpv6"}
    return frozenset(found)
