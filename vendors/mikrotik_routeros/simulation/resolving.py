"""From words to commands: which menu, which command, which arguments it has.

RouterOS does this for a whole input before it carries anything out, so a misspelt word anywhere in
a line means that nothing of the line happens.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from .menu_table import MENUS, branches
from .menus import Kind, Menu
from .refusals import bad_command, end_of_command, missing, syntax_error
from .release import Release
from .signatures import BUILTINS, OWN, PRINT_FLAGS, PRINT_NAMED, ROOT, RULE_ONLY
from .tree import (  # fmt: skip
    Argument,
    Array,
    Block,
    Joined,
    Literal,
    Operation,
    Property,
    Spot,
    Statement,
    Substitution,
    Value,
    Variable,
)


@dataclass(frozen=True, slots=True)
class Call:
    """One command with its arguments sorted: `named`, `flags`, `unset` (`!name`)."""

    path: str
    command: str
    spot: Spot
    named: dict[str, Value] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    unset: tuple[str, ...] = ()
    condition: Value | None = None


@dataclass(frozen=True, slots=True)
class Go:
    """Words that end at a menu: the console moves there."""

    path: str


@dataclass(frozen=True, slots=True)
class Evaluate:
    """A statement that is only a value: a block, a substitution, a variable."""

    value: Value


Action = Call | Go | Evaluate


@dataclass(frozen=True, slots=True)
class Resolver:
    """Resolves statements for one router: its release, and whether it has the IPv6 package."""

    release: Release
    ipv6: bool

    def check(self, block: Block, menu: str) -> None:
        """Resolve everything in a block and below it. Raises ParseRefusal."""
        for statement in block.statements:
            action = self.resolve(statement, menu)
            if isinstance(action, Go):
                menu = action.path
            # Substitutions inside a command are read from the menu the command is in.
            inner = action.path if isinstance(action, Call) and action.path else menu
            for block_inside in _blocks(_values(action)):
                self.check(block_inside, inner)

    def resolve(self, statement: Statement, menu: str) -> Action:
        """What one statement means in a menu. Raises ParseRefusal."""
        first = statement.arguments[0]
        if first.name or not _is_word(first.value):
            if first.name or len(statement.arguments) > 1 or first.value is None:
                raise bad_command(first.name or "", first.spot.line, first.spot.column)
            return Evaluate(first.value)
        words = list(_words(statement.arguments))
        path = "" if words and words[0][0] == "/" else menu
        for word, spot, index in words:
            if word == "/":
                continue
            if word == "..":
                path = path.rpartition(" ")[0]
                continue
            child = _unique(word, branches(self.release, self.ipv6).get(path, ()))
            if child is not None and not word.startswith(":"):
                path = f"{path} {child}".strip()
                continue
            rest = statement.arguments[index + 1 :]
            return self._call(path, word, spot, rest, statement)
        if statement.condition is not None and statement.where_spot is not None:
            spot = statement.where_spot
            raise bad_command("where", spot.line, spot.column)
        tail = statement.arguments[words[-1][2] + 1 :] if words else ()
        if tail:
            raise end_of_command(tail[0].spot.line, tail[0].spot.column)
        return Go(path)

    def _call(
        self, path: str, word: str, spot: Spot, rest: tuple[Argument, ...], statement: Statement
    ) -> Call:
        name = word.removeprefix(":")
        if not word.startswith(":"):
            command = _unique(word, self.commands(path))
            if command is not None:
                return self._arguments(path, command, spot, rest, statement)
            if path == "" and word in ROOT:
                return self._arguments("", word, spot, rest, statement)
        if name in BUILTINS and (word.startswith(":") or path == "" or name not in ("set", "find")):
            return self._builtin(name, spot, rest, statement)
        raise bad_command(word, spot.line, spot.column)

    def commands(self, path: str) -> tuple[str, ...]:
        """The commands of a menu in this release."""
        menu = MENUS.get(path)
        if menu is None:
            return ("export",) if path else tuple(ROOT)
        own = menu.commands
        switch = ("enable", "disable") if menu.field("disabled") else ()
        match menu.kind:
            case Kind.LIST | Kind.ORDERED:
                move = ("move",) if menu.kind is Kind.ORDERED else ()
                comment = ("comment",) if menu.field("comment") else ()
                unset = ("unset",) if menu.rules or "route" in path else ()
                basic = ("add", "set", "remove", "find", "print", "get", "export", "edit")
                return (*basic, *switch, *comment, *move, *unset, *own)
            case Kind.FIXED:
                return ("set", "find", "print", "get", "export", "edit", *switch, *own)
            case Kind.SETTINGS:
                return ("set", "print", "get", "export", "edit", *own)
            case Kind.READING:
                find = ("find",) if menu.has_items else ()
                return ("print", "get", *find, *own)
            case Kind.ACTIONS:
                return own

    def _arguments(
        self, path: str, command: str, spot: Spot, rest: tuple[Argument, ...], statement: Statement
    ) -> Call:
        positions, named, flags = self._signature(path, command)
        if statement.condition is not None and command not in ("find", "print", "export"):
            assert statement.where_spot is not None  # noqa: S101  - set together by the parser
            raise end_of_command(statement.where_spot.line, statement.where_spot.column)
        self._check_condition(path, statement.condition)
        return _sorted(path, command, spot, rest, positions, named, flags, statement.condition)

    def _builtin(
        self, name: str, spot: Spot, rest: tuple[Argument, ...], statement: Statement
    ) -> Call:
        positions, named = BUILTINS[name]
        if statement.condition is not None and name != "find":
            where = statement.where_spot or spot
            raise end_of_command(where.line, where.column)
        return _sorted("", name, spot, rest, positions, named, (), None)

    def _signature(
        self, path: str, command: str
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Unnamed arguments in order, named arguments, and flags of a command."""
        if path == "" and command != "export":
            return *ROOT[command], ()
        menu = MENUS.get(path)
        if command == "export":
            secret = (
                ("hide-sensitive",) if self.release.is_six else ("hide-sensitive", "show-sensitive")
            )
            return (), ("file",), ("compact", "terse", "verbose", *secret)
        assert menu is not None  # noqa: S101  - every other command belongs to a menu
        return self._menu_signature(menu, command)

    def _menu_signature(
        self, menu: Menu, command: str
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        present = [f for f in menu.fields if f.in_release(self.release)]
        settable = tuple(
            f.name for f in present if f.type.name != "flag" and f.name not in menu.read_only
        )
        switches = tuple(f.name for f in present if f.type.name == "flag")
        match command:
            case "add":
                place = ("place-before",) if menu.kind is Kind.ORDERED else ()
                return (), (*settable, "copy-from", *place), switches
            case "set" if menu.kind is Kind.SETTINGS:
                return (), settable, ()
            case "set":
                return ("numbers",), ("numbers", *settable), switches
            case "comment":
                return ("numbers",), ("numbers", "comment"), ()
            case "move":
                return ("numbers", "destination"), ("numbers", "destination"), ()
            case "unset":
                return ("numbers", "value-name"), ("numbers", "value-name"), ()
            case "get" if not menu.has_items:
                return ("value-name",), ("value-name",), ()
            case "get":
                return ("number", "value-name"), ("number", "value-name"), ()
            case "print":
                rules = () if menu.rules else RULE_ONLY
                flags = tuple(f for f in PRINT_FLAGS if f not in rules)
                return (), tuple(n for n in PRINT_NAMED if n not in rules), flags
            case "find":
                return (), (), ()
        return OWN.get((menu.path, command), (("numbers",), ("numbers",), ()))

    def _check_condition(self, path: str, condition: Value | None) -> None:
        menu = MENUS.get(path)
        if menu is None or condition is None:
            return
        known = {f.name for f in menu.fields} | set(menu.read_only)
        known |= {".id", "dynamic", "disabled", "invalid", "comment", "active", "inactive"}
        for found in _properties(condition):
            if _unique(found.name, tuple(known)) is None:
                # UNVERIFIED wording: an unknown word cannot begin a condition.
                raise end_of_command(found.spot.line, found.spot.column)


def _sorted(
    path: str,
    command: str,
    spot: Spot,
    rest: tuple[Argument, ...],
    positions: tuple[str, ...],
    names: tuple[str, ...],
    flags: tuple[str, ...],
    condition: Value | None,
) -> Call:
    named: dict[str, Value] = {}
    raised: set[str] = set()
    unset: list[str] = []
    free = list(positions)
    for argument in rest:
        where = argument.spot
        if argument.name:
            name = _unique(argument.name, (*names, *flags))
            if name is None:
                raise end_of_command(where.line, where.column)
            if name in flags:
                raise syntax_error(where.line, where.column + len(argument.name))
            if argument.negated:
                unset.append(name)
            elif argument.value is not None:
                named[name] = argument.value
            if name in free:
                free.remove(name)
            continue
        value = argument.value
        assert value is not None  # noqa: S101  - an argument has a name or a value
        flag = (
            _unique(value.text, flags) if isinstance(value, Literal) and not value.quoted else None
        )
        if flag is not None:
            raised.add(flag)
        elif free:
            named[free.pop(0)] = value
        else:
            raise end_of_command(where.line, where.column)
    return Call(path, command, spot, named, frozenset(raised), tuple(unset), condition)


def _is_word(value: Value | None) -> bool:
    return isinstance(value, Literal) and not value.quoted


def _words(arguments: tuple[Argument, ...]) -> Iterator[tuple[str, Spot, int]]:
    """The leading words, split at slashes, with where each begins and its argument's index."""
    for index, argument in enumerate(arguments):
        value = argument.value
        if argument.name or not isinstance(value, Literal) or value.quoted:
            return
        column = value.spot.column
        text = value.text
        if text.startswith("/"):
            yield "/", value.spot, index
            text, column = text[1:], column + 1
        for part in text.split("/"):
            if part:
                yield part, Spot(value.spot.line, column), index
            column += len(part) + 1


def _unique(word: str, choices: Collection[str]) -> str | None:
    """The choice a word names: itself, or the only one it is the beginning of."""
    if word in choices:
        return word
    found = {choice for choice in choices if choice.startswith(word)}
    return found.pop() if word and len(found) == 1 else None


def _values(action: Action) -> Iterator[Value]:
    match action:
        case Call():
            yield from action.named.values()
            if action.condition is not None:
                yield action.condition
        case Evaluate():
            yield action.value


def _blocks(values: Iterable[Value]) -> Iterator[Block]:
    """The blocks directly inside values: substitutions and braces."""
    for value in values:
        match value:
            case Block():
                yield value
            case Substitution():
                yield value.block
            case Joined(parts):
                yield from _blocks(parts)
            case Operation(_, sides):
                yield from _blocks(sides)
            case Array(items):
                yield from _blocks(items)
            case Literal() | Variable() | Property():
                pass


def _properties(value: Value) -> Iterator[Property]:
    match value:
        case Property():
            yield value
        case Operation(_, sides):
            for side in sides:
                yield from _properties(side)
        case _:
            pass


def require(call: Call, *names: str) -> None:
    """Raise the refusal for arguments a command cannot do without."""
    absent = [name for name in names if name not in call.named]
    if absent:
        raise missing(*absent)
