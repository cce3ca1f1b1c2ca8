"""What is not packet filtering: identity, interfaces, WAN, IPv6, helpers, timers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_interface

from routercfg.model.evidence import Unknown
from routercfg.model.state import Helper, Identity, Interface, Ipv6, UdpTimer, Wan
from routercfg.net import NO_PORTS, PortSet

from ..vyatta.config import Port
from ..vyatta.matching import Groups, match_of, ports
from ..vyatta.zones import zones
from .reading import Config

_TIMER_DEFAULTS = (("other", 30), ("stream", 180))
_SIP = PortSet.of("5060")


def read_identity(config: Config) -> Identity:
    """Host name, model and version. The version is that of `show version`, else of the footer."""
    return Identity(
        hostname=config.root.value("system", "host-name") or "ubnt",
        model=config.model,
        version=config.version,
        evidence=config.version_evidence,
    )


def read_interfaces(config: Config) -> tuple[Interface, ...]:
    """Interfaces with the addresses that are configured. Those from DHCP are not in the text."""
    inward = [port for port in config.ports if port.inward]
    own = [a for port in inward for a in port.node.words("address") if _address(a)]
    loopback = (Interface("lo", tuple(own)),) if inward else ()
    return loopback + tuple(
        Interface(
            port.name,
            tuple(a for a in _addresses(port) if _address(a)),
            False if port.node.has("disable") else None,
        )
        for port in config.ports
        if not port.inward
    )


def _addresses(port: Port) -> Iterator[str]:
    yield from port.node.words("address")
    for group in port.node.below("vrrp", "vrrp-group"):
        yield from (w if "/" in w else f"{w}/32" for w in group.words("virtual-address"))


def _address(text: str) -> bool:
    try:
        ip_interface(text)
    except ValueError:
        return False
    return True


def read_wans(config: Config) -> tuple[Wan, ...] | Unknown:
    """Where default routes lead, what is masqueraded or forwarded, and zones named WAN."""
    found = (
        *_routed(config),
        *_dialled(config),
        *_masqueraded(config),
        *_forwarding(config),
        *_zoned(config),
    )
    wans = {wan.name: wan for wan in reversed(found)}
    ordered = dict.fromkeys(wan.name for wan in found)
    if not ordered:
        return Unknown(
            "no default route, masquerading or zone shows a WAN interface: set wan_interfaces"
        )
    return tuple(wans[name] for name in ordered)


def _routed(config: Config) -> Iterator[Wan]:
    """Default routes, by the interface or by the network that holds the next hop."""
    routes = [
        (("protocols", "static", kind, prefix), prefix)
        for kind, prefix in (
            ("route", "0.0.0.0/0"),
            ("route6", "::/0"),
            ("interface-route", "0.0.0.0/0"),
            ("interface-route6", "::/0"),
        )
    ]
    for path, prefix in routes:
        node = config.root.at(*path)
        if node is None:
            continue
        line = (config.found(node, *path),)
        names = list(node.words("next-hop-interface"))
        for hop in node.below("next-hop"):
            name = hop.value("interface")
            names += [name] if name else _holding(config, hop.word)
        for name in names:
            yield Wan(name, f"the default route {prefix} leads there", line)
    gateway = config.root.value("system", "gateway-address")
    if gateway is not None:
        leaf = config.root.at("system", "gateway-address")
        why = (config.found(leaf, "system", "gateway-address"),) if leaf else ()
        for name in _holding(config, gateway):
            yield Wan(name, "the gateway is there", why)


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
        if " pppoe " in port.path:
            if node.value("default-route") != "none":
                yield Wan(port.name, "a PPPoE session brings its default route", line)
        elif "dhcp" in node.words("address") and (
            node.value("dhcp-options", "default-route") != "no-update"
        ):
            yield Wan(port.name, "DHCP brings its default route", line)
        elif node.has("ipv6", "address", "autoconf"):
            yield Wan(port.name, "router advertisements bring its default route", line)


def _masqueraded(config: Config) -> Iterator[Wan]:
    groups = Groups(config.root)
    for rule in config.root.below("service", "nat", "rule"):
        out = match_of(rule, groups, 4).out_interfaces
        if rule.value("type") not in ("masquerade", "source"):
            continue
        if out is None or out.negated or rule.has("disable") or rule.has("exclude"):
            continue
        line = (config.found(rule, "service", "nat", "rule", rule.word),)
        for name in sorted(out.names):
            if "*" not in name:
                yield Wan(name, f"nat rule {rule.word} translates what leaves there", line)


def _forwarding(config: Config) -> Iterator[Wan]:
    node = config.root.at("port-forward", "wan-interface")
    name = config.root.value("port-forward", "wan-interface")
    if node is not None and name is not None:
        line = (config.found(node, "port-forward", "wan-interface"),)
        yield Wan(name, "it is the WAN interface of port-forward", line)


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
    for kind in ("route6", "interface-route6"):
        for node in config.root.below("protocols", "static", kind):
            yield f"protocols static {kind} {node.word}", node.line


def _ipv6_addresses(port: Port) -> Iterable[tuple[str, int]]:
    for node in port.node.below("address"):
        is_global = _address(node.word) and (
            ip_interface(node.word).version == 6 and not ip_interface(node.word).is_link_local
        )
        if is_global or node.word == "dhcpv6":
            yield f"{port.path} address {node.word}", node.line
    for words in (
        ("ipv6", "address", "autoconf"),
        ("ipv6", "address", "eui64"),
        ("ipv6", "router-advert"),
        ("dhcpv6-pd",),
    ):
        found = port.node.at(*words)
        if found is not None:
            yield f"{port.path} {' '.join(words)}", found.line


def read_helpers(config: Config, protocol: str) -> tuple[Helper, ...]:
    """The switch of one connection tracking helper: it runs unless it is disabled."""
    path = ("system", "conntrack", "modules", protocol)
    off = config.root.at(*path, "disable")
    line = config.found(off, *path, "disable") if off else config.absent(*path, "disable")
    wanted = NO_PORTS
    if protocol == "sip":
        wanted = ports(",".join(config.root.words(*path, "port"))) or _SIP
    name = " ".join((*path, "disable"))
    return (Helper(name, protocol, off is None, ports=wanted, evidence=(line,)),)


def read_udp_timers(config: Config) -> tuple[UdpTimer, ...] | Unknown:
    """Both timers of connection tracking."""
    where = ("system", "conntrack", "timeout", "udp")
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
