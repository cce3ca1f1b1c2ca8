"""Lines that narrow a translation: to fewer ports, or to fewer sources."""

from __future__ import annotations

from routercfg.errors import UnsafeValueError
from routercfg.model.change import RestrictForward, SplitForward
from routercfg.model.intent import Intent
from routercfg.model.state import Forward, RouterState
from routercfg.net import Family, PortSet

from ..vyatta import quoting
from ..vyatta.narrowing import inside, kept, outside
from ..vyatta.places import AFTER_ALL
from ..vyatta.wanted import managed, protocol_of
from ..vyatta.writing import group
from .places import dialect
from .reading import Dialect


def split_lines(state: RouterState, change: SplitForward, tag: str) -> list[str]:
    """Narrow the rule to what is kept; a second protocol with other ports gets its own rule."""
    forward = change.forward
    (protocol, ports), *rest = kept(change)
    lines = [f"set {forward.id} protocol {protocol}"] if protocol != protocol_of(forward) else []
    if ports != forward.ports:
        lines.append(f"set {forward.id} destination port {quoting.ports(ports)}")
    if forward.to_ports is not None:
        lines.append(f"delete {forward.id} translation port")
    for (protocol, ports), path in zip(rest, _free(state, forward, len(rest), 1), strict=True):
        lines += _copy(state, forward, path, protocol, ports, tag)
    return lines


def restrict_lines(
    state: RouterState, change: RestrictForward, tag: str, intent: Intent
) -> list[str]:
    """Only these sources: by a group from 1.4, by one rule for each prefix before."""
    forward = change.forward
    if " static " in forward.id:
        raise UnsafeValueError(f"{forward.id} takes no sources: restrict it in the firewall")
    family: Family = 6 if forward.family == 6 else 4
    prefixes = quoting.prefixes(change.sources, family)
    if not prefixes:
        raise UnsafeValueError(f"no management source of IPv{family} is given")
    if len(prefixes) == 1:
        return [f"set {forward.id} source address {prefixes[0]}"]
    if family == 4 and dialect(state) is Dialect.MODERN:
        return [
            *group(state, "MANAGEMENT", change.sources, 4, change.requirement),
            f"set {forward.id} source group network-group ROUTERCFG-MANAGEMENT",
        ]
    lines = [f"set {forward.id} source address {prefixes[0]}"]
    name, ports = managed(forward, intent)
    for prefix, path in zip(prefixes[1:], _free(state, forward, len(prefixes) - 1, 0), strict=True):
        lines += _copy(state, forward, path, name, ports, tag)
        lines.append(f"set {path} source address {prefix}")
    return lines


def _free(state: RouterState, forward: Forward, count: int, parity: int) -> list[str]:
    """Paths of free rules right behind a forward.

    One plan may split a forward and restrict it: each takes numbers of its own parity.
    """
    prefix, _, text = forward.id.rpartition(" ")
    known = state.forwards if isinstance(state.forwards, tuple) else ()
    used = {int(one.id.rpartition(" ")[2]) for one in known if one.id.startswith(f"{prefix} ")}
    free = (n for n in range(int(text) + 1, AFTER_ALL) if n not in used and n % 2 == parity)
    return [f"{prefix} {next(free)}" for _ in range(count)]


def _copy(
    state: RouterState, forward: Forward, path: str, protocol: str, ports: PortSet, tag: str
) -> list[str]:
    where = forward.in_interfaces
    if forward.opaque or forward.to_router or len(forward.to.prefixes()) != 1:
        raise UnsafeValueError(f"{forward.id} holds more than can be copied: narrow it by hand")
    if where is not None and (where.negated or len(where.names) != 1):
        raise UnsafeValueError(f"{forward.id} is for several interfaces: narrow it by hand")
    lines = [f"set {path} description {quoting.quote(tag)}"]
    if where is not None:
        named = "name " if dialect(state) is Dialect.MODERN else ""
        lines.append(f"set {path} inbound-interface {named}{quoting.interface(*where.names)}")
    if forward.destinations is not None:
        lines.append(f"set {path} destination address {outside(forward)}")
    lines.append(f"set {path} protocol {protocol}")
    if not ports.is_all:
        lines.append(f"set {path} destination port {quoting.ports(ports)}")
    lines.append(f"set {path} translation address {inside(forward)}")
    if forward.to_ports is not None:
        lines.append(f"set {path} translation port {quoting.ports(forward.to_ports)}")
    return lines
