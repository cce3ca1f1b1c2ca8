"""What stays of a forward that is narrowed, and its addresses as one rule can hold them."""

from __future__ import annotations

import re

from routercfg.errors import UnsafeValueError
from routercfg.model.change import SplitForward
from routercfg.model.state import Forward
from routercfg.net import PortSet, PrefixSet


def kept(change: SplitForward) -> list[tuple[str, PortSet]]:
    """Protocols and ports that stay, one for each rule: the first in the forward's own.

    Raises UnsafeValueError where nothing stays, or where ports are translated to others.
    """
    forward = change.forward
    if forward.to_ports is not None and forward.to_ports != forward.ports:
        raise UnsafeValueError(f"{forward.id} translates ports: narrow it by hand")
    found = list(change.keep)
    if not found:
        raise UnsafeValueError(f"nothing of {forward.id} is to be kept")
    if len(found) == 2 and found[0][1] == found[1][1]:
        return [("tcp_udp", found[0][1])]
    return found


def outside(forward: Forward) -> str:
    """The address that is translated. Raises UnsafeValueError where there is not just one."""
    return _only(forward, forward.destinations, "outside")


def inside(forward: Forward) -> str:
    """The address that it leads to. Raises UnsafeValueError where there is not just one."""
    return _only(forward, forward.to, "inside")


def _only(forward: Forward, addresses: PrefixSet | None, side: str) -> str:
    found = addresses.prefixes() if addresses is not None else ()
    if len(found) != 1:
        raise UnsafeValueError(f"{forward.id} has several {side} addresses: narrow it by hand")
    return re.sub(r"/(32|128)$", "", str(found[0]))
