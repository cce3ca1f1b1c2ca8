"""Whether the router's present configuration lets a new connection to itself in.

A small packet walk of its own: raw and dstnat in prerouting, then the input chain, then the
service. It is written for the lab, where a configuration that locks its administrator out has to
do so.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .machine import Machine
from .store import Item

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_TERMINAL = {"accept": True, "drop": False, "reject": False, "tarpit": False}
_NEVER = frozenset({"layer7-protocol", "content", "connection-mark", "packet-mark", "routing-mark",
                    "tls-host", "time", "hotspot", "src-mac-address", "ipsec-policy",
                    "icmp-options", "fragment", "connection-type", "dscp", "packet-size",
                    "connection-bytes", "headers", "hop-limit", "ttl"})  # fmt: skip


# Matchers that a first packet to the router itself does not have; inverted they do fit.
_NOT_TRUE = frozenset({"out-interface", "out-interface-list", "connection-nat-state"})
_CLIENT_PORT = 50_000


@dataclass(frozen=True, slots=True)
class Knock:
    """A first packet to the router: TCP, from `source` over `interface` to `port`."""

    source: Address
    destination: Address
    port: int
    interface: str

    @property
    def menu(self) -> str:
        return "ip firewall" if self.source.version == 4 else "ipv6 firewall"


def admits(machine: Machine, source: str, port: int) -> bool:
    """Whether a new SSH connection from `source` to `port` gets through to the SSH service."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return False
    if address.version == 6 and not machine.ipv6_runs():
        return False
    knock = Knock(address, *_target(machine, address, port))
    if _walk(machine, knock, "raw", "prerouting") is False or _taken_elsewhere(machine, knock):
        return False
    if _walk(machine, knock, "filter", "input") is False:
        return False
    return _service_open(machine, knock)


def _service_open(machine: Machine, knock: Knock) -> bool:
    service = next(i for i in machine.store.rows("ip service") if i.values["name"] == "ssh")
    if service.disabled or service.values["port"] != str(knock.port):
        return False
    allowed = service.values.get("address", "")
    return not allowed or any(_inside(knock.source, part) for part in allowed.split(","))


def _target(machine: Machine, source: Address, port: int) -> tuple[Address, int, str]:
    """The router's own address that a client uses, and the interface it comes in over."""
    own = list(_own_addresses(machine, source.version))
    for address, interface in own:
        if source in address.network and address.network.prefixlen > 0:
            return address.ip, port, interface
    if source.is_loopback and own:
        # A client of the lab without an address of its own sits on the LAN.
        inside = [pair for pair in own if pair[1] not in _outside(machine)] or own
        return inside[0][0].ip, port, inside[0][1]
    outside = _outside(machine)
    for address, interface in own:
        if interface in outside:
            return address.ip, port, interface
    interface = min(outside) if outside else ""
    anywhere = ipaddress.ip_address("0.0.0.0" if source.version == 4 else "::")  # noqa: S104  - not bound
    return (own[0][0].ip if own else anywhere), port, interface


def _own_addresses(
    machine: Machine, version: int
) -> Iterator[tuple[ipaddress.IPv4Interface | ipaddress.IPv6Interface, str]]:
    for item in machine.store.rows("ip address" if version == 4 else "ipv6 address"):
        if not item.disabled and item.values.get("address"):
            yield ipaddress.ip_interface(item.values["address"]), item.values["interface"]


def _outside(machine: Machine) -> set[str]:
    """Where the default route leads: clients from elsewhere come in over it."""
    found = set()
    routes = machine.store.rows("ip route") + machine.store.rows("ipv6 route")
    for route in routes:
        if route.disabled or route.values.get("dst-address") not in ("0.0.0.0/0", "::/0"):
            continue
        gateway = route.values.get("gateway", "").rpartition("%")[2]
        found |= {gateway} if gateway in machine.store.interfaces() else _towards(machine, gateway)
    return found or {name for name in machine.addresses if name in machine.store.interfaces()}


def _towards(machine: Machine, gateway: str) -> set[str]:
    try:
        address = ipaddress.ip_address(gateway)
    except ValueError:
        return set()
    return {
        interface
        for own, interface in _own_addresses(machine, address.version)
        if address in own.network
    }


