"""What is not packet filtering: identity, interfaces, WAN, IPv6, helpers, timers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from routercfg.model.evidence import Unknown
from routercfg.model.state import Helper, Identity, Interface, Ipv6, UdpTimer, Wan
from routercfg.net import NO_PORTS, PortSet

from ..vyatta import system
from ..vyatta.config import Port
from ..vyatta.live import Link
from .reading import Config

_ROUTE_LEAVES = ("interface", "next-hop-interface", "dhcp-interface")
_IPV6_LEAVES = (
    ("ipv6", "address", "autoconf"),
    ("ipv6", "address", "eui64"),
    ("dhcpv6-options", "pd"),
)
_IPV6_LISTS = (
    ("service", "router-advert", "interface"),
    ("protocols", "static", "route6"),
    ("protocols", "static", "interface-route6"),
)


def read_identity(config: Config) -> Identity:
    """Host name and version. The version is that of `show version`, else of the footer."""
    return Identity(
        hostname=config.root.value("system", "host-name") or "vyos",
        version=config.version,
        evidence=config.version_evidence,
    )


def read_interfaces(config: Config, links: Mapping[str, Link]) -> tuple[Interface, ...]:
    """Interfaces with their addresses, now and configured, and those that VRRP may give them."""
    shared: dict[str, list[str]] = {}
    for group in config.root.below("high-availability", "vrrp", "group"):
        words = (*group.words("virtual-address"), *group.words("address"))
        shared.setdefault(group.value("interface") or "", []).extend(words)

    def addresses(port: Port) -> Iterable[str]:
        return (*port.node.words("address"), *shared.get(port.name, ()))

    return system.read_interfaces(config, addresses, links)


def read_wans(config: Config) -> tuple[Wan, ...] | Unknown:
    """Where default routes lead, what is masqueraded, and zones named WAN."""
    return system.first_of_each(
        (
            *system.routed(config, _ROUTE_LEAVES),
            *system.dialled(config, _takes_route),
            *system.masqueraded(
                config,
                ("nat", "source", "rule"),
                lambda rule: rule.value("translation", "address") is not None,
                "nat source rule",
            ),
            *system.zoned(config),
        )
    )


def _takes_route(port: Port) -> str:
    node = port.node
    if port.name.startswith("pppoe"):
        if node.value("default-route") != "none" and not node.has("no-default-route"):
            return "a PPPoE session brings its default route"
    elif "dhcp" in node.words("address") and not node.has("dhcp-options", "no-default-route"):
        return "DHCP brings its default route"
    return ""


def read_ipv6(config: Config) -> Ipv6:
    """Whether IPv6 is in use, and by which paths."""
    return system.read_ipv6(config, _IPV6_LEAVES, _IPV6_LISTS)


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
    return system.read_timers(
        config, new if config.root.has(*new) or (moved and not config.root.has(*old)) else old
    )
