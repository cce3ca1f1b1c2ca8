"""Lines that do something to exactly the item that they mean, or nothing at all.

An export holds no ids, so an item is found by its own properties. How many items of the menu meet
them is known from the same reading; where the router finds another number, the line refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from routercfg.errors import PackError

from .export import Statement
from .merging import Node
from .selectors import FINDABLE, comparable, is_findable

#: Properties by which rules and entries of address lists are found.
_FOUND_BY = (*FINDABLE, "out-interface", "out-interface-list", "src-port", "jump-target",
             "list", "address")  # fmt: skip
#: What the router takes in one line (`line_limit` in platform.yml).
LONGEST = 470
#: Room for the conditions of one item, from what is best to what is enough.
_CONDITIONS = (240, 180, 130, 90, 60)
_REFUSAL = 'else={:error "routercfg: not the rules that were read"}'


def acted(menu: str, live: Sequence[Node], node: Node, action: str) -> str:
    """`action` on one item of the menu as it stands; `$r` in it is where the item goes."""
    return _guarded(menu, live, {"r": node}, action)


def acted_before(menu: str, live: Sequence[Node], node: Node, anchor: Node, action: str) -> str:
    """The same, with another item at `$p`."""
    return _guarded(menu, live, {"r": node, "p": anchor}, action)


def placed(menu: str, live: Sequence[Node], anchor: Node, action: str) -> str:
    """`action` with the item before which something goes at `$p`."""
    return _guarded(menu, live, {"p": anchor}, action)


def removals(menu: str, live: list[Node], going: Sequence[Node]) -> Iterator[str]:
    """What takes items away, all of one comment at once where all of them go."""
    left = list(going)
    while left:
        conditions, group = _group(live, left)
        if len(group) > 1:
            act = f"/{menu} remove $r"
            find = f":local r [/{menu} find where {conditions}]"
            yield fitting(f"{{{find}; :if ([:len $r] = {len(group)}) do={{{act}}} {_REFUSAL}}}")
        else:
            yield fitting(acted(menu, live, left[0], f"/{menu} remove $r"))
            group = [left[0]]
        for node in group:
            live.remove(node)
            left.remove(node)


def fitting(command: str) -> str:
    """The line. Raises PackError where the router's terminal would not take it whole."""
    if len(command) > LONGEST:
        raise PackError(f"a line is longer than the {LONGEST} the platform takes: {command}")
    return command


def _guarded(menu: str, live: Sequence[Node], nodes: Mapping[str, Node], action: str) -> str:
    """The line, with as many conditions as there is room for. It may still be too long."""
    line = ""
    for room in _CONDITIONS:
        finds, counts, act = [], [], action
        for name, node in nodes.items():
            wanted = _conditions(_standing(node), room)
            alike = [one for one in live if _meets(_standing(one), wanted)]
            value = f"${name}" if len(alike) == 1 else f"[:pick ${name} {alike.index(node)}]"
            finds.append(f":local {name} [/{menu} find where {' && '.join(_written(wanted))}]")
            counts.append(f"[:len ${name}] = {len(alike)}")
            act = act.replace(f"${name}", value)
        line = f"{{{'; '.join(finds)}; :if ({' && '.join(counts)}) do={{{act}}} {_REFUSAL}}}"
        if len(line) <= LONGEST:
            break
    return line


def _standing(node: Node) -> Statement:
    if node.now is None:
        raise PackError("a rule that is not there cannot be found")
    return node.now


def _conditions(one: Statement, room: int) -> dict[str, str]:
    """Properties that find the item, as many as there is room for."""
    found: dict[str, str] = {}
    for key in _FOUND_BY:
        value = one.get(key)
        need = len(key) + len(value) + len('="" && ')
        if value and is_findable(value) and need <= room:
            found[key] = value
            room -= need
    return {**found, "disabled": "yes" if one.disabled else "no"}


def _written(conditions: dict[str, str]) -> list[str]:
    switch = "disabled" if conditions["disabled"] == "yes" else "!disabled"
    said = [f"{key}={comparable(v)}" for key, v in conditions.items() if key != "disabled"]
    return [*said, switch, "!dynamic"]


def _meets(one: Statement, conditions: dict[str, str]) -> bool:
    return all(
        one.disabled is (value == "yes") if key == "disabled" else one.get(key) == value
        for key, value in conditions.items()
    )


def _group(live: Sequence[Node], left: Sequence[Node]) -> tuple[str, list[Node]]:
    """Conditions that only items meet which go, by the comment of the first that goes."""
    first = _standing(left[0])
    comment = first.get("comment")
    if not re.fullmatch(r"routercfg:[a-z0-9-]+", comment):
        return "", []
    for key in ("", "chain", "list"):
        wanted = {"comment": comment} | ({key: first.get(key)} if key and first.get(key) else {})
        if key and len(wanted) == 1:
            continue
        group = [
            node for node in live if all(_standing(node).get(k) == v for k, v in wanted.items())
        ]
        if all(node in left for node in group):
            said = [f"{k}={comparable(v)}" for k, v in wanted.items()]
            return " && ".join([*said, "!dynamic"]), group
    return "", []
