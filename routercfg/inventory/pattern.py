"""Ansible's host patterns: `a:&b:!c`, globs, `~regex`, `group[0]`, `group[1:3]`.

Unlike Ansible, a part that names nothing is an error: a mistyped `!group` would otherwise change
routers that were meant to be left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from typing import TYPE_CHECKING

from routercfg.errors import PatternError
from routercfg.inventory.suggestions import did_you_mean

if TYPE_CHECKING:
    from routercfg.inventory.model import Inventory

_SUBSCRIPT = re.compile(r"^(.+)\[(?:(-?[0-9]{1,9})|([0-9]{1,9}):([0-9]{0,9}))\]$")
_PART = re.compile(r"(?:[^\s:\[\]]|\[[^\]]*\])+")
_GLOB = frozenset(".?*[")


def select(text: str, inventory: Inventory) -> tuple[str, ...]:
    """Names of the routers the pattern means, each once. Raises PatternError where it means none.

    As in Ansible, plain parts are joined first, then `&` parts intersect, then `!` parts exclude,
    whatever order they are written in; without a plain part, `all` is meant.
    """
    parts = split(text, inventory)
    if not parts:
        raise PatternError("the pattern is empty", hint="`all` means every router")
    plain = [part for part in parts if part[0] not in "&!"]
    chosen: dict[str, None] = {}
    for part in plain or ["all"]:
        chosen.update(dict.fromkeys(_matches(part, inventory)))
    for part in (part for part in parts if part[0] == "&"):
        keep = set(_matches(part[1:], inventory))
        chosen = {name: None for name in chosen if name in keep}
    for part in (part for part in parts if part[0] == "!"):
        drop = set(_matches(part[1:], inventory))
        chosen = {name: None for name in chosen if name not in drop}
    if not chosen:
        raise PatternError(f"the pattern {text!r} leaves no router")
    return tuple(chosen)


def split(text: str, inventory: Inventory) -> list[str]:
    """The parts of a pattern: at commas if it has any, else at colons.

    A name that holds colons itself (an IPv6 address) is one part when the inventory knows it; a
    regular expression keeps its colons: after `~`, only commas end it.
    """
    text = text.strip()
    if "," in text:
        return [part.strip() for part in text.split(",") if part.strip()]
    if text in inventory.hosts or text.lstrip("&!").startswith("~"):
        return [text]
    return _PART.findall(text)


def _matches(part: str, inventory: Inventory) -> tuple[str, ...]:
    if not part:
        raise PatternError("a part of the pattern is empty")
    if part.startswith("@"):
        raise PatternError(
            f"{part!r} names a file of routers; it can only be given on the command line"
        )
    if part in inventory.hosts:
        return (part,)
    expression, first, last = _subscript(part)
    found = _named(expression, inventory)
    if first is None:
        return found
    chosen = found[first : last + 1] if last is not None else found[first:][:1]
    if not chosen or (last is None and not -len(found) <= first < len(found)):
        raise PatternError(f"{part!r} points past the {len(found)} routers of {expression!r}")
    return chosen


def _subscript(part: str) -> tuple[str, int | None, int | None]:
    matched = None if part.startswith("~") else _SUBSCRIPT.match(part)
    if matched is None:
        return part, None, None
    expression, single, first, last = matched.groups()
    if single is not None:
        return expression, int(single), None
    return expression, int(first), int(last) if last else 10**9


def _named(expression: str, inventory: Inventory) -> tuple[str, ...]:
    test = _compiled(expression)
    groups = [name for name in inventory.groups if test.match(name)]
    found = {host: None for group in groups for host in inventory.members(group)}
    if not groups or expression.startswith("~") or _GLOB & set(expression):
        found.update(dict.fromkeys(name for name in inventory.hosts if test.match(name)))
    if not groups and not found:
        raise PatternError(
            f"no router or group is called {expression!r}",
            hint=_hint(expression, (*inventory.groups, *inventory.hosts)),
        )
    return tuple(found)


def _compiled(expression: str) -> re.Pattern[str]:
    if not expression.startswith("~"):
        return re.compile(translate(expression))
    try:
        return re.compile(expression[1:])
    except re.error as problem:
        raise PatternError(f"{expression[1:]!r} is not a regular expression: {problem}") from None


def _hint(expression: str, known: Iterable[str]) -> str:
    return did_you_mean(expression, known) or "Names are listed by `routercfg inventory`"
