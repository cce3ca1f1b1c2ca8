"""Values on nft's and the shell's command line: taken as they are, or refused."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from routercfg.errors import UnsafeValueError
from routercfg.net import Family, PortSet, PrefixSet

_INTERFACE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,14}\*?")
_STRING = re.compile(r"[A-Za-z0-9 _.,:@/+-]{1,120}")
_RULE = re.compile(r"(ip|ip6|inet) ([\w.-]+) ([\w.-]+) (\d+)(?:#\d+)?")
_SYSCTL = re.compile(r"net(\.[a-z0-9_]+)+")


def quote(value: str) -> str:
    """A string in double quotes for nft, which knows no escapes within them."""
    if not _STRING.fullmatch(value):
        raise UnsafeValueError(f"{value!r} cannot stand in a string of nft")
    return f'"{value}"'


def shell(value: str) -> str:
    """One word for the shell."""
    if not value.isprintable():
        raise UnsafeValueError(f"{value!r} holds a control character")
    return shlex.quote(value)


def interfaces(names: Iterable[str]) -> str:
    """A set of interface names; `ppp*` stays a wildcard."""
    listed = sorted(set(names))
    for name in listed:
        if not _INTERFACE.fullmatch(name):
            raise UnsafeValueError(f"{name!r} is no name of an interface")
    if not listed:
        raise UnsafeValueError("no interface is given")
    return "{ " + ", ".join(f'"{name}"' for name in listed) + " }"


def addresses(prefixes: PrefixSet, family: Family) -> str:
    """A set of prefixes of one family; empty text where there are none."""
    listed = [str(prefix) for prefix in prefixes.only(family).prefixes()]
    return "{ " + ", ".join(listed) + " }" if listed else ""


def ports(wanted: PortSet) -> str:
    """A set of ports."""
    if not wanted:
        raise UnsafeValueError("no port is given")
    parts = (str(a) if a == b else f"{a}-{b}" for a, b in wanted.intervals)
    return "{ " + ", ".join(parts) + " }"


def rule_place(identity: str) -> tuple[str, str, str]:
    """Family with table, chain, and handle of a rule as `Rule.id` names it."""
    match = _RULE.fullmatch(identity)
    if match is None:
        raise UnsafeValueError(f"{identity!r} does not name a rule of nft")
    return f"{match[1]} {match[2]}", match[3], match[4]


def sysctl(name: str) -> str:
    """The name of a kernel parameter."""
    if not _SYSCTL.fullmatch(name):
        raise UnsafeValueError(f"{name!r} is no name of a kernel parameter")
    return name
