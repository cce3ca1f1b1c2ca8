"""The addresses a VoIP provider has to admit: what each site looks like from the internet.

An address is only worth admitting if it is the site's own. Behind another router the provider sees
that router's address; behind carrier-grade NAT it sees one that strangers share.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_interface

from routercfg.model.evidence import Unknown
from routercfg.model.intent import Intent
from routercfg.model.state import Interface, RouterState
from routercfg.net import PrefixSet
from routercfg.requirements.outside import insides
from routercfg.services import Service

Address = IPv4Address | IPv6Address

_CGNAT = PrefixSet.of("100.64.0.0/10")  # RFC 6598
_PRIVATE = PrefixSet.of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")  # RFC 1918
_LOCAL = PrefixSet.of("fc00::/7", "fec0::/10", "169.254.0.0/16")  # RFC 4193, 3879, 3927
_TRANSITION = PrefixSet.of("2002::/16", "2001::/32")  # 6to4 (RFC 3056, RFC 7526), Teredo (RFC 4380)
#: Addresses that never name a host on the internet. IPv4: this host, loopback, IPv4 over IPv6 (RFC
#: 7335), 6to4 relays (RFC 7526), benchmarks, multicast and above. IPv6: all but what is handed out
#: (RFC 4291, 2.4). Those of documentation pass: our own examples and labs have no others.
_RESERVED = PrefixSet.of(
    *("0.0.0.0/8", "127.0.0.0/8", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/3")
) | (PrefixSet.of("::/0") - PrefixSet.of("2000::/3"))
_LINK_LOCAL = PrefixSet.of("fe80::/10")

#: The characters with which a spreadsheet begins a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("router", "site", "service", "portal", "interface", "family", "address", "admit", "why")


class Obstacle(Enum):
    """Why admitting an address would not admit the site, or would admit others too."""

    CGNAT = "carrier-grade NAT (100.64.0.0/10): ask the internet provider for a public address"
    DOUBLE_NAT = (
        "double NAT: another router stands before this one; put it in bridge mode, "
        "or admit the public address of that router"
    )
    PRIVATE = "a local address, which the provider never sees"
    TRANSITION = (
        "6to4 or Teredo: it follows the IPv4 address, and is gone when that changes; "
        "ask the internet provider for IPv6 of its own"
    )
    RESERVED = "an address that no host on the internet has"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Site:
    """A router, the name of the place it is at, and the services behind it."""

    router: str
    name: str = ""
    services: tuple[Service, ...] = ()

    @property
    def service(self) -> str:
        """The services' titles."""
        return " + ".join(service.title for service in self.services)

    @property
    def portal(self) -> str:
        """Where each provider admits addresses, in words for the person who does it."""
        paths = (one.whitelisting for one in self.services if one.whitelisting is not None)
        return " ".join(path.en for path in paths)


@dataclass(frozen=True, slots=True)
class Admission:
    """One address, or one prefix of a LAN, and whether the provider can admit it.

    Without an address, `why` says what kept it from being known. `given`: by what (`DHCP`, `PPP`)
    the internet provider gives it out, so that it may change; empty where nothing shows that.
    """

    site: Site
    interface: str = ""
    address: str = ""
    family: int = 0
    obstacle: Obstacle | None = None
    why: str = ""
    given: str = ""

    @property
    def admissible(self) -> bool:
        """Can this be put on the provider's list?"""
        return self.obstacle is None


def unread(site: Site, reason: str) -> tuple[Admission, ...]:
    """The one row of a router that could not be read."""
    return (Admission(site, obstacle=Obstacle.UNKNOWN, why=reason),)


def admissions(site: Site, intent: Intent, state: RouterState) -> tuple[Admission, ...]:
    """Every address of the WAN, then the LANs' own IPv6 prefixes.

    IPv6 is not translated: telephones come from addresses of their own LAN, so the WAN's address
    alone would admit none of them.
    """
    if isinstance(state.interfaces, Unknown):
        return unread(site, state.interfaces.reason)
    known = {one.name: one for one in state.interfaces}
    names = _wans(intent, state)
    if isinstance(names, Unknown):
        return unread(site, names.reason)
    outside = [row for name in names for row in _on_wan(site, name, known.get(name))]
    return (*outside, *_behind(site, insides(names, state)))


def _wans(intent: Intent, state: RouterState) -> tuple[str, ...] | Unknown:
    """The WAN interfaces, those that are down or absent too.

    One line of two that is down makes a requirement unknown; here the other one's address counts.
    """
    if intent.wan_interfaces:
        return intent.wan_interfaces
    if isinstance(state.wans, Unknown):
        return state.wans
    names = tuple(dict.fromkeys(wan.name for wan in state.wans))
    return names or Unknown("the router shows no WAN interface: set wan_interfaces")


