"""RouterState: what one router is now, in words that hold for every platform.

Each area is either a value or `Unknown` with the reason; a requirement that meets `Unknown` answers
`unknown`. An empty tuple is a statement ("there are none"), never a way to say that we do not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import chain

from routercfg.model.evidence import Evidence, NotApplicable, Unknown
from routercfg.model.firewall import Firewall, Interfaces
from routercfg.net import ALL_PORTS, EVERYBODY, NO_PORTS, PortSet, PrefixSet

_NO_VERSION = Unknown("no version was read")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the router says it is. Empty text: the output does not say.

    `certified` tells whether the vendor pack certifies this model and version, and `range` which
    versions it certifies.
    """

    hostname: str = ""
    model: str = ""
    version: str = ""
    certified: bool | Unknown = _NO_VERSION
    range: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface and its own addresses with prefix length, as text (`192.0.2.1/24`).

    `up` is None where the output does not say. `given`: by what somebody else gives it its IPv4
    address (`DHCP`, `PPP`), which may then change; empty where nothing read shows that.
    """

    name: str
    addresses: tuple[str, ...] = ()
    up: bool | None = None
    given: str = ""


@dataclass(frozen=True, slots=True)
class Wan:
    """An interface that faces the internet, and why we say so."""

    name: str
    why: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Helper:
    """An application helper (ALG) for one protocol: `sip` or `tftp`.

    `live` marks not a switch but flows that passed through it and keep being rewritten. `required`
    switches count for `tftp`: all must be on. For `sip` all must be off.
    """

    id: str
    protocol: str
    enabled: bool
    live: bool = False
    ports: PortSet = NO_PORTS
    evidence: tuple[Evidence, ...] = ()


class ForwardKind(Enum):
    """How a forward came to be, which decides how it is judged."""

    PORT = "port"
    HOST = "host"  # no ports: DMZ host, default inside server
    ONE_TO_ONE = "one-to-one"
    LEASE = "lease"  # opened by UPnP or NAT-PMP
    ACCEPT = "accept"  # no translation: a filter rule that lets IPv6 in to an inside host


@dataclass(frozen=True, slots=True)
class Forward:
    """A translation that leads new connections from outside to an inside address.

    `ports` are the external ports; `to_ports` the internal ones, None where they stay the same.
    `sources` may use it. `opaque` lists matchers that we do not understand. `to_router` tells that
    the inside address is the router's own.
    """

    id: str
    family: int
    to: PrefixSet
    kind: ForwardKind = ForwardKind.PORT
    protocols: frozenset[str] | None = None
    ports: PortSet = ALL_PORTS
    to_ports: PortSet | None = None
    sources: PrefixSet = EVERYBODY
    in_interfaces: Interfaces | None = None
    destinations: PrefixSet | None = None
    enabled: bool = True
    to_router: bool = False
    opaque: tuple[str, ...] = ()
    tag: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Listener:
    """A service of the router itself that answers on the network.

    `management`: it manages the router (ssh, winbox, snmp…); otherwise it is another service, such
    as an open resolver. `sources` is the service's own access list, before any packet filter;
    `addresses` are the local addresses it answers on. `call_home`: the router itself connects out.
    """

    name: str
    protocol: str
    ports: PortSet
    enabled: bool = True
    management: bool = True
    plaintext: bool = False
    call_home: bool = False
    families: frozenset[int] = frozenset({4, 6})
    sources: PrefixSet = EVERYBODY
    addresses: PrefixSet = EVERYBODY
    id: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Ipv6:
    """IPv6 on this router. `in_use`: a global address, router advertisements, or a route exist."""

    enabled: bool
    in_use: bool
    detail: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class UdpTimer:
    """An idle timer of UDP flows, in seconds. The smallest on a flow's path decides."""

    id: str
    seconds: int
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class PortMapper:
    """A service by which inside hosts open ports for themselves: UPnP IGD, NAT-PMP, PCP.

    `leases_known`: what it has opened is among the forwards of the state.
    """

    id: str
    enabled: bool
    evidence: tuple[Evidence, ...] = ()
    leases_known: bool = False


@dataclass(frozen=True, slots=True)
class Owned:
    """Something on the router that bears our tag `routercfg:<requirement>`."""

    requirement: str
    id: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class RouterState:
    """Everything the requirements ask about one router."""

    platform: str
    identity: Identity
    interfaces: tuple[Interface, ...] | Unknown
    wans: tuple[Wan, ...] | Unknown
    firewall: Firewall
    forwards: tuple[Forward, ...] | Unknown
    listeners: tuple[Listener, ...] | Unknown
    sip_helpers: tuple[Helper, ...] | Unknown
    tftp_helpers: tuple[Helper, ...] | Unknown
    ipv6: Ipv6 | Unknown
    udp_timers: tuple[UdpTimer, ...] | Unknown
    port_mappers: tuple[PortMapper, ...] | NotApplicable | Unknown
    owned: tuple[Owned, ...] = ()
    #: Source address of the session this was read through, as the router sees it.
    session_source: str | None = None

    @property
    def own_addresses(self) -> PrefixSet:
        """Every address of the router itself, without prefix lengths."""
        if isinstance(self.interfaces, Unknown):
            return PrefixSet()
        return _hosts(tuple(chain.from_iterable(one.addresses for one in self.interfaces)))

    def addresses_of(self, interface: str) -> PrefixSet:
        """The router's own addresses on one interface."""
        if isinstance(self.interfaces, Unknown):
            return PrefixSet()
        found = [one.addresses for one in self.interfaces if one.name == interface]
        return _hosts(tuple(chain.from_iterable(found)))


# Asked for every service and forward of a router, which has few interfaces.
@lru_cache(maxsize=1024)
def _hosts(addresses: tuple[str, ...]) -> PrefixSet:
    """Addresses with or without prefix lengths, without them."""
    return PrefixSet.of(*(text.split("/")[0] for text in addresses))


def unread(platform: str, reason: str, evidence: tuple[Evidence, ...] = ()) -> RouterState:
    """The state of a router of which nothing could be read or understood."""
    unknown = Unknown(reason, evidence)
    return RouterState(
        platform=platform,
        identity=Identity(certified=unknown),
        interfaces=unknown,
        wans=unknown,
        firewall=Firewall(unknown, unknown, unknown, unknown),
        forwards=unknown,
        listeners=unknown,
        sip_helpers=unknown,
        tftp_helpers=unknown,
        ipv6=unknown,
        udp_timers=unknown,
        port_mappers=unknown,
    )
