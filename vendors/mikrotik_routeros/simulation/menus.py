"""The menus of RouterOS this simulator knows, as a table of what each accepts.

A menu is one entry; its fields are words `name:type` with, in this order, `!` (must be given to
`add`), `^` (in every export, even at its default), `#` (a secret), `=default` and `@low-high` (the
releases that have it, either end open). Names, choices and releases follow the command trees of
running routers; defaults follow verbose exports. The order of fields is the order in which
`print detail` shows them, the order of menus that of an export.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from .release import Release
from .values import Type, type_named


class Kind(Enum):
    """What a menu holds."""

    LIST = "items to add and remove"
    ORDERED = "items whose order counts: there is `move` and `place-before`"
    FIXED = "items that are there for good: only `set`"
    SETTINGS = "one set of values, without items"
    READING = "something to look at only"
    ACTIONS = "nothing but commands of its own"


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: Type
    required: bool = False
    always: bool = False
    secret: bool = False
    default: str | None = None
    since: tuple[int, int] = (0, 0)
    until: tuple[int, int] = (99, 0)

    def in_release(self, release: Release) -> bool:
        return self.since <= release.number <= self.until


@dataclass(frozen=True, slots=True, eq=False)  # each menu is itself: hashing its table is dear
class Menu:
    """One menu. `key` is the field items may be named by; `columns` what a short print shows."""

    path: str
    kind: Kind
    fields: tuple[Field, ...] = ()
    key: str = ""
    columns: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    since: tuple[int, int] = (0, 0)
    read_only: tuple[str, ...] = ()
    rules: bool = False

    def field(self, name: str, release: Release | None = None) -> Field | None:
        """The field of this name; a release chooses where releases differ in its type."""
        found = _by_name(self).get(name, ())
        fitting = [f for f in found if release is None or f.in_release(release)]
        return fitting[0] if fitting else None

    @property
    def has_items(self) -> bool:
        """Whether the menu holds rows, rather than one set of values."""
        return self.kind in (Kind.LIST, Kind.ORDERED, Kind.FIXED) or bool(self.columns)

    def in_release(self, release: Release) -> bool:
        return self.since <= release.number


@cache
def _by_name(menu: Menu) -> dict[str, tuple[Field, ...]]:
    names = dict.fromkeys(field.name for field in menu.fields)
    return {name: tuple(f for f in menu.fields if f.name == name) for name in names}


_FIELD = re.compile(
    r"(?P<name>[\w.-]+):(?P<type>!?[^!^#=@]+)(?P<marks>[!^#]*)"
    r"(?:=(?P<default>[^@]*))?(?:@(?P<span>[\d.]*-?[\d.]*))?"
)


def fields(*texts: str) -> tuple[Field, ...]:
    """The fields that table text describes."""
    return tuple(_field(word) for text in texts for word in text.split())


def _field(word: str) -> Field:
    match = _FIELD.fullmatch(word)
    if match is None:
        raise ValueError(word)
    low, _, high = (match["span"] or "-").partition("-")
    default = match["default"]
    return Field(
        match["name"],
        type_named(match["type"]),
        required="!" in match["marks"],
        always="^" in match["marks"],
        secret="#" in match["marks"],
        default=None if default is None else default.strip('"'),
        since=_number(low) or (0, 0),
        until=_number(high) or (99, 0),
    )


def _number(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    major, _, minor = text.partition(".")
    return int(major), int(minor or 0)


END = 'disabled:bool=no comment:text=""'  # what nearly every item has


def settings(path: str, *texts: str, **more: Any) -> Menu:
    """A menu without items."""
    return Menu(path, Kind.SETTINGS, fields(*texts), **more)


def reading(path: str, *texts: str, columns: str = "", **more: Any) -> Menu:
    """A menu to look at; with `columns` it has items."""
    return Menu(path, Kind.READING, fields(*texts), columns=tuple(columns.split()), **more)
