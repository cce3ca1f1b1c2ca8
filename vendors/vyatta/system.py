"""What is not packet filtering, as far as the family writes it alike: interfaces, WAN, IPv6."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_interface

from routercfg.model.evidence import Unknown
from routercfg.model.state import Interface, Ipv6, UdpTimer, Wan

from .config import Config, Port
from .live import Link, with_links
from .matching import Groups, match_of
from .tree import Node
from .zones import zones

_TIMER_DEFAULTS = (("other", 30), ("stream", 180))
_DEFAULT_ROUTES = (
    ("route", "0.0.0.0/0"),
    ("route6", "::/0"),
    ("interface-route", "0.0.0.0/0"),
    ("interface-route6", "::/0"),
)


def is_address(text: str) -> bool:
    """An address, and not `dhcp` or the like."""
    try:
        ip_interface(text)
    except ValueError:
        return False
    return True


def read_interfaces(
    config: Config, addresses: Callable[[Port], Iterable[str]], links: Mapping[str, Link]
) -> tuple[Interface, ...]:
    """Interfaces with the addresses that are configured, and those they have now by `links`.

    Addresses of dummies are the router's own and nobody's network: they count as those of `lo`.
    """
    inward = [port for port in config.ports if port.inward]
    own = [a for port in inward for a in port.node.words("address") if is_address(a)]
    loopback = (Interface("lo", tuple(dict.fromkeys(own))),) if inward else ()
    return loopback + tuple(
        with_links(
            Interface(
                port.name,
                tuple(a for a in addresses(port) if is_address(a)),
                False if port.node.has("disable") else None,
                _given(port),
            ),
            links,
        )
        for port in config.ports
        if not port.inward
    )


def _given(port: Port) -> str:
    """By what its IPv4 address is given to it."""
    if port.name.startswith("pppoe"):
        return "PPP"
    return "DHCP" if "dhcp" in port.node.words("address") else ""


def first_of_each(found: Iterable[Wan]) -> tuple[Wan, ...] | Unknown:
    """Every WAN interface once, with the first reason for it."""
    wans: dict[str, Wan] = {}
    for wan in found:
        wans.setdefault(wan.name, wan)
    if not wans:
        return Unknown(
            "no default route, masquerading or zone shows a WAN interface: set wan_interfaces"
        )
    return tuple(wans.values())


def routed(config: Config, leaves: Iterable[str]) -> Iterator[Wan]:
    """Static default routes, by the interface in one of these leaves or by the next hop."""
    for kind, prefix in _DEFAULT_ROUTES:
        node = config.root.at("protocols", "static", kind, prefix)
        if node is None:
            continue
        line = (config.found(node, "protocols", "static", kind, prefix),)
        names = [name for leaf in leaves for name in node.words(leaf)]
        for hop in node.below("next-hop"):
            name = hop.value("interface") or hop.value("next-hop-interface")
            names += [name] if name else holding(config, hop.word)
        for name in names:
            yield Wan(name, f"the default route {prefix} leads there", line)


def holding(config: Config, hop: str) -> list[str]:
    """Interfaces whose network holds this address."""
    try:
        address = ip_address(hop)
    except ValueError:
        return []
    return [
        port.name
        for port in config.ports
        for text in port.node.words("address")
        if is_address(text) and address in ip_interface(text).network
    ]


def dialled(config: Config, takes_route: Callable[[Port], str]) -> Iterator[Wan]:
    """Interfaces that get their default route by PPPoE, DHCP or router advertisement.

    `takes_route` says why an interface gets one by PPPoE or DHCP; empty where it does not.
    """
    for port in config.ports:
        if port.node.has("disable"):
            continue
        why = takes_route(port)
        if not why and port.node.has("ipv6", "address", "autoconf"):
            why = "router advertisements bring its default route"
        if why:
            yield Wan(port.name, why, (config.found(port.node, *port.path.split()),))


def masqueraded(
    config: Config, path: tuple[str, ...], translates: Callable[[Node], bool], title: str
) -> Iterator[Wan]:
    """Interfaces where what leaves gets the router's address."""
    groups = Groups(config.root)
    for rule in config.root.below(*path):
        out = match_of(rule, groups, 4).out_interfaces
        if out is None or out.negated or rule.has("disable") or rule.has("exclude"):
            continue
        if not translates(rule):
            continue
        line = (config.found(rule, *path, rule.word),)
        for name in sorted(out.names):
            if "*" not in name:
                yield Wan(name, f"{title} {rule.word} translates what leaves there", line)


def zoned(config: Config) -> Iterator[Wan]:
    """Interfaces in a zone that is called WAN."""
    for zone in zones(config):
        if zone.name.lower() == "wan":
            line = (config.found(zone.node, *zone.path.split()),)
            for name in sorted(zone.members.names):
                yield Wan(name, f"it is in zone {zone.name}", line)


def read_ipv6(
    config: Config, leaves: Iterable[tuple[str, ...]], elsewhere: Iterable[tuple[str, ...]]
) -> Ipv6:
    """Global addresses, however they come, advertisements, and routes. `detail` lists their paths.

    `leaves` are what below an interface means IPv6, `elsewhere` lists that do. Paths are parted by
    `; `, which no word of a path holds.
    """
    off = config.root.at("system", "ipv6", "disable")
    if off is not None:
        line = (config.found(off, "system", "ipv6", "disable"),)
        return Ipv6(enabled=False, in_use=False, detail="", evidence=line)
    uses = [use for port in config.ports for use in _uses(port, leaves)]
    uses += [
        (" ".join((*path, node.word)), node.line)
        for path in elsewhere
        for node in config.root.below(*path)
    ]
    lines = tuple(config.evidence(line, path) for path, line in uses)
    return Ipv6(
        enabled=True,
        in_use=bool(uses),
        detail="; ".join(path for path, _ in uses),
        evidence=lines or (config.absent("interfaces … address", "of IPv6"),),
    )


def _uses(port: Port, leaves: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, int]]:
    for node in port.node.below("address"):
        is_global = is_address(node.word) and (
            ip_interface(node.word).version == 6 and not ip_interface(node.word).is_link_local
        )
        if is_global or node.word == "dhcpv6":
            yield f"{port.path} address {node.word}", node.line
    for path in leaves:
        found = port.node.at(*path)
        if found is not None:
            yield " ".join((port.path, *path)), found.line


def read_timers(config: Config, where: tuple[str, ...]) -> tuple[UdpTimer, ...] | Unknown:
    """Both UDP timers of connection tracking, in seconds."""
    found = []
    for leaf, default in _TIMER_DEFAULTS:
        node = config.root.at(*where, leaf)
        text = config.root.value(*where, leaf)
        line = config.found(node, *where, leaf) if node else config.absent(*where, leaf)
        if text is not None and not text.isdecimal():
            return Unknown(f"the timer {leaf} is {text!r}", (line,))
        name = " ".join((*where, leaf))
        found.append(UdpTimer(name, int(text) if text else default, (line,)))
    return tuple(found)
