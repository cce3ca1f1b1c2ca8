"""The groups and routers of one inventory while it is being read, and the YAML hosts file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from routercfg.documents import FrozenMapping
from routercfg.errors import InventoryError, Where
from routercfg.inventory.hostnames import check_name, expand
from routercfg.inventory.layers import Layer, named_variables

_SECTIONS = ("vars", "children", "hosts")
_NOTHING: FrozenMapping[str, object] = FrozenMapping({})


@dataclass(slots=True)
class GroupDraft:
    """One group: what the hosts file says of it so far. Dictionaries serve as ordered sets."""

    name: str
    where: Where
    hosts: dict[str, None] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)
    parents: dict[str, None] = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)


@dataclass(slots=True)
class HostDraft:
    """One router: what the hosts file says of it so far."""

    name: str
    where: Where
    groups: dict[str, None] = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)


class Tree:
    """All groups and routers, in the order in which the hosts file names them first."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.groups: dict[str, GroupDraft] = {}
        self.hosts: dict[str, HostDraft] = {}
        self.add_group("all", Where(file=file))
        self.add_group("ungrouped", Where(file=file))
        self.add_child("all", "ungrouped", Where(file=file))

    def add_group(self, name: str, where: Where) -> None:
        """Make sure that the group exists."""
        if name in self.groups:
            return
        check_name(name, where, what="group")
        self.groups[name] = GroupDraft(name, where)

    def add_child(self, parent: str, child: str, where: Where) -> None:
        """Put one group under another. Raises InventoryError where that closes a circle."""
        if parent == child or child in self._ancestors(parent):
            raise InventoryError(f"group {child} would be inside itself", where=where)
        self.groups[parent].children[child] = None
        self.groups[child].parents[parent] = None

    def add_hosts(
        self, entry: str, group: str, variables: FrozenMapping[str, object], where: Where
    ) -> None:
        """Add the routers one entry stands for to a group, all with the same variables."""
        names, port = expand(entry, where)
        layer = Layer("hosts file", self.file, variables) if variables else None
        members = self.groups[group].hosts
        for name in names:
            host = self.hosts.get(name)
            if host is None:
                host = self.hosts[name] = HostDraft(name, where)
                if port is not None:
                    host.layers.append(self._port_layer(port, where))
            members[name] = None
            host.groups[group] = None
            if layer is not None:
                host.layers.append(layer)

    def finish(self) -> None:
        """Hang loose groups under `all`, loose routers under `ungrouped`; refuse double names."""
        for group in self.groups.values():
            if group.name != "all" and not group.parents:
                self.add_child("all", group.name, group.where)
        loose = self.groups["ungrouped"]
        for host in self.hosts.values():
            if host.name in self.groups:
                raise InventoryError(
                    f"{host.name} is the name of a router and of a group",
                    where=host.where,
                    hint="Rename one of them: patterns could not tell them apart",
                )
            if host.groups.keys() <= {"all", "ungrouped"}:
                loose.hosts[host.name] = None
                host.groups["ungrouped"] = None
            elif "ungrouped" in host.groups:
                del host.groups["ungrouped"], loose.hosts[host.name]

    def _port_layer(self, port: int, where: Where) -> Layer:
        lines = {"ansible_port": where.line} if where.line is not None else {}
        return Layer("hosts file", self.file, FrozenMapping({"ansible_port": port}, lines))

    def _ancestors(self, name: str) -> set[str]:
        found: set[str] = set()
        todo = [name]
        while todo:
            for parent in self.groups[todo.pop()].parents:
                if parent not in found:
                    found.add(parent)
                    todo.append(parent)
        return found


def read_yaml_hosts(tree: Tree, document: object) -> None:
    """Fill the tree from a parsed YAML hosts file."""
    file = tree.file
    if document is None:
        raise InventoryError("the hosts file is empty", where=Where(file=file))
    if not isinstance(document, FrozenMapping):
        raise InventoryError(
            "a hosts file is a mapping of groups",
            where=Where(file=file),
            hint="It begins with `all:`",
        )
    if "plugin" in document:
        raise InventoryError(
            "this is the configuration of an Ansible inventory plugin, not an inventory",
            where=Where(file=file, line=document.line("plugin")),
            hint="Write the plugin's answer to a file: ansible-inventory --list --export -y",
        )
    for name, value in document.items():
        _read_group(tree, name, value, Where(file=file, line=document.line(name)))


def _read_group(tree: Tree, name: object, value: object, where: Where) -> str:
    if not isinstance(name, str):
        raise InventoryError(
            f"the group name {name!r} is not text", where=where, hint="Put it in quotes"
        )
    tree.add_group(name, where)
    if value is None:
        return name
    if not isinstance(value, FrozenMapping):
        raise InventoryError(
            f"group {name} must hold hosts, children or vars, not {_kind(value)}", where=where
        )
    for key, content in value.items():
        place = Where(file=tree.file, line=value.line(key))
        if key not in _SECTIONS:
            raise InventoryError(
                f"group {name} has {key!r}; only hosts, children and vars can stand there",
                where=place,
                hint=_section_hint(key),
            )
        if content is not None:
            _read_section(tree, name, str(key), content, place)
    return name


def _section_hint(key: object) -> str:
    close = get_close_matches(str(key), _SECTIONS, n=1)
    return f"Did you mean {close[0]}?" if close else "Groups inside a group go under `children:`"


def _read_section(tree: Tree, group: str, section: str, content: object, where: Where) -> None:
    if isinstance(content, str):
        content = FrozenMapping({content: None}, {content: where.line or 0})
    if not isinstance(content, FrozenMapping):
        raise InventoryError(
            f"{section} of group {group} must be a mapping, not {_kind(content)}",
            where=where,
            hint="End each name with a colon instead of putting a dash before it",
        )
    if section == "vars":
        variables = named_variables(content, tree.file)
        tree.groups[group].layers.append(Layer(f"group {group}", tree.file, variables))
        return
    for key, value, place in _entries(content, tree.file):
        if section == "children":
            child = _read_group(tree, key, value, place)
            tree.add_child(group, child, place)
        else:
            tree.add_hosts(_host_entry(key, place), group, _host_vars(key, value, place), place)


def _entries(
    content: FrozenMapping[object, object], file: Path
) -> Iterator[tuple[object, object, Where]]:
    for key, value in content.items():
        yield key, value, Where(file=file, line=content.line(key))


def _host_entry(key: object, where: Where) -> str:
    if isinstance(key, str):
        return key
    raise InventoryError(
        f"the router name {key!r} is not text", where=where, hint="Put it in quotes"
    )


def _host_vars(key: object, value: object, where: Where) -> FrozenMapping[str, object]:
    if value is None:
        return _NOTHING
    if not isinstance(value, FrozenMapping):
        raise InventoryError(
            f"the variables of {key} must be a mapping, not {_kind(value)}", where=where
        )
    return named_variables(value, where.file or Path())


def _kind(value: object) -> str:
    match value:
        case str():
            return "a text"
        case tuple():
            return "a list"
        case Mapping():
            return "a mapping"
        case bool():
            return "yes or no"
        case int() | float():
            return "a number"
        case _:
            return f"a {type(value).__name__}"
