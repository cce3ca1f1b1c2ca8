"""Services of the router that answer on the network, or that call home."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_interface

from routercfg.model.evidence import Evidence
from routercfg.model.state import Listener, PortMapper
from routercfg.net import EVERYBODY, NO_PORTS, PortSet, PrefixSet

from ..vyatta.matching import ports, prefixes
from ..vyatta.services import snmp_clients
from ..vyatta.tree import Node
from .reading import Config

_BOTH = frozenset({4, 6})


def read_listeners(config: Config) -> tuple[Listener, ...]:
    """Every service that is configured, and the discovery, which runs unless it is disabled."""
    found: list[Listener] = []
    for read in (_shells, _gui, _snmp, _discovery, _unms, _dns, _proxy):
        found += read(config)
    return tuple(found)


def read_port_mappers(config: Config) -> tuple[PortMapper, ...]:
    """`upnp` is the older service, `upnp2` the newer one, with NAT-PMP."""
    found = []
    for name in ("upnp", "upnp2"):
        node = config.root.at("service", name)
        path = f"service {name}"
        line = config.found(node, *path.split()) if node else config.absent(*path.split())
        on = node is not None and not node.has("disable")
        found.append(PortMapper(path, on, (line,)))
    return tuple(found)


def _service(config: Config, *path: str) -> Node | None:
    node = config.root.at("service", *path)
    return None if node is None or node.has("disable") else node


def _where(words: Iterable[str]) -> tuple[PrefixSet, frozenset[int]]:
    """Local addresses that a service answers on, and their families."""
    addresses = tuple(words)
    found = prefixes(addresses)
    if not addresses or found is None:
        return EVERYBODY, _BOTH
    families = frozenset(ip_address(a).version for a in addresses if "/" not in a)
    # 0.0.0.0 and :: stand for every address.
    for wildcard, family in (("0.0.0.0", 4), ("::", 6)):  # noqa: S104 - compared, not bound
        if wildcard in addresses:
            found |= EVERYBODY.only(4 if family == 4 else 6)
    return found, families or _BOTH


def _ports(text: str) -> PortSet:
    """A port that is not understood may be any port."""
    return ports(text) or PortSet.all()


def _shells(config: Config) -> Iterator[Listener]:
    for name, default in (("ssh", "22"), ("telnet", "23")):
        node = _service(config, name)
        if node is None:
            continue
        addresses, families = _where(node.words("listen-address"))
        yield Listener(
            name,
            "tcp",
            _ports(node.value("port") or default),
            plaintext=name == "telnet",
            families=families,
            addresses=addresses,
            id=f"service {name}",
            evidence=(config.found(node, "service", name),),
        )


def _gui(config: Config) -> Iterator[Listener]:
    """The web interface: it answers on 80 as well, where it sends browsers on to 443."""
    node = _service(config, "gui")
    if node is None:
        return
    addresses, families = _where(node.words("listen-address"))
    for name, leaf, default in (("https", "https-port", "443"), ("http", "http-port", "80")):
        yield Listener(
            name,
            "tcp",
            _ports(node.value(leaf) or default),
            plaintext=name == "http",
            families=families,
            addresses=addresses,
            id="service gui",
            evidence=(config.found(node.at(leaf) or node, "service", "gui"),),
        )


def _snmp(config: Config) -> Iterator[Listener]:
    node = _service(config, "snmp")
    if node is None:
        return
    addresses, families = _where(node.words("listen-address"))
    yield Listener(
        "snmp",
        "udp",
        PortSet.of(161),
        plaintext=bool(node.below("community")),
        families=families,
        sources=snmp_clients(node),
        addresses=addresses,
        id="service snmp",
        evidence=(config.found(node, "service", "snmp"),),
    )


def _discovery(config: Config) -> Iterator[Listener]:
    """Tells whoever asks on UDP 10001 the model, firmware and addresses. On unless disabled."""
    path = ("service", "ubnt-discover")
    off = config.root.at(*path, "disable")
    node = config.root.at(*path)
    evidence: Evidence = config.absent(*path, "disable")
    if off is not None:
        evidence = config.found(off, *path, "disable")
    elif node is not None:
        evidence = config.found(node, *path)
    yield Listener(
        "ubnt-discover",
        "udp",
        PortSet.of(10001),
        enabled=off is None,
        # What asks are broadcasts and IPv4 (UNVERIFIED for IPv6).
        families=frozenset({4}),
        id=" ".join(path),
        evidence=(evidence,),
    )


def _unms(config: Config) -> Iterator[Listener]:
    """The agent of the controller connects out, and answers nobody."""
    node = _service(config, "unms")
    if node is not None:
        yield Listener(
            "unms",
            "tcp",
            NO_PORTS,
            call_home=True,
            families=frozenset(),
            id="service unms",
            evidence=(config.found(node, "service", "unms"),),
        )


def _dns(config: Config) -> Iterator[Listener]:
    """The resolver answers on the interfaces it is given, else on all."""
    node = _service(config, "dns", "forwarding")
    if node is None:
        return
    wanted = node.words("listen-on")
    known: list[str] = []
    # What DHCP, or a prefix by delegation, gives an interface is not in the text.
    dynamic = any(port.node.has("dhcpv6-pd") for port in config.ports)
    everywhere = not wanted
    for port in config.ports:
        if port.name in wanted:
            here = [a for a in port.node.words("address") if _is_address(a)]
            everywhere |= not here or len(here) < len(port.node.words("address"))
            known += [a.split("/")[0] for a in here]
    addresses, families = (EVERYBODY, _BOTH) if everywhere else _where(known)
    yield Listener(
        "dns",
        "udp",
        PortSet.of(53),
        management=False,
        families=_BOTH if dynamic else families,
        addresses=addresses | EVERYBODY.only(6) if dynamic else addresses,
        id="service dns forwarding",
        evidence=(config.found(node, "service", "dns", "forwarding"),),
    )


def _proxy(config: Config) -> Iterator[Listener]:
    node = _service(config, "webproxy")
    if node is not None:
        addresses, families = _where(node.words("listen-address"))
        yield Listener(
            "webproxy",
            "tcp",
            _ports(node.value("default-port") or "3128"),
            management=False,
            families=families,
            addresses=addresses,
            id="service webproxy",
            evidence=(config.found(node, "service", "webproxy"),),
        )


def _is_address(text: str) -> bool:
    try:
        ip_interface(text)
    except ValueError:
        return False
    return True
