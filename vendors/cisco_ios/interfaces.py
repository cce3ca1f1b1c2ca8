"""Interfaces, which of them face the internet, and IPv6."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_interface

from routercfg.model.evidence import Evidence, Unknown
from routercfg.model.state import Interface, Ipv6, Wan
from routercfg.platforms.outputs import Output

from .config import Config, Line

#: Never a way to the internet, whatever address they show.
_INTERNAL = ("NVI", "Null", "Loopback", "Embedded-Service-Engine")


@dataclass(slots=True)
class Port:
    """One interface of the configuration with what it says of address translation and filters."""

    name: str
    line: Line
    addresses: list[str] = field(default_factory=list)
    up: bool | None = None
    zone: str | None = None
    vrf: str | None = None

    @property
    def interface(self) -> Interface:
        """As the state holds it."""
        return Interface(self.name, tuple(self.addresses), self.up, self.given)

    @property
    def given(self) -> str:
        """By what its IPv4 address is given to it."""
        if self.line.child("ip address dhcp") is not None:
            return "DHCP"
        return "PPP" if self.line.child("ip address negotiated") is not None else ""

    @property
    def outside(self) -> Line | None:
        """The line that makes it outside for address translation."""
        return self.line.child("ip nat outside")

    def bound(self, command: str, direction: str) -> tuple[str, Line] | None:
        """Name and line of what `ip access-group NAME in` and the like bind to it."""
        depth = len(command.split())
        for child in self.line.all(command):
            words = child.words
            if len(words) > depth + 1 and words[depth + 1] == direction:
                return words[depth], child
        return None


def read_ports(config: Config, brief: Output | None, brief6: Output | None) -> dict[str, Port]:
    """Interfaces by name, with the addresses that only the live tables know."""
    ports = {}
    for line in config.all("interface"):
        name = "".join(line.words[1:])
        ports[name] = _port(name, line)
    if brief is not None:
        _live4(ports, brief)
    if brief6 is not None:
        _live6(ports, brief6)
    for port in ports.values():
        _drop_guesses(port)
    return ports


def _port(name: str, line: Line) -> Port:
    port = Port(name, line)
    if line.child("shutdown") is not None:
        port.up = False
    for child in line.children:
        words = child.words
        match words:
            case ["ip", "address", address, mask, *_] if "." in mask:
                _add(port, f"{address}/{mask}")
            case ["ipv6", "address", address, *rest] if "/" in address:
                _add(port, address + (" eui-64" if "eui-64" in rest else ""))
            case ["ipv6", "address", address, "link-local"]:
                _add(port, f"{address}/64")
            case ["zone-member", "security", zone]:
                port.zone = zone
            case ["ip", "vrf", "forwarding", vrf] | ["vrf", "forwarding", vrf]:
                port.vrf = vrf
    return port


def _add(port: Port, text: str) -> None:
    try:
        address = ip_interface(text.split(maxsplit=1)[0])
    except ValueError:
        return
    guess = " eui-64" if text.endswith("eui-64") else ""
    port.addresses.append(address.with_prefixlen.lower() + guess)


def _drop_guesses(port: Port) -> None:
    """An EUI-64 address is only known live; without it the network still is, on the inside."""
    known = [text for text in port.addresses if not text.endswith("eui-64")]
    guessed = [text.split()[0] for text in port.addresses if text.endswith("eui-64")]
    for text in guessed:
        network = ip_interface(text).network
        if port.outside is None and not any(ip_interface(k).ip in network for k in known):
            known.append(text)
    port.addresses = known


def _live4(ports: Mapping[str, Port], output: Output) -> None:
    for text in output.lines:
        row = re.match(r"(\S+)\s+(\S+)\s+(?:YES|NO)\s+\S+\s+(.+?)\s+(up|down)\s*$", text)
        port = _find(ports, row[1]) if row else None
        if row is None or port is None:
            continue
        port.up = row[3] == "up" and row[4] == "up"
        if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", row[2]):
            known = {entry.split("/")[0] for entry in port.addresses}
            if row[2] not in known:
                port.addresses.append(f"{row[2]}/32")


def _live6(ports: Mapping[str, Port], output: Output) -> None:
    port: Port | None = None
    for text in output.lines:
        header = re.match(r"(\S+)\s+\[", text)
        if header is not None:
            port = _find(ports, header[1])
            continue
        if port is None or not text.startswith(" ") or not text.strip():
            continue
        try:
            address = str(ip_address(text.split()[0]))
        except ValueError:
            continue
        if address not in {entry.split("/")[0] for entry in port.addresses}:
            port.addresses.append(
                f"{address}/128" if not address.startswith("fe80") else f"{address}/64"
            )


def _find(ports: Mapping[str, Port], short: str) -> Port | None:
    """The interface that a table may name by the start of its name: `Gi0/0`, `Te0/0/4`."""
    if short in ports:
        return ports[short]
    match = re.fullmatch(r"([A-Za-z-]+)(\d.*)", short)
    if match is None:
        return None
    found = [p for name, p in ports.items() if _fits(name, match[1], match[2])]
    return found[0] if len(found) == 1 else None


def _fits(name: str, letters: str, digits: str) -> bool:
    full = re.fullmatch(r"([A-Za-z-]+?)(\d.*)", name)
    return full is not None and full[2] == digits and full[1].lower().startswith(letters.lower())


def read_wans(config: Config, ports: Mapping[str, Port]) -> tuple[Wan, ...] | Unknown:
    """Outside interfaces of address translation, and where the default routes leave."""
    found: dict[str, Wan] = {}
    for port in ports.values():
        if port.outside is not None:
            found[port.name] = Wan(port.name, "ip nat outside", (config.evidence(port.outside),))
    for prefix, default in (("ip route", "0.0.0.0 0.0.0.0"), ("ipv6 route", "::/0")):
        for line in config.all(f"{prefix} {default}"):
            name = _egress(line.words[len(f"{prefix} {default}".split()) :], ports)
            if name is not None:
                found.setdefault(name, Wan(name, "default route", (config.evidence(line),)))
    for port in ports.values():
        # A lease brings the default route along, unless it is only used inside a VRF.
        learned = port.line.child("ip address dhcp") or port.line.child("ip address negotiated")
        if learned is not None and port.vrf is None:
            found.setdefault(
                port.name, Wan(port.name, "its address is given to it", (config.evidence(learned),))
            )
    if not found:
        return Unknown(
            "no default route with a known way out, and no `ip nat outside`: set wan_interfaces",
            config.absent("ip route 0.0.0.0 0.0.0.0"),
        )
    return tuple(found.values())


def _egress(words: list[str], ports: Mapping[str, Port]) -> str | None:
    for word in words[:2]:
        port = _find(ports, word)
        if port is not None:
            return None if port.name.startswith(_INTERNAL) else port.name
        try:
            hop = ip_address(word)
        except ValueError:
            continue
        for name, one in ports.items():
            if one.vrf is None and any(hop in ip_interface(text).network for text in one.addresses):
                return name
    return None


def read_ipv6(config: Config, ports: Mapping[str, Port]) -> Ipv6:
    """IPv6 addresses, routes and routing. The evidence holds each line with its interface."""
    routing = config.first("ipv6 unicast-routing")
    evidence: list[Evidence] = []
    addressed: list[str] = []
    for port in ports.values():
        # NVI0 shows a link-local address where IPv6 is off; loopbacks face nobody.
        lines = [*port.line.all("ipv6 address"), *port.line.all("ipv6 enable")]
        lines += port.line.all("ipv6 dhcp client") + port.line.all("ipv6 nd")
        if not lines:
            continue
        evidence.append(config.evidence(port.line))
        evidence += (config.evidence(line) for line in lines)
        if any(_global(line) for line in lines) or any(map(_is_global, port.addresses)):
            addressed.append(port.name)
    routes = config.all("ipv6 route")
    evidence += (config.evidence(line) for line in routes)
    if routing is not None:
        evidence.append(config.evidence(routing))
    detail = ", ".join(f"address on {name}" for name in addressed)
    if routes:
        detail = f"{detail}, a route" if detail else "a route"
    return Ipv6(
        enabled=bool(evidence),
        in_use=bool(addressed or routes),
        detail=detail,
        evidence=tuple(evidence) or config.absent("ipv6 address"),
    )


def _global(line: Line) -> bool:
    words = line.words
    if words[:2] != ["ipv6", "address"] or len(words) < 3 or words[-1] == "link-local":
        return False
    return not words[2].lower().startswith("fe80")


def _is_global(text: str) -> bool:
    address = ip_interface(text).ip
    return address.version == 6 and not address.is_link_local
