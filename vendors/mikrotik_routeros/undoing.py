"""The way back from a change that was confirmed: from three readings to the commands.

Only menus that the pack itself writes are looked at. In them, what differs between the readings
before and after the change goes back; what others did since stays, or is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from routercfg.errors import PackError, ParseError
from routercfg.model.undo import Conflict, Undo
from routercfg.platforms.outputs import Outputs

from .export import Statement, parse
from .likeness import line
from .merging import Node, merge
from .picking import fitting
from .rewriting import bring, take
from .source import Source, make_source
from .undoing_lists import merge_lists
from .undoing_settings import SETTINGS, settings_back

_FAMILIES = ("ip", "ipv6")
_TABLES = ("filter", "nat", "raw")


def undo(before: Outputs, after: Outputs, now: Outputs) -> Undo:
    """What puts back what differs between the first two readings. Raises ParseError, PackError."""
    was, left, found = _read(before), _read(after), _read(now)
    settings = settings_back(was, left, found)
    commands: list[str] = []
    conflicts: list[Conflict] = []
    for family in _FAMILIES:
        one = _family(family, was, left, found)
        commands += one.commands
        conflicts += one.conflicts
    return Undo(
        tuple(map(fitting, (*commands, *settings.commands))),
        (*conflicts, *settings.conflicts),
    )


def _family(family: str, was: Source, left: Source, found: Source) -> Undo:
    """One family's lists and rules.

    A list is there before the rules that name it, and goes after them: a rule that refuses all
    but the addresses of a list refuses everybody once the list is empty.
    """
    menu = f"{family} firewall address-list"
    lists = merge_lists(*(one.export.adds(menu) for one in (was, left, found)))
    entries = [node for node in lists.nodes if node.now is not None]
    conflicts = list(lists.conflicts)
    commands = list(bring(menu, _writable(lists.nodes, was), entries))
    for table in _TABLES:
        rules = f"{family} firewall {table}"
        merged = merge(*(one.export.adds(rules) for one in (was, left, found)))
        conflicts += merged.conflicts
        conflicts += _users(lists.ours, merged.nodes, left.export.adds(rules))
        commands += bring(rules, _writable(merged.nodes, was), merged.live)
        commands += take(rules, merged.nodes, merged.live)
    commands += take(menu, lists.nodes, entries)
    return Undo(tuple(commands), tuple(conflicts))


def _read(outputs: Outputs) -> Source:
    source = make_source(outputs, parse(outputs["export"].text))
    tables = ("address-list", *_TABLES)
    rules = (f"{family} firewall {table}" for family in _FAMILIES for table in tables)
    trouble = source.trouble("", *SETTINGS, *rules)
    if trouble is not None:
        raise ParseError(trouble.reason)
    return source


def _writable(nodes: Sequence[Node], was: Source) -> Sequence[Node]:
    """The nodes. Raises PackError where one must come back that cannot be written safely.

    RouterOS exports what is not ASCII as escapes, byte by byte, and takes them back. Where it did
    not, what its terminal would make of the characters depends on the terminal.
    """
    for node in nodes:
        if node.then is None or (node.now is not None and node.now.values == node.then.values):
            continue
        text = _text(node.then, was)
        if not text.isascii():
            raise PackError(
                f"a rule holds characters that RouterOS cannot be given safely: {text}",
                hint="Put it back by hand, then roll back again",
            )
    return nodes


def _text(one: Statement, source: Source) -> str:
    """The lines of a statement, as the router wrote them."""
    last = one.line
    while source.lines[last - 1].rstrip("\r").endswith("\\") and last < len(source.lines):
        last += 1
    return "\n".join(source.lines[one.line - 1 : last])


def _users(
    lists: frozenset[str], nodes: Sequence[Node], after: Sequence[Statement]
) -> Iterator[Conflict]:
    """Rules of others that name a list which is about to go."""
    known = [one.values for one in after]
    for node in nodes:
        one = node.now
        if one is None or node.then is None or one.values in known:
            continue
        named = {one.get(f"{side}-address-list").lstrip("!") for side in ("src", "dst")}
        if named & lists:
            yield Conflict((), (line(one),))
