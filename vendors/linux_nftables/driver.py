"""A Linux gateway's outputs as a state, and what its templates need. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any

from routercfg.model.state import Owned, RouterState
from routercfg.platforms.outputs import Outputs

from . import quoting, rendering
from .alg import sip_helpers, tftp_helpers
from .firewall import TAG, read_firewall, tag_of
from .forwards import read_forwards
from .listeners import read_listeners, read_port_mappers
from .ruleset import Nft, read_ruleset
from .system import (
    read_identity,
    read_interfaces,
    read_ipv6,
    read_udp_timers,
    read_wans,
)
from .undoing import undo

__all__ = ("filters", "quote", "read", "undo")


def read(outputs: Outputs) -> RouterState:
    """Outputs to state. Raises ParseError where the ruleset is cut off or is none."""
    nft = read_ruleset(outputs["nft"])
    state = RouterState(
        platform="linux_nftables",
        identity=read_identity(outputs, nft),
        interfaces=read_interfaces(outputs),
        wans=read_wans(outputs, nft),
        firewall=read_firewall(nft),
        forwards=(),
        listeners=read_listeners(outputs, nft),
        sip_helpers=sip_helpers(outputs, nft),
        tftp_helpers=tftp_helpers(outputs, nft),
        ipv6=read_ipv6(outputs),
        udp_timers=read_udp_timers(outputs, nft),
        port_mappers=read_port_mappers(outputs, nft),
        owned=_owned(nft),
        session_source=_session_source(outputs),
    )
    forwards = read_forwards(nft, state.own_addresses)
    return rendering.with_forwards(state, forwards)


def quote(value: str) -> str:
    """The value as one string of nft."""
    return quoting.quote(value)


def filters() -> Mapping[str, Callable[..., Any]]:
    """What the templates use besides `quote`."""
    return {
        "shell": quoting.shell,
        "interfaces": quoting.interfaces,
        "addresses": quoting.addresses,
        "ports": quoting.ports,
        "place": quoting.rule_place,
        "sysctl": quoting.sysctl,
        "outside": rendering.outside,
        "barriers": rendering.barriers,
        "every_barrier": rendering.every_barrier,
        "before_routing": rendering.before_routing,
        "managed": rendering.managed,
        "service_match": rendering.service_match,
        "union": rendering.union,
        "ours_in": rendering.ours_in,
        "refused_ports": rendering.refused_ports,
        "protocol_match": rendering.protocol_match,
        "forward_match": rendering.forward_match,
        "is_part": rendering.is_part,
        "each_port": rendering.each_port,
    }


def _owned(nft: Nft) -> tuple[Owned, ...]:
    return tuple(
        Owned(tag.removeprefix(TAG), rule.id, rule.evidence)
        for rule in nft.rules
        if (tag := tag_of(rule)) is not None
    )


def _session_source(outputs: Outputs) -> str | None:
    """The client in `$SSH_CONNECTION`: client, its port, server, its port."""
    words = outputs["session"].text.split() if "session" in outputs else []
    if len(words) != 4:
        return None
    try:
        found = ip_address(words[0].partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
