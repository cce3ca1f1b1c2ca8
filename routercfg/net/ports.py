"""PortSet: an immutable set of TCP or UDP ports with exact algebra."""

from __future__ import annotations

from dataclasses import dataclass

from routercfg.net import intervals as algebra
from routercfg.net.intervals import Interval, Intervals

_LAST = 65535


@dataclass(frozen=True, slots=True)
class PortSet:
    """A union of port intervals. Build it with `of`, `all`, or the operators `| & -`."""

    intervals: Intervals = ()

    @classmethod
    def of(cls, *items: int | str | PortSet) -> PortSet:
        """Union of ports, `first-last` ranges, comma lists of both, and other sets.

        Raises ValueError on anything that is not a port between 0 and 65535.
        """
        found: list[Interval] = []
        for item in items:
            if isinstance(item, PortSet):
                found += item.intervals
            elif isinstance(item, int):
                found.append(_checked(item, item))
            else:
                found += (_interval(part) for part in item.split(","))
        return cls(algebra.normalise(found))

    @classmethod
    def all(cls) -> PortSet:
        """Every port."""
        return cls(((0, _LAST),))

    def __or__(self, other: PortSet) -> PortSet:
        return PortSet(algebra.union(self.intervals, other.intervals))

    def __and__(self, other: PortSet) -> PortSet:
        return PortSet(algebra.intersection(self.intervals, other.intervals))

    def __sub__(self, other: PortSet) -> PortSet:
        return PortSet(algebra.difference(self.intervals, other.intervals))

    def __invert__(self) -> PortSet:
        return PortSet.all() - self

    def __le__(self, other: PortSet) -> bool:
        return not self - other

    def __contains__(self, port: int) -> bool:
        return algebra.contains(self.intervals, port)

    def __bool__(self) -> bool:
        return bool(self.intervals)

    def __len__(self) -> int:
        return algebra.count(self.intervals)

    @property
    def is_all(self) -> bool:
        """Does it hold every port a service can listen on (1 to 65535)?"""
        return bool(self.intervals) and self.intervals[-1] in ((0, _LAST), (1, _LAST))

    def __str__(self) -> str:
        if self.is_all:
            return "all"
        parts = (str(a) if a == b else f"{a}-{b}" for a, b in self.intervals)
        return ",".join(parts) or "none"


def _interval(text: str) -> Interval:
    first, dash, last = text.strip().partition("-")
    if not first.strip().isdecimal() or (dash and not last.strip().isdecimal()):
        raise ValueError(f"{text!r} is not a port or a range of ports")
    return _checked(int(first), int(last) if dash else int(first))


def _checked(first: int, last: int) -> Interval:
    if not 0 <= first <= last <= _LAST:
        raise ValueError(f"{first}-{last} is not a range of ports between 0 and {_LAST}")
    return first, last


NO_PORTS = PortSet()
ALL_PORTS = PortSet.all()
