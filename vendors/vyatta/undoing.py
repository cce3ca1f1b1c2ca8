"""The way back from a confirmed change, as `set` and `delete` lines on the tree as it is now.

What differs between the tree before the change and the tree after it goes back, at the highest node
that one of them lacks. A node's place is its name, and a rule's its number: nothing else has order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from routercfg.errors import PackError, ParseError, UnsafeValueError
from routercfg.model.undo import Conflict, Undo

from .tree import Node

Path = tuple[str, ...]

#: Below these words are names that people give: each is one thing, and is changed as one. Of what
#: is below other words, parts may be of different people.
_LISTS = frozenset({
    "rule", "name", "ipv6-name", "modify", "ipv6-modify", "zone", "from", "community", "user",
    "interface", "prefix", "route", "route6", "server", "network-group", "address-group",
    "port-group", "interface-group", "ipv6-network-group", "ipv6-address-group", "domain-group",
    "mac-group", "ethernet", "bonding", "bridge", "switch", "pppoe", "wireguard", "tunnel", "vti",
    "vif", "vif-s", "vif-c", "pd",
})  # fmt: skip
#: Below these words are switches, each on its own; below others that hold nothing more are values.
_SWITCHES = frozenset({"modules", "state"})
#: How EdgeOS prints secrets to whoever may not see them.
_HIDDEN = re.compile(r"\*{4,}")
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@+,-]+")
#: Single quotes keep everything but themselves as it is; `?` asks for help even within them.
_QUOTABLE = re.compile(r"[ !#-&(->@-\[\]-~]*")


def undo(before: Node, after: Node, now: Node) -> Undo:
    """From three trees. Raises ParseError where `now` may be cut off, PackError where a secret that
    the router hides would have to go back, UnsafeValueError where a value cannot be written.
    """
    _check_whole(before, after, now)
    found = _Found()
    _walk(found, (), before, after, now)
    return Undo((*found.deletes, *found.sets), tuple(found.conflicts))


@dataclass
class _Found:
    deletes: list[str] = field(default_factory=list)
    sets: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    def delete(self, path: Path) -> None:
        self.deletes.append(f"delete {_words(path)}")

    def put(self, path: Path, node: Node) -> None:
        for full in _paths(path, node):
            if any(_HIDDEN.fullmatch(word) for word in full):
                raise PackError(f"the router hides the value of {' '.join(full[:-1])}")
            self.sets.append(f"set {_words(full)}")

    def conflict(self, path: Path, left: Node | None, found: Node | None) -> None:
        """Only the lines that differ: a ruleset may have hundreds that do not."""
        ours, theirs = list(_paths(path, left)), list(_paths(path, found))
        self.conflicts.append(
            Conflict(
                tuple(_shown(one) for one in ours if one not in theirs),
                tuple(_shown(one) for one in theirs if one not in ours),
            )
        )


def _walk(found: _Found, path: Path, before: Node, after: Node, now: Node | None) -> None:
    """A node that was there before the change and after it."""
    if _same(before, after):
        return
    if _is_leaf(path, before) and _is_leaf(path, after):
        _values(found, path, before, after, now)
        return
    if now is None and _is_thing(path):
        _vanished(found, path, before, after)
        return
    for word, node in before.children.items():
        left = after.children.get(word)
        here = (*path, word)
        is_now = now.children.get(word) if now is not None else None
        if left is None:
            _removed(found, here, node, is_now)
        else:
            _walk(found, here, node, left, is_now)
    if now is None:
        return
    sent = len(found.deletes)
    for word, node in after.children.items():
        if word not in before.children and word in now.children:
            _created(found, (*path, word), node, now.children[word])
    if (
        not before.children
        and len(found.deletes) > sent
        and now.children.keys() <= after.children.keys()
    ):
        # With the last of what was put below it a node may go itself.
        found.sets.append(f"set {_words(path)}")


def _values(found: _Found, path: Path, before: Node, after: Node, now: Node | None) -> None:
    """A leaf. Whether it takes one value or several is not written there; where it had one and has
    another, a third is somebody's change.
    """
    have = set(now.children) if now is not None else set()
    gone, come = (
        set(before.children) - set(after.children),
        set(after.children) - set(before.children),
    )
    if not come & have and gone <= have:
        return
    single = len(before.children) == len(after.children) == 1
    if single and not come <= have:
        found.conflict(path, after, now)
        come = have
    for word in sorted(come & have):
        found.delete((*path, word))
    for word in before.children:
        if word in gone - have:
            found.put((*path, word), before.children[word])


def _vanished(found: _Found, path: Path, before: Node, after: Node) -> None:
    """Somebody has removed the thing that the change was made in."""
    if set(_paths(path, before)) <= set(_paths(path, after)):
        return
    found.conflict(path, after, None)
    found.put(path, before)


def _removed(found: _Found, path: Path, before: Node, now: Node | None) -> None:
    """What the change removed; it may have been made again since."""
    if now is None:
        found.put(path, before)
        return
    if _same(before, now):
        return
    leaf = _is_leaf(path, before)
    if leaf and set(before.children) <= set(now.children):
        return
    if not (leaf or _is_thing(path)):
        for word, node in before.children.items():
            _removed(found, (*path, word), node, now.children.get(word))
        return
    found.conflict(path, None, now)
    found.delete(path)
    found.put(path, before)


def _created(found: _Found, path: Path, after: Node, now: Node) -> None:
    """What the change created and is still there, if not as it was made."""
    if _same(after, now):
        found.delete(path)
        return
    theirs = (node for word, node in now.children.items() if word not in after.children)
    # A value of somebody's beside ours, or in its place, looks the same once ours is gone.
    values = _is_leaf(path, after) and not any(node.children for node in theirs)
    if not after.children or values or _is_thing(path):
        found.conflict(path, after, now)
        found.delete(path)
        return
    for word, node in after.children.items():
        is_now = now.children.get(word)
        if is_now is not None:
            _created(found, (*path, word), node, is_now)


def _is_thing(path: Path) -> bool:
    return len(path) > 1 and path[-2] in _LISTS


def _is_leaf(path: Path, node: Node) -> bool:
    """Are what is below a node its values, rather than nodes with a name?"""
    if not path or path[-1] in _SWITCHES or not node.children:
        return False
    return not any(child.children for child in node.children.values())


def _same(one: Node, other: Node) -> bool:
    if one.children.keys() != other.children.keys():
        return False
    return all(_same(node, other.children[word]) for word, node in one.children.items())


def _paths(path: Path, node: Node | None) -> Iterator[Path]:
    if node is None:
        return
    if not node.children:
        yield path
    for full, _ in node.paths(*path):
        yield full


def _check_whole(before: Node, after: Node, now: Node) -> None:
    """A list of `set` lines has no end mark: what stood at the end twice must be there still."""
    then = [full[:2] for full in _paths((), before)]
    kept = {full[:2] for full in _paths((), after)}
    last = next((one for one in reversed(then) if one in kept), None)
    if last is not None and not now.has(*last):
        raise ParseError(f"the configuration has no {' '.join(last)} any more: it may be cut off")


def _words(path: Path) -> str:
    return " ".join(_quoted(word) for word in path)


def _quoted(word: str) -> str:
    if _PLAIN.fullmatch(word):
        return word
    if not _QUOTABLE.fullmatch(word):
        raise UnsafeValueError(f"{word!r} cannot stand in a `set` line")
    return f"'{word}'"


def _shown(path: Path) -> str:
    """A line for people to read."""
    return "set " + " ".join(one if _PLAIN.fullmatch(one) else f"'{one}'" for one in path)
