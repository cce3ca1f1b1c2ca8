"""Reading RouterOS input: statements, arguments, strings, substitutions and conditions.

Positions are kept, because RouterOS reports them: lines and columns count from 1, and a refusal
names the first character of the word it does not accept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .refusals import ParseRefusal, syntax_error
from .tree import (
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

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "_": " "}
_STOPS = frozenset(" \t\n\r;]})")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_OPERATORS = ("!=", "<=", ">=", "&&", "||", "=", "~", "<", ">", "+", "-", "*", "/", "%", ".")


@dataclass(slots=True)
class _Reader:
    text: str
    at: int = 0
    starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.starts = [0] + [m.end() for m in re.finditer("\n", self.text)]

    def spot(self, at: int | None = None) -> Spot:
        where = self.at if at is None else at
        line = next(n for n in range(len(self.starts) - 1, -1, -1) if self.starts[n] <= where)
        return Spot(line + 1, where - self.starts[line] + 1)

    def peek(self, length: int = 1) -> str:
        return self.text[self.at : self.at + length]

    def done(self) -> bool:
        return self.at >= len(self.text)

    def blanks(self, stops: str = " \t") -> None:
        while not self.done() and self.peek() in stops:
            self.at += 1

    def refuse(self, at: int | None = None) -> ParseRefusal:
        spot = self.spot(at)
        return syntax_error(spot.line, spot.column)


def joined_lines(text: str) -> str:
    """Undo the wrapping of exports: backslashes at line ends, and the indents after them."""
    return re.sub(r"\\\r?\n[ \t]*", "", text).replace("\r\n", "\n").replace("\r", "\n")


def parse(text: str) -> Block:
    """Read a whole input. Raises ParseRefusal with line and column."""
    reader = _Reader(text)
    block = _block(reader, "")
    if not reader.done():
        raise reader.refuse()
    return block


def _block(reader: _Reader, closing: str) -> Block:
    spot, start = reader.spot(), reader.at
    statements: list[Statement] = []
    while True:
        reader.blanks(" \t\n\r;")
        if reader.done() or reader.peek() == closing:
            break
        if reader.peek() == "#":
            _comment(reader)
            continue
        statements.append(_statement(reader))
        if not reader.done() and reader.peek() not in "\n;" + closing:
            raise reader.refuse()
    return Block(tuple(statements), spot, reader.text[start : reader.at])


def _comment(reader: _Reader) -> None:
    end = reader.text.find("\n", reader.at)
    reader.at = len(reader.text) if end < 0 else end


def _statement(reader: _Reader) -> Statement:
    spot = reader.spot()
    arguments: list[Argument] = []
    condition: Value | None = None
    where_spot: Spot | None = None
    while True:
        reader.blanks()
        if reader.done() or reader.peek() in "\n\r;]})":
            break
        if _begins_condition(reader, arguments):
            where_spot = reader.spot()
            if reader.text.startswith("where", reader.at) and _word_ends(reader, 5):
                reader.at += 5
            condition = _condition(reader)
            break
        arguments.append(_argument(reader))
    return Statement(tuple(arguments), spot, condition, where_spot)


def _begins_condition(reader: _Reader, arguments: list[Argument]) -> bool:
    if reader.text.startswith("where", reader.at) and _word_ends(reader, 5):
        return bool(arguments)
    last = arguments[-1] if arguments else None
    if last is None or last.name or not isinstance(last.value, Literal):
        return False
    return last.value.text.rpartition("/")[2] == "find" and not last.value.quoted


def _word_ends(reader: _Reader, length: int) -> bool:
    after = reader.text[reader.at + length : reader.at + length + 1]
    return not after or after in " \t\n\r;]})"


def _argument(reader: _Reader) -> Argument:
    spot = reader.spot()
    negated = reader.peek() == "!"
    start = reader.at + negated
    name = _NAME.match(reader.text, start)
    if name is None and reader.text.startswith(".id=", start):
        name = re.compile(r"\.id").match(reader.text, start)
    if name is not None and not negated and reader.text[name.end() : name.end() + 1] == "=":
        reader.at = name.end() + 1
        value = _value(reader)
        return Argument(spot, name[0], value)
    if negated:
        if name is None or reader.text[name.end() : name.end() + 1] not in ("", *_STOPS):
            raise reader.refuse()
        reader.at = name.end()
        return Argument(spot, name[0], None, negated=True)
    return Argument(spot, "", _value(reader))


def _value(reader: _Reader) -> Value:
    spot, first = reader.spot(), reader.peek()
    if reader.done() or first in _STOPS:
        return Literal("", spot)  # `name=` sets an empty value
    match first:
        case '"':
            return _string(reader)
        case "[":
            return _substitution(reader)
        case "(":
            return _parenthesis(reader)
        case "{":
            return _braces(reader)
        case "$":
            return _variable(reader)
    return _word(reader)


def _word(reader: _Reader) -> Value:
    spot, start = reader.spot(), reader.at
    while not reader.done() and reader.peek() not in _STOPS:
        if reader.peek() in '"[({$' and reader.at > start:
            break
        reader.at += 1
    if reader.at == start:
        raise reader.refuse()
    text = reader.text[start : reader.at]
    if not reader.done() and reader.peek() in '"[({$':
        raise reader.refuse()
    return Literal(text, spot)


def _string(reader: _Reader) -> Value:
    spot, opening = reader.spot(), reader.at
    reader.at += 1
    parts: list[Value] = []
    text = ""
    while True:
        if reader.done():
            raise reader.refuse(opening)
        char = reader.peek()
        reader.at += 1
        if char == '"':
            break
        if char == "\\":
            text += _escape(reader)
        elif char == "$" and (part := _inside(reader)) is not None:
            parts += [Literal(text, spot, quoted=True), part]
            text = ""
        else:
            text += char
    if not reader.done() and reader.peek() not in _STOPS and reader.peek() not in ".=~!<>&|+":
        raise reader.refuse()
    last = Literal(text, spot, quoted=True)
    return Joined((*parts, last), spot) if parts else last


def _escape(reader: _Reader) -> str:
    char = reader.peek()
    pair = reader.peek(2)
    if re.fullmatch(r"[0-9A-F]{2}", pair):
        reader.at += 2
        # The bytes of a UTF-8 character come as successive escapes; the console keeps bytes.
        return chr(int(pair, 16))
    reader.at += 1
    if char in '"\\$?':
        return char
    if char in _ESCAPES:
        return _ESCAPES[char]
    raise reader.refuse(reader.at - 1)


def _inside(reader: _Reader) -> Value | None:
    if reader.peek() == "[":
        return _substitution(reader)
    if reader.peek() == "(":
        return _parenthesis(reader)
    name = re.compile(r"[A-Za-z0-9]+").match(reader.text, reader.at)
    if name is None:
        return None
    spot = reader.spot(reader.at - 1)
    reader.at = name.end()
    return Variable(name[0], spot)


def _variable(reader: _Reader) -> Value:
    spot = reader.spot()
    name = re.compile(r'\$(?:"([^"]+)"|([A-Za-z0-9]+))').match(reader.text, reader.at)
    if name is None:
        raise reader.refuse()
    reader.at = name.end()
    return Variable(name[1] or name[2], spot)


def _substitution(reader: _Reader) -> Substitution:
    spot, opening = reader.spot(), reader.at
    reader.at += 1
    block = _block(reader, "]")
    if reader.done():
        raise reader.refuse(opening)
    reader.at += 1
    return Substitution(block, spot)


def _braces(reader: _Reader) -> Value:
    spot, opening = reader.spot(), reader.at
    reader.at += 1
    block = _block(reader, "}")
    if reader.done():
        raise reader.refuse(opening)
    reader.at += 1
    single = all(
        len(s.arguments) == 1 and not s.arguments[0].name and s.arguments[0].value is not None
        for s in block.statements
    )
    if single and all(_plain(s.arguments[0].value) for s in block.statements):
        return Array(tuple(s.arguments[0].value for s in block.statements), spot)  # type: ignore[misc]  # checked above
    return block


def _plain(value: Value | None) -> bool:
    return isinstance(value, Literal) and (value.quoted or value.text[:1] not in (":", "/"))


def _parenthesis(reader: _Reader) -> Value:
    opening = reader.at
    reader.at += 1
    value = _condition(reader)
    reader.blanks()
    if reader.peek() != ")":
        raise reader.refuse(opening if reader.done() else None)
    reader.at += 1
    return value


_LEVELS = (("||", "or"), ("&&", "and"), ("!=", "=", "~", "<=", ">=", "<", ">"), ("+", "-", "."))


def _condition(reader: _Reader, level: int = 0) -> Value:
    if level == len(_LEVELS):
        return _operand(reader)
    spot = reader.spot()
    left = _condition(reader, level + 1)
    while True:
        operator = _operator(reader, level)
        if operator is None:
            return left
        right = _right_side(reader) if level == 2 else _condition(reader, level + 1)
        left = Operation(operator, (left, right), spot)


def _right_side(reader: _Reader) -> Value:
    # After `=` a bare word is text, with all its dashes, dots and slashes.
    reader.blanks()
    if reader.peek() in '"[({$':
        return _condition(reader, 3)
    if reader.done() or reader.peek() in _STOPS:
        return Literal("", reader.spot())
    return _word(reader)


def _operator(reader: _Reader, level: int) -> str | None:
    reader.blanks()
    for sign in _LEVELS[level]:
        if not reader.text.startswith(sign, reader.at):
            continue
        if sign.isalpha() and not _word_ends(reader, len(sign)):
            continue
        reader.at += len(sign)
        return {"or": "||", "and": "&&"}.get(sign, sign)
    # `find chain=dstnat !dynamic`: conditions side by side must all hold.
    if level == 1 and not reader.done() and reader.peek() not in "\n\r;]})|":
        return None if reader.text.startswith("or", reader.at) and _word_ends(reader, 2) else "&&"
    return None


def _operand(reader: _Reader) -> Value:
    reader.blanks()
    spot, first = reader.spot(), reader.peek()
    if first == "!":
        reader.at += 1
        return Operation("not", (_operand(reader),), spot)
    if not first or first in "\n\r;]})":
        raise reader.refuse()
    if first in '"[({$':
        return _value(reader)
    match = re.compile(r"\.id|[A-Za-z][\w-]*|\*?[0-9A-Fa-f][\w:./-]*").match(reader.text, reader.at)
    if match is None:
        raise reader.refuse()
    reader.at = match.end()
    if match[0][0].isalpha() or match[0] == ".id":
        return Property(match[0], spot)
    return Literal(match[0], spot)
