"""An EdgeOS router's outputs as a state, and what its templates need. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from routercfg.model.state import RouterState
from routercfg.model.undo import Undo
from routercfg.net import PrefixSet
from routercfg.platforms.outputs import Outputs

from ..vyatta import quoting, undoing, wanted
from ..vyatta.live import read_links
from ..vyatta.source import owned, session_source
from . import narrowing, rendering
from .firewall import read_firewall
from .forwards import read_forwards
from .reading import read_config
from .services import read_listeners, read_port_mappers
from .system import (
    read_helpers,
    read_identity,
    read_interfaces,
    read_ipv6,
    read_udp_timers,
    read_wans,
)


def read(outputs: Outputs) -> RouterState:
    """Outputs to state. Raises ParseError where the configuration is cut off or is none."""
    config = read_config(outputs)
    interfaces = read_interfaces(config, read_links(outputs.get("interfaces")))
    own = PrefixSet.of(*(text.split("/")[0] for one in interfaces for text in one.addresses))
    forwards = read_forwards(config, own)
    return RouterState(
        platform="ubiquiti_edgeos",
        identity=read_identity(config),
        interfaces=interfaces,
        wans=read_wans(config),
        firewall=read_firewall(config, forwards),
        forwards=forwards,
        listeners=read_listeners(config),
        sip_helpers=read_helpers(config, "sip"),
        tftp_helpers=read_helpers(config, "tftp"),
        ipv6=read_ipv6(config),
        udp_timers=read_udp_timers(config),
        port_mappers=read_port_mappers(config),
        owned=owned(config),
        session_source=session_source(outputs),
    )


def undo(before: Outputs, after: Outputs, now: Outputs) -> Undo:
    """From three readings: the lines that put back what differs between the first two."""
    return undoing.undo(*(read_config(outputs).root for outputs in (before, after, now)))


def quote(value: str) -> str:
    """The value as one word of a `set` line."""
    return quoting.quote(value)


def filters() -> Mapping[str, Callable[..., Any]]:
    """What the templates use besides `quote`."""
    return {
        "path": quoting.path,
        "uses": wanted.ipv6_uses,
        "provider_lines": rendering.provider_lines,
        "management_lines": rendering.management_lines,
        "ipv6_lines": rendering.ipv6_lines,
        "egress_lines": rendering.egress_lines,
        "split_lines": narrowing.split_lines,
        "restrict_lines": narrowing.restrict_lines,
    }
