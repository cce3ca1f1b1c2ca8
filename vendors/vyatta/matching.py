"""What one rule asks of a packet. What is not understood is named, never left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from routercfg.model.firewall import Interfaces, Match
from routercfg.net import EVERYBODY, Family, PortSet, PrefixSet

from .tree import Node

_Set = TypeVar("_Set", PrefixSet, PortSet)

_NUMBERS = {
    "1": "icmp",
    "6": "tcp",
    "17": "udp",
    "47": "gre",
    "50": "esp",
    "51": "ah",
    "58": "icmpv6",
}
_PORTS = {
    "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "tftp": 69, "http": 80,
    "ntp": 123, "snmp": 161, "https": 443, "sip": 5060, "sips": 5061, "sip-tls": 5061,
}  # fmt: skip
_ICMP = {
    "echo-reply": 0, "destination-unreachable": 3, "source-quench": 4, "redirect": 5,
    "echo-request": 8, "router-advertisement": 9, "router-solicitation": 10,
    "time-exceeded": 11, "parameter-problem": 12, "timestamp-request": 13, "timestamp-reply": 14,
}  # fmt: skip
_ICMP6 = {
    "destination-unreachable": 1, "packet-too-big": 2, "time-exceeded": 3, "parameter-problem": 4,
    "echo-request": 128, "ping": 128, "echo-reply": 129, "pong": 129, "mld-listener-query": 130,
    "mld-listener-report": 131, "mld-listener-reduction": 132, "router-solicitation": 133,
    "nd-router-solicit": 133, "router-advertisement": 134, "nd-router-advert": 134,
    "neighbor-solicitation": 135, "neighbour-solicitation": 135, "nd-neighbor-solicit": 135,
    "neighbor-advertisement": 136, "neighbour-advertisement": 136, "nd-neighbor-advert": 136,
    "nd-redirect": 137, "redirect": 137, "mld2-listener-report": 143,
}  # fmt: skip
#: What decides nothing about which packets match.
_ASIDE = frozenset({
    "action", "description", "disable", "exclude", "inside-address", "jump-target", "load-balance",
    "log", "log-level", "log-options", "offload-target", "outside-address", "queue",
    "queue-options", "set", "translation", "type",
})  # fmt: skip
_GROUPS = {
    "address-group": "address",
    "network-group": "network",
    "ipv6-address-group": "address",
    "ipv6-network-group": "network",
}


class Groups:
    """The named groups of `firewall group`, resolved with the groups they include."""

    def __init__(self, root: Node) -> None:
        self._root = root

    def prefixes(self, kind: str, name: str, family: Family) -> PrefixSet | None:
        """Addresses of a group; None where it is not there or not understood."""
        if family == 6 and not kind.startswith("ipv6-"):
            kind = f"ipv6-{kind}"
        words = self._members(kind, name, _GROUPS.get(kind, ""))
        return None if words is None else prefixes(words)

    def ports(self, name: str) -> PortSet | None:
        """Ports of a port group."""
        words = self._members("port-group", name, "port")
        return None if words is None else ports(",".join(words))

    def interfaces(self, name: str) -> frozenset[str] | None:
        """Interfaces of an interface group."""
        words = self._members("interface-group", name, "interface")
        return None if words is None else frozenset(words)

    def _members(self, kind: str, name: str, leaf: str, depth: int = 0) -> list[str] | None:
        group = self._root.at("firewall", "group", kind, name)
        if group is None or not leaf or depth > 16:
            return None
        words = list(group.words(leaf))
        for inner in group.words("include"):
            more = self._members(kind, inner, leaf, depth + 1)
            if more is None:
                return None
            words += more
        return words


def prefixes(words: Iterable[str]) -> PrefixSet | None:
    """Addresses, prefixes and ranges; None where one of them is something else."""
    try:
        return PrefixSet.of(*words)
    except ValueError:
        return None


def ports(text: str) -> PortSet | None:
    """Comma-separated ports, ranges and names of services; None where a name is not known."""
    found = PortSet()
    for part in text.split(","):
        try:
            found |= PortSet.of(_PORTS.get(part.strip(), part))
        except ValueError:
            return None
    return found


def protocols(text: str | None) -> frozenset[str] | str | None:
    """Protocols of a rule; None is all of them, text what is not understood."""
    if text in (None, "all", "ip"):
        return None
    if text == "tcp_udp":
        return frozenset({"tcp", "udp"})
    if text.startswith("!"):
        return f"protocol {text}"
    name = _NUMBERS.get(text, text.lower())
    return frozenset({"icmpv6" if name in ("ipv6-icmp", "icmpv6") else name})


def match_of(rule: Node, groups: Groups, family: Family) -> Match:
    """Everything a rule asks, in one family."""
    opaque: list[str] = []
    wanted = protocols(rule.value("protocol"))
    if isinstance(wanted, str):
        opaque.append(wanted)
        wanted = None
    sources, source_ports = _side(rule.at("source"), "source", groups, family, opaque)
    destinations, target_ports = _side(
        rule.at("destination"), "destination", groups, family, opaque
    )
    types = _icmp_types(rule, family, opaque)
    known = {"protocol", "source", "destination", "state", "icmp", "icmpv6", "inbound-interface",
             "outbound-interface", "connection-status"}  # fmt: skip
    opaque += [
        " ".join(path)
        for word, child in rule.children.items()
        if word not in known | _ASIDE
        for path, _ in [next(child.paths(word), ((word,), 0))]
    ]
    return Match(
        protocols=wanted,
        sources=sources,
        destinations=destinations,
        source_ports=source_ports,
        ports=target_ports,
        states=_states(rule.at("state")),
        in_interfaces=_interfaces(rule.at("inbound-interface"), groups, opaque),
        out_interfaces=_interfaces(rule.at("outbound-interface"), groups, opaque),
        dnat=_translated(rule, opaque),
        icmp_types=types,
        opaque=tuple(opaque),
    )


def is_limited(match: Match) -> bool:
    """Is all that is opaque in it a limit on the rate?"""
    return bool(match.opaque) and all(text.startswith("limit ") for text in match.opaque)


def _side(
    node: Node | None, side: str, groups: Groups, family: Family, opaque: list[str]
) -> tuple[PrefixSet | None, PortSet | None]:
    """Addresses and ports of one side; several conditions must hold together."""
    if node is None:
        return None, None
    where: PrefixSet | None = None
    numbers: PortSet | None = None
    for text in node.words("address"):
        where = _both(
            where, _negatable(text, family, lambda t: prefixes([t])), f"{side} {text}", opaque
        )
    for text in node.words("port"):
        numbers = _both(numbers, _negatable_ports(text, ports), f"{side} port {text}", opaque)
    for kind in node.below("group"):
        for name in kind.words():
            label = f"{side} group {kind.word} {name}"
            if kind.word == "port-group":
                numbers = _both(numbers, _negatable_ports(name, groups.ports), label, opaque)
                continue
            read = partial(groups.prefixes, kind.word, family=family)
            found = _negatable(name, family, read)
            where = _both(where, found, label, opaque)
    opaque += [f"{side} {w}" for w in node.words() if w not in ("address", "port", "group")]
    return where, numbers


def _negatable(
    text: str, family: Family, read: Callable[[str], PrefixSet | None]
) -> PrefixSet | None:
    found = read(text.removeprefix("!"))
    if found is None:
        return None
    return EVERYBODY.only(family) - found if text.startswith("!") else found


def _negatable_ports(text: str, read: Callable[[str], PortSet | None]) -> PortSet | None:
    found = read(text.removeprefix("!"))
    return ~found if found is not None and text.startswith("!") else found


def _both(had: _Set | None, more: _Set | None, label: str, opaque: list[str]) -> _Set | None:
    if more is None:
        opaque.append(label)
        return had
    return more if had is None else had & more


def _states(node: Node | None) -> frozenset[str] | None:
    """`state established enable`, or `state established` from VyOS 1.4; `disable` asks nothing."""
    if node is None:
        return None
    found = frozenset(child.word for child in node.children.values() if not child.has("disable"))
    return found or None


def _interfaces(node: Node | None, groups: Groups, opaque: list[str]) -> Interfaces | None:
    if node is None:
        return None
    words = node.words()
    for leaf in ("name", "interface-name", "group", "interface-group"):
        value = node.value(leaf)
        if value is None:
            continue
        negated, name = value.startswith("!"), value.removeprefix("!")
        names = groups.interfaces(name) if "group" in leaf else frozenset({name})
        if names is None:
            opaque.append(f"{node.word} {leaf} {value}")
            return None
        return Interfaces(names, negated)
    if len(words) != 1:
        opaque.append(node.word)
        return None
    if words[0] == "any":
        return None
    # `eth+` stands for every interface whose name begins so.
    name = re.sub(r"\+$", "*", words[0].removeprefix("!"))
    return Interfaces(frozenset({name}), words[0].startswith("!"))


def _translated(rule: Node, opaque: list[str]) -> bool | None:
    if not rule.has("connection-status"):
        return None
    if rule.value("connection-status", "nat") == "destination":
        return True
    opaque.append("connection-status")
    return None


def _icmp_types(rule: Node, family: Family, opaque: list[str]) -> frozenset[int] | None:
    node = rule.at("icmpv6" if family == 6 else "icmp")
    if node is None:
        return None
    names = _ICMP6 if family == 6 else _ICMP
    found: frozenset[int] | None = None
    for leaf in ("type", "type-name"):
        for text in node.words(leaf):
            kind, slash, _ = text.partition("/")
            number = names.get(kind, int(kind) if kind.isdecimal() else None)
            if number is None:
                opaque.append(f"{node.word} {leaf} {text}")
                continue
            found = frozenset({number})
            if slash:
                opaque.append(f"{node.word} {leaf} {text}")
    if node.has("code"):
        opaque.append(f"{node.word} code")
    return found
