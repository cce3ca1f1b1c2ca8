"""The packet filters of RouterOS as rulesets: filter and, before it, raw."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Chain, Firewall, Match, Rule, Ruleset, Verdict

from .export import Export, Statement
from .matchers import Matchers
from .naming import describe, tag_of
from .nat_helpers import read_ipv6
from .source import Source

_VERDICTS = {
    "accept": Verdict.ACCEPT,
    # Only packets of known connections can be fasttracked; those are accepted.
    "fasttrack-connection": Verdict.ACCEPT,
    "drop": Verdict.DROP,
    "reject": Verdict.DROP,
    "tarpit": Verdict.DROP,
    "jump": Verdict.JUMP,
    "return": Verdict.RETURN,
}
#: Conditions that hold up to so many packets, and no more.
_LIMIT = re.compile(r"(?:dst-)?limit=(?!!)")
_UNDECIDED = re.compile(r"log|passthrough|notrack|add-(?:src|dst)-to-address-list|mark-.*|set-.*")
_BUILT_IN = ("input", "forward", "output", "prerouting", "postrouting")


def read_firewall(source: Source) -> Firewall:
    """The four rulesets. A menu that could not be read makes its family's rulesets unknown."""
    four = _family(source, 4)
    ipv6 = read_ipv6(source)
    six = _family(source, 6)
    if isinstance(ipv6, Unknown):
        six = ipv6, ipv6
    elif not ipv6.enabled:
        off = Unknown(f"there is no IPv6 to filter: {ipv6.detail}", ipv6.evidence)
        six = off, off
    return Firewall(four[0], six[0], four[1], six[1])


def _family(source: Source, family: int) -> tuple[Ruleset | Unknown, Ruleset | Unknown]:
    prefix = "ip firewall" if family == 4 else "ipv6 firewall"
    trouble = source.trouble(
        f"{prefix} filter",
        f"{prefix} raw",
        f"{prefix} address-list",
        "interface list",
        "interface list member",
    )
    if trouble:
        return trouble, trouble
    reader = _Reader(source, family)
    filters = reader.chains(f"{prefix} filter", "")
    raws = reader.chains(f"{prefix} raw", "raw ")
    chainless = reader.chainless
    if chainless:
        return chainless, chainless
    return reader.ruleset("input", filters, raws), reader.ruleset("forward", filters, raws)


@dataclass
class _Reader:
    source: Source
    family: int
    chainless: Unknown | None = None

    @property
    def export(self) -> Export:
        return self.source.export

    def chains(self, menu: str, prefix: str) -> dict[str, tuple[Rule, ...]]:
        """Rules of one table by chain; names of chains get a prefix that keeps tables apart."""
        matchers = self.source.matchers[self.family]
        found: dict[str, list[Rule]] = {}
        for one in self.export.adds(menu):
            if not one.get("chain"):
                evidence = self.source.evidence(one)
                self.chainless = Unknown(f"a rule in /{menu} has no chain", (evidence,))
            rules = () if one.disabled else self._rules(one, matchers, prefix)
            found.setdefault(prefix + one.get("chain"), []).extend(rules)
        return {name: tuple(rules) for name, rules in found.items()}

    def _rules(self, one: Statement, matchers: Matchers, prefix: str) -> tuple[Rule, ...]:
        # Old exports leave out the action where it is accept.
        action = one.get("action", "accept")
        if _UNDECIDED.fullmatch(action):
            return ()
        verdict = _VERDICTS.get(action, Verdict.JUMP)
        # An action we do not know may do anything, as a chain that does not exist may.
        target = prefix + one.get("jump-target", f"action {action}")
        return tuple(
            Rule(
                verdict=verdict,
                match=match,
                target=target if verdict is Verdict.JUMP else None,
                id=describe(one),
                tag=tag_of(one),
                evidence=self.source.evidence(one),
                limited=bool(match.opaque) and all(map(_LIMIT.match, match.opaque)),
            )
            for match in matchers.read(one)
        )

    def ruleset(
        self, hook: str, filters: dict[str, tuple[Rule, ...]], raws: dict[str, tuple[Rule, ...]]
    ) -> Ruleset:
        """What a packet meets on one way: raw prerouting, then its own chain of the filter."""
        base = []
        if raws.get("raw prerouting"):
            rules = raws["raw prerouting"]
            base.append(Chain("raw prerouting", _before_nat(rules, hook), Verdict.ACCEPT))
        if filters.get(hook):
            base.append(Chain(hook, filters[hook], Verdict.ACCEPT))
        chains = {
            name: Chain(name, _before_nat(rules, hook) if name in raws else rules)
            for name, rules in (raws | filters).items()
            if name.removeprefix("raw ") not in _BUILT_IN
        }
        return Ruleset(tuple(base), chains) if base else Ruleset()


def _before_nat(rules: tuple[Rule, ...], hook: str) -> tuple[Rule, ...]:
    """Raw rules as the forward hook must see them.

    They meet packets before the destination is translated: what they ask of destination and port
    may or may not hold for the inside address that the question is about.
    """
    if hook == "input":
        return rules
    return tuple(
        replace(rule, match=_blurred(rule.match))
        if rule.match.ports is not None or rule.match.destinations is not None
        else rule
        for rule in rules
    )


def _blurred(match: Match) -> Match:
    opaque = (*match.opaque, "destination before translation")
    return replace(match, ports=None, destinations=None, opaque=opaque)
