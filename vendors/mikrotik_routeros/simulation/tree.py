"""What RouterOS input is made of, as values: statements, arguments, expressions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spot:
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A word or a quoted string without substitutions."""

    text: str
    spot: Spot
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """A quoted string with `$name` or `$[...]` in it."""

    parts: tuple[Value, ...]
    spot: Spot


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Substitution:
    """`[command]`."""

    block: Block
    spot: Spot


@dataclass(frozen=True, slots=True)
class Operation:
    """An expression; `operator` `not`, or one of two sides. Adjacent conditions are `&&`."""

    operator: str
    sides: tuple[Value, ...]
    spot: Spot


@dataclass(frozen=True, slots=True)
class Property:
    """A bare word on the left of a condition: a property of the item, when there is an item."""

    name: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Array:
    """`{a;b}` where a value is expected and no command fits."""

    items: tuple[Value, ...]
    spot: Spot


@dataclass(frozen=True, slots=True)
class Block:
    """`{ statements }`, or a whole input."""

    statements: tuple[Statement, ...]
    spot: Spot
    text: str = ""


Value = Literal | Joined | Variable | Substitution | Operation | Property | Array | Block


@dataclass(frozen=True, slots=True)
class Argument:
    """`name=value`, `name`, `!name` or a value without a name."""

    spot: Spot
    name: str = ""
    value: Value | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """Words and arguments as typed; which words are menus is decided by the console.

    `condition` is what follows `where`, or what `find` is given.
    """

    arguments: tuple[Argument, ...]
    spot: Spot
    condition: Value | None = None
    where_spot: Spot | None = None
