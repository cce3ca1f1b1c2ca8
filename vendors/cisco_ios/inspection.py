"""What looks into flows: SIP and TFTP helpers in three places, and the timers of UDP flows."""

from __future__ import annotations

from routercfg.model.evidence import Evidence
from routercfg.model.state import Helper, UdpTimer
from routercfg.net import PortSet

from .config import Line
from .flows import sip_flows
from .source import Source
from .tftp import zone_tftp
from .zones import classes_of, pairs

_SIP = PortSet.of("5060-5061")
#: `never`, and no number that IOS takes is larger (0..536870 seconds).
_NEVER = 10**9


def read_sip_helpers(source: Source) -> tuple[Helper, ...]:
    """Address translation, classic inspection, zone firewall: three switches apart."""
    return (*_nat_sip(source), *_inspect_sip(source), *_zone_sip(source))


def _nat_sip(source: Source) -> list[Helper]:
    """On by default, and the default is not printed; each protocol and port is its own switch."""
    config = source.config
    found = []
    every = config.first("no ip nat service all-algs")
    wanted = {("udp", "5060"), ("tcp", "5060")}
    for one in config.all("ip nat service sip"):
        words = one.words
        if len(words) == 7 and words[5] == "port" and words[6].isdecimal():
            wanted.add((words[4], words[6]))
    for protocol, port in sorted(wanted, key=lambda pair: (pair[0] != "udp", int(pair[1]))):
        switch = f"ip nat service sip {protocol} port {port}"
        off, on = config.first(f"no {switch}"), config.first(switch)
        line = off or every or on
        evidence = (source.evidence(line),) if line is not None else config.absent(f"no {switch}")
        enabled = off is None and every is None
        ports = PortSet.of(port)
        if enabled and protocol == "udp":
            # Flows outlive the switch: the change that ends them has to know them.
            evidence += sip_flows(source.outputs.get("nat"), ports | _SIP)
        found.append(Helper(switch, "sip", enabled, ports=ports, evidence=evidence))
    return found


def _inspect_sip(source: Source) -> list[Helper]:
    found = []
    for word in ("ip", "ipv6"):
        for line in source.config.all(f"{word} inspect name"):
            words = line.words
            if len(words) > 4 and words[4] in ("sip", "sip-tls"):
                name = " ".join(words[:5])
                found.append(Helper(name, "sip", True, evidence=(source.evidence(line),)))
    return found


def _zone_sip(source: Source) -> list[Helper]:
    found = []
    for line in source.config.all("class-map type inspect"):
        for statement in line.all("match protocol"):
            if statement.words[2:3] and statement.words[2] in ("sip", "sip-tls"):
                # The class with all its matches: what may stand in for the one that goes.
                evidence = [source.evidence(line)]
                evidence += (source.evidence(one) for one in line.all("match"))
                name = f"{line.text} / {' '.join(statement.words[:3])}"
                found.append(Helper(name, "sip", True, evidence=tuple(evidence)))
    return found + _applications(source, "sip")


def _applications(source: Source, protocol: str) -> list[Helper]:
    """IOS-XE's zone firewall looks into applications even of plain tcp and udp, by default."""
    if not source.is_xe or not _inspecting(source):
        return []
    found = []
    for line in _parameter_maps(source):
        wanted = [f"no application-inspect{end}" for end in (f" {protocol}", " all", "")]
        children = line.children if line is not None else []
        off = next((child for child in children if child.text in wanted), None)
        evidence: tuple[Evidence, ...]
        if off is not None and line is not None:
            evidence = (source.evidence(line), source.evidence(off))
        else:
            evidence = source.config.absent(f"no application-inspect {protocol}")
        header = line.text if line is not None else "parameter-map type inspect-global"
        name = f"{header} / application-inspect {protocol}"
        found.append(Helper(name, protocol, off is None, evidence=evidence))
    return found


def _parameter_maps(source: Source) -> list[Line | None]:
    return [source.config.first("parameter-map type inspect-global")]


