"""What is not packet filtering: identity, interfaces, default routes, IPv6, timers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from ipaddress import IPv6Network, ip_address
from typing import Any

from routercfg.model.evidence import Evidence, Unknown
from routercfg.model.state import Identity, Interface, Ipv6, UdpTimer, Wan
from routercfg.platforms.outputs import Output, Outputs

from .matching import decisions
from .ruleset import Nft

_UDP = "net.netfilter.nf_conntrack_udp_timeout"
_UDP_STREAM = "net.netfilter.nf_conntrack_udp_timeout_stream"
_ULA = IPv6Network("fc00::/7")


def read_identity(outputs: Outputs, nft: Nft) -> Identity:
    """Host name, distribution, and the version of nft, which is what decides."""
    hostname, model = "", ""
    if "hostname" in outputs:
        hostname = outputs["hostname"].text.strip()
    if "os" in outputs:
        match = re.search(r'(?m)^PRETTY_NAME="?([^"\n]*)"?$', outputs["os"].text)
        model = match[1] if match else ""
    return Identity(hostname, model, nft.version, evidence=(nft.metainfo,))


def json_list(output: Output) -> list[dict[str, Any]] | Unknown:
    """The JSON list of an `ip -j` command. ip prints nothing at all where there is nothing."""
    text = output.text.strip()
    if not text:
        return []
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        return Unknown(f"the output of {output.command!r} is cut off or garbled: {error}")
    if not isinstance(found, list):
        return Unknown(f"the output of {output.command!r} is no list")
    return [entry for entry in found if isinstance(entry, dict)]


def read_interfaces(outputs: Outputs) -> tuple[Interface, ...] | Unknown:
    """Interfaces with their addresses."""
    if "address" not in outputs:
        return Unknown("no output of ip -j address: the router's addresses were not read")
    entries = json_list(outputs["address"])
    if isinstance(entries, Unknown):
        return entries
    return tuple(
        Interface(
            entry["ifname"],
            tuple(
                f"{one['local']}/{one['prefixlen']}"
                for one in entry.get("addr_info", ())
                if "local" in one
            ),
            "UP" in entry.get("flags", ()),
            _given(entry),
        )
        for entry in entries
        if "ifname" in entry
    )


def _given(entry: dict[str, Any]) -> str:
    """By what its IPv4 address is given to it: a lease has a lifetime, and so is `dynamic`."""
    if entry.get("link_type") == "ppp":
        return "PPP"
    leased = any(
        one.get("family") == "inet" and one.get("dynamic") for one in entry.get("addr_info", ())
    )
    return "DHCP" if leased else ""


def read_wans(outputs: Outputs, nft: Nft) -> tuple[Wan, ...] | Unknown:
    """Where the default routes leave, and interfaces whose addresses hide those inside."""
    found: dict[str, Wan] = {}
    for key in ("route", "route6"):
        if key not in outputs:
            continue
        entries = json_list(outputs[key])
        if isinstance(entries, Unknown):
            return entries
        for entry in entries:
            for device in _devices(entry) if entry.get("dst") == "default" else ():
                evidence = outputs[key].evidence(1, _shown(outputs[key], device))
                found.setdefault(device, Wan(device, "the default route leaves here", (evidence,)))
    for device, evidence in _masqueraded(nft):
        found.setdefault(device, Wan(device, "addresses are translated here", (evidence,)))
    known = read_interfaces(outputs)
    present = None if isinstance(known, Unknown) else {one.name for one in known}
    wans = tuple(one for one in found.values() if present is None or one.name in present)
    return wans or Unknown(
        "no default route and no translation shows which interface faces the internet: "
        "set wan_interfaces"
    )


def _devices(entry: dict[str, Any]) -> list[str]:
    hops = entry.get("nexthops", [])
    return [one["dev"] for one in (entry, *hops) if isinstance(one.get("dev"), str)]


def _shown(output: Output, device: str) -> str:
    match = re.search(
        rf'\{{[^{{}}]*"dst":\s*"default"[^{{}}]*"{re.escape(device)}"[^{{}}]*\}}', output.text
    )
    return match[0].splitlines()[0] if match else output.lines[0][:200]


def _masqueraded(nft: Nft) -> Iterator[tuple[str, Evidence]]:
    for chain in nft.chains:
        if (chain.hook, chain.type) != ("postrouting", "nat"):
            continue
        for rule in chain.rules:
            names = [next(iter(one)) for one in rule.expressions if isinstance(one, dict)]
            if not {"masquerade", "snat"} & set(names):
                continue
            # Read it as if it accepted: what counts is where it matches.
            ending = [*(e for e in rule.expressions if not _translates(e)), {"accept": None}]
            for one in decisions(nft, rule.table, ending):
                out = one.match.out_interfaces
                # With a destination it is hairpin translation towards the inside.
                if out is None or out.negated or one.match.destinations is not None:
                    continue
                yield from ((name, rule.evidence) for name in sorted(out.names) if "*" not in name)


def _translates(expression: Any) -> bool:
    return isinstance(expression, dict) and bool({"masquerade", "snat"} & expression.keys())


def sysctls(outputs: Outputs) -> dict[str, tuple[str, Evidence]]:
    """Values by name with the line they stand on."""
    output = outputs.get("sysctl")
    found: dict[str, tuple[str, Evidence]] = {}
    for number, line in enumerate(output.lines if output else [], start=1):
        name, equals, value = line.partition("=")
        if output and equals:
            found[name.strip()] = (value.strip(), output.evidence(number))
    return found


def read_udp_timers(outputs: Outputs, nft: Nft) -> tuple[UdpTimer, ...] | Unknown:
    """The two timers of connection tracking; both count, for short exchanges stay on the first."""
    for rule in nft.rules:
        if any(isinstance(one, dict) and "ct timeout" in one for one in rule.expressions):
            return Unknown("a rule gives flows timers of their own", (rule.evidence,))
    values = sysctls(outputs)
    timers = []
    for name in (_UDP, _UDP_STREAM):
        if name not in values or not values[name][0].isdecimal():
            return Unknown(f"{name} was not read: is connection tracking loaded?")
        timers.append(UdpTimer(name, int(values[name][0]), (values[name][1],)))
    return tuple(timers)


def read_ipv6(outputs: Outputs) -> Ipv6 | Unknown:
    """Is IPv6 there, and is there anything of it that the world could reach?"""
    interfaces = read_interfaces(outputs)
    if isinstance(interfaces, Unknown):
        return interfaces
    off = sysctls(outputs).get("net.ipv6.conf.all.disable_ipv6")
    globals_ = [
        f"{text} on {one.name}"
        for one in interfaces
        for text in one.addresses
        if _is_global(text.split("/")[0])
    ]
    routes = _default6(outputs)
    if isinstance(routes, Unknown):
        return routes
    evidence = [off[1]] if off else []
    detail = [*globals_, *(f"default route by {device}" for device in routes)]
    if globals_:
        address = globals_[0].split("/")[0]
        text = outputs["address"].text
        line = text.count("\n", 0, max(text.find(f'"{address}"'), 0)) + 1
        evidence.append(outputs["address"].evidence(line, f'"{address}"'))
    enabled = off is None or off[0] != "1"
    return Ipv6(enabled, bool(detail), ", ".join(detail[:4]), tuple(evidence))


def _default6(outputs: Outputs) -> list[str] | Unknown:
    if "route6" not in outputs:
        return []
    entries = json_list(outputs["route6"])
    if isinstance(entries, Unknown):
        return entries
    return [
        device for entry in entries if entry.get("dst") == "default" for device in _devices(entry)
    ]


def _is_global(text: str) -> bool:
    address = ip_address(text)
    # Documentation space counts: Python's own is_global would not take it.
    return (
        address.version == 6
        and not (address.is_link_local or address.is_loopback or address.is_multicast)
        and address not in _ULA
    )
