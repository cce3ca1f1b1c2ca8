"""Carrying out resolved input: values, conditions, variables and the global commands."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from .refusals import ParseRefusal, Refusal, invalid, missing
from .resolving import Call, Evaluate, Go, Resolver
from .runtime import Result, Rows, Scope, as_list, text_of, truth
from .store import Item
from .syntax import joined_lines, parse
from .tree import (  # fmt: skip
    Array,
    Block,
    Joined,
    Literal,
    Operation,
    Property,
    Statement,
    Substitution,
    Value,
    Variable,
)
from .values import duration

_LOOP_LIMIT = 10_000


class Commands(Protocol):
    """What carries out the commands of menus."""

    def menu_command(self, call: Call, run: Interpreter) -> Result: ...
    def later(self, seconds: int, statements: tuple[Statement, ...], menu: str) -> None: ...


class Stop(Exception):  # noqa: N818  - `:return` ends a script; it is no error
    """Raised by `:return`."""

    def __init__(self, value: Result) -> None:
        self.value = value


@dataclass(slots=True)
class Interpreter:
    """One run of an input in a session: what it prints is collected in `printed`."""

    resolver: Resolver
    commands: Commands
    menu: str = ""
    scope: Scope = field(default_factory=Scope)
    printed: list[str] = field(default_factory=list)
    background: bool = False  # a job of `:execute`, where `:delay` waits for the clock
    last_call: Call | None = None

    def run(self, text: str) -> None:
        """Read, resolve and carry out an input. Raises Refusal; what was printed stays."""
        block = parse(joined_lines(text))
        self.resolver.check(block, self.menu)
        self.block(block.statements)

    def run_by_statement(self, text: str) -> None:
        """As `/import` does: each statement is resolved when its turn comes."""
        for statement in parse(joined_lines(text)).statements:
            block = Block((statement,), statement.spot)
            self.resolver.check(block, self.menu)
            self.block(block.statements)

    def block(self, statements: tuple[Statement, ...]) -> Result:
        """Carry out statements; the last result is the block's."""
        result: Result = None
        for index, statement in enumerate(statements):
            action = self.resolver.resolve(statement, self.menu)
            if self.background and isinstance(action, Call) and action.command == "delay":
                self.commands.later(_seconds(self, action), statements[index + 1 :], self.menu)
                return None
            match action:
                case Go(path):
                    self.menu = path
                case Evaluate(Block(inside)):
                    result = self.block(inside)
                case Evaluate(value):
                    result = self.value(value)
                case Call():
                    result = self.call(action)
        return result

    def call(self, call: Call) -> Result:
        builtin = _BUILTINS.get(call.command) if not call.path else None
        if builtin is not None and not (call.command == "find" and call.condition is not None):
            return builtin(self, call)
        self.last_call = call
        return self.commands.menu_command(call, self)

    def value(self, value: Value, *, path: str | None = None) -> Result:
        """The value of an expression; substitutions read from the menu `path`."""
        match value:
            case Literal(text):
                return text
            case Joined(parts):
                return "".join(text_of(self.value(part, path=path)) for part in parts)
            case Variable(name):
                return self.scope.names.get(name)
            case Substitution(block):
                return self._inside(block, self.menu if path is None else path)
            case Array(items):
                return [text_of(self.value(item, path=path)) for item in items]
            case Operation(operator, sides):
                return self._operation(operator, sides)
            case Property(name, spot):
                item = self.scope.item
                if item is None:
                    return name
                del spot
                return _property(item, name)
            case Block():
                return value.text

    def _inside(self, block: Block, menu: str) -> Result:
        keep, self.menu = self.menu, menu
        try:
            return self.block(block.statements)
        finally:
            self.menu = keep

    def _operation(self, operator: str, sides: tuple[Value, ...]) -> Result:
        if operator == "not":
            return not truth(self.value(sides[0]))
        left = self.value(sides[0])
        if operator == "&&":
            return truth(left) and truth(self.value(sides[1]))
        if operator == "||":
            return truth(left) or truth(self.value(sides[1]))
        right = self.value(sides[1])
        if operator == ".":
            return text_of(left) + text_of(right)
        if operator in ("+", "-"):
            return _arithmetic(operator, text_of(left), text_of(right))
        if isinstance(sides[0], Property) and self.scope.item is not None:
            return self._compares(operator, left, right, sides[1])
        return _compare(operator, text_of(left), text_of(right))

    def _compares(self, operator: str, left: Result, right: Result, written: Value) -> bool:
        # The quoting trap: a bare value with a slash or a colon is read as something else than the
        # text of the property, and equals nothing; no error is given.
        trapped = (
            isinstance(written, Literal) and not written.quoted and re.search("[/:]", written.text)
        )
        if trapped and operator in ("=", "!="):
            return operator == "!="
        ours, theirs = text_of(left), text_of(right)
        if ours in ("yes", "no") and theirs in ("true", "false"):
            theirs = "yes" if theirs == "true" else "no"
        return _compare(operator, ours, theirs)

    def matches(self, item: Item, condition: Value | None) -> bool:
        """Whether an item fulfils a condition."""
        if condition is None:
            return True
        keep, self.scope.item = self.scope.item, item
        try:
            return truth(self.value(condition))
        finally:
            self.scope.item = keep

    def print(self, text: str) -> None:
        self.printed += text.split("\n")


