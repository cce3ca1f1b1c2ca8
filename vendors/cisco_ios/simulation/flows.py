"""Translations under way on the simulated router: what it shows of them, and how they end."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .grammar import Refusal
from .nodes import Node


@dataclass(frozen=True, slots=True)
class Flow:
    """One translation; each end is an address and a port."""

    protocol: str
    inside_global: str
    inside_local: str
    outside_local: str
    outside_global: str

    @property
    def ends(self) -> tuple[str, str, str, str]:
        """In the order of the table."""
        return self.inside_global, self.inside_local, self.outside_local, self.outside_global


def table(statics: list[Node], flows: list[Flow], *, xe: bool) -> str:
    """`show ip nat translations`. IOS-XE sets it wider, and counts."""
    gap = "  " if xe else " "
    rows = [
        f"Pro{gap}Inside global         Inside local          Outside local         Outside global"
    ]
    lines = [_row(flow.protocol, gap, *flow.ends) for flow in flows]
    for node in statics:
        found = re.match(
            r"ip nat inside source static (tcp|udp) (\S+) (\d+) ([\d.]+) (\d+)", node.text
        )
        if found is not None:
            protocol, local, port, globally, outer = found.groups()
            lines.append(
                _row(protocol, gap, f"{globally}:{outer}", f"{local}:{port}", "---", "---")
            )
    if not lines:
        return "Total number of translations: 0\n\n" if xe else ""
    total = [f"Total number of translations: {len(lines)}", ""] if xe else []
    return "\n".join([*rows, *lines, *total]) + "\n"


def _row(protocol: str, gap: str, *ends: str) -> str:
    return f"{protocol}{gap}" + " ".join(f"{end:<21}" for end in ends).rstrip()


def clear(flows: list[Flow], words: list[str]) -> list[Flow]:
    """What is left after `clear ip nat translation …`. Raises Refusal where no flow is meant."""
    if len(words) == 1:
        return []
    protocol, inside, outside = words[0], words[2:6], words[7:11]
    ends = [f"{ip}:{port}" for ip, port in (inside[:2], inside[2:], outside[:2], outside[2:])]
    kept = [flow for flow in flows if (flow.protocol, *flow.ends) != (protocol, *ends)]
    if len(kept) == len(flows):
        raise Refusal("%Translation not found\n")
    return kept