def judged(address: Address) -> Obstacle | None:
    """What keeps this address from standing for the site; None if nothing does."""
    text = str(address)
    if text in _CGNAT:
        return Obstacle.CGNAT
    if text in _PRIVATE:
        return Obstacle.DOUBLE_NAT
    if text in _LOCAL or text in _LINK_LOCAL:
        return Obstacle.PRIVATE
    if text in _TRANSITION:
        return Obstacle.TRANSITION
    return Obstacle.RESERVED if text in _RESERVED else None


def reachable(rows: Sequence[Admission]) -> bool:
    """Is there an address by which the provider can know this site? Over IPv4, where it has that:
    a SIP trunk that fell back to an IPv4 address nobody admitted would be refused.
    """
    wan = [row for row in rows if row.family == 4] or rows
    return any(row.admissible for row in wan)


def in_words(rows: Sequence[Admission]) -> str:
    """The addresses that stand for a site, on one line; where none does, why."""
    if not reachable(rows):
        bad = [row for row in rows if row.why]
        return "; ".join(f"{row.address}: {row.why}" if row.address else row.why for row in bad)
    good = [row for row in rows if row.admissible]
    return ", ".join(f"{row.address} ({row.why})" if row.given else row.address for row in good)


def as_cells(rows: Sequence[Admission]) -> list[list[str]]:
    """A table: a row of headings, then one row for each address."""
    return [list(COLUMNS), *(_cells(row) for row in rows)]


def as_csv(rows: Sequence[Admission]) -> str:
    """The same as CSV (RFC 4180). Cells that a spreadsheet would calculate get an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_inert(cell) for cell in _cells(row)] for row in rows)
    return text.getvalue()


def as_data(rows: Sequence[Admission]) -> list[Mapping[str, object]]:
    """The same as plain values."""
    return [
        {
            "router": row.site.router,
            "site": row.site.name,
            "services": [service.name for service in row.site.services],
            "portals": [
                {
                    "service": one.name,
                    "portal": one.whitelisting.portal,
                    "path": one.whitelisting.en,
                }
                for one in row.site.services
                if one.whitelisting is not None
            ],
            "interface": row.interface,
            "family": row.family or None,
            "address": row.address,
            "admissible": row.admissible,
            "obstacle": row.obstacle.name.lower().replace("_", "-") if row.obstacle else "",
            "why": row.why,
            "given": row.given,
        }
        for row in rows
    ]


def _on_wan(site: Site, name: str, interface: Interface | None) -> Iterator[Admission]:
    addresses = [] if interface is None else [ip_interface(one) for one in interface.addresses]
    shown = [one for one in addresses if str(one.ip) not in _LINK_LOCAL]
    if interface is None or interface.up is False or not shown:
        yield Admission(
            site,
            name,
            obstacle=Obstacle.UNKNOWN,
            why=_nothing(name, interface),
            given=interface.given if interface is not None else "",
        )
        return
    for one in shown:
        obstacle = judged(one.ip)
        given = interface.given if one.version == 4 else ""
        why = _changing(given) if obstacle is None else obstacle.value
        yield Admission(site, name, str(one.ip), one.version, obstacle, why, given)


def _nothing(name: str, interface: Interface | None) -> str:
    """Why a WAN interface shows no address that is in use."""
    if interface is None:
        return f"WAN interface {name} is not on this router"
    if interface.up is False:
        return f"WAN interface {name} is down"
    if interface.given:
        return (
            f"its address is given by {interface.given}, and what was read does not show which: "
            "look on the router, or ask the internet provider"
        )
    return "the router shows no address on this WAN"


def _changing(given: str) -> str:
    return f"given by {given}: ask whether the internet provider keeps it fixed" if given else ""


def _behind(site: Site, interfaces: Sequence[Interface]) -> Iterator[Admission]:
    for interface in interfaces:
        for text in interface.addresses:
            one = ip_interface(text)
            if one.version == 6 and judged(one.ip) is None and one.network.prefixlen < 128:
                why = "the telephones' own prefix: IPv6 is not translated"
                yield Admission(site, interface.name, str(one.network), 6, None, why)


def _cells(row: Admission) -> list[str]:
    family = f"IPv{row.family}" if row.family else ""
    admit = "yes" if row.admissible else "no"
    site = row.site
    found = (site.router, site.name, site.service, site.portal, row.interface, family, row.address)
    return [*found, admit, row.why]


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
