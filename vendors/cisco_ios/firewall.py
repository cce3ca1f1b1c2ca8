"""The four rulesets: access lists on interfaces, inspection that opens the way back, zones.

A list bound `in` on an outside interface sees packets before address translation. So in the
ruleset for packets that pass through, each forward gets its own reading of the list, with the
destination and port that the packet had outside; a translated packet that no single forward
explains meets every test of destination or port as uncertain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from routercfg.model.evidence import Evidence
from routercfg.model.firewall import Chain, Firewall, Interfaces, Match, Rule, Ruleset, Verdict
from routercfg.model.state import Forward
from routercfg.net import Family

from .acl import Acl
from .interfaces import Port
from .source import Source
from .zones import read_zones

_RETURNS = frozenset({"established", "related"})
_BINDING: dict[Family, str] = {4: "ip access-group", 6: "ipv6 traffic-filter"}


def read_firewall(source: Source, forwards: Sequence[Forward]) -> Firewall:
    """Every ruleset; what is bound nowhere filters nothing."""
    return Firewall(
        input4=_input(source, 4, [one for one in forwards if one.to_router]),
        input6=_input(source, 6, ()),
        forward4=_forward(source, 4, forwards),
        forward6=_forward(source, 6, ()),
    )


class _Builder:
    """Collects base chains and the chains they jump to."""

    def __init__(self, source: Source, family: Family) -> None:
        self.source = source
        self.family: Family = family
        self.chains: dict[str, Chain] = {}

    def bound(self, port: Port, direction: str) -> tuple[Acl, Evidence] | None:
        """The list on an interface that filters: a missing or empty one permits everything."""
        found = port.bound(_BINDING[self.family], direction)
        if found is None:
            return None
        acl = self.source.acls.get(self.family, found[0])
        if acl is None or not any(e.matches or e.evaluate for e in acl.entries):
            return None  # UNVERIFIED, well known: it permits everything
        return acl, self.source.evidence(found[1])

    def jump(self, port: Port, evidence: Evidence, match: Match, chain: Chain) -> Rule:
        """The rule that sends an interface's packets through its list."""
        self.chains[chain.name] = chain
        return Rule(Verdict.GOTO, match, chain.name, id=f"interface {port.name}", evidence=evidence)

    def ruleset(self, *base: Chain) -> Ruleset:
        """The ruleset of those base chains that say something."""
        return Ruleset(tuple(chain for chain in base if chain.rules), MappingProxyType(self.chains))


def _only(port: Port) -> Interfaces:
    return Interfaces(frozenset({port.name}))


def _input(source: Source, family: Family, forwards: Sequence[Forward]) -> Ruleset:
    builder = _Builder(source, family)
    rules = _returning(source, family, router=True)
    for port in source.ports.values():
        found = builder.bound(port, "in")
        if found is not None:
            rules += _entering(builder, port, *found, forwards)
    zones = read_zones(source, family)
    builder.chains.update(zones.chains)
    return builder.ruleset(
        Chain("access lists in", tuple(rules), Verdict.ACCEPT),
        Chain("zones to self", tuple(zones.router), Verdict.ACCEPT),
    )


def _forward(source: Source, family: Family, forwards: Sequence[Forward]) -> Ruleset:
    builder = _Builder(source, family)
    entering = _returning(source, family, router=False)
    leaving: list[Rule] = []
    for port in source.ports.values():
        found = builder.bound(port, "in")
        if found is not None:
            entering += _entering(builder, port, *found, forwards)
        found = builder.bound(port, "out")
        if found is not None:
            leaving.append(_leaving(builder, port, *found))
    zones = read_zones(source, family)
    builder.chains.update(zones.chains)
    return builder.ruleset(
        Chain("access lists in", tuple(entering), Verdict.ACCEPT),
        Chain("access lists out", tuple(leaving), Verdict.ACCEPT),
        Chain("zones", tuple(zones.forward), Verdict.ACCEPT),
    )


