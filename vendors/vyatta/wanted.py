"""What the state says of the things that a plan is about to write down."""

from __future__ import annotations

from collections.abc import Iterable

from routercfg.model.change import RestrictManagement
from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Hook
from routercfg.model.intent import Intent, OnPartial
from routercfg.model.state import Forward, Listener, RouterState
from routercfg.net import Family, PortSet
from routercfg.requirements.outside import reaches_router

from . import places

FAMILIES: tuple[Family, Family] = (4, 6)
#: RFC 4890 section 4.4.1: echo, router advertisement, neighbour solicitation and advertisement.
#: Errors ride on `related`.
NEEDED_ICMP6 = (128, 134, 135, 136)


def ipv6_uses(state: RouterState) -> list[str]:
    """Paths of what makes IPv6 be in use."""
    if isinstance(state.ipv6, Unknown) or not state.ipv6.detail:
        return []
    return state.ipv6.detail.split("; ")


def uses_ipv6(state: RouterState) -> bool:
    """Does IPv6 reach this router, as far as is known?"""
    return isinstance(state.ipv6, Unknown) or state.ipv6.in_use


def is_open(
    state: RouterState, listener: Listener, family: Family, change: RestrictManagement
) -> bool:
    """Does a service answer somebody from WAN who is no management source?"""
    reached = reaches_router(state, listener, family, change.wans)
    return not isinstance(reached, Unknown) and bool(reached - change.sources)


def to_bar(
    state: RouterState, change: RestrictManagement, family: Family, opened: list[Listener]
) -> list[Listener]:
    """Services that our rules are to shield.

    Rules of ours are replaced as a whole: with them goes what shields the other services.
    """
    return _shielded(state, family) if _has_rules(state, change.requirement) else opened


def _has_rules(state: RouterState, requirement: str) -> bool:
    return any(
        own.requirement == requirement
        and own.id.startswith("firewall ")
        and not own.id.startswith("firewall group ")
        for own in state.owned
    )


def _shielded(state: RouterState, family: Family) -> list[Listener]:
    known = state.listeners if isinstance(state.listeners, tuple) else ()
    return [
        one
        for one in known
        if one.enabled and one.management and one.ports and family in one.families
    ]


def by_protocol(listeners: Iterable[Listener]) -> list[tuple[str, PortSet]]:
    """Ports by protocol."""
    found: dict[str, PortSet] = {}
    for one in listeners:
        found[one.protocol] = found.get(one.protocol, PortSet()) | one.ports
    return sorted(found.items())


def left_to_ipv6(state: RouterState, change: RestrictManagement) -> bool:
    """One interface takes one ruleset: where none filters IPv6, the one for `ipv6` will."""
    if not uses_ipv6(state):
        return False
    return bool(places.unbound(places.ruleset(state, Hook.INPUT, 6), change.wans))


def managed(forward: Forward, intent: Intent) -> tuple[str, PortSet]:
    """What a copy translates: no SIP or RTP where the same plan takes those out."""
    wanted = intent.sip_ports | intent.rtp_ports
    if intent.on_partial is OnPartial.SPLIT and forward.ports & wanted:
        return "tcp", forward.ports - intent.sip_ports
    return protocol_of(forward), forward.ports


def protocol_of(forward: Forward) -> str:
    """The protocol of a forward, as a rule names it."""
    if forward.protocols is None:
        return "all"
    return "tcp_udp" if len(forward.protocols) == 2 else next(iter(forward.protocols))
