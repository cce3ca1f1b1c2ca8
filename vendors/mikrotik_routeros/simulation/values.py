"""Value types of RouterOS arguments: what is accepted, and the form it is kept in."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .refusals import Refusal, invalid, no_match

_UNITS = (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:w|d|h|ms|m|s))+")
_CLOCK = re.compile(r"(?:(?:(\d+)w)?(?:(\d+)d)?)?(\d{1,3}):(\d{2})(?::(\d{2}))?")
_TRUE = {"yes", "true"}
_FALSE = {"no", "false"}
PROTOCOLS = {
    "icmp": 1, "igmp": 2, "ggp": 3, "ip-encap": 4, "st": 5, "tcp": 6, "egp": 8, "pup": 12,
    "udp": 17, "hmp": 20, "xns-idp": 22, "rdp": 27, "iso-tp4": 29, "dccp": 33, "xtp": 36,
    "ddp": 37, "idpr-cmtp": 38, "ipv6-encap": 41, "rsvp": 46, "gre": 47, "ipsec-esp": 50,
    "ipsec-ah": 51, "rspf": 73, "vmtp": 81, "ospf": 89, "ipip": 94, "encap": 98, "pim": 103,
    "vrrp": 112, "l2tp": 115, "sctp": 132, "udp-lite": 136, "icmpv6": 58,
}  # fmt: skip
PORTED = frozenset({"tcp", "udp", "udp-lite", "dccp", "sctp"})
_BY_NUMBER = {number: name for name, number in PROTOCOLS.items()}
_ANY_INTERFACE = frozenset({"all-ethernet", "all-ppp", "all-vlan", "all-wireless"})


class World(Protocol):
    """What a reference may name at this moment."""

    def interfaces(self) -> set[str]: ...
    def interface_lists(self) -> set[str]: ...


Check = Callable[[str, str, World], str]


@dataclass(frozen=True, slots=True)
class Type:
    """A value type: `check(argument, text, world)` gives the kept form or raises a Refusal."""

    name: str
    check: Check
    choices: tuple[str, ...] = ()


def duration(text: str) -> int:
    """Seconds in `5m`, `1d2h`, `00:05:00` or `300`. Raises ValueError."""
    if text.isdigit():
        return int(text)
    if clock := _CLOCK.fullmatch(text):
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return weeks * 604_800 + days * 86_400 + hours * 3_600 + minutes * 60 + seconds
    if not _DURATION.fullmatch(text):
        raise ValueError(text)
    factor = dict(_UNITS) | {"ms": 0}
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|[wdhms])", text)
    return int(sum(float(amount) * factor[unit] for amount, unit in parts))


def spoken(seconds: int) -> str:
    """A duration as RouterOS prints it: `5m`, `1h30m`, `0s`."""
    parts = []
    for unit, size in _UNITS:
        if amount := seconds // size:
            parts.append(f"{amount}{unit}")
        seconds %= size
    return "".join(parts) or "0s"


def _text(argument: str, text: str, world: World) -> str:
    del argument, world
    return text


def _bool(argument: str, text: str, world: World) -> str:
    del world
    if text in _TRUE or (text and "yes".startswith(text)):
        return "yes"
    if text in _FALSE or (text and "no".startswith(text)):
        return "no"
    raise no_match(argument)


def _time(argument: str, text: str, world: World) -> str:
    del world
    if text in ("none", "none-dynamic", "none-static", "auto", "unlimited", "startup"):
        return text
    try:
        return spoken(duration(text))
    except ValueError:
        raise invalid(argument) from None


def _prefix(version: int, *, host_bits: bool, ranges: bool) -> Check:
    def check(argument: str, text: str, world: World) -> str:
        del world
        if ranges and "-" in text:
            low, _, high = text.partition("-")
            first, last = _address(argument, low, version), _address(argument, high, version)
            if first > last:  # type: ignore[operator]  # both are of one family here
                raise invalid(argument)
            return f"{first}-{last}"
        return _network(argument, text, version, host_bits=host_bits)

    return check


def _address(
    argument: str, text: str, version: int
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise invalid(argument) from None
    if version and address.version != version:
        raise invalid(argument)
    return address


def _network(argument: str, text: str, version: int, *, host_bits: bool) -> str:
    try:
        interface = ipaddress.ip_interface(text)
    except ValueError:
        raise invalid(argument) from None
    if version and interface.version != version:
        raise invalid(argument)
    length = interface.network.prefixlen
    address = interface.ip if host_bits else interface.network.network_address
    # RouterOS drops a /32 on IPv4 and adds a /128 on IPv6.
    return str(address) if interface.version == 4 and length == 32 else f"{address}/{length}"


def _either(*checks: Check) -> Check:
    def check(argument: str, text: str, world: World) -> str:
        refusal: Refusal | None = None
        for attempt in checks:
            try:
                return attempt(argument, text, world)
            except Refusal as error:
                refusal = error
        raise refusal or invalid(argument)

    return check


_NAME = re.compile(
    r"(?=.*[A-Za-z])[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_-]+)*\.?"
)


def _dns_name(argument: str, text: str, world: World) -> str:
    del world
    if not _NAME.fullmatch(text):
        raise invalid(argument)
    return text


def _host(argument: str, text: str, world: World) -> str:
    del world
    return str(_address(argument, text, 0))


def _gateway(argument: str, text: str, world: World) -> str:
    name = text.rpartition("%")[2]
    return text if name in world.interfaces() else _host(argument, text, world)


def _ports(argument: str, text: str, world: World) -> str:
    del world
    parts = text.split(",")
    for part in parts:
        bounds = part.split("-")
        if len(bounds) > 2 or not all(re.fullmatch(r"\d{1,5}", b) for b in bounds):
            raise invalid(argument)
        numbers = [int(b) for b in bounds]
        if any(n > 65_535 for n in numbers) or numbers != sorted(numbers):
            raise invalid(argument)
    return text


def _protocol(argument: str, text: str, world: World) -> str:
    del world
    if text.isdigit():
        if int(text) > 255:
            raise invalid(argument)
        return _BY_NUMBER.get(int(text), text)
    if text not in PROTOCOLS:
        raise no_match(argument)
    return text


def _interface(argument: str, text: str, world: World) -> str:
    if text not in world.interfaces() | _ANY_INTERFACE:
        raise no_match(argument)
    return text


def _interface_list(argument: str, text: str, world: World) -> str:
    if text not in world.interface_lists():
        raise no_match(argument)
    return text


def _mac(argument: str, text: str, world: World) -> str:
    del world
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}", text):
        raise invalid(argument)
    return text.upper()


def _name(argument: str, text: str, world: World) -> str:
    del world
    if not text:
        raise invalid(argument)
    return text


def _inverted(check: Check) -> Check:
    def wrapped(argument: str, text: str, world: World) -> str:
        sign = "!" if text.startswith("!") else ""
        return sign + check(argument, text[len(sign) :], world)

    return wrapped


def _listed(check: Check) -> Check:
    def wrapped(argument: str, text: str, world: World) -> str:
        return ",".join(check(argument, part, world) for part in text.split(",")) if text else ""

    return wrapped


def _one_of(choices: tuple[str, ...]) -> Check:
    def check(argument: str, text: str, world: World) -> str:
        del world
        if text in choices:
            return text
        fitting = [choice for choice in choices if text and choice.startswith(text)]
        if len(fitting) == 1:
            return fitting[0]
        raise no_match(argument)

    return check


def _number(low: int, high: int) -> Check:
    def check(argument: str, text: str, world: World) -> str:
        del world
        if not re.fullmatch(r"-?\d+", text) or not low <= int(text) <= high:
            raise invalid(argument)
        return text

    return check


_SIMPLE: dict[str, Check] = {
    "text": _text,
    "name": _name,
    "bool": _bool,
    "flag": _bool,
    "time": _time,
    "int": _number(0, 2**32 - 1),
    "port": _number(1, 65_535),
    "ports": _ports,
    "proto": _protocol,
    "ip": _host,
    "ips": _listed(_host),
    "if4": _prefix(4, host_bits=True, ranges=False),
    "if6": _prefix(6, host_bits=True, ranges=False),
    "net4": _prefix(4, host_bits=False, ranges=True),
    "net6": _prefix(6, host_bits=False, ranges=True),
    "nets": _listed(_prefix(0, host_bits=False, ranges=False)),
    "list4": _either(_prefix(4, host_bits=False, ranges=True), _dns_name),
    "list6": _either(_prefix(6, host_bits=False, ranges=True), _dns_name),
    "to4": _prefix(4, host_bits=False, ranges=True),
    "to6": _prefix(6, host_bits=False, ranges=True),
    "gw": _gateway,
    "iface": _interface,
    "iflist": _interface_list,
    "mac": _mac,
}


def type_named(name: str) -> Type:
    """The type a menu table names.

    `a|b` is a choice, `*` before a type a comma list of it, `!` before it a matcher that may be
    inverted, `int(1..9)` a bounded number.
    """
    if name.startswith("!"):
        inner = type_named(name[1:])
        return Type(name, _inverted(inner.check), inner.choices)
    if name.startswith("*"):
        inner = type_named(name[1:])
        return Type(name, _listed(inner.check), inner.choices)
    if "|" in name:
        choices = tuple(name.split("|"))
        return Type(name, _one_of(choices), choices)
    if bounds := re.fullmatch(r"int\((\d+)\.\.(\d+)\)", name):
        return Type(name, _number(int(bounds[1]), int(bounds[2])))
    return Type(name, _SIMPLE[name])
