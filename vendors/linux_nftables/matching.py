"""Statements of one nft rule as matches and a verdict.

A rule becomes none, one or several: verdict maps are written out, one rule for each entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from routercfg.model.firewall import Interfaces, Match, Verdict
from routercfg.net import EVERYBODY

from .ruleset import FAMILIES, Nft, NftRule, TableId
from .values import ICMP, ICMPV6, NotUnderstoodError, element, listed, ports, prefixes

STATES = frozenset({"new", "established", "related", "invalid", "untracked"})
_L4 = {"icmp": "icmp", "ipv6-icmp": "icmpv6", "icmpv6": "icmpv6", "1": "icmp", "58": "icmpv6"}
_PORTED = frozenset({"tcp", "udp", "udplite", "sctp", "dccp"})
_FAMILY_NAMES = {"ipv4": 4, "ip": 4, "2": 4, "ipv6": 6, "ip6": 6, "10": 6}


@dataclass(frozen=True, slots=True)
class Decided:
    """A match and what happens to the packets it takes. `families` are those it can hold for."""

    match: Match
    families: frozenset[int]
    verdict: Verdict | None = None
    target: str | None = None
    #: The statement itself where it translates: `dnat` or `redirect`, with its arguments.
    translation: tuple[str, Mapping[str, Any]] | None = None
    #: Names of `ct helper` objects that the rule sets.
    helper: str | None = None
    #: Which entry of a verdict map this is, from 1.
    part: int | None = None


def decided(nft: Nft, rule: NftRule) -> tuple[Decided, ...]:
    """What a rule decides. Empty: it only counts, logs or marks."""
    if rule.id not in nft.memo:
        nft.memo[rule.id] = decisions(nft, rule.table, rule.expressions)
    found: tuple[Decided, ...] = nft.memo[rule.id]
    return found


def decisions(nft: Nft, table: TableId, expressions: Iterable[Any]) -> tuple[Decided, ...]:
    """What statements decide in rules of a table."""
    reader = _Reader(nft, table)
    current = [Decided(Match(), FAMILIES.get(table.family, frozenset()))]
    for expression in expressions:
        ((name, body),) = (
            expression.items() if isinstance(expression, dict) else ((str(expression), None),)
        )
        if name == "vmap":
            return tuple(one for base in current for one in reader.vmap(base, body))
        current = [reader.statement(base, name, body) for base in current]
        if name not in _KNOWN:
            # Whatever it does, it may let the packet through and it may not.
            current = [replace(base, match=_opaque(base.match, name)) for base in current]
            return tuple(
                replace(base, verdict=verdict) for base in current for verdict in _either(name)
            )
    return tuple(
        one for one in current if one.families and (one.verdict or one.translation or one.helper)
    )


_VERDICTS = {
    "accept": Verdict.ACCEPT,
    "drop": Verdict.DROP,
    "reject": Verdict.DROP,
    "return": Verdict.RETURN,
    "jump": Verdict.JUMP,
    "goto": Verdict.GOTO,
}
_PASSING = frozenset({
    "counter", "log", "mangle", "notrack", "set", "map", "meter", "flow", "continue", "last",
    "secmark", "ct timeout", "ct expectation", "dup", "masquerade", "snat", "comment",
})  # fmt: skip
_CONDITIONS = frozenset({"limit", "quota", "ct count"})
_KNOWN = frozenset(_VERDICTS) | _PASSING | _CONDITIONS | {"match", "ct helper", "dnat", "redirect"}


def _either(name: str) -> tuple[Verdict, ...]:
    # iptables' own ACCEPT is a plain verdict; what is left to `xt` may refuse (REJECT).
    return (Verdict.DROP,) if name == "xt" else (Verdict.ACCEPT, Verdict.DROP)


@dataclass(frozen=True, slots=True)
class _Reader:
    nft: Nft
    table: TableId

    def statement(self, base: Decided, name: str, body: Any) -> Decided:
        if name == "match":
            return self.matched(base, body["left"], body["op"], body["right"])
        if name == "reject":
            return _rejected(base, body)
        if name in _VERDICTS:
            target = f"{self.table} {body['target']}" if name in ("jump", "goto") else None
            return replace(base, verdict=_VERDICTS[name], target=target)
        if name in ("dnat", "redirect"):
            return replace(base, translation=(name, body or {}))
        if name == "ct helper":
            if not isinstance(body, str):
                return replace(base, match=_opaque(base.match, name), helper="")
            return replace(base, helper=body)
        if name in _CONDITIONS:
            # What is over a limit is the opposite of what is within it.
            over = name == "limit" and isinstance(body, dict) and body.get("inv")
            return replace(base, match=_opaque(base.match, "limit over" if over else name))
        return base

    def vmap(self, base: Decided, body: Any) -> Iterable[Decided]:
        entries = self.entries(body["data"])
        if entries is None:
            for verdict in (Verdict.ACCEPT, Verdict.DROP):
                yield replace(base, match=_opaque(base.match, "vmap"), verdict=verdict)
            return
        for number, (key, action) in enumerate(entries, start=1):
            ((name, argument),) = action.items()
            one = self.statement(self.matched(base, body["key"], "==", key), name, argument)
            if one.families and one.verdict:
                yield replace(one, part=number)

    def entries(self, data: Any) -> tuple[tuple[Any, Any], ...] | None:
        """Pairs of an anonymous or named map; None where they are not ours to see."""
        if isinstance(data, str) and data.startswith("@"):
            found = self.nft.sets.get((self.table, data[1:]))
        elif isinstance(data, dict) and isinstance(data.get("set"), list):
            found = tuple(data["set"])
        else:
            found = None
        return None if found is None else tuple((key, value) for key, value in found)

    def matched(self, base: Decided, left: Any, op: str, right: Any) -> Decided:
        """The decision with one more condition."""
        try:
            return self._matched(base, left, op, right)
        except (NotUnderstoodError, ValueError, KeyError, TypeError):
            return replace(base, match=_opaque(base.match, _text(left, op, right)))

    def _matched(self, base: Decided, left: Any, op: str, right: Any) -> Decided:
        if op not in ("==", "!=", "in"):
            raise NotUnderstoodError(op)
        negated = op == "!="
        ((kind, body),) = left.items()
        if kind == "payload":
            return self._payload(
                base, body["protocol"], body["field"], self._values(right), negated
            )
        key = body["key"] if kind in ("meta", "ct") else ""
        if kind == "meta":
            return self._meta(base, key, self._values(right), negated)
        if (kind, key) == ("ct", "state"):
            names = frozenset(map(str, self._values(right)))
            states = STATES - names if negated else names
            return replace(base, match=replace(base.match, states=_both(base.match.states, states)))
        if (kind, key) == ("ct", "status") and self._values(right) == ["dnat"]:
            if base.match.dnat is negated:
                return replace(base, families=frozenset())
            return replace(base, match=replace(base.match, dnat=not negated))
        raise NotUnderstoodError(kind)

    def _meta(self, base: Decided, key: str, values: list[Any], negated: bool) -> Decided:
        if key in ("iifname", "oifname", "iif", "oif"):
            side = "in_interfaces" if key.startswith("i") else "out_interfaces"
            if any(not isinstance(value, str) or value.isdecimal() for value in values):
                raise NotUnderstoodError("an interface that is gone")
            if getattr(base.match, side) is not None:
                raise NotUnderstoodError("interfaces asked for twice")
            wanted = Interfaces(frozenset(values), negated)
            return _asking(base, side, wanted)
        if key == "l4proto":
            return _protocols(base, values, negated)
        if key in ("nfproto", "protocol"):
            families = frozenset(_FAMILY_NAMES[str(value)] for value in values)
            return _families(base, frozenset({4, 6}) - families if negated else families)
        raise NotUnderstoodError(key)

    def _payload(
        self, base: Decided, protocol: str, name: str, values: list[Any], negated: bool
    ) -> Decided:
        if protocol in ("ip", "ip6"):
            base = _families(base, frozenset({4 if protocol == "ip" else 6}))
            if name in ("saddr", "daddr"):
                return _addresses(base, name, values, negated)
            if name in ("protocol", "nexthdr"):
                return _protocols(base, values, negated)
        if protocol in ("icmp", "icmpv6"):
            base = _families(base, frozenset({4 if protocol == "icmp" else 6}))
            base = _protocols(base, [protocol], negated=False)
            if name == "type":
                return _icmp(base, protocol, values, negated)
        if protocol == "th" or protocol in _PORTED:
            if protocol != "th":
                base = _protocols(base, [protocol], negated=False)
            if name in ("dport", "sport"):
                return _ports(base, name, values, negated)
        # What the field's own protocol asks is kept: an opaque TCP flag is still only TCP.
        return replace(base, match=_opaque(base.match, f"{protocol} {name}"))

    def _values(self, right: Any) -> list[Any]:
        """The right-hand side as a flat list of values, ranges and prefixes."""
        if isinstance(right, str) and right.startswith("@"):
            found = self.nft.sets.get((self.table, right[1:]))
            if found is None:
                raise NotUnderstoodError(right)
            return [element(value) for value in found]
        if isinstance(right, dict) and "set" in right:
            return [element(value) for value in listed(right["set"])]
        return [element(value) for value in listed(right)]


def _text(left: Any, op: str, right: Any) -> str:
    return f"{left} {op} {right}"[:160]


def _rejected(base: Decided, body: Any) -> Decided:
    """A refusal. nft leaves out the family where the answer implies it, and with a TCP reset also
    where it does not: such a refusal may hold for one family only."""
    kind = body.get("type", "") if isinstance(body, dict) else ""
    if kind in ("icmp", "icmpv6"):
        base = _families(base, frozenset({4 if kind == "icmp" else 6}))
    elif kind == "tcp reset":
        base = _protocols(base, ["tcp"], negated=False)
        if len(base.families) > 1:
            base = replace(base, match=_opaque(base.match, "reject in a family not named"))
    return replace(base, verdict=Verdict.DROP)


def _asking(base: Decided, side: str, wanted: Any) -> Decided:
    values: dict[str, Any] = {side: wanted}
    return replace(base, match=replace(base.match, **values))


def _opaque(match: Match, what: str) -> Match:
    return replace(match, opaque=(*match.opaque, what))


def _both(left: frozenset[str] | None, right: frozenset[str]) -> frozenset[str]:
    return right if left is None else left & right


def _families(base: Decided, families: frozenset[int]) -> Decided:
    return replace(base, families=base.families & families)


def _protocols(base: Decided, values: list[Any], negated: bool) -> Decided:
    names = frozenset(_L4.get(str(value), str(value)) for value in values)
    if negated:
        # The model names protocols; "all but these" leaves the ones that services and tests use.
        raise NotUnderstoodError("all protocols but some")
    return replace(base, match=replace(base.match, protocols=_both(base.match.protocols, names)))


def _addresses(base: Decided, name: str, values: list[Any], negated: bool) -> Decided:
    wanted = prefixes(values)
    if negated:
        wanted = EVERYBODY - wanted
    side = "sources" if name == "saddr" else "destinations"
    had = getattr(base.match, side)
    return _asking(base, side, wanted if had is None else had & wanted)


def _ports(base: Decided, name: str, values: list[Any], negated: bool) -> Decided:
    wanted = ~ports(values) if negated else ports(values)
    side = "ports" if name == "dport" else "source_ports"
    had = getattr(base.match, side)
    return _asking(base, side, wanted if had is None else had & wanted)


def _icmp(base: Decided, protocol: str, values: list[Any], negated: bool) -> Decided:
    table = ICMP if protocol == "icmp" else ICMPV6
    numbers = frozenset(value if isinstance(value, int) else table[value] for value in values)
    if negated:
        numbers = frozenset(range(256)) - numbers
    had = base.match.icmp_types
    wanted = numbers if had is None else had & numbers
    return replace(base, match=replace(base.match, icmp_types=wanted))