def _property(item: Item, name: str) -> Result:
    if name == ".id":
        return item.id
    value = item.get(name)
    if name in ("disabled", "dynamic", "invalid", "active", "default", "builtin"):
        return value or "no"
    return value if value is not None else ""


def _compare(operator: str, left: str, right: str) -> bool:
    if operator == "~":
        try:
            return re.search(right, left) is not None
        except re.error:
            raise Refusal("invalid regular expression") from None  # UNVERIFIED wording
    if operator in ("=", "!="):
        return (left == right) == (operator == "=")
    sides = (int(left), int(right)) if left.isdigit() and right.isdigit() else (left, right)
    low, high = sides
    orders = {"<": low < high, ">": low > high, "<=": low <= high, ">=": low >= high}  # type: ignore[operator]  # both sides are of one type
    return orders[operator]


def _arithmetic(operator: str, left: str, right: str) -> str:
    if not (left.lstrip("-").isdigit() and right.lstrip("-").isdigit()):
        raise Refusal("cannot add these")  # UNVERIFIED wording
    return str(int(left) + int(right) if operator == "+" else int(left) - int(right))


def _argument(run: Interpreter, call: Call, name: str) -> Result:
    if name not in call.named:
        raise missing(name)
    return run.value(call.named[name])


def _whole(run: Interpreter, call: Call, name: str) -> int:
    text = text_of(_argument(run, call, name))
    if not re.fullmatch(r"-?\d+", text):
        raise invalid(name)
    return int(text)


def _seconds(run: Interpreter, call: Call) -> int:
    try:
        return duration(text_of(_argument(run, call, "delay-time")))
    except ValueError:
        raise invalid("delay-time") from None


def _do(run: Interpreter, value: Value | None) -> Result:
    if isinstance(value, Block):
        return run.block(value.statements)
    if value is None or isinstance(value, Array):
        return None
    raise invalid("do")


def _put(run: Interpreter, call: Call) -> Result:
    run.print(text_of(_argument(run, call, "message")))
    return None


def _len(run: Interpreter, call: Call) -> Result:
    value = _argument(run, call, "value")
    if isinstance(value, list):
        return str(len(value))
    return str(len(value.records) if isinstance(value, Rows) else len(text_of(value)))


def _delay(run: Interpreter, call: Call) -> Result:
    # In the foreground waiting changes nothing that can be seen: only the client's clock moves.
    _seconds(run, call)
    return None


def _error(run: Interpreter, call: Call) -> Result:
    raise Refusal(text_of(_argument(run, call, "error")))


