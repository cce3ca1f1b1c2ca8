"""Translations of SIP flows that the ALG has touched: they are ended one by one, and no others.

`clear ip nat translation *` would end every call and every session of the customer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address
from typing import Any

from routercfg.errors import PackError
from routercfg.model.change import FlushSipFlows
from routercfg.model.evidence import Evidence, Unknown
from routercfg.model.state import RouterState
from routercfg.net import PortSet
from routercfg.platforms.outputs import Output

COMMAND = "show ip nat translations"
#: More phones than this register anew by themselves before anybody has typed so much.
_MOST = 40
_ROW = re.compile(r"\s*udp\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*$")
_END = re.compile(r"(\d+\.\d+\.\d+\.\d+):(\d+)")


def sip_flows(output: Output | None, ports: PortSet) -> tuple[Evidence, ...]:
    """Rows of flows from or to SIP ports; their absence where there are none.

    Nothing where the table was not read. A row without an outside is a static one: it stays.
    """
    if output is None or "Invalid input" in output.text:
        return ()
    found = [
        output.evidence(number)
        for number, text in enumerate(output.lines, start=1)
        if (ends := _ends(text)) is not None and any(int(port) in ports for _, port in ends)
    ]
    return tuple(found) or (output.absent("udp flows of SIP"),)


def _ends(text: str) -> list[tuple[str, str]] | None:
    """Address and port: inside global, inside local, outside local, outside global."""
    row = _ROW.match(text)
    if row is None:
        return None
    ends = [_END.fullmatch(word) for word in row.groups()]
    return [(m[1], m[2]) for m in ends if m is not None] if all(ends) else None


def cleared(change: FlushSipFlows, state: RouterState) -> list[str]:
    """A command per flow, from configuration mode. Raises PackError where a person has to do it."""
    rows = _rows(state)
    if not rows:
        raise PackError(
            f"`{COMMAND}` was not read: phones that still pass the ALG register anew by themselves"
        )
    flows = [ends for row in rows if (ends := _ends(row.text)) is not None]
    wanted = [ends for ends in flows if any(int(port) in change.ports for _, port in ends)]
    if len(wanted) > _MOST:
        raise PackError(
            f"{len(wanted)} SIP flows are too many to end one by one: the phones register anew by "
            "themselves"
        )
    return [_clear(*ends) for ends in wanted]


def _rows(state: RouterState) -> list[Evidence]:
    helpers = () if isinstance(state.sip_helpers, Unknown) else state.sip_helpers
    rows = [line for helper in helpers for line in helper.evidence if line.command == COMMAND]
    return list(dict.fromkeys(rows))


def _clear(*ends: tuple[str, str]) -> str:
    globally, locally, outside, beyond = (f"{IPv4Address(ip)} {int(port)}" for ip, port in ends)
    inside = f"inside {globally} {locally}"
    return f"do clear ip nat translation udp {inside} outside {outside} {beyond}"


FILTERS: Mapping[str, Callable[..., Any]] = {"cleared": cleared}