def _inspecting(source: Source) -> list[tuple[str, str, Line]]:
    """Policy, class and line of every `inspect` that a zone pair uses."""
    found = {}
    for pair in pairs(source):
        for name, line in classes_of(source, pair.policy) if pair.policy else ():
            action = line.child("inspect")
            if action is not None and pair.policy is not None:
                found[(pair.policy, name)] = (pair.policy, name, action)
    return list(found.values())


def read_tftp_helpers(source: Source) -> tuple[Helper, ...]:
    """On by default; classic inspection needs its own line for it."""
    config = source.config
    found = []
    for switch in ("ip nat service tftp", "ip nat service all-algs"):
        off = config.first(f"no {switch}")
        evidence = (source.evidence(off),) if off is not None else config.absent(f"no {switch}")
        found.append(Helper(switch, "tftp", off is None, evidence=evidence))
    for name, bound in _inspections(source).items():
        line = config.first(f"ip inspect name {name} tftp")
        shown = source.evidence(line) if line is not None else bound
        found.append(
            Helper(f"ip inspect name {name} tftp", "tftp", line is not None, evidence=(shown,))
        )
    return (*found, *_applications(source, "tftp"), *zone_tftp(source))


def _inspections(source: Source) -> dict[str, Evidence]:
    """Inspection rules that are bound to an interface."""
    found = {}
    for port in source.ports.values():
        for direction in ("in", "out"):
            bound = port.bound("ip inspect", direction)
            if bound is not None:
                found[bound[0]] = source.evidence(bound[1])
    return found


def read_udp_timers(source: Source) -> tuple[UdpTimer, ...]:
    """Translation keeps a UDP flow 300 s by default; inspection and zones only 30 s."""
    return (*_nat_timers(source), *_inspect_timers(source), *_zone_timers(source))


def _nat_timers(source: Source) -> list[UdpTimer]:
    config = source.config
    switch = "ip nat translation udp-timeout"
    line = config.first(switch)
    evidence = (source.evidence(line),) if line is not None else config.absent(switch)
    found = [UdpTimer(switch, _seconds(line, 300), evidence)]
    for one in config.all("ip nat translation port-timeout udp"):
        name = " ".join(one.words[:6])
        found.append(UdpTimer(name, _seconds(one, 300), (source.evidence(one),)))
    return found


def _seconds(line: Line | None, default: int) -> int:
    if line is None:
        return default
    last = line.words[-1]
    return _NEVER if last == "never" else int(last) if last.isdecimal() else default


def _inspect_timers(source: Source) -> list[UdpTimer]:
    config = source.config
    found = []
    common = config.first("ip inspect udp idle-time")
    for name, bound in _inspections(source).items():
        for line in config.all(f"ip inspect name {name}"):
            words = line.words
            if "timeout" in words[:-1] and words[4] in ("udp", "sip"):
                seconds = words[words.index("timeout") + 1]
                if seconds.isdecimal():
                    timer = " ".join(words[:5])
                    found.append(UdpTimer(timer, int(seconds), (source.evidence(line),)))
        shown = source.evidence(common) if common is not None else bound
        if not any(t.id == "ip inspect udp idle-time" for t in found):
            found.append(UdpTimer("ip inspect udp idle-time", _seconds(common, 30), (shown,)))
    return found


def _zone_timers(source: Source) -> list[UdpTimer]:
    found: dict[str, UdpTimer] = {}
    for policy, name, action in _inspecting(source):
        words = action.words
        if len(words) < 2:
            timer = f"policy-map type inspect {policy} / class type inspect {name} / inspect"
            found[timer] = UdpTimer(timer, 30, (source.evidence(action),))
            continue
        header = f"parameter-map type inspect {words[1]}"
        line = source.config.first(header)
        idle = line.child("udp idle-time") if line is not None else None
        seconds = 30
        if idle is not None and len(idle.words) > 2 and idle.words[2].isdecimal():
            seconds = int(idle.words[2])
        shown = source.evidence(idle or line or action)
        found[header] = UdpTimer(header, seconds, (shown,))
    return list(found.values())
