"""Which list is bound where, and which of its sequence numbers are free for us.

Entries of ours always come first, on numbers fixed by what they are for: a list in use is only ever
added to, never emptied and written again, since the first line of a new list would end the session
that types the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from routercfg.errors import PackError
from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Hook, Ruleset
from routercfg.model.state import RouterState
from routercfg.net import Family

#: First number of a list after we renumber it.
_ROOM = 1000


@dataclass(frozen=True, slots=True)
class Binding:
    """A list on an interface. `first`: the lowest number that is not ours.

    `printed`: the configuration shows the numbers, so that renumbering would change its lines.
    """

    interface: str
    header: str
    direction: str
    first: int
    printed: bool
    texts: frozenset[str]

    def from_outside(self, wans: tuple[str, ...]) -> bool:
        """Do packets that it sees come from outside?"""
        return (self.interface in wans) is (self.direction == "in")

    @property
    def name(self) -> str:
        """The list's name."""
        return self.header.rsplit(" ", 1)[1]


@dataclass(frozen=True, slots=True)
class Spot:
    """Numbers for entries in a list, and the lines that make room for them first."""

    header: str
    numbers: tuple[int, ...]
    room: tuple[str, ...] = ()


def bindings(state: RouterState, family: Family, direction: str) -> list[Binding]:
    """Every list bound in this direction that filters."""
    ruleset = state.firewall.ruleset(Hook.FORWARD, family)
    if isinstance(ruleset, Unknown):
        return []
    found = []
    for chain in ruleset.base:
        if chain.name != f"access lists {direction}":
            continue
        for rule in chain.rules:
            if rule.target is None or rule.match.dnat is True:
                continue
            found.append(
                _binding(ruleset, rule.id.removeprefix("interface "), rule.target, direction)
            )
    return found


def _binding(ruleset: Ruleset, interface: str, target: str, direction: str) -> Binding:
    header = target.removesuffix(" after translation")
    chain = ruleset.chains[target]
    entries: list[tuple[int, str]] = []
    printed, texts = False, set()
    for rule in chain.rules:
        match = re.search(r" (\d+)$", rule.id.removeprefix(header))
        text = rule.evidence.text if rule.evidence is not None else ""
        texts.add(" ".join(text.split()))
        if match is None:
            continue
        entries.append((int(match[1]), text))
        if "object-group routercfg-" not in text:
            printed = printed or bool(re.match(r"\d|sequence ", text) or " sequence " in text)
    ours = _ours(entries)
    first = min((number for number, _ in entries if number not in ours), default=_ROOM)
    return Binding(interface, header, direction, first, printed, frozenset(texts))


def _ours(entries: Iterable[tuple[int, str]]) -> set[int]:
    """The numbers of entries that are ours. What shuts everybody else out cannot bear our name: it
    stands two places behind the entry that lets some in, and is about the same.
    """
    plain = {number: _plain(text) for number, text in entries}
    found = {number for number, text in plain.items() if "object-group routercfg-" in text}
    for number in tuple(found):
        begin, ours, behind = plain[number].partition(
            "permit tcp object-group routercfg-management "
        )
        if ours and not begin:
            found |= {
                place
                for place, text in (
                    (number + 1, f"permit tcp any {behind} established"),
                    (number + 2, f"deny tcp any {behind}"),
                )
                if plain.get(place) == text
            }
    return found


def _plain(text: str) -> str:
    """An entry without its number and its count of packets."""
    bare = re.sub(r"^\d+ | \(\d+ match(?:es)?\)$", "", " ".join(text.split()))
    return bare.removesuffix(" ")


def slots(bound: Binding | None, before: int, count: int) -> Spot:
    """`count` numbers that end `before` places ahead of the list's own first.

    Where none is bound: the list of ours to be made. Raises PackError where there is no room.
    """
    if bound is None:
        header = "ip access-list extended routercfg-management-wan"
        first = _ROOM
        # Renumbered after its last entry, so that there is room before it however often this runs.
        room: tuple[str, ...] = (header, "permit ip any any", _resequence(header))
        return Spot(header, _numbers(first, before, count), room)
    if bound.header.startswith("ip access-list standard"):
        raise PackError(f"list {bound.name} on {bound.interface} is a standard one, without ports")
    if bound.first - before - count + 1 > 0:
        return Spot(bound.header, _numbers(bound.first, before, count))
    if bound.printed or bound.header.startswith("ipv6"):
        raise PackError(
            f"list {bound.name} has no room before {bound.first}: renumber it first "
            f"({_resequence(bound.header)})"
        )
    return Spot(bound.header, _numbers(_ROOM, before, count), (_resequence(bound.header),))


def _numbers(first: int, before: int, count: int) -> tuple[int, ...]:
    last = first - before
    if last - count + 1 < 1:
        raise PackError("there are more forwards than there is room for in one list")
    return tuple(range(last - count + 1, last + 1))


def _resequence(header: str) -> str:
    return f"ip access-list resequence {header.rsplit(' ', 1)[1]} {_ROOM} 10"
