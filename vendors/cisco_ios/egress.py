"""What templates need to keep SIP and RTP of everybody but the voice subnets inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from routercfg.errors import PackError
from routercfg.model.change import RestrictEgress
from routercfg.model.evidence import Unknown
from routercfg.model.state import RouterState
from routercfg.net import Family, PrefixSet

from .binding import Spot, bindings, slots
from .quoting import line
from .restricting import PRIVATE


def inside_networks(state: RouterState) -> PrefixSet:
    """Private space: what LANs have, and what they may always speak to."""
    del state
    return PRIVATE


@dataclass(frozen=True, slots=True)
class Place:
    """A list on the LAN side, its entries of ours, and the interfaces to bind it on first."""

    spot: Spot
    entries: tuple[str, ...]
    bind: tuple[str, ...] = ()


def egress_places(state: RouterState, change: RestrictEgress) -> list[Place]:
    """One place per list on LAN interfaces; those without one share one of ours."""
    entries = _egress4(change)
    found, bare = {}, []
    bound = {b.interface: b for b in bindings(state, 4, "in")}
    for name in _lans(state, change.wans, 4):
        if name not in bound:
            bare.append(name)
        elif not any("object-group routercfg-egress" in text for text in bound[name].texts):
            spot = slots(bound[name], 2, len(entries))
            found[spot.header] = Place(spot, entries)
    places = list(found.values())
    if bare:
        header = "ip access-list extended routercfg-egress-in"
        numbers = tuple(10 * (n + 1) for n in range(len(entries) + 1))
        places.append(Place(Spot(header, numbers), (*entries, "permit ip any any"), tuple(bare)))
    return places


def _egress4(change: RestrictEgress) -> tuple[str, ...]:
    return (
        "permit ip object-group routercfg-egress-voice object-group routercfg-egress-provider",
        "permit ip any object-group routercfg-egress-inside",
        *_denies(change, "any any"),
    )


def _denies(change: RestrictEgress, between: str) -> list[str]:
    found = []
    for protocol, ports in (
        ("udp", change.sip_ports),
        ("tcp", change.sip_ports),
        ("udp", change.rtp_ports),
    ):
        for low, high in ports.intervals:
            text = f"eq {low}" if low == high else f"range {low} {high}"
            found.append(f"deny {protocol} {between} {text}")
    return found


def _lans(state: RouterState, wans: tuple[str, ...], family: Family) -> list[str]:
    interfaces = () if isinstance(state.interfaces, Unknown) else state.interfaces
    return [
        one.name
        for one in interfaces
        if one.name not in wans
        and not one.name.startswith(("Loopback", "NVI"))
        and PrefixSet.of(*(a.split("/")[0] for a in one.addresses)).only(family)
        - PrefixSet.of("fe80::/10")
    ]


def egress6(state: RouterState, change: RestrictEgress) -> list[str]:
    """The same for IPv6, in a list of its own."""
    if isinstance(state.ipv6, Unknown) or not state.ipv6.in_use:
        return []
    names = _lans(state, change.wans, 6)
    taken = {b.interface: b.name for b in bindings(state, 6, "in")}
    lines: list[str] = []
    texts = [
        f"permit ipv6 {voice} {provider}"
        for voice, provider in product(
            change.voice.only(6).prefixes(), change.provider.only(6).prefixes()
        )
    ]
    texts += [f"permit ipv6 any {prefix}" for prefix in PRIVATE.only(6).prefixes()]
    texts += [*_denies(change, "any any"), "permit ipv6 any any"]
    for name in names:
        if taken.get(name) == "routercfg-egress-in-v6":
            continue
        if name in taken:
            raise PackError(f"interface {name} has an IPv6 list already: {taken[name]}")
        if not lines:
            lines.append("ipv6 access-list routercfg-egress-in-v6")
            lines += [f"sequence {10 * (n + 1)} {text}" for n, text in enumerate(texts)]
        lines += [line(f"interface {name}"), "ipv6 traffic-filter routercfg-egress-in-v6 in"]
    return lines


FILTERS: Mapping[str, Callable[..., Any]] = {
    "egress6": egress6,
    "egress_places": egress_places,
    "inside_networks": inside_networks,
}
