"""Rulesets bound to interfaces, as EdgeOS and VyOS to 1.3 have them, and rules by number."""

from __future__ import annotations

from dataclasses import replace

from routercfg.model.firewall import Interfaces, Match, Rule, Verdict
from routercfg.net import Family

from .config import Config, Port
from .tree import Node

#: No packet is of none of all protocols.
NEVER = Match(protocols=frozenset())


def leaf_of(family: Family) -> str:
    """The word that names a ruleset of a family."""
    return "name" if family == 4 else "ipv6-name"


def numbered(ruleset: Node) -> list[Node]:
    """The rules of a ruleset in their order."""
    rules = (rule for rule in ruleset.below("rule") if rule.word.isdecimal())
    return sorted(rules, key=lambda rule: int(rule.word))


def binding(config: Config, port: Port, side: str, family: Family) -> Rule:
    """The jump to the ruleset that is bound to one side of an interface.

    An interface without one is there as well, by a rule that no packet meets: its id tells where
    the interface is configured.
    """
    leaf = leaf_of(family)
    names = Interfaces(frozenset({port.name}))
    name = port.node.value("firewall", side, leaf)
    path = f"{port.path} firewall {side}"
    if name is None:
        return Rule(Verdict.RETURN, replace(NEVER, in_interfaces=names), id=path)
    match = Match(out_interfaces=names) if side == "out" else Match(in_interfaces=names)
    node = port.node.below("firewall", side, leaf)[0]
    return Rule(
        Verdict.JUMP,
        match,
        f"firewall {leaf} {name}",
        f"{path} {leaf} {name}",
        evidence=config.found(node, *path.split()),
    )
