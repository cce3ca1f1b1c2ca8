"""Address lists, merged: entries have no order, and an address is on a list once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from routercfg.model.undo import Conflict

from .export import Statement
from .likeness import line
from .merging import Node

_Name = tuple[str, str]


@dataclass(slots=True)
class Lists:
    """The entries as they must be. `ours`: lists that only the change made, and that still stand.

    Nothing else may be on those, and no rule of others may name them.
    """

    nodes: list[Node]
    conflicts: list[Conflict] = field(default_factory=list)
    ours: frozenset[str] = frozenset()


def merge_lists(
    before: Sequence[Statement], after: Sequence[Statement], now: Sequence[Statement]
) -> Lists:
    """The lists `now` with what differs between `before` and `after` taken back."""
    was, left, found = _by_name(before), _by_name(after), _by_name(now)
    nodes = {name: Node(one, one) for name, one in found.items()}
    merged = Lists([])
    for name in [name for name in {**left, **was} if _says(was, name) != _says(left, name)]:
        if _says(found, name) == _says(was, name):
            continue
        if _says(found, name) != _says(left, name):
            merged.conflicts.append(Conflict(_lines(left, name), _lines(found, name)))
        nodes.setdefault(name, Node(None, None)).then = was.get(name)
    fresh = {name for name, _ in left} - {name for name, _ in was}
    standing = frozenset(list_ for list_, address in found if list_ in fresh)
    for name in [name for name in found if name[0] in fresh and name not in left]:
        merged.conflicts.append(Conflict((), _lines(found, name)))
        nodes[name].then = None
    merged.nodes = list(nodes.values())
    merged.ours = standing
    return merged


def _by_name(entries: Iterable[Statement]) -> dict[_Name, Statement]:
    return {(one.get("list"), one.get("address")): one for one in entries}


def _says(entries: dict[_Name, Statement], name: _Name) -> object:
    return entries[name].values if name in entries else None


def _lines(entries: dict[_Name, Statement], name: _Name) -> tuple[str, ...]:
    return (line(entries[name]),) if name in entries else ()
