"""What a firewall or NAT rule of RouterOS asks of a packet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

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


_ICMP = re.compile(r"(\d+)(?:-(\d+))?(?::(\d+)(?:-(\d+))?)?")


@dataclass(slots=True)
class _Draft:
    """A match while its rule is read."""

    protocols: frozenset[str] | None = None
    sources: PrefixSet | None = None
    destinations: PrefixSet | None = None
    source_ports: PortSet | None = None
    ports: PortSet | None = None
    states: frozenset[str] | None = None
    in_interfaces: Interfaces | None = None
    out_interfaces: Interfaces | None = None
    dnat: bool | None = None
    icmp_types: frozenset[int] | None = None
    opaque: list[str] = field(default_factory=list)

    def match(self) -> Match:
        """The match."""
        return Match(
            self.protocols,
            self.sources,
            self.destinations,
            self.source_ports,
            self.ports,
            self.states,
            self.in_interfaces,
            self.out_interfaces,
            self.dnat,
            self.icmp_types,
            tuple(self.opaque),
        )


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
        draft = _Draft()
        for key, value in rule.values.items():
            if key not in _SILENT and key != "port" and not self._add(draft, key, value):
                draft.opaque.append(f"{key}={value}")
        if not rule.in_force:
            draft.opaque.append("marked as not in force")
        return draft.match()

    def _add(self, draft: _Draft, key: str, value: str) -> bool:
        """Add one matcher; False where we do not understand it."""
        match key:
            case "protocol":
                draft.protocols = _protocols(value)
                return True
            case "connection-state":
                draft.states = _states(value)
                return True
            case "connection-nat-state":
                return _nat_state(draft, value)
            case "src-address" | "dst-address" | "src-address-list" | "dst-address-list":
                return self._end(draft, key, value)
            case "dst-port" | "src-port":
                return _port(draft, key, value)
            case "in-interface" | "out-interface" | "in-interface-list" | "out-interface-list":
                return self._interface(draft, key, value)
            case "icmp-options":
                return _icmp(draft, value)
            case "ipsec-policy":
                return _ipsec(value)
            case "dst-address-type":
                # On the way in the destination is the router's own address by definition; on the
                # way through it is none.
                return value in ("local", "!local")
            case _:
                return False

    def _end(self, draft: _Draft, key: str, value: str) -> bool:
        """Either end of a packet: the sender or the destination."""
        found = self._listed(value) if key.endswith("-list") else _addresses(value)
        if found is None:
            return False
        if key.startswith("src"):
            draft.sources = found if draft.sources is None else draft.sources & found
            return True
        if found <= _LOOPBACK:
            raise _NeverError
        now = draft.destinations
        draft.destinations = found if now is None else now & found
        return True

    def _listed(self, text: str) -> PrefixSet | None:
        found = self.addresses.addresses(text.lstrip("!"))
        if found is None:
            return None
        return ~found if text.startswith("!") else found

    def _interface(self, draft: _Draft, key: str, value: str) -> bool:
        if key.endswith("-list"):
            found, known = self.interfaces.match(value)
        elif value.lstrip("!").startswith("all-"):
            found, known = None, False
        else:
            found, known = Interfaces(frozenset({value.lstrip("!")}), value.startswith("!")), True
        if not known:
            return False
        if found is None:
            return True
        # Both a name and a list: the model holds one of them; the other may or may not hold.
        if key.startswith("in"):
            first = draft.in_interfaces is None
            draft.in_interfaces = draft.in_interfaces or found
        else:
            first = draft.out_interfaces is None
            draft.out_interfaces = draft.out_interfaces or found
        return first


@lru_cache(maxsize=256)
def _protocols(text: str) -> frozenset[str]:
    names = frozenset(_NUMBERS.get(part, part) for part in text.lstrip("!").split(","))
    return _PROTOCOLS - names if text.startswith("!") else names


@lru_cache(maxsize=256)
def _states(text: str) -> frozenset[str]:
    named = frozenset(text.lstrip("!").split(","))
    return _STATES - named if text.startswith("!") else named


def _nat_state(draft: _Draft, text: str) -> bool:
    if text.lstrip("!") != "dstnat":
        return False
    draft.dnat = not text.startswith("!")
    return True


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


def _port(draft: _Draft, key: str, text: str) -> bool:
    ports = _ports(text)
    if ports is None:
        return False
    if key == "dst-port":
        draft.ports = ports if draft.ports is None else draft.ports & ports
    else:
        now = draft.source_ports
        draft.source_ports = ports if now is None else now & ports
    return True


def _with_ports(match: Match, ports: PortSet) -> Match:
    return replace(match, ports=ports if match.ports is None else match.ports & ports)


def _with_source_ports(match: Match, ports: PortSet) -> Match:
    now = match.source_ports
    return replace(match, source_ports=ports if now is None else now & ports)


def _icmp(draft: _Draft, text: str) -> bool:
    found = _ICMP.fullmatch(text)
    if found is None:
        return False
    first, last = int(found[1]), int(found[2] or found[1])
    if last > 255 or first > last:
        return False
    types = frozenset(range(first, last + 1))
    every_code = found[3] is None or (found[3], found[4]) == ("0", "255")
    if not every_code and not (found[3] == "0" and types <= _CODELESS):
        draft.opaque.append(f"icmp-options={text}")
    draft.icmp_types = types
    return True


def _ipsec(text: str) -> bool:
    """Packets that came, or will leave, through an IPsec tunnel: nobody outside can send them."""
    plain = _PLAIN.get(text)
    if plain is False:
        raise _NeverError
    return bool(plain)
