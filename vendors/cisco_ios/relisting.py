"""The way back for access lists: entry by entry, at the old place, never by a list in use."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from routercfg.errors import PackError, ParseError
from routercfg.model.undo import Conflict
from routercfg.net import Family

from .source import Source

_NUMBER = re.compile(r"^(?:sequence )?(\d+) (?=\S)| sequence \d+$")
#: Numbers of a list after it was renumbered for want of room.
_STEP = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `number` is None where nothing shows it; `line` is where it stands in the text."""

    text: str
    number: int | None
    line: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One access list. `printed`: the configuration shows the numbers of its entries."""

    header: str
    family: Family
    name: str
    printed: bool
    entries: tuple[Entry, ...]
    lines: frozenset[int]

    @property
    def texts(self) -> tuple[str, ...]:
        """The entries without their numbers, in order."""
        return tuple(entry.text for entry in self.entries)

    def shown(self) -> tuple[str, ...]:
        """Header and entries, as they are typed."""
        return (self.header, *(f" {self.typed(e.text, e.number)}" for e in self.entries))

    def typed(self, text: str, number: int | None) -> str:
        """An entry on its number, where it has one that is printed."""
        return self.numbered(text, number) if number is not None and self.printed else text

    def numbered(self, text: str, number: int) -> str:
        """An entry on this number."""
        return f"sequence {number} {text}" if self.family == 6 else f"{number} {text}"


@dataclass(frozen=True, slots=True)
class Relisted:
    """What is sent for one list, the conflicts, and which lines of the reading now go."""

    edit: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    gone: frozenset[int] = frozenset()


def read_listings(source: Source) -> Mapping[tuple[Family, str], Listing]:
    """Every access list by family and name."""
    found = {}
    for key, acl in source.acls.by_name.items():
        deciding = [entry for entry in acl.entries if entry.matches or entry.evaluate]
        printed = any(_NUMBER.search(entry.text) for entry in acl.entries)
        live = source.numbers.get(key)
        known = printed or (live is not None and len(live) == len(deciding))
        entries = []
        for entry in acl.entries:
            shown = _NUMBER.match(entry.text)
            number = entry.sequence if known else None
            if shown is not None and shown[1] is not None:
                number = int(shown[1])  # also that of a remark
            entries.append(Entry(_NUMBER.sub("", entry.text), number, entry.line.number))
        lines = frozenset({acl.line.number, *(entry.line for entry in entries)})
        found[key] = Listing(acl.header, acl.family, acl.name, printed, tuple(entries), lines)
    return found


def relist(before: Listing | None, after: Listing | None, now: Listing | None) -> Relisted:
    """One list, from the three readings. Raises ParseError, and PackError for want of room."""
    if before is None and after is None:
        return Relisted()
    if before is not None and after is not None and before.texts == after.texts:
        return Relisted()
    if before is None:
        return _taken_away(after, now)
    if now is not None and now.header != before.header:
        raise ParseError(f"{before.header}: the list is one of another kind now: {now.header}")
    if now is None:
        conflict = Conflict(after.shown(), ()) if after is not None else None
        return Relisted(_created(before), conflicts=(conflict,) if conflict else ())
    if now.texts == before.texts:
        return Relisted()
    if after is None:
        edit = _edited(before, now, now)
        return replace(edit, conflicts=(Conflict((), now.shown()), *edit.conflicts))
    return _edited(before, after, now)


def _taken_away(after: Listing | None, now: Listing | None) -> Relisted:
    """A list of ours goes as a whole, after everything that uses it."""
    if now is None:
        return Relisted()
    same = after is not None and after.texts == now.texts
    left = after.shown() if after is not None else ()
    conflicts = () if same else (Conflict(left, now.shown()),)
    header = f"access-list {now.name}" if now.name.isdecimal() else now.header
    return Relisted(delete=(f"no {header}",), conflicts=conflicts, gone=now.lines)


def _created(before: Listing) -> tuple[str, ...]:
    entries = [before.typed(entry.text, entry.number) for entry in before.entries]
    return (before.header, *entries, "exit")


def _edited(before: Listing, after: Listing, now: Listing) -> Relisted:
    """What was added goes, what was removed returns to between its neighbours; the rest stays."""
    kept = _common(before.texts, after.texts)
    there = {entry.text: entry for entry in now.entries}
    conflicts: list[Conflict] = []
    leaving = []
    known = {*before.texts, *after.texts}
    for entry in after.entries:
        if entry.text in before.texts:
            continue
        found = there.get(entry.text) or _changed(entry, now, known)
        if found is not None:
            leaving.append(found)
            if found.text != entry.text:
                conflicts.append(_conflict(now, entry, found))
    coming = []
    settled = [text for text in before.texts if text in kept and text in there]
    for entry in before.entries:
        found = there.get(entry.text)
        if entry.text in kept:
            continue
        if found is None:
            coming.append(entry)
        elif _in_place(entry.text, settled, before.texts, now.texts):
            settled.append(entry.text)
        else:
            leaving.append(found)
            coming.append(entry)
            if entry.text not in after.texts:
                conflicts.append(_conflict(now, None, found))
    edit = _lines(before, now, coming, leaving)
    return Relisted(edit, (), tuple(conflicts), frozenset(entry.line for entry in leaving))


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> frozenset[str]:
    """Entries of both that stand in the same order."""
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return frozenset(text for block in blocks for text in one[block.a : block.a + block.size])


def _changed(entry: Entry, now: Listing, known: set[str]) -> Entry | None:
    """What stands on the number of an entry of ours that is no more."""
    if entry.number is None:
        return None
    return next((e for e in now.entries if e.number == entry.number and e.text not in known), None)


def _conflict(now: Listing, left: Entry | None, found: Entry) -> Conflict:
    lines = [
        (now.header, f" {now.typed(entry.text, entry.number)}") if entry is not None else ()
        for entry in (left, found)
    ]
    return Conflict(lines[0], lines[1])


def _in_place(text: str, settled: list[str], before: tuple[str, ...], now: tuple[str, ...]) -> bool:
    """Does an entry stand between its old neighbours?"""
    place, order = before.index(text), {one: number for number, one in enumerate(now)}
    return all((order[other] < order[text]) is (before.index(other) < place) for other in settled)


def _lines(
    before: Listing, now: Listing, coming: list[Entry], leaving: list[Entry]
) -> tuple[str, ...]:
    """First what comes, then what goes: a list in use is never empty."""
    if not coming and not leaving:
        return ()
    moved = {e.text for e in coming} & {e.text for e in leaving}
    first = [f"no {text}" for text in moved]
    last = [f"no {entry.text}" for entry in leaving if entry.text not in moved]
    standing = [entry for entry in now.entries if entry.text not in moved]
    stays = {entry.text for entry in standing} - {entry.text for entry in leaving}
    room, numbers = _placed(before, now, coming, standing, stays)
    added = [
        now.numbered(entry.text, number) if number is not None else entry.text
        for entry, number in zip(coming, numbers, strict=True)
    ]
    return (*room, now.header, *first, *added, *last, "exit")


def _placed(
    before: Listing, now: Listing, coming: list[Entry], standing: list[Entry], stays: set[str]
) -> tuple[tuple[str, ...], list[int | None]]:
    """Numbers for what returns, after lines that make room where there is none."""
    if not coming:
        return (), []
    if any(e.number is None for e in standing if not e.text.startswith("remark ")):
        if stays:
            raise ParseError(f"{now.header}: the numbers of its entries were not read")
        # Alone, they stand as they did, behind what goes.
        return (), [None] * len(coming)
    taken = {e.text: e.number for e in standing if e.number is not None}
    numbers = _numbered(before, coming, taken, stays)
    if numbers is not None:
        return (), numbers
    if now.printed or now.family == 6:
        raise PackError(f"{now.header}: there is no room where an entry was; renumber it first")
    deciding = [e.text for e in standing if not e.text.startswith("remark ")]
    spread = {text: _STEP * (place + 1) for place, text in enumerate(deciding)}
    numbers = _numbered(before, coming, spread, stays)
    if numbers is None:
        raise PackError(f"{now.header}: there is no room for so many entries")
    return (f"ip access-list resequence {now.name} {_STEP} {_STEP}",), numbers


def _numbered(
    before: Listing, coming: list[Entry], taken: Mapping[str, int], stays: set[str]
) -> list[int | None] | None:
    """Numbers for entries between the neighbours that stand. None: no room.

    A remark has no number where the configuration prints none.
    """
    texts = before.texts
    fixed = {text: number for text, number in taken.items() if text in stays}
    used = set(taken.values())
    gaps: dict[tuple[int, float], list[Entry]] = {}
    for entry in coming:
        if entry.number is None and entry.text.startswith("remark "):
            continue
        place = texts.index(entry.text)
        low = next((fixed[t] for t in reversed(texts[:place]) if t in fixed), 0)
        high = next((fixed[t] for t in texts[place + 1 :] if fixed.get(t, 0) > low), math.inf)
        gaps.setdefault((low, high), []).append(entry)
    found: dict[str, int] = {}
    for (low, high), entries in gaps.items():
        numbers = _free([entry.number for entry in entries], low, high, used)
        if numbers is None:
            return None
        used.update(numbers)
        found |= {entry.text: number for entry, number in zip(entries, numbers, strict=True)}
    return [found.get(entry.text) for entry in coming]


def _free(wanted: list[int | None], low: int, high: float, used: set[int]) -> list[int] | None:
    """Numbers between two that are not in use: the old ones where that is possible."""
    old = [number for number in wanted if number is not None]
    as_before = len(old) == len(wanted) and old == sorted(set(old)) and not used & set(old)
    if as_before and low < old[0] and old[-1] < high:
        return old
    count = len(wanted)
    above = min((number for number in used if number > low), default=None)
    if above is None:
        return [low + 10 * (place + 1) for place in range(count)]
    below = max((number for number in used if number < high), default=low)
    if high == math.inf:
        return [below + 10 * (place + 1) for place in range(count)]
    for start, end in ((low, above), (below, int(high))):
        if end - start > count:
            return [start + (end - start) * (place + 1) // (count + 1) for place in range(count)]
    return None
