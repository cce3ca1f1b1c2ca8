"""What an inventory is once it is read: routers, groups, and where each variable comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from routercfg.documents import FrozenMapping
from routercfg.errors import InventoryError, PatternError, Where
from routercfg.inventory import listing, pattern, templating
from routercfg.inventory.connection import (
    Connection,
    address_of,
    connection_of,
    platform_of,
    port_of,
)
from routercfg.inventory.layers import Layer
from routercfg.inventory.suggestions import did_you_mean


@dataclass(frozen=True, slots=True)
class Host:
    """One router.

    `variables` are merged but not templated; `groups` are its groups without `all`, sorted;
    `layers` are all places its variables come from, weakest first.
    """

    name: str
    groups: tuple[str, ...] = ()
    variables: FrozenMapping[str, object] = field(default_factory=lambda: FrozenMapping({}))
    layers: tuple[Layer, ...] = field(default=(), repr=False)
    written: Where = field(default_factory=Where, repr=False)

    def where(self, name: str) -> Where:
        """File, line, router and field of a variable; of the router itself if it has none."""
        for layer in reversed(self.layers):
            if name in layer.variables:
                place = layer.where(name)
                return Where(file=place.file, line=place.line, router=self.name, field=name)
        return Where(file=self.written.file, line=self.written.line, router=self.name, field=name)

    def value(self, name: str, default: object = None) -> object:
        """A variable with its `{{ references }}` filled in. Raises VariableError on bad ones."""
        if name not in self.variables:
            return default
        raw = self.variables[name]
        if not templating.holds_template(raw):
            return raw
        names = {**self.magic, **self.variables}
        return templating.resolve(raw, name, names, self.where(name))

    @property
    def magic(self) -> Mapping[str, object]:
        """What templates may use besides the variables, under Ansible's names."""
        return {
            "inventory_hostname": self.name,
            "inventory_hostname_short": self.name.split(".")[0],
            "group_names": self.groups,
            "inventory_dir": str(self.written.file.parent) if self.written.file else "",
        }

    @property
    def address(self) -> str:
        """IP address or host name. Raises UnsafeValueError where it is neither."""
        return address_of(self)

    @property
    def port(self) -> int | None:
        """TCP port of its SSH server, if the inventory says. Raises VariableError."""
        return port_of(self)

    @property
    def platform(self) -> str | None:
        """Its platform under any name a person may write; packs know the aliases."""
        return platform_of(self)

    @property
    def connection(self) -> Connection:
        """How to reach it. Raises VariableError, UnsafeValueError, or SecretError for the user."""
        return connection_of(self)


@dataclass(frozen=True, slots=True)
class Group:
    """One group. `hosts` are its own members; `depth` is the longest way down from `all`."""

    name: str
    hosts: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    depth: int = 0
    priority: int = 1
    layers: tuple[Layer, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Inventory:
    """All routers and groups, in the order of the hosts file."""

    file: Path
    hosts: Mapping[str, Host] = field(repr=False)
    groups: Mapping[str, Group] = field(repr=False)
    unused_files: tuple[Path, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder that `group_vars`, `host_vars` and `services` are in."""
        return self.file.parent

    def host(self, name: str) -> Host:
        """One router by name. Raises PatternError with the nearest name."""
        if name not in self.hosts:
            raise PatternError(f"there is no router {name!r}", hint=did_you_mean(name, self.hosts))
        return self.hosts[name]

    def members(self, group: str) -> tuple[str, ...]:
        """Names of all routers in a group and the groups below it: its own first, then by level."""
        if group not in self.groups:
            raise InventoryError(
                f"there is no group {group!r}", hint=did_you_mean(group, self.groups)
            )
        ordered = {group: None}
        level: tuple[str, ...] = (group,)
        while level:
            below = dict.fromkeys(c for name in level for c in self.groups[name].children)
            level = tuple(child for child in below if child not in ordered)
            ordered.update(dict.fromkeys(level))
        return tuple(dict.fromkeys(host for name in ordered for host in self.groups[name].hosts))

    def select(self, text: str) -> tuple[Host, ...]:
        """The routers an Ansible host pattern means. Raises PatternError where it means none."""
        return tuple(self.hosts[name] for name in pattern.select(text, self))

    def to_ansible(self) -> dict[str, object]:
        """The shape of `ansible-inventory --list`; secrets are `***`."""
        return listing.listed(self)

    def host_json(self, name: str) -> dict[str, object]:
        """The shape of `ansible-inventory --host NAME`; secrets are `***`."""
        return listing.host_variables(self.host(name))

    def graph(self, group: str = "all") -> str:
        """The text of `ansible-inventory --graph`."""
        return listing.graph(self, group)
