"""Lines that narrow a translation: to fewer ports, or to fewer sources.

`port-forward` takes no sources: such a rule becomes one of `service nat`, and what `auto-firewall`
let in for it becomes a rule of the rulesets that judge WAN.
"""

from __future__ import annotations

from routercfg.errors import UnsafeValueError
from routercfg.model.change import RestrictForward, SplitForward
from routercfg.model.firewall import Hook
from routercfg.model.intent import Intent
from routercfg.model.state import Forward, RouterState
from routercfg.net import PortSet

from ..vyatta import places, quoting
from ..vyatta.narrowing import inside, kept, outside
from ..vyatta.wanted import managed, protocol_of
from ..vyatta.writing import group, rule_lines

_NAT, _SIMPLE = "service nat rule", "port-forward rule"
#: Destination rules end where source rules begin.
_LAST_DESTINATION = 4999


def split_lines(state: RouterState, change: SplitForward, tag: str) -> list[str]:
    """Narrow the rule to what is kept; a second protocol with other ports gets its own rule."""
    forward = change.forward
    (protocol, ports), *rest = kept(change)
    before, behind = _port_leaves(forward)
    lines = [f"set {forward.id} protocol {protocol}"] if protocol != protocol_of(forward) else []
    if ports != forward.ports:
        lines.append(f"set {forward.id} {before} {quoting.ports(ports)}")
    if forward.to_ports is not None:
        lines.append(f"delete {forward.id} {behind}")
    kind = _SIMPLE if forward.id.startswith(_SIMPLE) else _NAT
    paths = _free(state, forward, kind, len(rest), 0)
    for (protocol, ports), path in zip(rest, paths, strict=True):
        lines += _copy(forward, path, protocol, ports, tag)
    return lines


def restrict_lines(
    state: RouterState, change: RestrictForward, tag: str, intent: Intent
) -> list[str]:
    """Only these sources, by one rule of `service nat` for each prefix."""
    forward = change.forward
    prefixes = quoting.prefixes(change.sources, 4)
    if not prefixes:
        raise UnsafeValueError("no management source of IPv4 is given")
    simple = forward.id.startswith(_SIMPLE)
    if not simple and forward.tag is not None and not _is_first(state, forward):
        # A copy of ours: the first of them is narrowed, and copied anew.
        return [f"delete {forward.id}"]
    name, ports = managed(forward, intent)
    count = len(prefixes) if simple else len(prefixes) - 1
    paths = _free(state, forward, _NAT, count, 1)
    lines: list[str] = []
    if simple:
        lines += [f"delete {forward.id}", *_let_in(state, change, tag, name, ports)]
    else:
        lines += _refreshed(state, change)
        lines.append(f"set {forward.id} source address {prefixes[0]}")
        prefixes = prefixes[1:]
    for prefix, path in zip(prefixes, paths, strict=True):
        lines += _copy(forward, path, name, ports, tag)
        lines.append(f"set {path} source address {prefix}")
    return lines


def _is_first(state: RouterState, forward: Forward) -> bool:
    known = state.forwards if isinstance(state.forwards, tuple) else ()
    same = [
        one.id
        for one in known
        if one.tag == forward.tag
        and (one.to, one.ports, one.to_ports, one.protocols, one.in_interfaces)
        == (forward.to, forward.ports, forward.to_ports, forward.protocols, forward.in_interfaces)
    ]
    return same[0] == forward.id


def _refreshed(state: RouterState, change: RestrictForward) -> list[str]:
    """The group of our own accepts, where there are any."""
    path = "firewall group network-group ROUTERCFG-MANAGEMENT"
    if not any(own.id == path for own in state.owned):
        return []
    return group(state, "MANAGEMENT", change.sources, 4, change.requirement)


def _let_in(
    state: RouterState, change: RestrictForward, tag: str, protocol: str, ports: PortSet
) -> list[str]:
    """What `auto-firewall` accepted, for the management sources, where a ruleset would refuse."""
    forward = change.forward
    hook = Hook.INPUT if forward.to_router else Hook.FORWARD
    found = places.ruleset(state, hook, 4)
    if not any(rule.id == f"{forward.id} auto-firewall" for rule in found.rules()):
        return []
    wans = forward.in_interfaces.names if forward.in_interfaces else frozenset()
    judging = places.bound(found, wans)
    if not judging:
        return []
    lines = group(state, "MANAGEMENT", change.sources, 4, change.requirement)
    target = [
        f"protocol {protocol}",
        f"destination address {inside(forward)}",
        f"destination port {quoting.ports(forward.to_ports or ports)}",
        "source group network-group ROUTERCFG-MANAGEMENT",
    ]
    for chain in judging:
        below = places.refuser(chain) or places.AFTER_ALL
        free = places.spare(chain, below)
        mine = _share(state, forward, free[::-1], 1)
        lines += rule_lines(f"{chain.name} rule {mine[0]}", "accept", tag, target)
    return lines


def _port_leaves(forward: Forward) -> tuple[str, str]:
    if forward.id.startswith(_SIMPLE):
        return "original-port", "forward-to port"
    return "destination port", "inside-address port"


def _free(state: RouterState, forward: Forward, kind: str, count: int, purpose: int) -> list[str]:
    """Paths of free rules. One plan may narrow several forwards, and one of them twice."""
    known = state.forwards if isinstance(state.forwards, tuple) else ()
    used = {int(one.id.rpartition(" ")[2]) for one in known if one.id.startswith(f"{kind} ")}
    free = [n for n in range(1, _LAST_DESTINATION + 1) if n not in used and n % 2 == purpose]
    return [f"{kind} {n}" for n in _share(state, forward, free, count)]


def _share(state: RouterState, forward: Forward, free: list[int], count: int) -> list[int]:
    """The numbers that are this forward's: every forward of the router has others."""
    known = state.forwards if isinstance(state.forwards, tuple) else ()
    place = [one.id for one in known].index(forward.id)
    mine = free[place :: max(len(known), 1)][:count]
    if len(mine) < count:
        raise UnsafeValueError(f"no {count} free rule numbers are left for {forward.id}")
    return mine


def _copy(forward: Forward, path: str, protocol: str, ports: PortSet, tag: str) -> list[str]:
    where = forward.in_interfaces
    if forward.opaque or not where or where.negated or len(where.names) != 1:
        raise UnsafeValueError(f"{forward.id} holds more than can be copied: narrow it by hand")
    lines = [f"set {path} description {quoting.quote(tag)}"]
    # Where they stay the same they are left out: the rule may be for some of them only.
    to_ports = None if forward.to_ports == forward.ports else forward.to_ports
    if path.startswith(_SIMPLE):
        lines.append(f"set {path} forward-to address {inside(forward)}")
        lines.append(f"set {path} original-port {quoting.ports(ports)}")
        lines.append(f"set {path} protocol {protocol}")
        return lines
    lines.append(f"set {path} type destination")
    lines.append(f"set {path} inbound-interface {quoting.interface(*where.names)}")
    if forward.destinations is not None:
        lines.append(f"set {path} destination address {outside(forward)}")
    lines.append(f"set {path} protocol {protocol}")
    if not ports.is_all:
        lines.append(f"set {path} destination port {quoting.ports(ports)}")
    lines.append(f"set {path} inside-address address {inside(forward)}")
    if to_ports is not None:
        lines.append(f"set {path} inside-address port {quoting.ports(to_ports)}")
    return lines
