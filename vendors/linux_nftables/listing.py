"""The ruleset as a change is undone on it: everything by name or by what it says, as nft takes it.

Left out is what packets and the kernel write: counters, handles, and all that miniupnpd keeps.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from routercfg.platforms.outputs import Output

from .ruleset import Json, TableId, entries, read_ruleset

#: Keys of objects and statements that change by themselves, by kind.
_VOLATILE: Mapping[str, frozenset[str]] = {
    "counter": frozenset({"packets", "bytes"}),
    "quota": frozenset({"used", "used_unit"}),
    "last": frozenset({"used"}),
}


class Name(NamedTuple):
    """What names a chain (kind `chain`), a set, a map or an object such as `ct helper`."""

    kind: str
    table: TableId
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One rule: its handle now, what it says, and its body as nft takes it, without a handle."""

    handle: int
    said: str
    body: Json


@dataclass(frozen=True, slots=True)
class Listing:
    """One reading of the ruleset."""

    tables: Mapping[TableId, Json]
    #: Chains, sets, maps and objects.
    named: Mapping[Name, Json]
    #: By their chain, in order.
    rules: Mapping[Name, tuple[Line, ...]]

    def of(self, table: TableId) -> Iterator[Name]:
        """Everything named in one table, in the order it was listed."""
        return (one for one in self.named if one.table == table)


def read_listing(output: Output) -> Listing:
    """Raises ParseError where the output is cut off or no ruleset."""
    read_ruleset(output)
    tables: dict[TableId, Json] = {}
    named: dict[Name, Json] = {}
    rules: dict[Name, list[Line]] = {}
    for entry, _ in entries(output):
        ((kind, body),) = entry.items()
        if kind == "metainfo":
            continue
        handle, plain = body.get("handle", 0), _steady(kind, body)
        if kind == "table":
            tables[TableId(body["family"], body["name"])] = plain
            continue
        table = TableId(body["family"], body["table"])
        chain = body.get("chain", body.get("name", ""))
        if "miniupnpd" in f"{table.name} {chain}".lower():
            continue
        if kind == "rule":
            said = {key: plain[key] for key in ("expr", "comment") if key in plain}
            line = Line(handle, json.dumps(said, sort_keys=True), plain)
            rules.setdefault(Name("chain", table, chain), []).append(line)
        elif "name" in body:
            named[Name(kind, table, body["name"])] = plain
    return Listing(tables, named, {chain: tuple(lines) for chain, lines in rules.items()})


def _steady(kind: str, body: Json) -> dict[str, Any]:
    left = _VOLATILE.get(kind, frozenset()) | {"handle"}
    if {"dynamic", "timeout"} & set(body.get("flags", ())):
        left |= {"elem"}  # Packets fill it.
    return {key: _plain(value) for key, value in body.items() if key not in left}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: (_without(inner, _VOLATILE[key]) or None)
        if key in _VOLATILE and isinstance(inner, dict)
        else _plain(inner)
        for key, inner in value.items()
    }


def _without(body: Json, keys: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in keys}
