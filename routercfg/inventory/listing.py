"""An inventory the way `ansible-inventory` prints it: `--list`, `--host`, `--graph`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from routercfg.documents import plain
from routercfg.inventory.connection import PASSWORD_NAMES
from routercfg.inventory.secret import Secret
from routercfg.inventory.templating import is_template

if TYPE_CHECKING:
    from routercfg.inventory.model import Host, Inventory


def listed(inventory: Inventory) -> dict[str, object]:
    """`--list`: groups with something in them, and every router's merged variables."""
    result: dict[str, object] = {}
    for group in inventory.groups.values():
        entry: dict[str, object] = {}
        if group.hosts and group.name != "all":
            entry["hosts"] = list(group.hosts)
        if group.children:
            entry["children"] = list(group.children)
        if entry:
            result[group.name] = entry
    shown = {name: host_variables(host) for name, host in inventory.hosts.items()}
    result["_meta"] = {"hostvars": {name: found for name, found in shown.items() if found}}
    return result


def host_variables(host: Host) -> dict[str, object]:
    """`--host`: one router's variables, not templated, secrets hidden."""
    return {name: _shown(name, value) for name, value in host.variables.items()}


def graph(inventory: Inventory, group: str) -> str:
    """`--graph`: groups and routers as an indented tree."""
    inventory.members(group)  # names the nearest group where this one does not exist
    return "\n".join(_lines(inventory, group, 0))


def _lines(inventory: Inventory, name: str, depth: int) -> list[str]:
    group = inventory.groups[name]
    lines = [_line(f"@{name}:", depth)]
    for child in group.children:
        lines += _lines(inventory, child, depth + 1)
    if name != "all":
        lines += [_line(host, depth + 1) for host in group.hosts]
    return lines


def _line(text: str, depth: int) -> str:
    return f"{'  |' * depth}--{text}" if depth else text


def _shown(name: str, value: object) -> object:
    if name in PASSWORD_NAMES and value is not None and not is_template(value):
        return "***"
    return _hidden(plain(value))


def _hidden(value: object) -> object:
    match value:
        case Secret():
            return "***"
        case Mapping():
            return {key: _hidden(item) for key, item in value.items()}
        case list():
            return [_hidden(item) for item in value]
        case dt.date():
            return value.isoformat()
        case _:
            return value
