"""An EdgeOS router's outputs as a state, and what its templates need. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from routercfg.model.state import Owned, RouterState
from routercfg.net import PrefixSet
from routercfg.platforms.outputs import Outputs

from ..vyatta.tree import Node
from . import narrowing, quoting, rendering
from .firewall import read_firewall
from .forwards import TAG, read_forwards
from .reading import Config, read_config
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
    interfaces = read_interfaces(config)
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
        owned=tuple(_tagged(config, config.root, ())),
        session_source=_session_source(outputs),
    )


def quote(value: str) -> str:
    """The value as one word of a `set` line."""
    return quoting.quote(value)


def filters() -> Mapping[str, Callable[..., Any]]:
    """What the templates use besides `quote`."""
    return {
        "path": quoting.path,
        "uses": rendering.ipv6_uses,
        "provider_lines": rendering.provider_lines,
        "management_lines": rendering.management_lines,
        "ipv6_lines": rendering.ipv6_lines,
        "egress_lines": rendering.egress_lines,
        "split_lines": narrowing.split_lines,
        "restrict_lines": narrowing.restrict_lines,
    }


def _tagged(config: Config, node: Node, path: tuple[str, ...]) -> Iterator[Owned]:
    """Everything whose description is our tag."""
    for child in node.children.values():
        text = child.value("description")
        here = (*path, child.word)
        if text is not None and text.startswith(TAG):
            yield Owned(text.removeprefix(TAG), " ".join(here), config.found(child, *here))
        yield from _tagged(config, child, here)


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
