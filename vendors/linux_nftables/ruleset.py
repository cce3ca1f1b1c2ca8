"""`nft -j list ruleset` as tables, chains and rules, each with the text it was read from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from routercfg.errors import ParseError
from routercfg.model.evidence import Evidence
from routercfg.platforms.outputs import Output

Json = Mapping[str, Any]
_JSON = json.JSONDecoder()

#: Families whose chains see the packets that the model speaks of.
FAMILIES: Mapping[str, frozenset[int]] = {
    "ip": frozenset({4}),
    "ip6": frozenset({6}),
    "inet": frozenset({4, 6}),
}


@dataclass(frozen=True, slots=True)
class TableId:
    """Family and name: what names a table."""

    family: str
    name: str

    def __str__(self) -> str:
        return f"{self.family} {self.name}"


@dataclass(frozen=True, slots=True)
class NftRule:
    """One rule: its statements, its comment, and how nft names it."""

    table: TableId
    chain: str
    handle: int
    expressions: tuple[Any, ...]
    comment: str
    evidence: Evidence

    @property
    def id(self) -> str:
        """`inet filter forward 12`: family, table, chain, handle."""
        return f"{self.table} {self.chain} {self.handle}"


@dataclass(frozen=True, slots=True)
class NftChain:
    """One chain. `hook` is empty for a chain that others jump to."""

    table: TableId
    name: str
    type: str
    hook: str
    priority: int
    policy: str
    evidence: Evidence
    rules: tuple[NftRule, ...] = ()

    @property
    def id(self) -> str:
        """`inet filter forward`: unique over all tables."""
        return f"{self.table} {self.name}"


@dataclass(frozen=True, slots=True)
class Nft:
    """The whole ruleset."""

    version: str
    chains: tuple[NftChain, ...]
    #: Elements of named sets and maps by table and name. None: they come and go by themselves.
    sets: Mapping[tuple[TableId, str], tuple[Any, ...] | None]
    #: Objects such as `ct helper`, by kind, table and name.
    objects: Mapping[tuple[str, TableId, str], Json]
    metainfo: Evidence
    by_id: Mapping[str, NftChain] = field(default_factory=dict)
    #: What each rule decides, by its id, worked out once: several areas ask.
    memo: dict[str, Any] = field(default_factory=dict)

    @property
    def rules(self) -> Iterator[NftRule]:
        """Every rule of every chain."""
        return (rule for chain in self.chains for rule in chain.rules)


def read_ruleset(output: Output) -> Nft:
    """Understand the JSON. Raises ParseError where it is cut off or no ruleset at all."""
    found = list(entries(output))
    if not found or "metainfo" not in found[0][0]:
        raise ParseError("the output is not that of nft -j list ruleset: it has no metainfo")
    info, where = found[0]
    if info["metainfo"].get("json_schema_version") != 1:
        raise ParseError("nft's JSON is of another schema than 1")
    sets: dict[tuple[TableId, str], tuple[Any, ...] | None] = {}
    objects: dict[tuple[str, TableId, str], Json] = {}
    chains: dict[str, NftChain] = {}
    rules: dict[str, list[NftRule]] = {}
    for entry, evidence in found[1:]:
        ((kind, body),) = entry.items()
        if kind == "table":
            continue
        table = TableId(body["family"], body.get("table", ""))
        if kind == "chain":
            chain = _chain(body, table, evidence)
            chains[chain.id] = chain
        elif kind == "rule":
            rule = _rule(body, table, evidence)
            rules.setdefault(f"{table} {rule.chain}", []).append(rule)
        elif kind in ("set", "map"):
            sets[table, body["name"]] = _elements(body)
        elif "name" in body:
            objects[kind, table, body["name"]] = body
    strays = rules.keys() - chains.keys()
    if strays:
        raise ParseError(f"rules of chains that are not there: {', '.join(sorted(strays))}")
    by_id = {key: _with_rules(chain, rules.get(key, [])) for key, chain in chains.items()}
    version = str(info["metainfo"].get("version", ""))
    return Nft(version, tuple(by_id.values()), sets, objects, where, by_id)


def entries(output: Output) -> Iterator[tuple[dict[str, Any], Evidence]]:
    """Every object of the list with the very text it stands in.

    nft prints everything on one line, so that line alone would be no evidence.
    """
    text = output.text
    start = text.find("{")
    if start < 0 or text[:start].strip():
        raise ParseError(f"the output is not JSON: {text.strip()[:60]!r}")
    try:
        whole, end = _JSON.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise ParseError(f"the JSON is cut off or garbled: {error}") from error
    if text[end:].strip():
        raise ParseError(f"something follows the JSON: {text[end:].strip()[:60]!r}")
    if not isinstance(whole, dict) or not isinstance(whole.get("nftables"), list):
        raise ParseError("the JSON is not nft's: it has no list 'nftables'")
    position = text.index("[", text.index('"nftables"', start)) + 1
    line = text.count("\n", 0, position) + 1
    for entry in whole["nftables"]:
        begin = text.index("{", position)
        line += text.count("\n", position, begin)
        position = begin
        _, end = _JSON.raw_decode(text, position)
        if not isinstance(entry, dict) or len(entry) != 1:
            raise ParseError("the JSON is not nft's: an entry is not an object of one kind")
        first = text[position:end].splitlines()[0]
        yield entry, output.evidence(line, first)
        line += text.count("\n", position, end)
        position = end


def _chain(body: Json, table: TableId, evidence: Evidence) -> NftChain:
    return NftChain(
        table,
        body["name"],
        body.get("type", ""),
        body.get("hook", ""),
        int(body.get("prio", 0)),
        body.get("policy", "accept"),
        evidence,
    )


def _rule(body: Json, table: TableId, evidence: Evidence) -> NftRule:
    return NftRule(
        table,
        body["chain"],
        int(body["handle"]),
        tuple(body.get("expr", ())),
        body.get("comment", ""),
        evidence,
    )


def _with_rules(chain: NftChain, rules: list[NftRule]) -> NftChain:
    return NftChain(
        chain.table,
        chain.name,
        chain.type,
        chain.hook,
        chain.priority,
        chain.policy,
        chain.evidence,
        tuple(rules),
    )


def _elements(body: Json) -> tuple[Any, ...] | None:
    flags = body.get("flags", [])
    if "dynamic" in flags or "timeout" in flags:
        return None
    return tuple(body.get("elem", ()))
