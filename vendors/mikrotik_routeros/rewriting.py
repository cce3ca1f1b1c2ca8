"""The commands that make a menu's rules what a merge says they must be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from routercfg.errors import UnsafeValueError

from .export import Statement
from .merging import Node
from .picking import LONGEST, acted, acted_before, fitting, placed, removals
from .quoting import quote

#: A rule that does not fit one line is built up, switched off, under this comment.
_UNFINISHED = "routercfg:unfinished"
#: What other properties of a rule need to be there.
_FIRST = ("chain", "list", "address", "action", "jump-target", "protocol")
_PLAIN = re.compile(r"!?[A-Za-z0-9](?:[A-Za-z0-9_.,:/-]*[A-Za-z0-9])?")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def bring(menu: str, nodes: Sequence[Node], live: list[Node]) -> Iterator[str]:
    """Additions, moves and edits that lead from what is `live` to `nodes`; `live` follows."""
    for at, node in enumerate(nodes):
        if node.then is None:
            continue
        anchor = next((one for one in nodes[at + 1 :] if one.still), None)
        if node.now is None:
            yield from _add(menu, node.then, anchor, live)
            node.now = node.then
            live.insert(live.index(anchor) if anchor else len(live), node)
            continue
        if node.moved:
            yield _move(menu, node, anchor, live)
            live.remove(node)
            live.insert(live.index(anchor) if anchor else len(live), node)
        if node.then.values != node.now.values:
            yield _edit(menu, node, node.now, node.then, live)
            node.now = node.then


def take(menu: str, nodes: Sequence[Node], live: list[Node]) -> Iterator[str]:
    """Removals of what must not be there."""
    yield from removals(menu, live, [one for one in nodes if one.then is None and one.now])


def written(value: str) -> str:
    """A value as an export of the router itself writes it, which it takes back.

    Bytes outside ASCII came as escapes and go back as escapes.
    """
    if _PLAIN.fullmatch(value):
        return value
    parts = re.split(r"([\n\r\t]|[^\x20-\x7e])", value)
    return '"' + "".join(_escaped(part) for part in parts if part) + '"'


def _escaped(part: str) -> str:
    if part in _NAMED:
        return _NAMED[part]
    if len(part) == 1 and not 32 <= ord(part) <= 126:
        if ord(part) > 255:
            raise UnsafeValueError(f"{part!r} cannot be given to RouterOS safely")
        return f"\\{ord(part):02X}"
    return quote(part)[1:-1]


def _add(menu: str, rule: Statement, anchor: Node | None, live: Sequence[Node]) -> Iterator[str]:
    words = [f"{key}={written(value)}" for key, value in _in_order(rule)]
    line = _placed(menu, " ".join(words), anchor, live)
    if len(line) <= LONGEST:
        yield line
        return
    # Half a rule must not be in force: it is built up switched off, under a comment of its own.
    last = [f"disabled={written(rule.get('disabled', 'no'))}",
            f"comment={written(rule.get('comment'))}"]  # fmt: skip
    first = [word for word in words if word.split("=")[0] in _FIRST]
    rest = [word for word in words if word not in first and word.split("=")[0] not in _LAST]
    begin = " ".join([*first, "disabled=yes", f"comment={quote(_UNFINISHED)}"])
    yield fitting(_placed(menu, begin, anchor, live))
    find = f"/{menu} set [find where comment={quote(_UNFINISHED)}]"
    chunk = find
    for word in rest:
        if chunk != find and len(chunk) + 1 + len(word) > LONGEST:
            yield fitting(chunk)
            chunk = find
        chunk += f" {word}"
    if chunk != find:
        yield fitting(chunk)
    yield fitting(" ".join([find, *last]))


_LAST = ("disabled", "comment")


def _placed(menu: str, words: str, anchor: Node | None, live: Sequence[Node]) -> str:
    if anchor is None:
        return f"/{menu} add {words}"
    return placed(menu, live, anchor, f"/{menu} add {words} place-before=$p")


def _in_order(rule: Statement) -> list[tuple[str, str]]:
    first = [(key, rule.get(key)) for key in _FIRST if key in rule.values]
    return first + [(key, value) for key, value in rule.values.items() if key not in _FIRST]


def _move(menu: str, node: Node, anchor: Node | None, live: Sequence[Node]) -> str:
    if anchor is None:
        # Without a destination an item goes to the end (MikroTik's manual of the console).
        return fitting(acted(menu, live, node, f"/{menu} move $r"))
    return fitting(acted_before(menu, live, node, anchor, f"/{menu} move $r destination=$p"))


def _edit(menu: str, node: Node, now: Statement, then: Statement, live: Sequence[Node]) -> str:
    old, new = now.values, then.values
    gone = [f"!{key}" for key in old if key not in new and key not in _SWITCHES]
    back = [f"{key}={usual}" for key, usual in _SWITCHES.items() if key in old and key not in new]
    said = [f"{key}={written(value)}" for key, value in new.items() if old.get(key) != value]
    return fitting(acted(menu, live, node, " ".join([f"/{menu} set $r", *gone, *back, *said])))


#: Properties that are never unset: what they are where an export does not say them.
_SWITCHES = {"disabled": "no", "log": "no", "comment": '""', "log-prefix": '""'}
