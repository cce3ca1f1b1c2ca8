"""The packet filter: rulesets bound to interfaces or zones, and what opens beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from routercfg.model.firewall import (
    Chain,
    Firewall,
    Hook,
    Match,
    Rule,
    Ruleset,
    Verdict,
)
from routercfg.model.state import Forward
from routercfg.net import Family

from ..vyatta.bindings import NEVER, binding, leaf_of, numbered
from ..vyatta.matching import Groups, is_limited, match_of
from ..vyatta.source import tag_of
from ..vyatta.tree import Node
from ..vyatta.zones import zone_chains
from .forwards import opened_by_itself
from .reading import Config

_ACTIONS = {"accept": Verdict.ACCEPT, "drop": Verdict.DROP, "reject": Verdict.DROP}


def read_firewall(config: Config, forwards: tuple[Forward, ...]) -> Firewall:
    """The four rulesets."""
    opened = forwards if opened_by_itself(config) else ()
    return Firewall(
        _ruleset(config, Hook.INPUT, 4, opened),
        _ruleset(config, Hook.INPUT, 6, ()),
        _ruleset(config, Hook.FORWARD, 4, opened),
        _ruleset(config, Hook.FORWARD, 6, ()),
    )


def _ruleset(config: Config, hook: Hook, family: Family, forwards: tuple[Forward, ...]) -> Ruleset:
    read = _Reader(config, family)
    chains = {chain.name: chain for chain in read.named()}
    sides = ("local",) if hook is Hook.INPUT else ("in", "out")
    own = tuple(_opened(forwards, hook))
    base = [read.bindings(side, own) for side in sides]
    outer, inner = zone_chains(config, hook, family, read.prefix)
    if outer is not None:
        base.append(replace(outer, rules=(*own, *outer.rules)))
    return Ruleset(tuple(base), chains | {chain.name: chain for chain in inner})


def _opened(forwards: tuple[Forward, ...], hook: Hook) -> Iterable[Rule]:
    """What `auto-firewall` accepts before any ruleset is asked.

    Whether it also lets in what it leads to the router itself is UNVERIFIED: it may.
    """
    for forward in forwards:
        to_router = hook is Hook.INPUT
        if (
            not forward.id.startswith("port-forward ")
            or not forward.enabled
            or forward.to_router is not to_router
        ):
            continue
        yield Rule(
            Verdict.ACCEPT,
            Match(
                protocols=forward.protocols,
                destinations=forward.to or None,
                ports=forward.to_ports or forward.ports,
                in_interfaces=forward.in_interfaces,
                dnat=True,
                opaque=("auto-firewall to the router itself",) if to_router else (),
            ),
            id=f"{forward.id} auto-firewall",
            evidence=forward.evidence[0],
        )


class _Reader:
    """Reads one family's chains."""

    def __init__(self, config: Config, family: Family) -> None:
        self._config = config
        self._family: Family = family
        self._groups = Groups(config.root)
        self._leaf = leaf_of(family)
        self.prefix = f"firewall {self._leaf}"

    def named(self) -> Iterable[Chain]:
        """Every ruleset, bound or not. They drop what they do not name."""
        for node in self._config.root.below("firewall", self._leaf):
            name = f"{self.prefix} {node.word}"
            yield Chain(
                name,
                (*self._rules(node, name), self._default(node, name)),
                evidence=self._config.found(node, *name.split()),
            )

    def bindings(self, side: str, before: tuple[Rule, ...]) -> Chain:
        """Rulesets bound to interfaces. A ruleset that nothing binds protects nothing."""
        rules = [binding(self._config, port, side, self._family) for port in self._config.ports]
        return Chain(f"interfaces firewall {side}", (*before, *rules), Verdict.ACCEPT)

    def _rules(self, node: Node, name: str) -> list[Rule]:
        return [self._rule(rule, f"{name} rule {rule.word}") for rule in numbered(node)]

    def _rule(self, node: Node, path: str) -> Rule:
        action = node.value("action")
        line = self._config.found(node, *path.split())
        if node.has("disable") or action is None:
            # It decides nothing, but its number is taken.
            return Rule(Verdict.RETURN, NEVER, id=path, tag=tag_of(node), evidence=line)
        match = match_of(node, self._groups, self._family)
        verdict = _ACTIONS.get(action)
        if verdict is None:
            verdict = Verdict.ACCEPT
            match = replace(match, opaque=(f"action {action}", *match.opaque))
        limited = is_limited(match)
        return Rule(verdict, match, id=path, tag=tag_of(node), evidence=line, limited=limited)

    def _default(self, node: Node, name: str) -> Rule:
        """What a ruleset does with the rest: it drops, unless it says otherwise."""
        leaf = node.at("default-action")
        return Rule(
            _ACTIONS.get(node.value("default-action") or "drop", Verdict.DROP),
            id=f"{name} default-action",
            evidence=self._config.found(leaf or node, *name.split(), "default-action"),
        )
