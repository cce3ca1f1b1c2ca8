"""The interval algebra against sets of integers that can be counted on fingers."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from routercfg.net import intervals as algebra
from routercfg.net.intervals import Interval, Intervals

UNIVERSE = range(32)

pairs = st.tuples(st.integers(0, 31), st.integers(0, 31)).map(lambda p: (min(p), max(p)))
raw = st.lists(pairs, max_size=8)
normal = raw.map(algebra.normalise)


def members(intervals: list[Interval] | Intervals) -> set[int]:
    return {number for low, high in intervals for number in range(low, high + 1)}


def is_normal(intervals: Intervals) -> bool:
    ordered = all(low <= high for low, high in intervals)
    gaps = all(a[1] + 1 < b[0] for a, b in pairwise(intervals))
    return ordered and gaps


@given(raw)
def test_normalising_keeps_the_members_and_leaves_gaps_between_intervals(given_pairs):
    result = algebra.normalise(given_pairs)
    assert members(result) == members(given_pairs)
    assert is_normal(result)


@given(normal, normal)
def test_union_intersection_and_difference_agree_with_sets(left, right):
    for operation, expected in (
        (algebra.union, members(left) | members(right)),
        (algebra.intersection, members(left) & members(right)),
        (algebra.difference, members(left) - members(right)),
    ):
        result = operation(left, right)
        assert members(result) == expected
        assert is_normal(result)


@given(normal)
def test_membership_and_count_agree_with_sets(intervals):
    assert {n for n in UNIVERSE if algebra.contains(intervals, n)} == members(intervals)
    assert algebra.count(intervals) == len(members(intervals))


def test_one_wide_interval_minus_many_leaves_what_lies_between():
    assert algebra.difference(((0, 9),), ((0, 1), (4, 5), (9, 20))) == ((2, 3), (6, 8))


def test_one_removed_interval_reaches_into_several():
    assert algebra.difference(((0, 3), (5, 8), (10, 12)), ((2, 10),)) == ((0, 1), (11, 12))


def test_touching_intervals_become_one():
    assert algebra.normalise([(4, 6), (0, 3)]) == ((0, 6),)
