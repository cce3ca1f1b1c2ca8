"""IOS and IOS-XE: outputs to state. Pure; everything rests on lines of the outputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any

from routercfg.errors import ParseError
from routercfg.model.evidence import Evidence, NotApplicable, Unknown
from routercfg.model.firewall import Firewall
from routercfg.model.state import Forward, Identity, Owned, RouterState
from routercfg.platforms.outputs import Outputs

from . import defending, egress, flows, passing, polling, rendering, restricting, tftp
from .firewall import read_firewall
from .forwards import read_forwards
from .inspection import read_sip_helpers, read_tftp_helpers, read_udp_timers
from .interfaces import read_ipv6, read_wans
from .listeners import read_listeners
from .naming import owner
from .quoting import quote
from .source import Source, live, make_source
from .undoing import undo

__all__ = ["filters", "quote", "read", "undo"]


def read(outputs: Outputs) -> RouterState:
    """What the router is. Raises ParseError where the configuration is none, or cut off."""
    source = make_source(outputs)
    if not source.ports:
        raise ParseError("the configuration has no interface: it is not the whole of one")
    partial = _partial(source)
    forwards = read_forwards(source)
    return RouterState(
        platform="cisco_ios",
        identity=_identity(source),
        interfaces=source.interfaces,
        wans=read_wans(source.config, source.ports),
        firewall=_firewall(source, forwards, partial),
        forwards=forwards if forwards or not partial else partial,
        listeners=partial or read_listeners(source),
        sip_helpers=partial or read_sip_helpers(source),
        tftp_helpers=partial or read_tftp_helpers(source),
        ipv6=partial or read_ipv6(source.config, source.ports),
        udp_timers=partial or read_udp_timers(source),
        port_mappers=NotApplicable("IOS has no UPnP and no NAT-PMP"),
        owned=_owned(source),
        session_source=_session_source(outputs),
    )


def filters() -> Mapping[str, Callable[..., Any]]:
    """Filters for this pack's templates."""
    modules = (rendering, restricting, polling, passing, defending, egress, flows, tftp)
    return {name: made for module in modules for name, made in module.FILTERS.items()}


def _partial(source: Source) -> Unknown | None:
    """IOS does not print defaults; in a text without its head an absent line means nothing."""
    if source.config.first("version") is not None:
        return None
    reason = "the configuration has no `version` line: it is not the whole of one"
    return Unknown(reason, source.config.absent("version"))


def _firewall(source: Source, forwards: tuple[Forward, ...], partial: Unknown | None) -> Firewall:
    if partial is not None and not source.acls.by_name and not source.zones:
        return Firewall(partial, partial, partial, partial)
    return read_firewall(source, forwards)


def _identity(source: Source) -> Identity:
    config = source.config
    name, pid = config.first("hostname"), config.first("license udi pid")
    evidence: list[Evidence] = list(source.version_evidence)
    evidence += (source.evidence(line) for line in (name, pid) if line is not None)
    model = pid.words[3] if pid is not None and len(pid.words) > 3 else ""
    if not model and (shown := live(source.outputs, "version")) is not None:
        for number, text in enumerate(shown.lines, start=1):
            match = re.match(r"[Cc]isco (\S+) \(.*\) processor", text)
            if match is not None:
                model = match[1]
                evidence.append(shown.evidence(number))
                break
    hostname = name.words[1] if name is not None and len(name.words) > 1 else ""
    return Identity(hostname, model, source.version, evidence=tuple(evidence))


def _owned(source: Source) -> tuple[Owned, ...]:
    """Every object with our name, and every line inside it: templates work out what still lacks."""
    found = []
    for line in source.config.lines:
        requirement = owner(line.text)
        if requirement is None or line.words[0] == "no":
            continue
        found.append(Owned(requirement, line.text, source.evidence(line)))
        found += (Owned(requirement, line.text, source.evidence(c)) for c in line.children)
    for port in source.ports.values():
        for child in port.line.children:
            requirement = owner(child.text)
            if requirement is not None:
                found.append(Owned(requirement, port.line.text, source.evidence(child)))
    return tuple(found)


def _session_source(outputs: Outputs) -> str | None:
    """The address on the line that `show users` marks as ours; a name there tells nothing."""
    output = live(outputs, "users")
    for text in output.lines if output is not None else ():
        if not text.startswith("*"):
            continue
        try:
            return str(ip_address(text.split()[-1]))
        except ValueError:
            return None
    return None
