"""Interfaces with their addresses, and which of them face the internet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from routercfg.errors import ParseError
from routercfg.model.evidence import Evidence, Unknown
from routercfg.model.state import Interface, Wan

from .export import Statement
from .prints import records, refused, unreadable
from .source import Source

#: Kinds of interface that dial out, and whether they take the default route unless told otherwise.
_CLIENTS = ("pppoe", "l2tp", "pptp", "sstp", "ovpn", "ppp")
_DEFAULTS = ("0.0.0.0/0", "::/0")


def read_interfaces(source: Source) -> tuple[Interface, ...] | Unknown:
    """Interfaces that the export names, with static addresses and those read live."""
    trouble = source.trouble("ip address", "ipv6 address", "interface ethernet", "interface bridge")
    trouble = trouble or unreadable(source.outputs, "addresses", "addresses6")
    if trouble:
        return trouble
    down: dict[str, bool] = {}
    for menu, found in source.export.menus.items():
        if menu.startswith("interface ") and menu.count(" ") == 1:
            down.update({name: one.disabled for one in found for name in _names(one)})
    by_name: dict[str, list[str]] = {name: [] for name in (*down, *_mentioned(source))}
    for address in source.addresses:
        by_name.setdefault(address.interface, []).append(address.text)
    given = _given(source)
    return tuple(
        Interface(
            name,
            tuple(dict.fromkeys(texts)),
            False if down.get(name) else None,
            given.get(name, ""),
        )
        for name, texts in by_name.items()
    )


def _given(source: Source) -> dict[str, str]:
    """Interfaces that ask somebody else for their IPv4 address, and how."""
    found = {
        one.get("name"): "PPP"
        for kind in _CLIENTS
        for one in source.export.adds(f"interface {kind}-client")
        if not one.disabled
    }
    for one in source.export.adds("ip dhcp-client"):
        if not one.disabled:
            found[one.get("interface")] = "DHCP"
    return found


def _names(one: Statement) -> list[str]:
    if one.menu in ("interface list", "interface lte apn", "interface wireless security-profiles"):
        return []
    default = re.search(r"default-name=\"?([^\s\"\]]+)", one.selector)
    name = one.get("name") or (default[1] if default else "")
    return [name] if name else []


def _mentioned(source: Source) -> Iterator[str]:
    """Interfaces that are not set up, but used: an export leaves out what is as in the factory."""
    for found in source.export.menus.values():
        for one in found:
            for key in ("interface", "in-interface", "out-interface"):
                name = one.get(key)
                if name and not name.startswith(("!", "all", "none", "*")) and "," not in name:
                    yield name


def read_wans(source: Source) -> tuple[Wan, ...] | Unknown:
    """Interfaces that the configuration shows to face the internet, with the first reason."""
    trouble = source.trouble(
        "ip route", "ip dhcp-client", "ip firewall nat", "interface list", "interface list member"
    ) or unreadable(source.outputs, "routes", "addresses")
    if trouble:
        return trouble
    found: dict[str, Wan] = {}
    for wan in (
        *_routes(source),
        *_live_routes(source),
        *_dhcp(source),
        *_clients(source),
        *_masquerades(source),
        *_named(source),
    ):
        if wan.name:
            found.setdefault(wan.name, wan)
    if not found:
        return Unknown(
            "nothing in the configuration shows which interface faces the internet:"
            " set wan_interfaces",
            (source.absent("default route, DHCP client, masquerade rule or interface list WAN"),),
        )
    return tuple(found.values())


def _routes(source: Source) -> Iterator[Wan]:
    for menu, default in (("ip route", "0.0.0.0/0"), ("ipv6 route", "::/0")):
        for one in source.export.adds(menu):
            # Compact exports leave out the destination where it is everything.
            if one.disabled or one.get("dst-address", default) not in _DEFAULTS:
                continue
            if one.get("type", "unicast") != "unicast" or "blackhole" in one.values:
                continue
            for gateway in one.get("gateway").split(","):
                name = _egress(source, gateway)
                yield Wan(name, f"default route via {gateway}", (source.evidence(one),))


def _egress(source: Source, gateway: str) -> str:
    """The interface of a gateway: an interface, an address on a connected network, or both."""
    host, percent, interface = gateway.partition("%")
    if percent:
        return interface
    try:
        address = ip_address(host)
    except ValueError:
        return gateway.split("@", maxsplit=1)[0]
    for one in source.addresses:
        if address in one.network and not address.is_link_local:
            return one.interface
    return ""


def _live_routes(source: Source) -> Iterator[Wan]:
    output = source.outputs.get("routes")
    if output is None or refused(output):
        return
    try:
        found = records(output)
    except ParseError:
        return
    for record in found:
        if record.get("dst-address") not in _DEFAULTS or "X" in record.flags:
            continue
        via = re.search(r" via\s+(\S+)", record.get("gateway-status"))
        immediate = record.get("immediate-gw").partition("%")[2]
        name = via[1] if via else immediate or _egress(source, record.get("gateway"))
        yield Wan(name, "default route in use", (output.evidence(record.line),))


def _dhcp(source: Source) -> Iterator[Wan]:
    for menu in ("ip dhcp-client", "ipv6 dhcp-client"):
        for one in source.export.adds(menu):
            # RouterOS 6 takes the route from IPv4's client unless told not to; from IPv6's not.
            unsaid = "yes" if menu == "ip dhcp-client" else "no"
            if not one.disabled and one.get("add-default-route", unsaid) != "no":
                name = one.get("interface")
                yield Wan(name, "DHCP client that takes the default route", (source.evidence(one),))


def _clients(source: Source) -> Iterator[Wan]:
    for kind in _CLIENTS:
        for one in source.export.adds(f"interface {kind}-client"):
            unsaid = "yes" if kind == "ppp" else "no"
            if not one.disabled and one.get("add-default-route", unsaid) != "no":
                why = f"{kind} client that takes the default route"
                yield Wan(one.get("name"), why, (source.evidence(one),))
    apns = source.export.all("interface lte apn")
    if any(one.has("add-default-route", "no") for one in apns):
        return
    for one in source.export.all("interface lte"):
        if not one.disabled:
            for name in _names(one):
                yield Wan(name, "LTE takes the default route", (source.evidence(one),))


def _masquerades(source: Source) -> Iterator[Wan]:
    lists = source.interface_lists
    for one in source.export.adds("ip firewall nat"):
        if one.disabled or one.get("chain") != "srcnat":
            continue
        if one.get("action") not in ("masquerade", "src-nat"):
            continue
        evidence: tuple[Evidence, ...] = (source.evidence(one),)
        names = {one.get("out-interface")}
        if one.get("out-interface-list"):
            names |= set(lists.members(one.get("out-interface-list")) or ())
        for name in sorted(names):
            if name and not name.startswith(("!", "all", "*")):
                yield Wan(name, f"{one.get('action')} on the way out", evidence)


def _named(source: Source) -> Iterator[Wan]:
    for one in source.export.adds("interface list member"):
        if one.get("list").lower() == "wan" and not one.disabled:
            name = one.get("interface")
            yield Wan(name, f"on interface list {one.get('list')}", (source.evidence(one),))
