"""RouterOS: outputs to state. Pure; everything rests on lines of the outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from routercfg.model.evidence import Evidence
from routercfg.model.state import Identity, Owned, RouterState
from routercfg.platforms.outputs import Outputs

from . import selectors
from .export import parse
from .firewall import read_firewall
from .forwards import read_forwards
from .naming import tag_of
from .nat_helpers import read_helper, read_ipv6, read_port_mappers, read_udp_timers
from .prints import session_source, settings
from .quoting import quote
from .services import read_listeners
from .source import Source, make_source
from .undoing import undo
from .wans import read_interfaces, read_wans

__all__ = ["filters", "quote", "read", "undo"]


def read(outputs: Outputs) -> RouterState:
    """What the router is. Raises ParseError where the export is none, cut off or partial."""
    source = make_source(outputs, parse(outputs["export"].text))
    return RouterState(
        platform="mikrotik_routeros",
        identity=_identity(source),
        interfaces=read_interfaces(source),
        wans=read_wans(source),
        firewall=read_firewall(source),
        forwards=read_forwards(source),
        listeners=read_listeners(source),
        sip_helpers=read_helper(source, "sip"),
        tftp_helpers=read_helper(source, "tftp"),
        ipv6=read_ipv6(source),
        udp_timers=read_udp_timers(source),
        port_mappers=read_port_mappers(source),
        owned=_owned(source),
        session_source=session_source(outputs),
    )


def filters() -> Mapping[str, Callable[..., Any]]:
    """Filters for this pack's templates."""
    return selectors.FILTERS


def _identity(source: Source) -> Identity:
    live = settings(source.outputs, "resource")
    version, evidence = source.export.version, _header(source)
    if "version" in live:
        version, evidence = live["version"]
        version = version.split(" ")[0]
    name = source.export.setting("system identity")
    model = source.export.model or (live["board-name"][0] if "board-name" in live else "")
    found = [evidence]
    if name is not None:
        found.append(source.evidence(name))
    hostname = name.get("name") if name is not None else "MikroTik"
    return Identity(hostname=hostname, model=model, version=version, evidence=tuple(found))


def _header(source: Source) -> Evidence:
    return source.output.evidence(source.export.header)


def _owned(source: Source) -> tuple[Owned, ...]:
    return tuple(
        Owned(tag.removeprefix("routercfg:"), f"/{menu} {one.get('comment')}", source.evidence(one))
        for menu, statements in source.export.menus.items()
        for one in statements
        if (tag := tag_of(one)) is not None
    )
