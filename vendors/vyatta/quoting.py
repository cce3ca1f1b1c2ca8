"""Values as words of a `set` line: taken as they are, or refused."""

from __future__ import annotations

import re

from routercfg.errors import UnsafeValueError
from routercfg.net import Family, PortSet, PrefixSet

_PLAIN = re.compile(r"[A-Za-z0-9_.:/@+,-]{1,128}")
_QUOTED = re.compile(r"[A-Za-z0-9 _.:/@+,!*=()\[\]-]{1,256}")
_INTERFACE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,14}(?:\.\d{1,4}){0,2}")


def quote(value: str) -> str:
    """One word, in single quotes, which know no escapes, where it is not plain."""
    if _PLAIN.fullmatch(value):
        return value
    if not _QUOTED.fullmatch(value):
        raise UnsafeValueError(f"{value!r} cannot stand in a `set` line")
    return f"'{value}'"


def path(text: str) -> str:
    """A path of words, as the ids of these packs are."""
    return " ".join(quote(word) for word in text.split(" "))


def interface(name: str) -> str:
    """The name of an interface."""
    if not _INTERFACE.fullmatch(name):
        raise UnsafeValueError(f"{name!r} is no name of an interface")
    return name


def prefixes(found: PrefixSet, family: Family) -> list[str]:
    """The prefixes of one family."""
    return [str(prefix) for prefix in found.only(family).prefixes()]


def ports(found: PortSet) -> str:
    """A list of ports and ranges, as far as one rule can hold it.

    That is what the multiport match of iptables holds, fifteen, of which a range takes two.
    """
    places = sum(1 if low == high else 2 for low, high in found.intervals)
    if not found or places > 15:
        raise UnsafeValueError(f"{found} cannot stand in one rule")
    return ",".join(
        str(low) if low == high else f"{max(low, 1)}-{high}" for low, high in found.intervals
    )
