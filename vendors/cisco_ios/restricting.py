"""Who may manage the router: what the templates need for lists of sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network
from typing import Any

from routercfg.errors import PackError
from routercfg.model.change import RestrictManagement
from routercfg.model.state import Listener, RouterState
from routercfg.net import NOT_INTERNET, Family, PrefixSet

from .quoting import line

PRIVATE = PrefixSet.of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10")
#: In every list of ours that decides who may come in: nobody can come from there, and the list is
#: never empty, which would let everybody in.
_NOBODY: dict[Family, str] = {4: "permit 127.0.0.1", 6: "permit ipv6 host ::1 any"}
_WEB = frozenset({"http", "https", "restconf"})


def prefixes(found: PrefixSet, family: Family) -> list[Any]:
    """Networks of one family."""
    return list(found.only(family).prefixes())


def network(prefix: IPv4Network) -> str:
    """A member of an object group."""
    if prefix.prefixlen == 32:
        return f"host {prefix.network_address}"
    return f"{prefix.network_address} {prefix.netmask}"


def standard(prefix: IPv4Network) -> str:
    """The source of an entry in a standard list."""
    if prefix.prefixlen == 32:
        return str(prefix.network_address)
    if prefix.prefixlen == 0:
        return "any"
    return f"{prefix.network_address} {prefix.hostmask}"


def allowed(listener: Listener, change: RestrictManagement, state: RouterState) -> PrefixSet:
    """Whom a service is to let in: whom it let in before, but from outside the sources alone."""
    inside = PrefixSet()
    for family in (4, 6):
        exact: Family = 4 if family == 4 else 6
        own = PrefixSet()
        for wan in change.wans:
            own |= state.addresses_of(wan).only(exact) - PrefixSet.of("fe80::/10")
        # Behind another router's address translation, private sources are outside too.
        if not own & NOT_INTERNET:
            inside |= PRIVATE.only(exact)
    return (listener.sources & inside) | change.sources


def entries(found: PrefixSet, family: Family) -> list[str]:
    """A list of ours for who may come in."""
    if family == 4:
        return [_NOBODY[4], *(f"permit {standard(p)}" for p in prefixes(found, 4))]
    return [_NOBODY[6], *(f"permit ipv6 {p} any" for p in prefixes(found, 6))]


def services(change: RestrictManagement, state: RouterState) -> list[tuple[str, Listener, str]]:
    """Services to restrict by their own class, and whose list each uses: its own, or that of SSH
    where the two would be the same.

    SNMP has no class: see `polling`.
    """
    found: dict[str, Listener] = {}
    for listener in sorted(change.listeners, key=lambda one: one.name != "ssh"):
        name = "web" if listener.name in _WEB else listener.name
        if name in ("ssh", "web", "netconf"):
            found.setdefault(name, listener)
    if not found and not any(listener.name == "snmp" for listener in change.listeners):
        names = ", ".join(listener.name for listener in change.listeners)
        raise PackError(f"{names}: restrict it with a list of its own")
    first = found.get("ssh")
    return [
        (name, listener, "ssh" if first and _alike(first, listener, change, state) else name)
        for name, listener in found.items()
    ]


def _alike(one: Listener, other: Listener, change: RestrictManagement, state: RouterState) -> bool:
    return allowed(one, change, state) == allowed(other, change, state)


def blocks(listener: Listener) -> list[str]:
    """The terminal lines that a service is on."""
    return [line(e.text) for e in listener.evidence if e.text.startswith("line vty")]


def vrf_also(listener: Listener) -> bool:
    """Without `vrf-also` a class refuses who comes in by an interface of a VRF."""
    return any(
        e.text.endswith("vrf-also") or re.match(r"(?:ip )?vrf forwarding ", e.text)
        for e in listener.evidence
    )


FILTERS: Mapping[str, Callable[..., Any]] = {
    "allowed": allowed,
    "blocks": blocks,
    "entries": entries,
    "services": services,
    "vrf_also": vrf_also,
}
