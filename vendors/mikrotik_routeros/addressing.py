"""Every address in use on the router, from its export and from what it prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv4Network, IPv6Interface, IPv6Network, ip_interface

from routercfg.errors import ParseError
from routercfg.platforms.outputs import Output, Outputs

from .export import Export
from .prints import records, refused


@dataclass(frozen=True, slots=True)
class Address:
    """One address on one interface."""

    interface: str
    value: IPv4Interface | IPv6Interface

    @property
    def text(self) -> str:
        """The address with the length of its network."""
        return str(self.value)

    @property
    def network(self) -> IPv4Network | IPv6Network:
        """The network it is on."""
        return self.value.network


def addresses(export: Export, outputs: Outputs) -> Iterator[Address]:
    """Addresses of the export, then those that the router printed."""
    for menu in ("ip address", "ipv6 address"):
        for one in export.adds(menu):
            # An address from a pool is only a template: the prefix comes at run time.
            if not one.disabled and one.get("interface") and not one.get("from-pool"):
                value = _value(one.get("address"), one.get("netmask"))
                if value is not None:
                    yield Address(one.get("interface"), value)
    for read in ("addresses", "addresses6"):
        output = outputs.get(read)
        if output is None or refused(output):
            continue
        yield from _live(output)


def _live(output: Output) -> Iterator[Address]:
    try:
        found = records(output)
    except ParseError:
        return
    for record in found:
        value = _value(record.get("address"))
        if value is not None and "X" not in record.flags and "I" not in record.flags:
            yield Address(record.get("actual-interface") or record.get("interface"), value)


def _value(text: str, netmask: str = "") -> IPv4Interface | IPv6Interface | None:
    try:
        return ip_interface(f"{text}/{netmask}" if netmask and "/" not in text else text)
    except ValueError:
        return None
