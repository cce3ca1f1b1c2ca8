"""Addresses and routes of IPv6, which go when it is switched off: they come back from a reading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from routercfg.errors import PackError, ParseError
from routercfg.model.evidence import Unknown
from routercfg.platforms.outputs import Outputs

from .system import json_list

_WORD = re.compile(r"[A-Za-z0-9_.:/@-]+")
#: What `ip -j` says of a route, and the word that says it to `ip`. Empty: it has none.
_ROUTE_WORDS = {
    "dst": "", "gateway": "via", "dev": "dev", "prefsrc": "src", "protocol": "proto",
    "metric": "metric", "type": "", "flags": "", "pref": "", "nexthops": "",
}  # fmt: skip
_ADDRESS_FLAGS = ("nodad", "noprefixroute", "mngtmpaddr")
_T = TypeVar("_T")


def bring_back(before: Outputs, after: Outputs, now: Outputs) -> Iterator[str]:
    """Addresses and routes that went when IPv6 was switched off, of interfaces that are there."""
    for key in ("address", "route6"):
        if any(key not in one for one in (before, after, now)):
            raise ParseError("IPv6 was switched off, and its addresses and routes were not read")
    present = {str(one.get("ifname")) for one in _listed(now, "address")}
    addresses = _missing(*(_addresses(one) for one in (before, after, now)))
    routes = _missing(*(_routes(one) for one in (before, after, now)))
    lines = [f"address replace {line}" for line, device in addresses if device in present]
    lines += [f"route replace {line}" for line, device in routes if device in present | {""}]
    if lines:
        refused = 'echo "routercfg"-error: cannot put IPv6 addresses and routes back'
        yield "\n".join((f"ip -6 -batch - <<'ROUTERCFG' || {refused}", *lines, "ROUTERCFG"))


def _missing(before: Iterable[_T], after: Iterable[_T], now: Iterable[_T]) -> list[_T]:
    here = {*after, *now}
    return [one for one in before if one not in here]


def _listed(outputs: Outputs, key: str) -> list[dict[str, object]]:
    found = json_list(outputs[key])
    if isinstance(found, Unknown):
        raise ParseError(found.reason)
    return found


def _addresses(outputs: Outputs) -> Iterator[tuple[str, str]]:
    """`2001:db8::1/64 dev wan0` with its device, of every address that somebody set."""
    for entry in _listed(outputs, "address"):
        device, infos = str(entry.get("ifname")), entry.get("addr_info", ())
        for info in infos if isinstance(infos, list) else ():
            if (info.get("family"), info.get("scope")) != ("inet6", "global"):
                continue
            if info.get("dynamic") or info.get("temporary"):
                continue  # Advertised: it comes back by itself.
            peer = ["peer", info["address"]] if "address" in info else []
            words = [info["local"], *peer]
            words[-1] = f"{words[-1]}/{info['prefixlen']}"
            flags = [flag for flag in _ADDRESS_FLAGS if info.get(flag)]
            yield _words(*words, "dev", device, *flags), device


def _routes(outputs: Outputs) -> Iterator[tuple[str, str]]:
    """A line of `ip route` with its device, of every route that somebody set."""
    for entry in _listed(outputs, "route6"):
        if entry.get("protocol") in ("kernel", "ra", "redirect"):
            continue
        strange = entry.keys() - _ROUTE_WORDS.keys()
        if strange:
            raise PackError(
                f"the IPv6 route to {entry.get('dst')} has {', '.join(sorted(strange))}, "
                "which cannot be put back"
            )
        yield _words(*_route(entry)), str(entry.get("dev", ""))


def _route(entry: Mapping[str, object]) -> Iterator[object]:
    if "type" in entry:
        yield entry["type"]
    yield entry["dst"]
    for key, word in _ROUTE_WORDS.items():
        if word and key in entry:
            yield from (word, entry[key])
    if "onlink" in _flags(entry):
        yield "onlink"
    hops = entry.get("nexthops", ())
    for hop in hops if isinstance(hops, list) else ():
        yield "nexthop"
        for key, word in (("gateway", "via"), ("dev", "dev"), ("weight", "weight")):
            if key in hop:
                yield from (word, hop[key])
        if "onlink" in _flags(hop):
            yield "onlink"


def _flags(entry: Mapping[str, object]) -> list[object]:
    flags = entry.get("flags", ())
    return flags if isinstance(flags, list) else []


def _words(*words: object) -> str:
    for word in words:
        if not _WORD.fullmatch(str(word)):
            raise ParseError(f"{word!r} is no word of an address or a route")
    return " ".join(map(str, words))
