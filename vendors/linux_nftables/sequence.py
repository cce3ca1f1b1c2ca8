"""Ordered rules in three readings: what brings our part of a chain back and leaves the others.

A rule has no name: it is what it says and where it stands. So rules are compared by what they say,
and a place is told by the neighbours that still stand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class Merge:
    """What to do with the rules as they are now, by index.

    `removed`: rules of now to delete. `inserted`: (slot, rule of before) in the order they must be
    put in; slot n is before rule n of now, one past the last is the end. `changed`: (rule of after
    or None, rule of now) for each of ours that somebody has changed since.
    """

    removed: tuple[int, ...]
    inserted: tuple[tuple[int, int], ...]
    changed: tuple[tuple[int | None, int], ...]


def aligned(one: Sequence[str], other: Sequence[str]) -> dict[int, int]:
    """Which rule of `one` is which of `other`; both rise together."""
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return {block.a + n: block.b + n for block in blocks for n in range(block.size)}


def merge(
    before: Sequence[str],
    after: Sequence[str],
    now: Sequence[str],
    kin: Callable[[str, str], bool],
) -> Merge:
    """Undo the difference between `before` and `after` in `now`.

    `kin` says whether one rule may be another that somebody edited.
    """
    kept = aligned(after, before)
    if _is_back(before, after, now, kept):
        return Merge((), (), ())
    standing = aligned(after, now)
    common = {kept[i]: standing[i] for i in kept if i in standing}
    strangers = [k for k in range(len(now)) if k not in set(standing.values())]
    removed = [standing[i] for i in standing if i not in kept]
    changed: list[tuple[int | None, int]] = []
    waiting = []
    for j in sorted(set(range(len(before))) - set(kept.values())):
        back = [k for k in strangers if now[k] == before[j] and _in_place(common, j, k)]
        if back:
            common[j] = back[0]
            strangers.remove(back[0])
        else:
            waiting.append(j)
    edited = [(i, after[i]) for i in range(len(after)) if i not in kept and i not in standing]
    for left, said in [*edited, *((None, before[j]) for j in waiting)]:
        found = next((k for k in strangers if now[k] == said or kin(said, now[k])), None)
        if found is not None:
            strangers.remove(found)
            removed.append(found)
            changed.append((left, found))
    inserted = _slots(len(before), len(now), common, frozenset(waiting))
    return Merge(tuple(sorted(removed)), inserted, tuple(changed))


def _is_back(
    before: Sequence[str], after: Sequence[str], now: Sequence[str], kept: dict[int, int]
) -> bool:
    """Is all that went in its place, and nothing left of what came? Looked at from `before`: seen
    from `after`, a rule that moved may be taken for one that stands.
    """
    there = aligned(before, now)
    others = {now[k] for k in range(len(now)) if k not in set(there.values())}
    came = {after[i] for i in range(len(after)) if i not in kept}
    gone = set(range(len(before))) - set(kept.values())
    return gone <= there.keys() and not others & {*came, *before}


def _in_place(common: dict[int, int], j: int, k: int) -> bool:
    return all((one < j) == (place < k) for one, place in common.items())


def _slots(
    total: int, end: int, common: dict[int, int], waiting: frozenset[int]
) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    group: list[int] = []
    previous: int | None = None
    for j in (*range(total), None):
        if j is not None and j in waiting:
            group.append(j)
            continue
        if j is not None and j not in common:
            continue
        if group:
            slot = _slot(group, previous, j, common, end)
            found += [(slot, one) for one in group]
            group = []
        previous = j
    return tuple(found)


def _slot(
    group: list[int], previous: int | None, following: int | None, common: dict[int, int], end: int
) -> int:
    """Beside the neighbour it touched; else behind the last one that stands before it."""
    touches_next = following is not None and group[-1] + 1 == following
    touches_previous = previous is not None and previous + 1 == group[0]
    if previous is not None and (touches_previous or not touches_next):
        return common[previous] + 1
    return common[following] if following is not None else end