def _taken_elsewhere(machine: Machine, knock: Knock) -> bool:
    """Whether dstnat sends the connection to somebody else before the router sees it."""
    for rule in _rules(machine, knock, "nat", "dstnat"):
        if not _matches(machine, knock, rule):
            continue
        action = rule.values.get("action", "accept")
        if action in ("dst-nat", "netmap"):
            own = {str(a.ip) for a, _ in _own_addresses(machine, knock.source.version)}
            return rule.values.get("to-addresses", rule.values.get("to-address")) not in own
        if action in ("accept", "redirect"):
            return False
    return False


def _walk(machine: Machine, knock: Knock, table: str, chain: str, depth: int = 0) -> bool | None:
    """The verdict of a chain: True, False, or None where it has none."""
    for rule in _rules(machine, knock, table, chain):
        if not _matches(machine, knock, rule):
            continue
        action = rule.values.get("action", "accept")
        if action == "return":
            return None
        if action == "jump" and depth < 16:
            verdict = _walk(machine, knock, table, rule.values["jump-target"], depth + 1)
            if verdict is not None:
                return verdict
        if action in _TERMINAL:
            return _TERMINAL[action]
    return None


def _rules(machine: Machine, knock: Knock, table: str, chain: str) -> list[Item]:
    rows = machine.store.rows(f"{knock.menu} {table}")
    return [row for row in rows if row.values.get("chain") == chain and not row.disabled]


def _matches(machine: Machine, knock: Knock, rule: Item) -> bool:
    for name, value in rule.values.items():
        if name in _NEVER:
            return False
        inverted = value.startswith("!")
        fits = _fits(machine, knock, name, value[inverted:])
        if fits is not None and fits is inverted:
            return False
    return True


def _fits(machine: Machine, knock: Knock, name: str, text: str) -> bool | None:
    """Whether one matcher fits the packet; None for fields that match nothing of a packet."""
    if name in _NOT_TRUE:
        return False
    if name in _BY_TEXT:
        return _BY_TEXT[name](text)
    if name in _BY_KNOCK:
        return _BY_KNOCK[name](knock, text)
    return _BY_MACHINE[name](machine, knock, text) if name in _BY_MACHINE else None


def _inside(address: Address, text: str) -> bool:
    try:
        if "-" in text:
            low, _, high = text.partition("-")
            first, last = ipaddress.ip_address(low), ipaddress.ip_address(high)
            return first.version == address.version and int(first) <= int(address) <= int(last)
        return address in ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False  # a DNS name that the lab resolves to nothing


def _listed(machine: Machine, knock: Knock, address: Address, name: str) -> bool:
    return any(
        row.values["list"] == name and not row.disabled and _inside(address, row.values["address"])
        for row in machine.store.rows(f"{knock.menu} address-list")
    )


def _port_in(port: int, text: str) -> bool:
    for part in text.split(","):
        low, _, high = part.partition("-")
        if int(low) <= port <= int(high or low):
            return True
    return False


def _interface(machine: Machine, knock: Knock, text: str) -> bool:
    kinds = {"all-ppp": "pppoe-client", "all-ethernet": "ethernet", "all-vlan": "vlan"}
    if text in kinds:
        rows = machine.store.rows(f"interface {kinds[text]}")
        return any(row.values["name"] == knock.interface for row in rows)
    return knock.interface == text


_BY_TEXT: dict[str, Callable[[str], bool]] = {
    "protocol": lambda text: text == "tcp",
    "src-port": lambda text: _port_in(_CLIENT_PORT, text),
    "connection-state": lambda text: "new" in text.split(","),
    "dst-address-type": lambda text: "local" in text.split(","),
    "src-address-type": lambda text: "unicast" in text.split(","),
    "tcp-flags": lambda text: re.search(r"(?<!!)\bsyn\b", text) is not None,
}
_BY_KNOCK: dict[str, Callable[[Knock, str], bool]] = {
    "src-address": lambda knock, text: _inside(knock.source, text),
    "dst-address": lambda knock, text: _inside(knock.destination, text),
    "dst-port": lambda knock, text: _port_in(knock.port, text),
    "port": lambda knock, text: _port_in(knock.port, text) or _port_in(_CLIENT_PORT, text),
}
_BY_MACHINE: dict[str, Callable[[Machine, Knock, str], bool]] = {
    "src-address-list": lambda machine, knock, text: _listed(machine, knock, knock.source, text),
    "dst-address-list": lambda machine, knock, text: _listed(
        machine, knock, knock.destination, text
    ),
    "in-interface": _interface,
    "in-interface-list": lambda machine, knock, text: (
        knock.interface in machine.store.members(text)
    ),
}
