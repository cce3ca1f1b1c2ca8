"""Connection tracking: SIP and TFTP helpers, UDP timers; UPnP and NAT-PMP; IPv6."""

from __future__ import annotations

import re

from routercfg.errors import ParseError
from routercfg.model.evidence import Evidence, Unknown
from routercfg.model.state import Helper, Ipv6, PortMapper, UdpTimer
from routercfg.net import NO_PORTS, PortSet

from .prints import records, refused, settings, table
from .source import Source

#: UDP timers in seconds where an export does not say (verbose exports 6.43 and 7.15). RouterOS
#: above 7.15 has 30 s for the first: the smallest known counts, and both are too short.
_TIMERS = {"udp-timeout": 10, "udp-stream-timeout": 180}
_UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_PORTS = {"sip": "5060,5061", "tftp": "69"}
_TRACKING = "ip firewall connection tracking"


def read_helper(source: Source, name: str) -> tuple[Helper, ...] | Unknown:
    """The helper for `sip` or `tftp`: on unless the export says otherwise, on every version."""
    menu = "ip firewall service-port"
    trouble = source.trouble(menu)
    if trouble:
        return trouble
    found = [one for one in source.export.all(menu) if one.selector.strip('"') == name]
    if not found:
        evidence = source.absent(f"/{menu} set {name}")
        return (
            Helper(name, name, enabled=True, ports=PortSet.of(_PORTS[name]), evidence=(evidence,)),
        )
    one = found[-1]
    try:
        ports = PortSet.of(one.get("ports") or _PORTS[name])
    except ValueError:
        ports = NO_PORTS
    return (
        Helper(name, name, enabled=not one.disabled, ports=ports, evidence=(source.evidence(one),)),
    )


def read_udp_timers(source: Source) -> tuple[UdpTimer, ...] | Unknown:
    """Both UDP timers of connection tracking, in seconds."""
    trouble = source.trouble(_TRACKING)
    if trouble:
        return trouble
    said = source.export.setting(_TRACKING)
    live = settings(source.outputs, "tracking")
    timers = []
    for name, usual in _TIMERS.items():
        text, evidence = "", source.absent(f"/{_TRACKING} set {name}=")
        if said is not None and said.get(name):
            text, evidence = said.get(name), source.evidence(said)
        elif name in live:
            text, evidence = live[name]
        seconds = duration(text) if text else usual
        if seconds is None:
            return Unknown(f"{name}={text} is no duration", (evidence,))
        timers.append(UdpTimer(name, seconds, (evidence,)))
    return tuple(timers)


def duration(text: str) -> int | None:
    """Seconds of `3m`, `1d2h`, `00:03:00` or a bare number; None where it is none of them."""
    clock = re.fullmatch(r"(?:(\d+)d ?)?(\d+):(\d\d):(\d\d)", text)
    if clock:
        days, hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return days * 86400 + hours * 3600 + minutes * 60 + seconds
    if text.isdecimal():
        return int(text)
    if not re.fullmatch(r"(?:\d+[wdhms])+", text):
        return None
    return sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)([wdhms])", text))


def read_port_mappers(source: Source) -> tuple[PortMapper, ...] | Unknown:
    """UPnP, and NAT-PMP where this version has it; both are off unless it says otherwise."""
    trouble = source.trouble("ip upnp", "ip nat-pmp")
    if trouble:
        return trouble
    # The first version whose command tree has /ip nat-pmp is 7.15.
    has_pmp = source.version >= (7, 15) or source.export.all("ip nat-pmp")
    found = []
    for name in ("upnp", *(("nat-pmp",) if has_pmp else ())):
        one = source.export.setting(f"ip {name}")
        absent = source.absent(f"/ip {name} set enabled=yes")
        evidence = absent if one is None else source.evidence(one)
        on = one is not None and one.has("enabled", "yes")
        found.append(PortMapper(name, on, (evidence,), leases_known="leases" in source.outputs))
    return tuple(found)


def read_ipv6(source: Source) -> Ipv6 | Unknown:
    """IPv6: part of RouterOS 7, a package of its own on RouterOS 6."""
    trouble = source.trouble("ipv6 address", "ipv6 dhcp-client", "ipv6 route", "ipv6 settings")
    if trouble:
        return trouble
    if not source.seven:
        there = _package(source)
        if isinstance(there, Unknown):
            return there
        if there is not None:
            return Ipv6(enabled=False, in_use=False, detail="the package is off", evidence=(there,))
    said = source.export.setting("ipv6 settings")
    if said is not None and said.has("disable-ipv6", "yes"):
        return Ipv6(
            enabled=False, in_use=False, detail="switched off", evidence=(source.evidence(said),)
        )
    use = _use(source)
    if use:
        return Ipv6(enabled=True, in_use=True, detail=use[0], evidence=(use[1],))
    evidence = source.absent("/ipv6 address, dhcp-client or route")
    return Ipv6(
        enabled=True, in_use=False, detail="link-local addresses only", evidence=(evidence,)
    )


def _package(source: Source) -> Evidence | Unknown | None:
    """RouterOS 6: None where the package is on, the evidence where it is off or missing."""
    packages = table(source.outputs, "packages")
    if not isinstance(packages, Unknown) and packages:
        row = next((row for row in packages if row["NAME"] == "ipv6"), None)
        output = source.outputs["packages"]
        if row is None:
            return output.absent("ipv6")
        return output.evidence(row.line) if "X" in row["FLAGS"] else None
    if source.export.under("ipv6"):
        return None
    if source.export.verbose:
        return source.absent("/ipv6")
    return Unknown(
        "RouterOS 6 has IPv6 in a package, and the export does not show whether it is on",
        (source.absent("/ipv6"),),
    )


def _use(source: Source) -> tuple[str, Evidence] | None:
    """A global address, a client that asks for one, or a route; with its evidence."""
    for menu in ("ipv6 address", "ipv6 dhcp-client", "ipv6 route"):
        for one in source.export.adds(menu):
            local = menu == "ipv6 address" and one.get("address").lower().startswith("fe80:")
            if not one.disabled and not local:
                return f"/{menu}", source.evidence(one)
    said = source.export.setting("ipv6 settings")
    if said is not None and said.has("accept-router-advertisements", "yes"):
        return "accepts router advertisements", source.evidence(said)
    output = source.outputs.get("addresses6")
    if output is None or refused(output):
        return None
    try:
        found = records(output)
    except ParseError:
        return None
    for record in found:
        address = record.get("address").lower()
        if address and not address.startswith(("fe80:", "::1/")) and "X" not in record.flags:
            return f"address {address}", output.evidence(record.line)
    return None
