"""What is not packet filtering: identity, interfaces, WAN, IPv6, helpers, timers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from routercfg.model.evidence import Unknown
from routercfg.model.state import Helper, Identity, Interface, Ipv6, UdpTimer, Wan
from routercfg.net import NO_PORTS, PortSet

from ..vyatta import system
from ..vyatta.config import Port
from ..vyatta.live import Link
from ..vyatta.matching import ports
from .reading import Config

_SIP = PortSet.of("5060")
_IPV6_LEAVES = (
    ("ipv6", "address", "autoconf"),
    ("ipv6", "address", "eui64"),
    ("ipv6", "router-advert"),
    ("dhcpv6-pd",),
)
_IPV6_LISTS = (("protocols", "static", "route6"), ("protocols", "static", "interface-route6"))


def read_identity(config: Config) -> Identity:
    """Host name, model and version. The version is that of `show version`, else of the footer."""
    return Identity(
        hostname=config.root.value("system", "host-name") or "ubnt",
        model=config.model,
        version=config.version,
        evidence=config.version_evidence,
    )


def read_interfaces(config: Config, links: Mapping[str, Link]) -> tuple[Interface, ...]:
    """Interfaces with their addresses, now and configured, and those that VRRP may give them."""
    return system.read_interfaces(config, _addresses, links)


def _addresses(port: Port) -> Iterator[str]:
    yield from port.node.words("address")
    for group in port.node.below("vrrp", "vrrp-group"):
        yield from (w if "/" in w else f"{w}/32" for w in group.words("virtual-address"))


def read_wans(config: Config) -> tuple[Wan, ...] | Unknown:
    """Where default routes lead, what is masqueraded or forwarded, and zones named WAN."""
    return system.first_of_each(
        (
            *system.routed(config, ("next-hop-interface",)),
            *_gateway(config),
            *system.dialled(config, _takes_route),
            *system.masqueraded(
                config,
                ("service", "nat", "rule"),
                lambda rule: rule.value("type") in ("masquerade", "source"),
                "nat rule",
            ),
            *_forwarding(config),
            *system.zoned(config),
        )
    )


def _gateway(config: Config) -> Iterator[Wan]:
    leaf = config.root.at("system", "gateway-address")
    if leaf is not None:
        line = (config.found(leaf, "system", "gateway-address"),)
        for name in system.holding(config, next(iter(leaf.children), "")):
            yield Wan(name, "the gateway is there", line)


def _takes_route(port: Port) -> str:
    node = port.node
    if " pppoe " in port.path:
        if node.value("default-route") != "none":
            return "a PPPoE session brings its default route"
    elif "dhcp" in node.words("address") and (
        node.value("dhcp-options", "default-route") != "no-update"
    ):
        return "DHCP brings its default route"
    return ""


def _forwarding(config: Config) -> Iterator[Wan]:
    node = config.root.at("port-forward", "wan-interface")
    name = config.root.value("port-forward", "wan-interface")
    if node is not None and name is not None:
        line = (config.found(node, "port-forward", "wan-interface"),)
        yield Wan(name, "it is the WAN interface of port-forward", line)


def read_ipv6(config: Config) -> Ipv6:
    """Whether IPv6 is in use, and by which paths."""
    return system.read_ipv6(config, _IPV6_LEAVES, _IPV6_LISTS)


def read_helpers(config: Config, protocol: str) -> tuple[Helper, ...]:
    """The switch of one connection tracking helper: it runs unless it is disabled."""
    path = ("system", "conntrack", "modules", protocol)
    off = config.root.at(*path, "disable")
    line = config.found(off, *path, "disable") if off else config.absent(*path, "disable")
    wanted = NO_PORTS
    if protocol == "sip":
        wanted = ports(",".join(config.root.words(*path, "port"))) or _SIP
    return (Helper(" ".join(path), protocol, off is None, ports=wanted, evidence=(line,)),)


def read_udp_timers(config: Config) -> tuple[UdpTimer, ...] | Unknown:
    """Both timers of connection tracking."""
    return system.read_timers(config, ("system", "conntrack", "timeout", "udp"))
