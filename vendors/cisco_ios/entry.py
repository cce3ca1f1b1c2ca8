"""One entry of an access list, word by word."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Address, ip_network

from routercfg.model.firewall import Match
from routercfg.net import Family, PortSet, PrefixSet

from .objects import Objects, Service
from .words import ICMP, ICMP6, PORTS, PROTOCOLS

#: What `established` and reflexive entries mean: never a connection's first packet.
RETURNING = frozenset({"established", "related"})
#: Words behind an entry that only log or count.
_QUIET = frozenset({"log", "log-input"})


class Reader:
    """Reads the words of one entry, left to right; what it does not know becomes opaque."""

    def __init__(self, words: list[str], family: Family, objects: Objects) -> None:
        self._words = words
        self._family = family
        self._objects = objects
        self._opaque: list[str] = []
        self.reflect: str | None = None

    def standard(self) -> tuple[Match, ...]:
        """A source, with a wildcard mask or without."""
        sources = self._address()
        self._rest(Match())
        return (Match(sources=sources, opaque=tuple(self._opaque)),)

    def extended(self) -> tuple[Match, ...]:
        """Protocol or service group, source, ports, destination, ports, and the rest."""
        services = self._services()
        sources = self._address()
        source_ports = self._ports()
        destinations = self._address()
        ports = self._ports()
        base = self._rest(
            Match(
                sources=sources,
                destinations=destinations,
                source_ports=source_ports,
                ports=ports,
            ),
            services,
        )
        opaque = tuple(self._opaque)
        if services is None:
            return (replace(base, opaque=opaque),)
        return tuple(
            replace(
                base,
                protocols=frozenset({service.protocol}),
                ports=service.ports if base.ports is None else base.ports,
                icmp_types=service.icmp or base.icmp_types,
                opaque=opaque + service.opaque,
            )
            for service in services
        )

    def _take(self) -> str:
        return self._words.pop(0) if self._words else ""

    def _services(self) -> tuple[Service, ...] | None:
        word = self._take()
        if word == "object-group":
            return self._objects.services(self._take())
        if word in ("ip", "ipv6", "ipv4"):
            return None
        name = PROTOCOLS.get(word, word)
        if name == "icmp" and self._family == 6:
            name = "icmpv6"
        return (Service(name),)

    def _address(self) -> PrefixSet | None:
        word = self._take()
        if word in ("any", "any4", "any6"):
            return None
        if word == "host":
            return self._set(self._take())
        if word == "object-group":
            name = self._take()
            found = self._objects.networks(name)
            if found is None:
                self._opaque.append(f"object-group {name}")
            return found
        if self._family == 6 or "/" in word:
            return self._set(word)
        if self._words and re.fullmatch(r"\d+\.\d+\.\d+\.\d+", self._words[0]):
            return self._wildcard(word, self._take())
        return self._set(word)

    def _set(self, text: str) -> PrefixSet | None:
        try:
            return PrefixSet.of(ip_network(text, strict=False))
        except ValueError:
            self._opaque.append(text or "an address that is not there")
            return None

    def _wildcard(self, address: str, mask: str) -> PrefixSet | None:
        try:
            low, bits = int(IPv4Address(address)), int(IPv4Address(mask))
        except ValueError:
            self._opaque.append(f"{address} {mask}")
            return None
        if bits & (bits + 1):
            # Ones with gaps: not an interval.
            self._opaque.append(f"{address} {mask}")
            return None
        low &= ~bits
        return PrefixSet(((low, low | bits),), ())

    def _ports(self) -> PortSet | None:
        if not self._words or self._words[0] not in ("eq", "neq", "lt", "gt", "range"):
            return None
        operator = self._take()
        if operator == "range":
            first, last = _port(self._take()), _port(self._take())
            if first is None or last is None or first > last:
                self._opaque.append("range")
                return None
            return PortSet.of(f"{first}-{last}")
        found = []
        while self._words and _port(self._words[0]) is not None:
            found.append(_port(self._take()) or 0)
            if operator in ("lt", "gt"):
                break
        if not found:
            self._opaque.append(f"{operator} {self._take()}")
            return None
        return _operated(operator, found)

    def _rest(self, match: Match, services: tuple[Service, ...] | None = None) -> Match:
        icmp = services is not None and services[0].protocol in ("icmp", "icmpv6")
        while self._words:
            word = self._take()
            if word in _QUIET:
                self._words.clear()  # only a cookie may follow
            elif word == "established":
                match = replace(match, states=RETURNING)
            elif word == "reflect":
                self.reflect = self._take()
                self._words.clear()
            elif icmp and (number := self._icmp(word)) is not None:
                match = replace(match, icmp_types=frozenset({number}))
                if self._words and self._words[0].isdecimal():
                    self._opaque.append(f"code {self._take()}")
            else:
                self._opaque.append(word)
        return match

    def _icmp(self, word: str) -> int | None:
        if word.isdecimal():
            return int(word)
        return (ICMP if self._family == 4 else ICMP6).get(word)


def _port(word: str) -> int | None:
    if word.isdecimal() and int(word) < 65536:
        return int(word)
    return PORTS.get(word)


def _operated(operator: str, found: list[int]) -> PortSet:
    ports = PortSet.of(*found)
    if operator == "neq":
        return ~ports
    if operator == "lt":
        return PortSet.of(f"0-{found[0] - 1}") if found[0] else PortSet()
    if operator == "gt":
        return PortSet.of(f"{found[0] + 1}-65535") if found[0] < 65535 else PortSet()
    return ports
