"""Services of the router that answer on the network."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address

from routercfg.model.evidence import NotApplicable
from routercfg.model.state import Listener, PortMapper
from routercfg.net import EVERYBODY, PortSet, PrefixSet

from ..vyatta.matching import ports, prefixes
from ..vyatta.services import snmp_clients
from ..vyatta.tree import Node
from .reading import Config


def read_listeners(config: Config) -> tuple[Listener, ...]:
    """Every service that is configured; what is not configured does not run."""
    found: list[Listener] = []
    for read in (_ssh, _telnet, _https, _snmp, _portals, _others):
        found += read(config)
    return tuple(found)


def read_port_mappers(config: Config) -> tuple[PortMapper, ...] | NotApplicable:
    """UPnP, which some rolling releases of 1.4 had."""
    node = config.root.at("service", "upnp")
    if node is None:
        return NotApplicable("VyOS has no UPnP here")
    enabled = not node.has("disable")
    return (PortMapper("service upnp", enabled, (config.found(node, "service", "upnp"),)),)


def _service(config: Config, *path: str) -> Node | None:
    node = config.root.at("service", *path)
    return None if node is None or node.has("disable") else node


def _where(words: Iterable[str]) -> tuple[PrefixSet, frozenset[int]]:
    """Local addresses that a service answers on, and their families."""
    addresses = [word.partition("%")[0] for word in words]
    found = prefixes(addresses)
    if not addresses or found is None:
        return EVERYBODY, frozenset({4, 6})
    families = frozenset(ip_address(a).version for a in addresses if "/" not in a)
    # 0.0.0.0 and :: stand for every address.
    for wildcard, family in (("0.0.0.0", 4), ("::", 6)):  # noqa: S104 - compared, not bound
        if wildcard in addresses:
            found |= EVERYBODY.only(4 if family == 4 else 6)
    return found, families or frozenset({4, 6})


def _listener(  # noqa: PLR0913 - one keyword for each field of a listener
    config: Config,
    node: Node,
    name: str,
    wanted: str,
    *path: str,
    protocol: str = "tcp",
    management: bool = True,
    plaintext: bool = False,
    listen: Iterable[str] = (),
    sources: PrefixSet = EVERYBODY,
) -> Listener:
    addresses, families = _where(listen)
    return Listener(
        name=name,
        protocol=protocol,
        # A port that is not understood may be any port.
        ports=ports(wanted) or PortSet.all(),
        management=management,
        plaintext=plaintext,
        families=families,
        sources=sources,
        addresses=addresses,
        id=" ".join(path),
        evidence=(config.found(node, *path),),
    )


def _ssh(config: Config) -> Iterable[Listener]:
    node = _service(config, "ssh")
    if node is not None:
        wanted = ",".join(node.words("port")) or "22"
        yield _listener(
            config, node, "ssh", wanted, "service", "ssh", listen=node.words("listen-address")
        )


def _telnet(config: Config) -> Iterable[Listener]:
    node = _service(config, "telnet")
    if node is not None:
        yield _listener(
            config,
            node,
            "telnet",
            node.value("port") or "23",
            "service",
            "telnet",
            plaintext=True,
            listen=node.words("listen-address"),
        )


def _https(config: Config) -> Iterable[Listener]:
    """The web server of the API: one port from 1.4, virtual hosts before."""
    node = _service(config, "https")
    if node is None:
        return
    path = ("service", "https")
    allowed = prefixes(node.words("allow-client", "address"))
    sources = allowed or EVERYBODY
    hosts = node.below("virtual-host")
    for host in hosts:
        listen = tuple(word for word in host.words("listen-address") if word != "*")
        wanted = host.value("listen-port") or "443"
        yield _listener(config, host, "https", wanted, *path, listen=listen, sources=sources)
    if not hosts:
        wanted = node.value("port") or "443"
        listen = node.words("listen-address")
        yield _listener(config, node, "https", wanted, *path, listen=listen, sources=sources)


def _snmp(config: Config) -> Iterable[Listener]:
    node = _service(config, "snmp")
    if node is None:
        return
    yield _listener(
        config,
        node,
        "snmp",
        "161",
        "service",
        "snmp",
        protocol="udp",
        plaintext=bool(node.below("community")),
        listen=node.words("listen-address"),
        sources=snmp_clients(node),
    )


def _portals(config: Config) -> Iterable[Listener]:
    """Web portals of the VPN servers."""
    for name, leaf in (("openconnect", ("listen-ports", "tcp")), ("sstp", ("port",))):
        node = config.root.at("vpn", name)
        if node is not None and not node.has("disable"):
            yield _listener(config, node, name, node.value(*leaf) or "443", "vpn", name)


def _others(config: Config) -> Iterable[Listener]:
    """No management, and still none of the internet's business."""
    dns = _service(config, "dns", "forwarding")
    if dns is not None:
        allowed = prefixes(dns.words("allow-from"))
        yield _listener(
            config,
            dns,
            "dns",
            dns.value("port") or "53",
            "service",
            "dns",
            "forwarding",
            protocol="udp",
            management=False,
            listen=dns.words("listen-address"),
            sources=EVERYBODY if allowed is None else allowed,
        )
    ntp = _service(config, "ntp")
    if ntp is not None and ntp.has("allow-client"):
        yield _listener(
            config,
            ntp,
            "ntp",
            "123",
            "service",
            "ntp",
            protocol="udp",
            management=False,
            listen=ntp.words("listen-address"),
            sources=prefixes(ntp.words("allow-client", "address")) or EVERYBODY,
        )
    # To 1.3 the time server answers everybody: migration writes `allow-client 0.0.0.0/0`.
    old = config.root.at("system", "ntp")
    if old is not None and old.has("server"):
        allowed = prefixes(old.words("allow-clients", "address"))
        yield _listener(
            config,
            old,
            "ntp",
            "123",
            "system",
            "ntp",
            protocol="udp",
            management=False,
            listen=old.words("listen-address"),
            sources=allowed or EVERYBODY,
        )
    for name, wanted, protocol in (("tftp-server", "69", "udp"), ("webproxy", "3128", "tcp")):
        node = _service(config, name)
        if node is not None:
            yield _listener(
                config,
                node,
                name,
                node.value("port") or node.value("default-port") or wanted,
                "service",
                name,
                protocol=protocol,
                management=False,
                listen=node.words("listen-address"),
            )
