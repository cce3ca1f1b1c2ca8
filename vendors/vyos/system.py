"""What is not packet filtering: identity, interfaces, WAN, IPv6, helpers, timers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_interface

from routercfg.model.evidence import Unknown
from routercfg.model.state import Helper, Identity, Interface, Ipv6, UdpTimer, Wan
from routercfg.net import NO_PORTS, PortSet

from ..vyatta.config import Port
from ..vyatta.matching import Groups, match_of
from ..vyatta.zones import zones
from .reading import Config

_TIMER_DEFAULTS = (("other", 30), ("stream", 180))
_DYNAMIC = frozenset({"dhcp", "dhcpv6", "ipv6-autoconf"})


def read_identity(config: Config) -> Identity:
    """Host name and version. The version is that of `show version`, else of the footer."""
    return Identity(
        hostname=config.root.value("system", "host-name") or "vyos",
        version=config.version,
        evidence=config.version_evidence,
    )


def read_interfaces(config: Config) -> tuple[Interface, ...]:
    """Interfaces with the addresses that are configured. Those from DHCP are not in the text.

    Addresses of dummies are the router's own and nobody's network: they count as those of `lo`.
    """
    shared = _vrrp(config)
    inward = [port for port in config.ports if port.inward]
    own = [a for port in inward for a in port.node.words("address") if _address(a)]
    loopback = (Interface("lo", tuple(dict.fromkeys(own))),) if inward else ()
    return loopback + tuple(
        Interface(
            port.name,
            (*(a for a in port.node.words("address") if _address(a)), *shared.get(port.name, ())),
            False if port.node.has("disable") else None,
        )
        for port in config.ports
        if not port.inward
    )


def _vrrp(config: Config) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for group in config.root.below("high-availability", "vrrp", "group"):
        words = (*group.words("virtual-address"), *group.words("address"))
        found.setdefault(group.value("interface") or "", []).extend(w for w in words if _address(w))
    return found


def _address(text: str) -> bool:
    try:
        ip_interface(text)
    except ValueError:
        return False
    return True


def read_wans(config: Config) -> tuple[Wan, ...] | Unknown:
    """Where default routes lead, what is masqueraded, and zones named WAN."""
    found = (*_routed(config), *_dialled(config), *_masqueraded(config), *_zoned(config))
    wans = {wan.name: wan for wan in reversed(found)}
    ordered = dict.fromkeys(wan.name for wan in found)
    if not ordered:
        return Unknown(
            "no default route, masquerading or zone shows a WAN interface: set wan_interfaces"
        )
    return tuple(wans[name] for name in ordered)


def _routed(config: Config) -> Iterator[Wan]:
    """Static default routes, by the interface or by the network that holds the next hop."""
    routes = (
        ("route", "0.0.0.0/0"),
        ("route6", "::/0"),
        ("interface-route", "0.0.0.0/0"),
        ("interface-route6", "::/0"),
    )
    for kind, prefix in routes:
        node = config.root.at("protocols", "static", kind, prefix)
        if node is None:
            continue
        line = (config.found(node, "protocols", "static", kind, prefix),)
        names = [
            *node.words("interface"),
            *node.words("next-hop-interface"),
            *node.words("dhcp-interface"),
        ]
        for hop in node.below("next-hop"):
            name = hop.value("interface") or hop.value("next-hop-interface")
            names += [name] if name else _holding(config, hop.word)
        for name in names:
            yield Wan(name, f"the default route {prefix} leads there", line)


def _holding(config: Config, hop: str) -> list[str]:
    try:
        address = ip_address(hop)
    except ValueError:
        return []
    return [
        port.name
        for port in config.ports
        for text in port.node.words("address")
        if _address(text) and address in ip_interface(text).network
    ]


def _dialled(config: Config) -> Iterator[Wan]:
    """Interfaces that get their default route by PPPoE, DHCP or router advertisement."""
    for port in config.ports:
        node = port.node
        if node.has("disable"):
            continue
        line = (config.found(node, *port.path.split()),)
        if port.name.startswith("pppoe"):
            if node.value("default-route") != "none" and not node.has("no-default-route"):
                yield Wan(port.name, "a PPPoE session brings its default route", line)
        elif "dhcp" in node.words("address") and not node.has("dhcp-options", "no-default-route"):
            yield Wan(port.name, "DHCP brings its default route", line)
        elif node.has("ipv6", "address", "autoconf"):
            yield Wan(port.name, "router advertisements bring its default route", line)


def _masqueraded(config: Config) -> Iterator[Wan]:
    groups = Groups(config.root)
    for rule in config.root.below("nat", "source", "rule"):
        out = match_of(rule, groups, 4).out_interfaces
        if out is None or out.negated or rule.has("disable") or rule.has("exclude"):
            continue
        if rule.value("translation", "address") is None:
            continue
        line = (config.found(rule, "nat", "source", "rule", rule.word),)
        for name in sorted(out.names):
            if "*" not in name:
                yield Wan(name, f"nat source rule {rule.word} translates what leaves there", line)


def _zoned(config: Config) -> Iterator[Wan]:
    for zone in zones(config):
        if zone.name.lower() == "wan":
            line = (config.found(zone.node, *zone.path.split()),)
            for name in sorted(zone.members.names):
                yield Wan(name, f"it is in zone {zone.name}", line)


def read_ipv6(config: Config) -> Ipv6:
    """Global addresses, however they come, advertisements, and routes. `detail` lists their paths.

    Paths are parted by `; `, which no word of a path holds.
    """
    off = config.root.at("system", "ipv6", "disable")
    if off is not None:
        line = (config.found(off, "system", "ipv6", "disable"),)
        return Ipv6(enabled=False, in_use=False, detail="", evidence=line)
    uses = list(_ipv6_uses(config))
    lines = tuple(config.evidence(line, path) for path, line in uses)
    return Ipv6(
        enabled=True,
        in_use=bool(uses),
        detail="; ".join(path for path, _ in uses),
        evidence=lines or (config.absent("interfaces … address", "of IPv6"),),
    )


def _ipv6_uses(config: Config) -> Iterator[tuple[str, int]]:
    for port in config.ports:
        yield from _ipv6_addresses(port)
    for path in (
        ("service", "router-advert", "interface"),
        ("protocols", "static", "route6"),
        ("protocols", "static", "interface-route6"),
    ):
        for node in config.root.below(*path):
            yield " ".join((*path, node.word)), node.line


def _ipv6_addresses(port: Port) -> Iterable[tuple[str, int]]:
    for node in port.node.below("address"):
        is_global = _address(node.word) and (
            ip_interface(node.word).version == 6 and not ip_interface(node.word).is_link_local
        )
        if is_global or node.word == "dhcpv6":
            yield f"{port.path} address {node.word}", node.line
    paths = (
        ("ipv6", "address", "autoconf"),
        ("ipv6", "address", "eui64"),
        ("dhcpv6-options", "pd"),
    )
    for path in paths:
        found = port.node.at(*path)
        if found is not None:
            yield " ".join((port.path, *path)), found.line


def read_helpers(
    config: Config, protocol: str, ports: PortSet = NO_PORTS
) -> tuple[Helper, ...] | Unknown:
    """The switch of one connection tracking helper. Its meaning was turned round in 1.3."""
    path = ("system", "conntrack", "modules", protocol)
    node = config.root.at(*path)
    meaning = config.named_modules_are_on
    if meaning is None:
        return Unknown(
            "whether the helper is on by default depends on the version, which no output names",
            (config.absent(*path),),
        )
    if meaning:
        line = config.found(node, *path) if node else config.absent(*path)
        return (Helper(" ".join(path), protocol, node is not None, ports=ports, evidence=(line,)),)
    off = config.root.at(*path, "disable")
    line = config.found(off, *path, "disable") if off else config.absent(*path, "disable")
    name = " ".join((*path, "disable"))
    return (Helper(name, protocol, off is None, ports=ports, evidence=(line,)),)


def read_udp_timers(config: Config) -> tuple[UdpTimer, ...] | Unknown:
    """Both timers of connection tracking. From 1.5 they are options of the firewall."""
    old = ("system", "conntrack", "timeout", "udp")
    new = ("firewall", "global-options", "timeout", "udp")
    moved = config.release is not None and config.release >= (1, 5)
    where = new if config.root.has(*new) or (moved and not config.root.has(*old)) else old
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
