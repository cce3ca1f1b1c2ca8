"""PrefixSet: an immutable set of IPv4 and IPv6 addresses with exact algebra."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
    summarize_address_range,
)
from typing import Literal

from routercfg.net import intervals as algebra
from routercfg.net.intervals import Interval, Intervals

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Family = Literal[4, 6]

_LAST4 = 2**32 - 1
_LAST6 = 2**128 - 1


@dataclass(frozen=True, slots=True)
class PrefixSet:
    """A union of IPv4 and IPv6 intervals. Build it with `of`, `all`, or the operators `| & -`."""

    v4: Intervals = ()
    v6: Intervals = ()

    @classmethod
    def of(cls, *items: str | Address | Network | PrefixSet) -> PrefixSet:
        """Union of prefixes, addresses and `first-last` ranges.

        Host bits are allowed (`192.0.2.5/24` means its network, as routers print interfaces).
        Raises ValueError on anything else.
        """
        v4: list[Interval] = []
        v6: list[Interval] = []
        for item in items:
            if isinstance(item, PrefixSet):
                v4 += item.v4
                v6 += item.v6
                continue
            family, pair = _interval(item)
            (v4 if family == 4 else v6).append(pair)
        return cls(algebra.normalise(v4), algebra.normalise(v6))

    @classmethod
    def all(cls, family: Family | None = None) -> PrefixSet:
        """Every address, of one family or of both."""
        return cls(
            ((0, _LAST4),) if family in (4, None) else (),
            ((0, _LAST6),) if family in (6, None) else (),
        )

    def __or__(self, other: PrefixSet) -> PrefixSet:
        if not other.v4 and not other.v6:
            return self
        return PrefixSet(algebra.union(self.v4, other.v4), algebra.union(self.v6, other.v6))

    def __and__(self, other: PrefixSet) -> PrefixSet:
        return PrefixSet(
            algebra.intersection(self.v4, other.v4), algebra.intersection(self.v6, other.v6)
        )

    def __sub__(self, other: PrefixSet) -> PrefixSet:
        if not other.v4 and not other.v6:
            return self
        return PrefixSet(
            algebra.difference(self.v4, other.v4), algebra.difference(self.v6, other.v6)
        )

    def __invert__(self) -> PrefixSet:
        return PrefixSet.all() - self

    def __le__(self, other: PrefixSet) -> bool:
        return not self - other

    def __contains__(self, item: str | Address | Network | PrefixSet) -> bool:
        return PrefixSet.of(item) <= self

    def __bool__(self) -> bool:
        return bool(self.v4 or self.v6)

    def __len__(self) -> int:
        """How many intervals, not how many addresses: the latter does not fit a C integer."""
        return len(self.v4) + len(self.v6)

    def only(self, family: Family) -> PrefixSet:
        """The part of one address family."""
        if not (self.v6 if family == 4 else self.v4):
            return self
        return PrefixSet(self.v4, ()) if family == 4 else PrefixSet((), self.v6)

    def is_all(self, family: Family) -> bool:
        """Does it hold every address of the family?"""
        return self.v4 == EVERYBODY.v4 if family == 4 else self.v6 == EVERYBODY.v6

    def prefixes(self) -> tuple[Network, ...]:
        """The fewest prefixes that cover exactly this set, IPv4 first, in ascending order."""
        return (
            *(n for low, high in self.v4 for n in _summary(IPv4Address(low), IPv4Address(high))),
            *(n for low, high in self.v6 for n in _summary(IPv6Address(low), IPv6Address(high))),
        )

    def __str__(self) -> str:
        return ", ".join(str(prefix) for prefix in self.prefixes()) or "nobody"


def _summary(first: Address, last: Address) -> Iterable[Network]:
    return summarize_address_range(first, last)


def _interval(item: str | Address | Network) -> tuple[int, Interval]:
    if isinstance(item, str):
        return _written(item)
    if isinstance(item, IPv4Address | IPv6Address):
        return item.version, (int(item), int(item))
    return item.version, (int(item.network_address), int(item.broadcast_address))


# A router's own addresses are asked for again and again while it is judged.
@lru_cache(maxsize=4096)
def _written(item: str) -> tuple[int, Interval]:
    text = item.strip()
    if "-" in text:
        first, last = (ip_address(part.strip()) for part in text.split("-", 1))
        if first.version != last.version or int(first) > int(last):
            raise ValueError(f"{text!r} is not a range of addresses")
        return first.version, (int(first), int(last))
    return _interval(ip_network(text, strict=False) if "/" in text else ip_address(text))


NOBODY = PrefixSet()
EVERYBODY = PrefixSet.all()

#: Space that cannot be reached from the internet: RFC 1918, RFC 6598, link-local, loopback, ULA.
#: Where WAN itself has such an address (double NAT), it counts as outside all the same.
NOT_INTERNET = PrefixSet.of(
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1",
)
INTERNET = EVERYBODY - NOT_INTERNET