def _entering(
    builder: _Builder, port: Port, acl: Acl, evidence: Evidence, forwards: Sequence[Forward]
) -> list[Rule]:
    chain = builder.source.acls.chain(acl)
    here = _only(port)
    if port.outside is None and not forwards:
        return [builder.jump(port, evidence, Match(in_interfaces=here), chain)]
    rules = []
    for forward in forwards:
        if _alone(forward, forwards):
            name = f"{chain.name} before {forward.id}"
            match = Match(
                protocols=forward.protocols,
                destinations=forward.to,
                ports=forward.to_ports or (None if forward.ports.is_all else forward.ports),
                in_interfaces=here,
                dnat=True,
            )
            rules.append(builder.jump(port, evidence, match, _seen(chain, name, forward)))
    blurred = replace(chain, name=f"{chain.name} before translation", rules=_blurred(chain.rules))
    match = Match(in_interfaces=here, dnat=True)
    rules.append(builder.jump(port, evidence, match, blurred))
    plain = Match(in_interfaces=here, dnat=False)
    rules.append(builder.jump(port, evidence, plain, chain))
    return rules


def _alone(forward: Forward, forwards: Sequence[Forward]) -> bool:
    """Does no other forward lead to the same host and port? Else one cannot tell them apart."""
    inside = forward.to_ports or forward.ports
    return not any(
        other is not forward
        and other.to & forward.to
        and (other.to_ports or other.ports) & inside
        and (not other.protocols or not forward.protocols or other.protocols & forward.protocols)
        for other in forwards
    )


def _seen(chain: Chain, name: str, forward: Forward) -> Chain:
    """The list as a packet of this forward meets it: with its outside destination and port."""
    rules = []
    for rule in chain.rules:
        match, opaque = rule.match, list(rule.match.opaque)
        if match.destinations is not None:
            if forward.destinations is None:
                opaque.append("destination before translation")
            elif not forward.destinations & match.destinations:
                continue
            elif not forward.destinations <= match.destinations:
                opaque.append("destination before translation")
        if match.ports is not None:
            if not forward.ports & match.ports:
                continue
            if not forward.ports <= match.ports:
                opaque.append("port before translation")
        rules.append(
            replace(rule, match=replace(match, destinations=None, ports=None, opaque=tuple(opaque)))
        )
    return replace(chain, name=name, rules=tuple(rules))


def _blurred(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    return tuple(
        replace(
            rule,
            match=replace(
                rule.match,
                destinations=None,
                ports=None,
                opaque=(*rule.match.opaque, "destination or port before translation"),
            ),
        )
        if rule.match.destinations is not None or rule.match.ports is not None
        else rule
        for rule in rules
    )


def _leaving(builder: _Builder, port: Port, acl: Acl, evidence: Evidence) -> Rule:
    chain = builder.source.acls.chain(acl)
    if port.outside is not None:
        # Outbound outside comes after translation: sources are the router's by then.
        rules = tuple(
            replace(
                rule,
                match=replace(
                    rule.match,
                    sources=None,
                    opaque=(*rule.match.opaque, "source after translation"),
                ),
            )
            if rule.match.sources is not None
            else rule
            for rule in chain.rules
        )
        chain = replace(chain, name=f"{chain.name} after translation", rules=rules)
    return builder.jump(port, evidence, Match(out_interfaces=_only(port)), chain)


def _returning(source: Source, family: Family, *, router: bool) -> list[Rule]:
    """What classic inspection (CBAC) lets back past the lists, by where it is bound."""
    word = "ip" if family == 4 else "ipv6"
    rules = []
    for port in source.ports.values():
        for direction in ("out", "in"):
            found = port.bound(f"{word} inspect", direction)
            if found is None:
                continue
            protocols = inspected(source, word, found[0], router=router)
            if not protocols or (router and direction == "in"):
                continue
            place = _only(port)
            match = Match(
                protocols,
                states=_RETURNS,
                in_interfaces=place if direction == "out" else None,
                out_interfaces=place if direction == "in" else None,
            )
            rules.append(Rule(Verdict.ACCEPT, match, evidence=source.evidence(found[1])))
    return rules


def inspected(source: Source, word: str, name: str, *, router: bool) -> frozenset[str]:
    """Transport protocols of one inspection rule; for the router's own, those that say so."""
    found: set[str] = set()
    for line in source.config.all(f"{word} inspect name {name}"):
        words = line.words
        if len(words) < 5 or (router and "router-traffic" not in words):
            continue
        if words[4] in ("tcp", "udp", "icmp"):
            found.add("icmpv6" if words[4] == "icmp" and word == "ipv6" else words[4])
    return frozenset(found)
