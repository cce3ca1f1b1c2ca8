"""What a list of the simulated router does to a new TCP connection."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, ip_address, ip_network

from .lists import NAMES, Acl


def admits(
    acl: Acl | None, source: str, destination: str, port: int, groups: dict[str, list[str]]
) -> bool:
    """Does the list let a new TCP connection through? One that is missing or empty does."""
    if acl is None or not [e for e in acl.entries if not e[1].startswith("remark")]:
        return True
    for _, text in acl.entries:
        words = text.split()
        if words[0] not in ("permit", "deny"):
            continue
        if acl.kind == "standard":
            hit = _in(words[1:], source, groups)[0]
        else:
            hit = _hits(words[1:], source, destination, port, groups)
        if hit:
            return words[0] == "permit"
    return False


def _hits(
    words: list[str], source: str, destination: str, port: int, groups: dict[str, list[str]]
) -> bool:
    if words[0] not in ("ip", "ipv6", "tcp", "6") or "established" in words:
        return False
    hit, rest = _in(words[1:], source, groups)
    if not hit:
        return False
    if rest[:1] and rest[0] in ("eq", "range", "gt", "lt", "neq"):
        return False  # the client's own port: none of these
    hit, rest = _in(rest, destination, groups)
    if not hit or not rest or rest[0] not in ("eq", "range", "gt", "lt", "neq"):
        return hit
    numbers = [NAMES["tcp"].get(w, int(w) if w.isdecimal() else -1) for w in rest[1:3]]
    match rest[0]:
        case "eq":
            return port == numbers[0]
        case "neq":
            return port != numbers[0]
        case "range":
            return numbers[0] <= port <= numbers[1]
        case "gt":
            return port > numbers[0]
    return port < numbers[0]


def _in(words: list[str], address: str, groups: dict[str, list[str]]) -> tuple[bool, list[str]]:
    value = ip_address(address)
    if words[0] == "any":
        return True, words[1:]
    if words[0] == "host":
        return value == ip_address(words[1]), words[2:]
    if words[0] == "object-group":
        return any(_member(m, address) for m in groups.get(words[1], [])), words[2:]
    if "/" in words[0]:
        network = ip_network(words[0], strict=False)
        return value.version == network.version and value in network, words[1:]
    if len(words) > 1 and re.match(r"\d+\.\d+\.", words[1]):
        wild = int(IPv4Address(words[1]))
        same = value.version == 4 and int(value) & ~wild == int(IPv4Address(words[0])) & ~wild
        return same, words[2:]
    return value == ip_address(words[0]), words[1:]


def _member(text: str, address: str) -> bool:
    words = text.split()
    if words[0] == "host":
        return ip_address(words[1]) == ip_address(address)
    if words[0] == "range":
        return int(IPv4Address(words[1])) <= int(ip_address(address)) <= int(IPv4Address(words[2]))
    network = ip_network(f"{words[0]}/{words[1]}", strict=False)
    return ip_address(address).version == 4 and ip_address(address) in network
