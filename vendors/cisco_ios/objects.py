"""Object groups: networks and services that access lists name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network

from routercfg.net import PortSet, PrefixSet

from .config import Config, Line
from .words import ICMP, PORTS, PROTOCOLS

_DEEPEST = 16


@dataclass(frozen=True, slots=True)
class Service:
    """A protocol with its ports or ICMP types; `opaque` where we do not understand it."""

    protocol: str
    ports: PortSet | None = None
    icmp: frozenset[int] | None = None
    opaque: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Objects:
    """Groups by name."""

    network_groups: Mapping[str, Line]
    service_groups: Mapping[str, Line]

    def networks(self, name: str, depth: int = 0) -> PrefixSet | None:
        """Addresses of a network group; None where one cannot tell all of them."""
        line = self.network_groups.get(name)
        if line is None or depth > _DEEPEST:
            return None
        found = PrefixSet()
        for child in line.children:
            words = child.words
            if words[0] == "description":
                continue
            part = (
                self.networks(words[1], depth + 1)
                if words[0] == "group-object"
                else _network(words)
            )
            if part is None:
                return None
            found |= part
        return found

    def services(self, name: str, depth: int = 0) -> tuple[Service, ...]:
        """Services of a service group."""
        line = self.service_groups.get(name)
        if line is None or depth > _DEEPEST:
            return tuple(
                Service(p, opaque=(f"object-group {name}",)) for p in ("tcp", "udp", "icmp")
            )
        found: list[Service] = []
        for child in line.children:
            words = child.words
            if words[0] == "group-object" and len(words) > 1:
                found += self.services(words[1], depth + 1)
            elif words[0] != "description":
                found += _services(words)
        return tuple(found)


def read_objects(config: Config) -> Objects:
    """Every object group of the configuration."""
    networks, services = {}, {}
    for line in config.all("object-group"):
        words = line.words
        if len(words) < 3:
            continue
        if words[1] in ("network", "v6-network"):
            networks[words[2]] = line
        elif words[1] == "service":
            services[words[2]] = line
    return Objects(networks, services)


def _network(words: list[str]) -> PrefixSet | None:
    try:
        match words:
            case ["any"]:
                return PrefixSet.all(4)
            case ["host", address]:
                return PrefixSet.of(ip_network(address))
            case ["range", first, last]:
                return PrefixSet.of(f"{first}-{last}")
            case [prefix] if "/" in prefix:
                return PrefixSet.of(prefix)
            case [address, mask]:
                return PrefixSet.of(f"{address}/{mask}")
    except ValueError:
        return None
    return None


def _services(words: list[str]) -> list[Service]:
    names = ("tcp", "udp") if words[0] == "tcp-udp" else (PROTOCOLS.get(words[0], words[0]),)
    rest = words[1:]
    if words[0] == "ip":
        return [Service(p) for p in ("tcp", "udp", "icmp", "gre", "esp", "ah")]
    if not rest:
        return [Service(name) for name in names]
    if names == ("icmp",):
        number = ICMP.get(rest[0])
        if number is None:
            return [Service("icmp", opaque=(" ".join(words),))]
        return [Service("icmp", icmp=frozenset({number}))]
    ports = service_ports(rest)
    opaque = () if ports is not None else (" ".join(words),)
    return [Service(name, ports, opaque=opaque) for name in names]


def service_ports(rest: list[str]) -> PortSet | None:
    """`eq 5060`, `range 1 5`, a bare number: as ports. None: not understood."""
    numbers = [int(w) if w.isdecimal() else PORTS.get(w) for w in rest if w not in _OPERATORS]
    if not numbers or any(n is None or n > 65535 for n in numbers):
        return None
    first = numbers[0] or 0
    match rest[0]:
        case "range" if len(numbers) == 2 and numbers[1] is not None and first <= numbers[1]:
            return PortSet.of(f"{first}-{numbers[1]}")
        case "lt" if first:
            return PortSet.of(f"0-{first - 1}")
        case "gt" if first < 65535:
            return PortSet.of(f"{first + 1}-65535")
        case "neq":
            return ~PortSet.of(first)
        case "eq":
            return PortSet.of(first)
        case word if word not in _OPERATORS and len(numbers) == 1:
            return PortSet.of(first)
    return None


_OPERATORS = frozenset({"eq", "neq", "lt", "gt", "range", "source"})
