"""What a firewall or NAT rule of RouterOS asks of a packet."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from routercfg.model.firewall import Interfaces, Match
from routercfg.net import PortSet, PrefixSet

from .export import Statement
from .lists import AddressLists, InterfaceLists

#: Words of a rule that ask nothing of the packet.
_SILENT = frozenset(
    {"chain", "action", "comment", "disabled", "log", "log-prefix", "jump-target", "reject-with"}
    | {"address-list", "address-list-timeout", "hw-offload", "passthrough", "dynamic", "invalid"}
    | {"to-addresses", "to-address", "to-ports", "same-not-by-dst", "randomise-ports"}
)
_STATES = frozenset({"new", "established", "related", "invalid", "untracked"})
_NUMBERS = {
    "1": "icmp",
    "2": "igmp",
    "4": "ipencap",
    "6": "tcp",
    "17": "udp",
    "33": "dccp",
    "47": "gre",
    "50": "ipsec-esp",
    "51": "ipsec-ah",
    "58": "icmpv6",
    "89": "ospf",
    "103": "pim",
    "112": "vrrp",
    "132": "sctp",
    "136": "udp-lite",
}
_PROTOCOLS = frozenset(_NUMBERS.values())
#: A packet from outside that came out of no tunnel.
_PLAIN = {"in,ipsec": False, "out,ipsec": False, "in,none": True, "out,none": True}
#: Types of ICMP and ICMPv6 whose code is always 0.
_CODELESS = frozenset({0, 8, *range(128, 154)})


#: No packet from a network has these destinations: they are dropped before any rule.
_LOOPBACK = PrefixSet.of("127.0.0.0/8", "::1")


class _NeverError(Exception):
    """The rule cannot match a packet that concerns us."""


@dataclass(frozen=True)
class Matchers:
    """Reads matchers of one family."""

    family: int
    interfaces: InterfaceLists
    addresses: AddressLists

    def read(self, rule: Statement) -> tuple[Match, ...]:
        """Matches of a rule: none if it never holds, two where `port=` means either direction."""
        try:
            match = self._single(rule)
        except _NeverError:
            return ()
        port = rule.get("port")
        if not port:
            return (match,)
        ports = _ports(port)
        if ports is None:
            return (replace(match, opaque=(*match.opaque, f"port={port}")),)
        if port.startswith("!"):
            return (_with_ports(_with_source_ports(match, ports), ports),)
        return _with_ports(match, ports), _with_source_ports(match, ports)

    def _single(self, rule: Statement) -> Match:
        match = Match()
        for key, value in rule.values.items():
            if key in _SILENT or key == "port":
                continue
            understood = self._add(match, key, value)
            if understood is None:
                understood = replace(match, opaque=(*match.opaque, f"{key}={value}"))
            match = understood
        if not rule.in_force:
            match = replace(match, opaque=(*match.opaque, "marked as not in force"))
        return match

    def _add(self, match: Match, key: str, value: str) -> Match | None:
        """The match with one matcher more; None where we do not understand it."""
        match key:
            case "protocol":
                return replace(match, protocols=_protocols(value))
            case "connection-state":
                return replace(match, states=_states(value))
            case "connection-nat-state":
                return _nat_state(match, value)
            case "src-address" | "dst-address" | "src-address-list" | "dst-address-list":
                return self._end(match, key, value)
            case "dst-port" | "src-port":
                return _port(match, key, value)
            case "in-interface" | "out-interface" | "in-interface-list" | "out-interface-list":
                return self._interface(match, key, value)
            case "icmp-options":
                return _icmp(match, value)
            case "ipsec-policy":
                return _ipsec(match, value)
            case "dst-address-type":
                # On the way in the destination is the router's own address by definition; on the
                # way through it is none.
                return match if value in ("local", "!local") else None
            case _:
                return None

    def _end(self, match: Match, key: str, value: str) -> Match | None:
        """Either end of a packet: the sender or the destination."""
        found = self._listed(value) if key.endswith("-list") else _addresses(value)
        if found is None:
            return None
        if key.startswith("src"):
            now = match.sources
            return replace(match, sources=found if now is None else now & found)
        if found <= _LOOPBACK:
            raise _NeverError
        now = match.destinations
        return replace(match, destinations=found if now is None else now & found)

    def _listed(self, text: str) -> PrefixSet | None:
        found = self.addresses.addresses(text.lstrip("!"))
        if found is None:
            return None
        return ~found if text.startswith("!") else found

    def _interface(self, match: Match, key: str, value: str) -> Match | None:
        if key.endswith("-list"):
            found, known = self.interfaces.match(value)
        elif value.lstrip("!").startswith("all-"):
            found, known = None, False
        else:
            found, known = Interfaces(frozenset({value.lstrip("!")}), value.startswith("!")), True
        if not known:
            return None
        if found is None:
            return match
        if key.startswith("in"):
            # Both a name and a list: the model holds one of them; the other may or may not hold.
            return None if match.in_interfaces else replace(match, in_interfaces=found)
        return None if match.out_interfaces else replace(match, out_interfaces=found)


def _protocols(text: str) -> frozenset[str]:
    names = frozenset(_NUMBERS.get(part, part) for part in text.lstrip("!").split(","))
    return _PROTOCOLS - names if text.startswith("!") else names


def _states(text: str) -> frozenset[str]:
    named = frozenset(text.lstrip("!").split(","))
    return _STATES - named if text.startswith("!") else named


def _nat_state(match: Match, text: str) -> Match | None:
    if text.lstrip("!") != "dstnat":
        return None
    return replace(match, dnat=not text.startswith("!"))


def _addresses(text: str) -> PrefixSet | None:
    try:
        found = PrefixSet.of(text.lstrip("!"))
    except ValueError:
        return None
    return ~found if text.startswith("!") else found


def _ports(text: str) -> PortSet | None:
    try:
        found = PortSet.of(text.lstrip("!"))
    except ValueError:
        return None
    return ~found if text.startswith("!") else found


def _port(match: Match, key: str, text: str) -> Match | None:
    ports = _ports(text)
    if ports is None:
        return None
    return (_with_ports if key == "dst-port" else _with_source_ports)(match, ports)


def _with_ports(match: Match, ports: PortSet) -> Match:
    return replace(match, ports=ports if match.ports is None else match.ports & ports)


def _with_source_ports(match: Match, ports: PortSet) -> Match:
    now = match.source_ports
    return replace(match, source_ports=ports if now is None else now & ports)


def _icmp(match: Match, text: str) -> Match | None:
    found = re.fullmatch(r"(\d+)(?:-(\d+))?(?::(\d+)(?:-(\d+))?)?", text)
    if found is None:
        return None
    first, last = int(found[1]), int(found[2] or found[1])
    if last > 255 or first > last:
        return None
    types = frozenset(range(first, last + 1))
    every_code = found[3] is None or (found[3], found[4]) == ("0", "255")
    if not every_code and not (found[3] == "0" and types <= _CODELESS):
        match = replace(match, opaque=(*match.opaque, f"icmp-options={text}"))
    return replace(match, icmp_types=types)


def _ipsec(match: Match, text: str) -> Match | None:
    """Packets that came, or will leave, through an IPsec tunnel: nobody outside can send them."""
    plain = _PLAIN.get(text)
    if plain is False:
        raise _NeverError
    return match if plain else None
