"""nft's JSON in the words that people read: for showing, never for sending."""

from __future__ import annotations

import json
from typing import Any

from .listing import Line, Name
from .ruleset import Json, TableId
from .values import listed

#: Statements that are one word.
_BARE = frozenset({"accept", "drop", "return", "continue", "masquerade", "notrack", "counter"})


def table_line(table: TableId) -> str:
    """`table inet routercfg`."""
    return f"table {table}"


def named_line(name: Name, body: Json) -> str:
    """`ct helper inet filter sip { type "sip" protocol udp }` and its like."""
    told = [
        f"{key} {_operand(value)}"
        for key, value in body.items()
        if key not in ("family", "table", "name", "elem")
    ]
    if "elem" in body:
        told.append(f"elements = {{ {', '.join(map(_operand, body['elem']))} }}")
    return f"{name.kind} {name.table} {name.name}" + (f" {{ {'; '.join(told)} }}" if told else "")


def rule_line(chain: Name, line: Line) -> str:
    """`rule inet filter input tcp dport 22 accept comment "beheer"`."""
    words = [_statement(one) for one in line.body.get("expr", ())]
    if line.body.get("comment"):
        words.append(f'comment "{line.body["comment"]}"')
    return " ".join(("rule", str(chain.table), chain.name, *words))


def _statement(statement: Any) -> str:
    if not isinstance(statement, dict) or len(statement) != 1:
        return json.dumps(statement)
    ((kind, body),) = statement.items()
    match kind, body:
        case "match", {"op": op, "left": left, "right": right}:
            sign = "" if op in ("==", "in") else f"{op} "
            return f"{_operand(left)} {sign}{_operand(right)}"
        case (("jump" | "goto"), {"target": target}):
            return f"{kind} {target}"
        case "vmap", {"key": key, "data": data}:
            return f"{_operand(key)} vmap {_operand(data)}"
        case (("dnat" | "snat" | "redirect"), dict()):
            address = _operand(body["addr"]) if "addr" in body else ""
            port = f":{_operand(body['port'])}" if "port" in body else ""
            return " ".join(word for word in (kind, "to", f"{address}{port}") if word)
        case (("ct helper" | "ct timeout"), str()):
            return f'{kind} set "{body}"'
        case (("counter" | "quota" | "limit"), str()):
            return f'{kind} name "{body}"'
        case _, None:
            return str(kind)
        case _, dict() if kind not in _BARE:
            return " ".join((kind, *(f"{key} {_operand(value)}" for key, value in body.items())))
    return f"{kind} {_operand(body)}"


def _operand(value: Any) -> str:
    match value:
        case {"payload": {"protocol": protocol, "field": name}}:
            return f"{protocol} {name}"
        case {"meta": {"key": key}}:
            return str(key) if key in ("iif", "oif", "iifname", "oifname") else f"meta {key}"
        case {"ct": {"key": key}}:
            return f"ct {key}"
        case {"prefix": {"addr": address, "len": length}}:
            return f"{address}/{length}"
        case {"range": [low, high]}:
            return f"{low}-{high}"
        case {"set": members}:
            return f"{{ {', '.join(map(_member, listed(members)))} }}"
        case {"concat": parts}:
            return " . ".join(map(_operand, parts))
        case {"map": {"key": key, "data": data}}:
            return f"{_operand(key)} map {_operand(data)}"
        case {"elem": {"val": inner}}:
            return _operand(inner)
        case list():
            return ",".join(map(_operand, value))
        case str() | int():
            return str(value)
    return json.dumps(value)


def _member(member: Any) -> str:
    match member:
        case [key, dict() as verdict]:
            return f"{_operand(key)} : {_statement(verdict)}"
        case [key, value]:
            return f"{_operand(key)} : {_operand(value)}"
    return _operand(member)
