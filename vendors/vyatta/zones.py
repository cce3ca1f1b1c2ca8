"""Zones: which ruleset judges packets from one zone to another. `zone-policy` to 1.3."""

from __future__ import annotations

from dataclasses import dataclass

from routercfg.model.firewall import Chain, Hook, Interfaces, Match, Rule, Verdict
from routercfg.net import Family

from .config import Config
from .tree import Node


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone, where it is written, and the interfaces in it."""

    name: str
    path: str
    node: Node
    members: Interfaces

    @property
    def local(self) -> bool:
        """Is it the router itself?"""
        return self.node.has("local-zone")


def zones(config: Config) -> tuple[Zone, ...]:
    """All zones of the router."""
    found = []
    for path in (("zone-policy", "zone"), ("firewall", "zone")):
        for node in config.root.below(*path):
            names = frozenset((*node.words("interface"), *node.words("member", "interface")))
            found.append(Zone(node.word, " ".join((*path, node.word)), node, Interfaces(names)))
    return tuple(found)


def zone_chains(
    config: Config, hook: Hook, family: Family, prefix: str
) -> tuple[Chain | None, list[Chain]]:
    """The base chain that sends packets to the zones they enter, and a chain for each of those.

    Without a zone for the router itself, zones do not filter what is for the router.
    """
    known = zones(config)
    targets = [zone for zone in known if zone.local is (hook is Hook.INPUT)]
    if not targets:
        return None, []
    inner = [_zone(config, zone, known, hook, family, prefix) for zone in targets]
    rules = tuple(
        Rule(
            Verdict.JUMP,
            Match() if hook is Hook.INPUT else Match(out_interfaces=zone.members),
            chain.name,
            zone.path,
            evidence=config.found(zone.node, *zone.path.split()),
        )
        for zone, chain in zip(targets, inner, strict=True)
    )
    states = tuple(
        Rule(
            Verdict.ACCEPT if state.value("action") == "accept" else Verdict.DROP,
            Match(states=frozenset({state.word})),
            id=" ".join((*path, state.word)),
            evidence=config.found(state, *path, state.word),
        )
        for path in (("firewall", "state-policy"), ("firewall", "global-options", "state-policy"))
        for state in config.root.below(*path)
    )
    # Towards an interface in no zone nothing is judged; where there is none, nothing gets there.
    bare = hook is Hook.INPUT or _outside_zones(config, known)
    policy = Verdict.ACCEPT if bare else Verdict.DROP
    return Chain(f"zones {hook.value}", (*states, *rules), policy), inner


def _outside_zones(config: Config, known: tuple[Zone, ...]) -> bool:
    """Is there an interface that carries traffic and is in no zone?"""
    return any(
        not any(port.name in zone.members for zone in known)
        for port in config.ports
        if not port.node.has("disable")
        and not port.inward
        and (port.node.has("address") or port.node.has("ipv6") or port.name.startswith("pppoe"))
    )


def _zone(
    config: Config, zone: Zone, known: tuple[Zone, ...], hook: Hook, family: Family, prefix: str
) -> Chain:
    """Inside a zone all pass; from another its ruleset decides; the rest is refused."""
    evidence = config.found(zone.node, *zone.path.split())
    rules = []
    if hook is Hook.FORWARD and _matters_within(zone):
        rules.append(Rule(Verdict.ACCEPT, Match(in_interfaces=zone.members), id=zone.path))
    leaf = "name" if family == 4 else "ipv6-name"
    members = {other.name: other.members for other in known if not other.local}
    for origin in zone.node.below("from"):
        ruleset = origin.value("firewall", leaf)
        if ruleset is None or origin.word not in members:
            continue
        match = Match(in_interfaces=members[origin.word])
        path = f"{zone.path} from {origin.word} firewall {leaf} {ruleset}"
        line = config.found(origin, *path.split())
        rules.append(Rule(Verdict.JUMP, match, f"{prefix} {ruleset}", path, evidence=line))
        rules.append(Rule(Verdict.ACCEPT, match, id=path, evidence=line))
    accepts = zone.node.value("default-action") == "accept"
    rules.append(
        Rule(
            Verdict.ACCEPT if accepts else Verdict.DROP,
            id=f"{zone.path} default-action",
            evidence=evidence,
        )
    )
    return Chain(f"{zone.path} {hook.value}", tuple(rules), evidence=evidence)


def _matters_within(zone: Zone) -> bool:
    """Does traffic within a zone get anywhere that we ask about?

    What comes in by WAN and leaves by WAN reaches no LAN; nor does what turns round on one
    interface.
    """
    if zone.name.lower() == "wan" or len(zone.members.names) < 2:
        return False
    return zone.node.value("intra-zone-filtering", "action") != "drop"
