"""The INI form of a hosts file: `[group]`, `[group:vars]`, `[group:children]`."""

from __future__ import annotations

import ast
import re
import shlex
import warnings

from routercfg.documents import FrozenMapping
from routercfg.errors import InventoryError, Where
from routercfg.inventory.layers import Layer, named_variables
from routercfg.inventory.tree import Tree

_SECTION = re.compile(r"^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$")
_KINDS = ("hosts", "children", "vars")
#: `ast.literal_eval` needs memory that grows with nesting; no value of a hosts file is this long.
_MAX_VALUE = 10_000


def read_ini_hosts(tree: Tree, text: str) -> None:
    """Fill the tree from an INI hosts file. Raises InventoryError with the line."""
    group, kind = "ungrouped", "hosts"
    declared = {"all", "ungrouped"}
    used: dict[str, Where] = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        where = Where(file=tree.file, line=number)
        if line.startswith("[") and _SECTION.match(line):
            group, kind = _section(line, where)
            tree.add_group(group, where)
            if kind == "vars":
                used.setdefault(group, where)
            else:
                declared.add(group)
        elif line.startswith("[") and line.endswith("]"):
            raise InventoryError(f"{line[:60]!r} is not the head of a section", where=where)
        elif kind == "hosts":
            _read_host(tree, group, line, where)
        elif kind == "vars":
            tree.groups[group].layers.append(_variable(tree, group, line, where))
        else:
            child = line.split("#", 1)[0].strip()
            tree.add_group(child, where)
            used.setdefault(child, where)
            tree.add_child(group, child, where)
    _check_declared(used, declared)


def _section(line: str, where: Where) -> tuple[str, str]:
    matched = _SECTION.match(line)
    if matched is None:
        raise InventoryError(f"{line[:60]!r} is not the head of a section", where=where)
    kind = matched[2] or "hosts"
    if kind not in _KINDS:
        raise InventoryError(
            f"a section cannot be of kind {kind!r}", where=where, hint=f"Kinds: {', '.join(_KINDS)}"
        )
    return matched[1], kind


def _check_declared(used: dict[str, Where], declared: set[str]) -> None:
    for name, where in used.items():
        if name not in declared:
            raise InventoryError(
                f"the group {name} is used but has no section of its own",
                where=where,
                hint=f"Add [{name}]",
            )


def _read_host(tree: Tree, group: str, line: str, where: Where) -> None:
    try:
        entry, *settings = shlex.split(line, comments=True)
    except ValueError as problem:
        raise InventoryError(f"this line cannot be taken apart: {problem}", where=where) from None
    variables: dict[object, object] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise InventoryError(f"{setting[:60]!r} is not of the form name=value", where=where)
        variables[name] = _value(value)
    tree.add_hosts(entry, group, _named(tree, variables, where), where)


def _variable(tree: Tree, group: str, line: str, where: Where) -> Layer:
    name, equals, value = line.partition("=")
    if not equals:
        raise InventoryError(f"{line[:60]!r} is not of the form name=value", where=where)
    variables: dict[object, object] = {name.strip(): _value(value.strip())}
    return Layer(f"group {group}", tree.file, _named(tree, variables, where))


def _named(tree: Tree, variables: dict[object, object], where: Where) -> FrozenMapping[str, object]:
    lines: dict[object, int] = dict.fromkeys(variables, where.line or 0)
    return named_variables(FrozenMapping(variables, lines), tree.file)


def _value(text: str) -> object:
    """As in Ansible, a Python literal is that value, everything else is text."""
    if len(text) > _MAX_VALUE:
        return text
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return _frozen(ast.literal_eval(text))
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return text


def _frozen(value: object) -> object:
    match value:
        case dict():
            return FrozenMapping({key: _frozen(item) for key, item in value.items()})
        case list() | tuple() | set():
            return tuple(_frozen(item) for item in value)
        case bytes():
            return value.decode("utf-8", "replace")
        case str() | int() | float() | None:
            return value
        case _:
            return str(value)
