"""Exact algebra on sets of integers kept as sorted, disjoint, non-adjacent intervals.

Addresses and ports are both integers; `PrefixSet` and `PortSet` are thin readings of this module.
Every function takes and returns normalised tuples of inclusive `(low, high)` pairs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]


def normalise(pairs: Iterable[Interval]) -> Intervals:
    """Sort, merge overlapping and touching intervals."""
    merged: list[Interval] = []
    for low, high in sorted(pairs):
        if merged and low <= merged[-1][1] + 1:
            if high > merged[-1][1]:
                merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return tuple(merged)


def union(left: Intervals, right: Intervals) -> Intervals:
    """Everything in either set."""
    if not right or left == right:
        return left
    if not left:
        return right
    return normalise((*left, *right))


def intersection(left: Intervals, right: Intervals) -> Intervals:
    """Everything in both sets."""
    if not left or not right:
        return ()
    # Most sets here are everybody, nobody, or one prefix.
    if len(left) == 1 and _spans(left[0], right):
        return right
    if len(right) == 1 and _spans(right[0], left):
        return left
    found: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        low = max(left[i][0], right[j][0])
        high = min(left[i][1], right[j][1])
        if low <= high:
            found.append((low, high))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def difference(left: Intervals, right: Intervals) -> Intervals:
    """Everything in the first set that is not in the second."""
    if not left or not right or left[-1][1] < right[0][0] or right[-1][1] < left[0][0]:
        return left
    if len(right) == 1 and _spans(right[0], left):
        return ()
    kept: list[Interval] = []
    j = 0
    for first, last in left:
        low = first
        while j < len(right) and right[j][1] < low:
            j += 1
        k = j
        while k < len(right) and right[k][0] <= last:
            if right[k][0] > low:
                kept.append((low, right[k][0] - 1))
            low = right[k][1] + 1
            k += 1
        if low <= last:
            kept.append((low, last))
    return tuple(kept)


def _spans(whole: Interval, part: Intervals) -> bool:
    """Does one interval hold all of a set that is not empty?"""
    return whole[0] <= part[0][0] and part[-1][1] <= whole[1]


def contains(intervals: Intervals, number: int) -> bool:
    """Is the number in the set? Logarithmic in the number of intervals."""
    place = bisect_right(intervals, number, key=lambda pair: pair[0])
    return place > 0 and intervals[place - 1][1] >= number


def count(intervals: Intervals) -> int:
    """How many numbers the set holds."""
    return sum(high - low + 1 for low, high in intervals)
