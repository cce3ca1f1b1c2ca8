"""What the simulated VyOS shows of translations and leases: each release in words of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_interface

from ...vyatta.simulation.links import Row, table
from ...vyatta.simulation.machine import Path

_HEADINGS = ["Rule", "Source", "Destination", "Proto", "Out-Int", "Translation"]


def source_rules(running: Sequence[Path], release: tuple[int, int]) -> str:
    """`show nat source rules`."""
    rules: dict[str, dict[str, str]] = {}
    for path in running:
        if path[:3] == ("nat", "source", "rule") and len(path) > 4:
            rules.setdefault(path[3], {})[" ".join(path[4:-1])] = path[-1]
            rules[path[3]][path[-1]] = ""
    if release >= (1, 4) and not any(path[0] == "nat" for path in running):
        return "NAT is not configured\n"
    shown = {number: rule for number, rule in rules.items() if "disable" not in rule}
    return _recent(shown) if release >= (1, 4) else _old(shown)


def _recent(rules: Mapping[str, Mapping[str, str]]) -> str:
    cells = [_HEADINGS]
    for number, rule in rules.items():
        source = rule.get("source address", "0.0.0.0/0")
        target = rule.get("destination address", "0.0.0.0/0")
        protocol = rule.get("protocol", "any").upper().replace("ANY", "any")
        to = rule.get("translation address", "")
        ports = [rule.get(f"{side} port", "any") for side in ("source", "destination")]
        cells += [
            [number, source, target, protocol, _out(rule), to],
            ["", f"sport {ports[0]}", f"dport {ports[1]}", "", "", ""],
        ]
    return table(cells)


def _old(rules: Mapping[str, Mapping[str, str]]) -> str:
    form = "{0: <10} {1: <50} {2: <50} {3: <10}\n"
    text = form.format("Rule", "Source", "Translation", "Outbound Interface")
    text += form.format("----", "------", "-----------", "------------------")
    for number, rule in rules.items():
        source = rule.get("source address", "any")
        text += form.format(number, source, rule.get("translation address", ""), _out(rule))
    return text


def _out(rule: Mapping[str, str]) -> str:
    return rule.get("outbound-interface name", rule.get("outbound-interface", "any"))


def client_leases(rows: Sequence[Row], running: Sequence[Path], release: tuple[int, int]) -> str:
    """`show dhcp client leases`: what DHCP gave out, and to which interface."""
    clients = {
        ".".join(word for word in path[2:-2] if word != "vif")
        for path in running
        if path[0] == "interfaces" and path[-2:] == ("address", "dhcp")
    }
    if not clients and release >= (1, 4):
        return "DHCP client is not configured\n"
    found = [row for row in rows if row.name in clients and row.addresses]
    return "".join(_lease(row, recent=release >= (1, 4)) for row in found)


def _lease(row: Row, *, recent: bool) -> str:
    given = ip_interface(row.addresses[0])
    router = next(given.network.hosts())
    if not recent:
        return (
            f"interface  : {row.name}\n"
            f"ip address : {given.ip}\t[Active]\n"
            f"subnet mask: {given.netmask}\n"
            f"router     : {router}\n\n"
        )
    return (
        f"Interface    {row.name}\n"
        f"IP address   {given.ip}  [Active]\n"
        f"Subnet Mask  {given.netmask}\n"
        f"Router       {router}\n\n"
    )
