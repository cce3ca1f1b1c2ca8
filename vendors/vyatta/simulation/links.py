"""The interfaces of a simulated router as they are now, and the tables that show them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_interface

from .machine import Path

#: What the internet provider of a simulated router gives out, where a test says nothing else.
_BY_DHCP, _BY_PPP = "192.0.2.66/24", "192.0.2.77"
_CODES = "Codes: S - State, L - Link, u - Up, D - Down, A - Admin Down\n"


@dataclass(slots=True)
class Link:
    """One interface; `settings` are its own lines, without those of what is within it."""

    name: str
    settings: list[Path] = field(default_factory=list)

    def values(self, leaf: str) -> list[str]:
        """The values of a leaf."""
        return [path[1] for path in self.settings if len(path) == 2 and path[0] == leaf]

    @property
    def description(self) -> str:
        """What a person wrote."""
        return next(iter(self.values("description")), "")

    @property
    def state(self) -> str:
        """Administrative state and link, as the tables write them."""
        return "A/D" if ("disable",) in self.settings else "u/u"


@dataclass(frozen=True, slots=True)
class Row:
    """What a table says of one interface."""

    name: str
    addresses: tuple[str, ...]
    state: str
    description: str


def rows(running: Iterable[Path], leases: Mapping[str, str]) -> list[Row]:
    """Every interface that the system has. A PPPoE session that is not up has none.

    `leases`: the address that an interface was given, by its name; empty where it was given none.
    """
    found = []
    for link in sorted(_links(running).values(), key=_place):
        addresses = _addresses(link, leases)
        if link.name.startswith("pppoe") and not addresses:
            continue
        found.append(Row(link.name, addresses, link.state, link.description))
    return found


def _links(running: Iterable[Path]) -> dict[str, Link]:
    found: dict[str, Link] = {}
    for path in running:
        if path[0] != "interfaces" or len(path) < 3:
            continue
        name, rest = path[2], path[3:]
        found.setdefault(name, Link(name))
        while len(rest) >= 2 and rest[0] in ("vif", "pppoe"):
            name = f"{name}.{rest[1]}" if rest[0] == "vif" else f"pppoe{rest[1]}"
            found.setdefault(name, Link(name))
            rest = rest[2:]
        found[name].settings.append(rest)
    return found


def _place(link: Link) -> list[tuple[int, str]]:
    words = re.findall(r"\d+|\D+", link.name)
    return [(int(word), "") if word.isdecimal() else (-1, word) for word in words]


def _addresses(link: Link, leases: Mapping[str, str]) -> tuple[str, ...]:
    if ("disable",) in link.settings:
        return ()
    own = [text for text in link.values("address") if not text.startswith("dhcp")]
    if link.name == "lo":
        return ("127.0.0.1/8", *own, "::1/128")
    by = _BY_PPP if link.name.startswith("pppoe") else ""
    by = _BY_DHCP if "dhcp" in link.values("address") else by
    given = leases.get(link.name, by)
    # The kernel lists IPv4 before IPv6.
    return tuple(sorted(filter(None, (given, *own)), key=lambda text: ip_interface(text).version))


def brief(found: Sequence[Row], width: int) -> str:
    """The table of vyatta-op. A long address pushes the state to the line after it."""
    text = _CODES + _line(width, "Interface", "IP Address", "S/L", "Description")
    text += _line(width, "---------", "----------", "---", "-----------")
    for row in found:
        first, *others = row.addresses or ("-",)
        if len(first) < 33:
            text += _line(width, row.name, first, row.state, row.description)
        else:
            text += f"{row.name:<{width}} {first}\n" + _line(
                width, "", "", row.state, row.description
            )
        text += "".join(f"{'':<{width}} {address}\n" for address in others)
    return text


def _line(width: int, name: str, address: str, state: str, description: str) -> str:
    return f"{name:<{width}} {address:<33} {state:<4} {description}\n"


def extended(found: Sequence[Row]) -> str:
    """The table of later releases, with hardware address, VRF and MTU."""
    cells = [["Interface", "IP Address", "MAC", "VRF", "MTU", "S/L", "Description"]]
    for number, row in enumerate(found):
        first, *others = row.addresses or ("-",)
        mac = "n/a" if row.name.startswith("pppoe") else f"00:53:00:00:00:{number:02x}"
        mtu = "65536" if row.name == "lo" else "1500"
        cells.append([row.name, first, mac, "default", mtu, row.state, row.description])
        cells += [["", address, "", "", "", "", ""] for address in others]
    return _CODES + table(cells)


def table(cells: Sequence[Sequence[str]]) -> str:
    """Rows below headings, as the package tabulate sets them."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [cells[0], ["-" * width for width in widths], *cells[1:]]
    return "".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in lines
    )
