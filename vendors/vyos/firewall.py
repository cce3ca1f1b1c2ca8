"""The packet filter in the three ways VyOS writes it, as the rulesets a packet meets."""

from __future__ import annotations

from collections.abc import Iterable

from routercfg.model.evidence import Unknown
from routercfg.model.firewall import (
    Chain,
    Firewall,
    Hook,
    Match,
    Rule,
    Ruleset,
    Verdict,
)
from routercfg.net import Family

from ..vyatta.bindings import NEVER, binding, leaf_of, numbered
from ..vyatta.matching import Groups, is_limited, match_of
from ..vyatta.source import tag_of
from ..vyatta.tree import Node
from ..vyatta.zones import zone_chains
from .reading import Config, Dialect

_ACTIONS = {
    "accept": Verdict.ACCEPT,
    "drop": Verdict.DROP,
    "reject": Verdict.DROP,
    "return": Verdict.RETURN,
    "jump": Verdict.JUMP,
}
#: These hand the packet on without deciding, or to something that decides by itself.
_UNDECIDED = frozenset({"continue", "offload", "none"})


def read_firewall(config: Config) -> Firewall:
    """The four rulesets; all unknown where the filter is written in a way this pack refuses."""
    if config.dialect is Dialect.ROLLING:
        node = config.root.at("firewall")
        evidence = (config.found(node, "firewall"),) if node else ()
        unknown = Unknown(
            "the firewall is written as rolling releases of 2022 and 2023 did "
            "(`firewall interface`): upgrade to 1.4 or later",
            evidence,
        )
        return Firewall(unknown, unknown, unknown, unknown)
    return Firewall(
        _ruleset(config, Hook.INPUT, 4),
        _ruleset(config, Hook.INPUT, 6),
        _ruleset(config, Hook.FORWARD, 4),
        _ruleset(config, Hook.FORWARD, 6),
    )


def _ruleset(config: Config, hook: Hook, family: Family) -> Ruleset:
    read = _Reader(config, family)
    chains = {chain.name: chain for chain in read.named()}
    if config.dialect is Dialect.MODERN:
        base = read.modern(hook)
    elif config.dialect is None:
        base = []
    else:
        sides = ("local",) if hook is Hook.INPUT else ("in", "out")
        base = [chain for side in sides for chain in read.bindings(side)]
    outer, inner = zone_chains(config, hook, family, read.prefix)
    if outer is not None:
        base.append(outer)
    return Ruleset(tuple(base), chains | {chain.name: chain for chain in inner})


class _Reader:
    """Reads one family's chains."""

    def __init__(self, config: Config, family: Family) -> None:
        self._config = config
        self._family = family
        self._groups = Groups(config.root)
        self._top = "ipv4" if family == 4 else "ipv6"
        modern = config.dialect is Dialect.MODERN
        self._kind = ("firewall", self._top, "name") if modern else ("firewall", leaf_of(family))
        self.prefix = " ".join(self._kind)

    def named(self) -> Iterable[Chain]:
        """Rulesets that are bound, jumped to, or used by zones. They drop what they do not name."""
        for node in self._config.root.below(*self._kind):
            name = f"{self.prefix} {node.word}"
            yield Chain(
                name,
                (*self._rules(node, name), self._default(node, name)),
                evidence=self._config.found(node, *name.split()),
            )

    def modern(self, hook: Hook) -> list[Chain]:
        """The base chain of a hook, which is always there, and the one before routing, from 1.4."""
        found = []
        for where in ("prerouting raw", f"{hook.value} filter"):
            early = where.startswith("prerouting")
            node = self._config.root.at("firewall", self._top, *where.split())
            if node is None and early:
                continue
            name = f"firewall {self._top} {where}"
            dropping = node is not None and node.value("default-action") in ("drop", "reject")
            found.append(
                Chain(
                    name,
                    (
                        *(() if early else self._state_policy()),
                        *(self._rules(node, name) if node else ()),
                    ),
                    Verdict.DROP if dropping else Verdict.ACCEPT,
                    self._config.found(node, *name.split()) if node else None,
                )
            )
        return found

    def bindings(self, side: str) -> list[Chain]:
        """Rulesets bound to interfaces, to 1.3. A ruleset that nothing binds protects nothing."""
        rules = [binding(self._config, port, side, self._family) for port in self._config.ports]
        return [
            Chain(f"interfaces firewall {side}", (*self._state_policy(), *rules), Verdict.ACCEPT)
        ]

    def _state_policy(self) -> tuple[Rule, ...]:
        """Global rules by connection state, which come before all others."""
        found = []
        for path in (("firewall", "state-policy"), ("firewall", "global-options", "state-policy")):
            for state in self._config.root.below(*path):
                verdict = _ACTIONS.get(state.value("action") or "")
                if verdict is not None:
                    text = (*path, state.word)
                    found.append(
                        Rule(
                            verdict,
                            Match(states=frozenset({state.word})),
                            id=" ".join(text),
                            evidence=self._config.found(state, *text),
                        )
                    )
        return tuple(found)

    def _rules(self, node: Node, name: str) -> list[Rule]:
        return [self._rule(rule, f"{name} rule {rule.word}") for rule in numbered(node)]

    def _rule(self, node: Node, path: str) -> Rule:
        action = node.value("action")
        line = self._config.found(node, *path.split())
        if node.has("disable") or action is None or action in _UNDECIDED:
            # It decides nothing, but its number is taken.
            return Rule(Verdict.RETURN, NEVER, id=path, tag=tag_of(node), evidence=line)
        match = match_of(node, self._groups, self._family)
        verdict = _ACTIONS.get(action)
        if verdict is None:  # `queue`, `synproxy`, `inspect`: a program decides.
            verdict = Verdict.ACCEPT
            match = Match(opaque=(f"action {action}", *match.opaque), protocols=match.protocols)
        target = node.value("jump-target")
        return Rule(
            verdict,
            match,
            f"{self.prefix} {target}" if target else None,
            path,
            tag_of(node),
            line,
            limited=is_limited(match),
        )

    def _default(self, node: Node, name: str) -> Rule:
        """What a ruleset does with the rest: it drops, unless it says otherwise."""
        action = node.value("default-action") or "drop"
        target = node.value("default-jump-target")
        leaf = node.at("default-action")
        return Rule(
            _ACTIONS.get(action, Verdict.DROP),
            target=f"{self.prefix} {target}" if target else None,
            id=f"{name} default-action",
            evidence=self._config.found(leaf or node, *name.split(), "default-action"),
        )
