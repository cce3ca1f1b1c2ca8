"""Packet filters in one form for every platform. Drivers resolve zones, lists and bindings into it.

A `Ruleset` is what a packet in one direction and family meets: one or more base chains, all of
which must let it pass (nftables has several on one hook; most platforms have one). Chains hold
rules in order; jumps go to chains of the same ruleset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from types import MappingProxyType

from routercfg.model.evidence import Evidence, Unknown
from routercfg.net import PortSet, PrefixSet


class Verdict(Enum):
    """What a rule does with packets it matches. Rules that only log, count or mark are left out."""

    ACCEPT = "accept"
    DROP = "drop"
    RETURN = "return"
    JUMP = "jump"
    GOTO = "goto"


class Hook(Enum):
    """Which packets a ruleset judges: those for the router itself, or those passing through."""

    INPUT = "input"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Interfaces:
    """A match on interface names; `*` and `?` are wildcards. `negated`: all but these."""

    names: frozenset[str]
    negated: bool = False

    def __contains__(self, name: str) -> bool:
        found = name in self.names or any(
            ("*" in pattern or "?" in pattern) and fnmatchcase(name, pattern)
            for pattern in self.names
        )
        return found is not self.negated


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule asks of a packet; None asks nothing.

    `opaque` lists matchers we read but do not understand: they may or may not hold.
    `states` are connection states (`new`, `established`, `related`, `invalid`, `untracked`).
    `dnat` asks whether the packet's destination was translated.
    `icmp_types` are numbers of the packet's own family.
    """

    protocols: frozenset[str] | None = None
    sources: PrefixSet | None = None
    destinations: PrefixSet | None = None
    source_ports: PortSet | None = None
    ports: PortSet | None = None
    states: frozenset[str] | None = None
    in_interfaces: Interfaces | None = None
    out_interfaces: Interfaces | None = None
    dnat: bool | None = None
    icmp_types: frozenset[int] | None = None
    opaque: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One enabled rule. `id` names it on the router; `tag` is our own mark on it, if it is ours.

    `limited`: all that is opaque in it is a limit on the rate, up to which it does what it says.
    """

    verdict: Verdict
    match: Match = Match()
    target: str | None = None
    id: str = ""
    tag: str | None = None
    evidence: Evidence | None = None
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """Rules in order. `policy` is what a base chain does with a packet no rule decides."""

    name: str
    rules: tuple[Rule, ...] = ()
    policy: Verdict = Verdict.RETURN
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Base chains in order of priority, and the chains they jump to, by name.

    A ruleset without base chains lets everything pass: nothing filters there.
    """

    base: tuple[Chain, ...] = ()
    chains: Mapping[str, Chain] = field(default_factory=lambda: MappingProxyType({}))

    def rules(self) -> tuple[Rule, ...]:
        """Every rule, for looking up ids, tags and evidence."""
        return tuple(rule for chain in (*self.base, *self.chains.values()) for rule in chain.rules)

    def __reduce__(self) -> tuple[type[Ruleset], tuple[object, ...]]:
        # A mapping proxy does not pickle; the process engine sends states to its workers.
        return Ruleset, (self.base, dict(self.chains))


@dataclass(frozen=True, slots=True)
class Firewall:
    """The four rulesets a router judges packets by."""

    input4: Ruleset | Unknown
    input6: Ruleset | Unknown
    forward4: Ruleset | Unknown
    forward6: Ruleset | Unknown

    def ruleset(self, hook: Hook, family: int) -> Ruleset | Unknown:
        """The ruleset of one direction and family."""
        if hook is Hook.INPUT:
            return self.input4 if family == 4 else self.input6
        return self.forward4 if family == 4 else self.forward6
