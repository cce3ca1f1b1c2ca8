"""Values of nft's JSON: addresses, ports, ICMP types, and elements of sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from routercfg.net import PortSet, PrefixSet

#: Numbers of the names that nft prints (`nft describe icmp type`, `icmpv6 type`).
ICMP: Mapping[str, int] = {
    "echo-reply": 0, "destination-unreachable": 3, "source-quench": 4, "redirect": 5,
    "echo-request": 8, "router-advertisement": 9, "router-solicitation": 10, "time-exceeded": 11,
    "parameter-problem": 12, "timestamp-request": 13, "timestamp-reply": 14, "info-request": 15,
    "info-reply": 16, "address-mask-request": 17, "address-mask-reply": 18,
}  # fmt: skip
ICMPV6: Mapping[str, int] = {
    "destination-unreachable": 1, "packet-too-big": 2, "time-exceeded": 3, "parameter-problem": 4,
    "echo-request": 128, "echo-reply": 129, "mld-listener-query": 130, "mld-listener-report": 131,
    "mld-listener-done": 132, "mld-listener-reduction": 132, "nd-router-solicit": 133,
    "nd-router-advert": 134, "nd-neighbor-solicit": 135, "nd-neighbor-advert": 136,
    "nd-redirect": 137, "router-renumbering": 138, "ind-neighbor-solicit": 141,
    "ind-neighbor-advert": 142, "mld2-listener-report": 143,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NotUnderstoodError(Exception):
    """A condition that we read and cannot weigh; it becomes opaque."""

    what: str


def listed(value: Any) -> Sequence[Any]:
    """A single value as a list of one."""
    return value if isinstance(value, list) else [value]


def element(value: Any) -> Any:
    """The value of a set's element, without its own timer, counter or comment."""
    if isinstance(value, dict):
        if "elem" in value:
            return element(value["elem"]["val"])
        if not ("prefix" in value or "range" in value):
            raise NotUnderstoodError(str(value))
    if isinstance(value, list):
        raise NotUnderstoodError(str(value))
    return value


def prefixes(values: Iterable[Any]) -> PrefixSet:
    """Addresses, ranges and prefixes as nft's JSON writes them."""
    found = []
    for value in values:
        if isinstance(value, dict) and "prefix" in value:
            found.append(f"{value['prefix']['addr']}/{value['prefix']['len']}")
        elif isinstance(value, dict) and "range" in value:
            found.append("-".join(value["range"]))
        else:
            found.append(value)
    return PrefixSet.of(*found)


def ports(values: Iterable[Any]) -> PortSet:
    """Ports and ranges of ports as nft's JSON writes them."""
    found: list[int | str] = []
    for value in values:
        if isinstance(value, dict):
            first, last = value["range"]
            found.append(f"{first}-{last}")
        elif isinstance(value, int):
            found.append(value)
        else:
            raise NotUnderstoodError(str(value))
    return PortSet.of(*found)
