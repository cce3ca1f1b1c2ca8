"""`show interfaces`: the addresses that interfaces have now, those given out to them too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_interface

from routercfg.model.state import Interface
from routercfg.platforms.outputs import Output

_HEADING = re.compile(r"Interface +IP Address +(?:\S+ +)*?S/L\b")
_STATE = re.compile(r"[uAD]/[uAD]")


@dataclass(slots=True)
class Link:
    """An interface as it is now. `up`: administratively and by its link; None where not shown."""

    addresses: tuple[str, ...] = ()
    up: bool | None = None


def read_links(output: Output | None) -> Mapping[str, Link]:
    """Interfaces by name. Empty where the command was not sent, was refused, or printed no table.

    Releases differ in the columns between address and state. Of an interface with several addresses
    each has a line, on which the others are below the first; an address of 33 characters or more
    pushes the state to the line after it.
    """
    found: dict[str, Link] = {}
    name = ""
    for text, column in _rows(output):
        words = text.split()
        if not text[0].isspace():
            name, *words = words
            found[name] = Link()
        link = found.get(name)
        if link is None or not words:
            continue
        if text[column : column + 1].strip() and (address := _address(words[0])):
            link.addresses = (*link.addresses, address)
        state = next((word for word in words if _STATE.fullmatch(word)), "")
        if state and link.up is None:
            link.up = state == "u/u"
    return found


def _rows(output: Output | None) -> Iterator[tuple[str, int]]:
    """The lines of the table, each with the column where addresses begin."""
    column: int | None = None
    for text in output.lines if output is not None else ():
        if column is None:
            column = text.index("IP Address") if _HEADING.match(text) else None
        elif text.strip() and not text.startswith("---"):
            yield text, column


def _address(text: str) -> str:
    """With the length of its network; the end of a PPP session is shown without one."""
    try:
        return ip_interface(text).with_prefixlen
    except ValueError:
        return ""


def with_links(interface: Interface, links: Mapping[str, Link]) -> Interface:
    """An interface of the configuration with what is known of it now.

    A PPPoE session that is not up has no interface, and no line in the table.
    """
    link = links.get(interface.name)
    if link is None:
        gone = bool(links) and interface.name.startswith("pppoe")
        return replace(interface, up=False) if gone else interface
    known = {_address(text) or text: text for text in interface.addresses}
    fresh = [text for text in link.addresses if text not in known]
    up = interface.up if link.up is None or interface.up is False else link.up
    return replace(interface, addresses=(*interface.addresses, *fresh), up=up)
