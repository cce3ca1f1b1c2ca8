"""`{{ references }}` inside inventory values.

Jinja2's sandbox parses; only what an inventory needs is then carried out: references to variables
of the same router, their items, a few harmless filters, and text around them. Loops, calls and
arithmetic are refused, so that no value can run code or grow without bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from routercfg.documents import FrozenMapping
from routercfg.errors import VariableError, Where
from routercfg.inventory.secret import Secret
from routercfg.inventory.suggestions import did_you_mean

#: A result longer than this is no inventory value.
MAX_LENGTH = 100_000

_FILTERS = frozenset(
    {"capitalize", "first", "int", "last", "lower", "replace", "string", "title", "trim", "upper"}
)
_DEFAULTS = frozenset({"d", "default"})
_MARKS = ("{{", "{%", "{#")
_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)


class Verbatim(str):
    """Text that is never a template: Ansible's `!unsafe`."""

    __slots__ = ()


def is_template(value: object) -> bool:
    """Does this value hold references of its own?"""
    return (
        isinstance(value, str)
        and not isinstance(value, Verbatim)
        and any(mark in value for mark in _MARKS)
    )


def holds_template(value: object) -> bool:
    """Is there a reference anywhere inside this value?"""
    match value:
        case Mapping():
            return any(holds_template(item) for item in value.values())
        case tuple():
            return any(holds_template(item) for item in value)
        case _:
            return is_template(value)


def resolve(value: object, name: str, names: Mapping[str, object], where: Where) -> object:
    """The value of the variable `name` with every reference filled in.

    Raises VariableError on a reference to nothing, in a circle, or of a kind that is not allowed.
    """
    return _Resolver(names, where).value(value, (name,))


def references(value: object) -> frozenset[str]:
    """The names of all variables this value refers to; templates that do not parse name none."""
    match value:
        case Mapping():
            return frozenset().union(*(references(item) for item in value.values()))
        case tuple():
            return frozenset().union(*(references(item) for item in value))
        case str() if is_template(value):
            try:
                return frozenset(name.name for name in _parsed(value).find_all(nodes.Name))
            except TemplateError:
                return frozenset()
        case _:
            return frozenset()


@lru_cache(maxsize=4096)
def _parsed(text: str) -> nodes.Template:
    return _ENVIRONMENT.parse(text)


class _MissingError(Exception):
    """A name, item or attribute does not exist; `default` may still save it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class _Resolver:
    """Fills in one value for one router. `trail` are the variables being resolved around it."""

    names: Mapping[str, object]
    where: Where

    def value(self, value: object, trail: tuple[str, ...]) -> object:
        match value:
            case str():
                return self._text(value, trail) if is_template(value) else value
            case FrozenMapping():
                return FrozenMapping({key: self.value(item, trail) for key, item in value.items()})
            case tuple():
                return tuple(self.value(item, trail) for item in value)
            case _:
                return value

    def _text(self, text: str, trail: tuple[str, ...]) -> object:
        try:
            parts = self._parts(text)
            found = [self._expression(part, trail) for part in parts]
        except _MissingError as problem:
            raise self._fail(str(problem), problem.hint) from None
        except (TemplateError, ValueError, TypeError) as problem:
            raise self._fail(f"{_short(text)} is not a template: {problem}") from None
        if len(found) == 1:
            return found[0]
        joined = "".join(self._joinable(item) for item in found)
        if len(joined) > MAX_LENGTH:
            raise self._fail(f"the text grows longer than {MAX_LENGTH} characters")
        return joined

    def _parts(self, text: str) -> list[nodes.Expr]:
        parts: list[nodes.Expr] = []
        for node in _parsed(text).body:
            if not isinstance(node, nodes.Output):
                raise self._fail(
                    f"{_short(text)} uses a Jinja statement",
                    "Only {{ references }} to other variables can be used here",
                )
            parts.extend(node.nodes)
        return parts

    def _expression(self, node: nodes.Expr, trail: tuple[str, ...]) -> object:
        match node:
            case nodes.TemplateData(data=data):
                return data
            case nodes.Const(value=value):
                return value
            case nodes.Name(name=name):
                return self._variable(name, trail)
            case nodes.Getattr(node=inner, attr=attr):
                return self._item(self._expression(inner, trail), attr)
            case nodes.Getitem(node=inner, arg=nodes.Const(value=key)):
                return self._item(self._expression(inner, trail), key)
            case nodes.Concat(nodes=inner):
                return "".join(self._joinable(self._expression(part, trail)) for part in inner)
            case nodes.Filter():
                return self._filtered(node, trail)
            case _:
                raise self._fail(
                    "a template uses more than a reference",
                    "Only {{ references }} to other variables can be used here; "
                    "for the environment write !env NAME",
                )

    def _variable(self, name: str, trail: tuple[str, ...]) -> object:
        if name in trail:
            circle = " → ".join((*trail[trail.index(name) :], name))
            raise self._fail(f"variables refer to each other in a circle: {circle}")
        if name not in self.names:
            raise _MissingError(
                f"the variable {name} is not defined for this router",
                did_you_mean(name, self.names),
            )
        return self.value(self.names[name], (*trail, name))

    def _item(self, inner: object, key: object) -> object:
        if isinstance(inner, Mapping) and key in inner:
            return inner[key]
        if isinstance(inner, tuple) and isinstance(key, int) and -len(inner) <= key < len(inner):
            return inner[key]
        raise _MissingError(f"there is no {key!r} in what a template refers to")

    def _filtered(self, node: nodes.Filter, trail: tuple[str, ...]) -> object:
        if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise self._fail(f"the filter {node.name} cannot be used this way")
        arguments = [self._expression(argument, trail) for argument in node.args]
        if node.name in _DEFAULTS:
            return self._or_default(node.node, arguments, trail)
        if node.name not in _FILTERS:
            raise self._fail(
                f"the filter {node.name} cannot be used in an inventory",
                f"Filters: default, {', '.join(sorted(_FILTERS))}",
            )
        inner = self._expression(node.node, trail)
        longest = max((len(self._joinable(argument)) for argument in arguments), default=1)
        # `replace` can make a text as long as the product of both.
        if len(self._joinable(inner)) * longest > MAX_LENGTH:
            raise self._fail(f"the text grows longer than {MAX_LENGTH} characters")
        return _ENVIRONMENT.call_filter(node.name, inner, arguments)

    def _or_default(
        self, node: nodes.Expr, arguments: list[object], trail: tuple[str, ...]
    ) -> object:
        try:
            found = self._expression(node, trail)
        except _MissingError:
            return arguments[0] if arguments else ""
        wants_truth = len(arguments) > 1 and bool(arguments[1])
        return arguments[0] if wants_truth and not found else found

    def _joinable(self, item: object) -> str:
        if isinstance(item, Secret):
            raise self._fail(
                "a secret cannot become part of a longer text",
                "Make the whole value one secret, or refer to it alone: {{ name }}",
            )
        if isinstance(item, str | int | float):
            return str(item)
        raise self._fail("a list, a mapping or nothing cannot become part of a text")

    def _fail(self, message: str, hint: str = "") -> VariableError:
        return VariableError(message, where=self.where, hint=hint)


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
