"""The state of one router: items by menu, settings, files, sessions, safe mode and history."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from .menu_table import EXPORTED, MENUS
from .menus import Kind, Menu
from .release import Release

_BUILTIN_LISTS = ("all", "none", "dynamic", "static")


@dataclass(slots=True)
class Item:
    """One row of a menu. `values` holds what is set; `facts` what the router found out itself."""

    number: int
    values: dict[str, str]
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"*{self.number:X}"

    @property
    def dynamic(self) -> bool:
        return self.facts.get("dynamic") == "yes"

    @property
    def disabled(self) -> bool:
        return self.values.get("disabled") == "yes"

    def get(self, name: str) -> str | None:
        return self.values.get(name, self.facts.get(name))


def _default(menu: Menu, name: str, release: Release) -> str | None:
    found = menu.field(name, release)
    if found is None:
        return None
    if menu.path == "ip firewall connection tracking" and name == "udp-timeout":
        return release.udp_timeout
    if menu.path == "ip dhcp-client" and name == "disabled" and release.is_six:
        return "yes"
    if menu.path == "interface pppoe-client" and name == "disabled" and release.is_six:
        return "yes"
    return found.default


@cache
def _defaults(menu: Menu, release: Release) -> dict[str, str]:
    found = {f.name: _default(menu, f.name, release) for f in menu.fields}
    return {name: value for name, value in found.items() if value is not None}


@dataclass(slots=True)
class Configuration:
    """Everything that safe mode can take back."""

    items: dict[str, list[Item]] = field(default_factory=dict)
    settings: dict[str, dict[str, str]] = field(default_factory=dict)
    kept: dict[str, list[str]] = field(default_factory=dict)  # sections nobody here understands
    foreign_links: set[str] = field(default_factory=set)  # interfaces that such sections speak of
    next_number: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Configuration:
        return copy.deepcopy(self)


@dataclass(slots=True)
class Store:
    """A router's memory. Implements `values.World`."""

    release: Release
    ipv6_package: bool
    config: Configuration = field(default_factory=Configuration)
    files: dict[str, str] = field(default_factory=dict)
    backups: dict[str, Configuration] = field(default_factory=dict)

    def rows(self, path: str) -> list[Item]:
        return self.config.items.setdefault(path, [])

    def settings(self, path: str) -> dict[str, str]:
        return self.config.settings.setdefault(path, {})

    def setting(self, path: str, name: str) -> str:
        """A setting's value, or its default in this release."""
        return self.settings(path).get(name) or self.default(MENUS[path], name) or ""

    def default(self, menu: Menu, name: str) -> str | None:
        """A field's default in this release; None where the field is unset by default."""
        return _default(menu, name, self.release)

    def defaults(self, menu: Menu) -> dict[str, str]:
        """All defaults of a menu in this release."""
        return dict(_defaults(menu, self.release))

    def add(
        self,
        path: str,
        values: dict[str, str],
        facts: dict[str, str] | None = None,
        at: int | None = None,
    ) -> Item:
        """Put a new item into a menu, before position `at` or at the end."""
        number = self.config.next_number.get(path, 1)
        self.config.next_number[path] = number + 1
        item = Item(number, {**self.defaults(MENUS[path]), **values}, dict(facts or {}))
        rows = self.rows(path)
        rows.insert(len(rows) if at is None else at, item)
        return item

    def interfaces(self) -> set[str]:
        return {item.values["name"] for item in self.links()} | self.config.foreign_links

    def links(self) -> Iterator[Item]:
        """Every interface, of whatever kind."""
        for path in ("ethernet", "bridge", "pppoe-client", "vlan"):
            yield from self.rows(f"interface {path}")

    def interface_lists(self) -> set[str]:
        return {item.values["name"] for item in self.rows("interface list")}

    def members(self, name: str) -> set[str]:
        """The interfaces of an interface list, its includes and excludes counted."""
        if name == "all":
            return self.interfaces()
        lists = {item.values["name"]: item for item in self.rows("interface list")}
        found = {
            item.values["interface"]
            for item in self.rows("interface list member")
            if item.values["list"] == name and not item.disabled
        }
        if name in lists:
            for other in filter(None, lists[name].values.get("include", "").split(",")):
                found |= self.members(other)
            for other in filter(None, lists[name].values.get("exclude", "").split(",")):
                found -= self.members(other)
        return found


_SERVICES_6 = (
    ("telnet", "23"), ("ftp", "21"), ("www", "80"), ("ssh", "22"), ("www-ssl", "443"),
    ("api", "8728"), ("winbox", "8291"), ("api-ssl", "8729"),
)  # fmt: skip
_SERVICES_7 = tuple(
    (name, dict(_SERVICES_6)[name])
    for name in ("ftp", "ssh", "telnet", "www-ssl", "www", "winbox", "api", "api-ssl")
)
_CERTIFIED = frozenset({"www-ssl", "api-ssl"})
_HELPERS = (
    ("ftp", "21"), ("tftp", "69"), ("irc", "6667"), ("h323", ""), ("sip", "5060,5061"),
    ("pptp", ""), ("rtsp", "554"), ("udplite", ""), ("dccp", ""), ("sctp", ""),
)  # fmt: skip


def furnish(store: Store, ports: tuple[str, ...]) -> None:
    """What every router has before anything is configured: ports, services, helpers, one user."""
    for index, name in enumerate(ports):
        mac = f"02:00:5E:10:00:{index + 1:02X}"
        store.add(
            "interface ethernet",
            {"name": name, "default-name": name, "mac-address": mac},
            {
                "running": "yes" if index < 3 else "no",
                "default-name": name,
                "default-mac-address": mac,
            },
        )
    for name in _BUILTIN_LISTS:
        store.add("interface list", {"name": name}, {"builtin": "yes"})
    for name, port in _SERVICES_6 if store.release.is_six else _SERVICES_7:
        _add_service(store, name, port)
    for name, port in _HELPERS:
        _add_helper(store, name, port)
    store.add("snmp community", {"name": "public"}, {"default": "yes", "default-name": "public"})
    store.add("user", {"name": "admin", "group": "full"})
    if store.ipv6_package:
        store.add("ipv6 nd", {"interface": "all"}, {"default": "yes", "default-interface": "all"})


def _add_service(store: Store, name: str, port: str) -> None:
    values = {"name": name, "port": port, "disabled": "yes" if name == "www-ssl" else "no"}
    item = store.add("ip service", values, {"default-disabled": values["disabled"]})
    item.facts["default-port"] = port
    if name not in _CERTIFIED:
        item.values.pop("certificate", None)
        item.values.pop("tls-version", None)


def _add_helper(store: Store, name: str, ports: str) -> None:
    off = not store.release.is_six and name in ("irc", "rtsp")
    if name == "rtsp" and store.release.is_six:
        return
    values = {"name": name, "disabled": "yes" if off else "no"}
    if ports:
        values["ports"] = ports
    if name == "sip":
        values |= {"sip-direct-media": "yes", "sip-timeout": "1h"}
    facts = {f"default-{key}": value for key, value in values.items()}
    store.add("ip firewall service-port", values, facts)


def exported_menus(store: Store) -> Iterator[Menu]:
    """The menus an export covers on this router, in its order."""
    for path in EXPORTED:
        menu = MENUS[path]
        ipv6_missing = path.startswith("ipv6") and not store.ipv6_package
        if menu.in_release(store.release) and not ipv6_missing and menu.kind is not Kind.READING:
            yield menu
