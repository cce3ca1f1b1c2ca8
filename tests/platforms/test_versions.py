from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routercfg.platforms.versions import numbers, within

versions = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(tuple)


def text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def padded(version: tuple[int, ...]) -> tuple[int, ...]:
    return version + (0,) * (4 - len(version))


@given(versions, versions)
def test_versions_compare_number_by_number_and_missing_numbers_are_zero(have, bound):
    left, right = padded(have), padded(bound)
    for operator, holds in (
        (">=", left >= right),
        ("<=", left <= right),
        (">", left > right),
        ("<", left < right),
        ("==", left == right),
    ):
        assert within(text(have), operator + text(bound)) is holds


@given(versions, versions, versions)
def test_a_range_is_all_of_its_conditions(have, low, high):
    both = within(text(have), f" >= {text(low)} , <{text(high)} ")
    assert both is (padded(low) <= padded(have) < padded(high))


@given(versions)
def test_the_numbers_of_a_version_are_read_back(version):
    assert numbers(text(version)) == version
    assert numbers(f"v{text(version)} (stable)") == version


@pytest.mark.parametrize(
    ("version", "found"),
    [
        ("7.18.2 (stable)", (7, 18, 2)),
        ("6.49.17 (long-term)", (6, 49, 17)),
        ("v7.4.4", (7, 4, 4)),
        ("Version 15.9(3)M", (15, 9)),
        ("21.4R3-S5.4", (21, 4)),
    ],
)
def test_vendors_spellings_are_read(version, found):
    assert numbers(version) == found


@pytest.mark.parametrize("version", ["", "stable", "no number in the first words 7"])
def test_what_starts_with_no_number_is_no_version(version):
    with pytest.raises(ValueError, match="is not a version"):
        numbers(version)


@pytest.mark.parametrize("wanted", ["", "7", "=>7", "~=7", ">=7,", ">=", ">=>7", "!=7", ">=7 <8"])
def test_what_is_no_condition_is_refused(wanted):
    with pytest.raises(ValueError, match="condition"):
        within("7.1", wanted)


def test_a_bound_that_is_no_version_is_refused():
    with pytest.raises(ValueError, match="is not a version"):
        within("7.1", ">=stable")