def _set_variable(run: Interpreter, call: Call) -> Result:
    name = text_of(_argument(run, call, "name"))
    value = call.named.get("value")
    run.scope.names[name] = None if value is None else run.value(value)
    return None


def _if(run: Interpreter, call: Call) -> Result:
    chosen = "do" if truth(_argument(run, call, "condition")) else "else"
    return _do(run, call.named.get(chosen))


def _do_command(run: Interpreter, call: Call) -> Result:
    if "command" not in call.named:
        raise missing("command")
    try:
        return _do(run, call.named["command"])
    except ParseRefusal:
        raise
    except Refusal:
        if "on-error" not in call.named:
            raise
        return _do(run, call.named["on-error"])


def _while(run: Interpreter, call: Call) -> Result:
    for _ in range(_LOOP_LIMIT):
        if not truth(_argument(run, call, "condition")):
            return None
        _do(run, call.named.get("do"))
    raise Refusal("interrupted")


def _foreach(run: Interpreter, call: Call) -> Result:
    name = text_of(_argument(run, call, "counter"))
    for element in as_list(_argument(run, call, "in")):
        run.scope.names[name] = element
        _do(run, call.named.get("do"))
    return None


def _for(run: Interpreter, call: Call) -> Result:
    name = text_of(_argument(run, call, "counter"))
    first, last = _whole(run, call, "from"), _whole(run, call, "to")
    if last - first > _LOOP_LIMIT:
        raise Refusal("interrupted")
    for number in range(first, last + 1):
        run.scope.names[name] = str(number)
        _do(run, call.named.get("do"))
    return None


def _execute(run: Interpreter, call: Call) -> Result:
    script = text_of(_argument(run, call, "script"))
    block = parse(joined_lines(script))
    run.resolver.check(block, "")
    run.commands.later(0, block.statements, "")
    return "*1"


def _typeof(run: Interpreter, call: Call) -> Result:
    match _argument(run, call, "value"):
        case None:
            return "nothing"
        case list() | Rows():
            return "array"
        case bool():
            return "bool"
        case str() as text:
            return "num" if text.isdigit() else "str"


def _text(run: Interpreter, call: Call) -> Result:
    return text_of(_argument(run, call, "value"))


def _array(run: Interpreter, call: Call) -> Result:
    return as_list(_argument(run, call, "value"))


def _pick(run: Interpreter, call: Call) -> Result:
    value = _argument(run, call, "counter")
    begin = _whole(run, call, "begin")
    if isinstance(value, list) and "end" not in call.named:
        return value[begin] if begin < len(value) else None
    text = text_of(value)
    end = _whole(run, call, "end") if "end" in call.named else begin + 1
    return value[begin:end] if isinstance(value, list) else text[begin:end]


def _find(run: Interpreter, call: Call) -> Result:
    where, what = _argument(run, call, "where"), _argument(run, call, "what")
    elements = where if isinstance(where, list) else None
    if elements is not None:
        return str(elements.index(text_of(what))) if text_of(what) in elements else None
    found = text_of(where).find(text_of(what))
    return None if found < 0 else str(found)


def _return(run: Interpreter, call: Call) -> Result:
    raise Stop(_argument(run, call, "value"))


def _nothing(run: Interpreter, call: Call) -> Result:
    del run, call
    return None


def _log(run: Interpreter, call: Call) -> Result:
    _argument(run, call, "message")
    return None


_BUILTINS: dict[str, Callable[[Interpreter, Call], Result]] = {
    "put": _put, "len": _len, "delay": _delay, "error": _error, "local": _set_variable,
    "global": _set_variable, "set": _set_variable, "if": _if, "do": _do_command, "while": _while,
    "foreach": _foreach, "for": _for, "execute": _execute, "typeof": _typeof, "tostr": _text,
    "tonum": _text, "toarray": _array, "pick": _pick, "find": _find, "return": _return,
    "nothing": _nothing, "log": _log,
}  # fmt: skip
