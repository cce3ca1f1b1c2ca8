"""What is outside: the WAN interfaces, and whom they let a packet come from."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_interface

from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Hook
from routercfg.model.intent import Intent
from routercfg.model.reachability import Query, exposed
from routercfg.model.state import Forward, Interface, Listener, RouterState
from routercfg.net import (
    EVERYBODY,
    INTERNET,
    NOBODY,
    NOT_INTERNET,
    Family,
    Network,
    PortSet,
    PrefixSet,
)

FAMILIES: tuple[Family, Family] = (4, 6)

_LINK_LOCAL = PrefixSet.of("fe80::/10")


def wans(intent: Intent, state: RouterState) -> tuple[str, ...] | Unknown:
    """The WAN interfaces: the inventory's, else all that the router shows.

    A WAN that is shut down or absent makes everything about the outside unknown: what it will let
    in when it comes up is not what we can see now.
    """
    if intent.wan_interfaces:
        names = intent.wan_interfaces
    elif isinstance(state.wans, Unknown):
        return state.wans
    else:
        names = tuple(dict.fromkeys(wan.name for wan in state.wans))
    if not names:
        return Unknown("the router shows no WAN interface: set wan_interfaces")
    if isinstance(state.interfaces, Unknown):
        return names
    known = {interface.name: interface for interface in state.interfaces}
    for name in names:
        if known and name not in known:
            return Unknown(f"WAN interface {name} is not on this router")
        if known and known[name].up is False:
            return Unknown(f"WAN interface {name} is down")
    return names


def insides(names: tuple[str, ...], state: RouterState) -> tuple[Interface, ...]:
    """Interfaces with addresses that are not WAN."""
    if isinstance(state.interfaces, Unknown):
        return ()
    return tuple(
        one
        for one in state.interfaces
        if one.addresses and one.name not in names and one.name != "lo"
    )


def networks(interfaces: Iterable[Interface], family: Family) -> PrefixSet:
    """The networks that are directly on these interfaces."""
    found = (_network(text) for one in interfaces for text in one.addresses)
    return PrefixSet.of(*found).only(family) - _LINK_LOCAL


@lru_cache(maxsize=1024)
def _network(text: str) -> Network:
    return ip_interface(text).network


def without_ipv6(state: RouterState) -> bool:
    """Does the router show that it does not use IPv6?"""
    return not isinstance(state.ipv6, Unknown) and not state.ipv6.in_use


def internet(state: RouterState, wan: str) -> PrefixSet:
    """The sources that count as the internet on this WAN interface.

    Private space does not count, unless WAN itself has such an address (double NAT): then whoever
    is on the network in between counts too.
    """
    return _beyond(state.addresses_of(wan))


# Asked once for every service and forward, of the few addresses a router has.
@lru_cache(maxsize=1024)
def _beyond(addresses: PrefixSet) -> PrefixSet:
    own = addresses - _LINK_LOCAL
    sources = INTERNET
    for family in FAMILIES:
        if own.only(family) & NOT_INTERNET:
            sources |= EVERYBODY.only(family)
    return sources


def reaches_router(
    state: RouterState, listener: Listener, family: Family, names: tuple[str, ...]
) -> PrefixSet | Unknown:
    """Who on the internet can reach a service of the router itself."""
    if family not in listener.families:
        return NOBODY
    ruleset = state.firewall.ruleset(Hook.INPUT, family)
    if isinstance(ruleset, Unknown):
        return ruleset
    found = NOBODY
    for wan in names:
        addresses = state.addresses_of(wan)
        own = addresses.only(family) & listener.addresses
        if addresses.only(family) and not own and not _everywhere(listener, family):
            continue
        query = Query(
            family,
            listener.protocol,
            listener.ports,
            in_interface=wan,
            destinations=own or None,
        )
        found |= exposed(ruleset, query) & listener.sources & _beyond(addresses)
    return found


def _everywhere(listener: Listener, family: Family) -> bool:
    return listener.addresses.is_all(family)


def reaches_inside(
    state: RouterState, forward: Forward, protocol: str, ports: PortSet, names: tuple[str, ...]
) -> PrefixSet | Unknown:
    """Who on the internet can use a forward, after the router's own filter.

    `ports` are external ports of the forward. A forward to the router's own address is judged by
    the filter for the router itself.
    """
    hook = Hook.INPUT if forward.to_router else Hook.FORWARD
    family: Family = 6 if forward.family == 6 else 4
    ruleset = state.firewall.ruleset(hook, family)
    if isinstance(ruleset, Unknown):
        return ruleset
    found = NOBODY
    for wan in names:
        if forward.in_interfaces is not None and wan not in forward.in_interfaces:
            continue
        query = Query(
            family,
            protocol,
            forward.to_ports or ports,
            in_interface=wan,
            destinations=forward.to or None,
            dnat=True,
        )
        found |= exposed(ruleset, query) & forward.sources & internet(state, wan)
    return found
