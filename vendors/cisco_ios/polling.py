"""SNMP: whom each community lets in, and the commands that put a list behind those of all.

A community is a password: what is shown of its line leaves it out, and only the command that
restricts it repeats it, as IOS has no other way to put a list behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from routercfg.errors import PackError
from routercfg.model.change import RestrictManagement
from routercfg.model.evidence import Evidence
from routercfg.model.state import Listener, RouterState
from routercfg.net import PrefixSet

from .quoting import line
from .restricting import allowed

#: In every list of ours, so that it is never empty: nobody comes from there.
_ITSELF = PrefixSet.of("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Community(Evidence):
    """The line of one community. `words` are those of the whole line."""

    words: tuple[str, ...] = field(repr=False, default=())
    sources: PrefixSet = field(repr=False, default_factory=PrefixSet)


def shown(words: list[str]) -> str:
    """The line of a community without the community."""
    return " ".join([*words[:2], "***", *words[3:]])


def lists(words: list[str]) -> tuple[list[str], list[str]]:
    """Names of the lists of both families behind `community X [view V] RO [ipv6 A] [B]`."""
    names4, names6 = [], []
    rest = words[3:]
    while rest:
        word, rest = rest[0], rest[1:]
        if word in ("view", "ipv6") and rest:
            if word == "ipv6":
                names6.append(rest[0])
            rest = rest[1:]
        elif word.upper() not in ("RO", "RW"):
            names4.append(word)
    return names4, names6


@dataclass(frozen=True, slots=True)
class Behind:
    """Lists of ours that stand behind communities, and the commands that put them there."""

    name: str
    sources: PrefixSet
    commands: tuple[str, ...]


def snmp_lists(change: RestrictManagement, state: RouterState) -> list[Behind]:
    """One pair of lists for all communities that let in the same sources."""
    listener = next((one for one in change.listeners if one.name == "snmp"), None)
    if listener is None:
        return []
    found: dict[PrefixSet, list[Community]] = {}
    others: set[str] = set()
    for one in listener.evidence:
        if not isinstance(one, Community):
            raise PackError("SNMP groups are restricted by hand")
        wanted = allowed(replace(listener, sources=one.sources), change, state)
        strangers = one.sources - wanted - _ITSELF
        if any(strangers.only(4 if family == 4 else 6) for family in listener.families):
            found.setdefault(wanted, []).append(one)
        else:
            others.update(one.words)
    names = (f"routercfg-management-snmp{n if n > 1 else ''}" for n in count(1))
    free = (name for name in names if f"{name}-v4" not in others)
    return [
        Behind(name, sources, tuple(_command(one, name, listener) for one in communities))
        for name, (sources, communities) in zip(free, found.items(), strict=False)
    ]


def _command(one: Community, name: str, listener: Listener) -> str:
    words = list(one.words[3:])
    view = words[words.index("view") : words.index("view") + 2] if "view" in words else []
    rights = next((word for word in words if word.upper() in ("RO", "RW")), "RO")
    ipv6 = ["ipv6", f"{name}-v6"] if 6 in listener.families else []
    return line(" ".join([*one.words[:3], *view, rights.upper(), *ipv6, f"{name}-v4"]))


FILTERS: Mapping[str, Callable[..., Any]] = {"snmp_lists": snmp_lists}
