from __future__ import annotations

import pickle
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routercfg.net import EVERYBODY, INTERNET, NOBODY, NOT_INTERNET, PrefixSet

# Sixteen addresses at each place where something may go wrong: the first of all, the last of all,
# and some in the middle, in both families.
UNIVERSE = tuple(
    ip_address(start) + offset
    for start in ("0.0.0.0", "198.51.100.0", "255.255.255.240", "::", "2001:db8::")
    for offset in range(16)
) + tuple(ip_address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0") + n for n in range(16))
V4 = tuple(a for a in UNIVERSE if a.version == 4)
V6 = tuple(a for a in UNIVERSE if a.version == 6)


def span(family: tuple) -> st.SearchStrategy[str]:
    ends = st.tuples(st.sampled_from(family), st.sampled_from(family))
    return ends.map(lambda pair: f"{min(pair)}-{max(pair)}")


single = st.sampled_from(UNIVERSE)
prefix = st.one_of(
    st.tuples(st.sampled_from(V4), st.integers(27, 32)).map(lambda p: f"{p[0]}/{p[1]}"),
    st.tuples(st.sampled_from(V6), st.integers(123, 128)).map(lambda p: f"{p[0]}/{p[1]}"),
)
items = st.one_of(single, single.map(str), prefix, span(V4), span(V6))
prefix_sets = st.lists(items, max_size=5).map(lambda found: PrefixSet.of(*found))


def members(found: PrefixSet) -> set:
    return {address for address in UNIVERSE if address in found}


@given(prefix_sets, prefix_sets)
def test_operators_agree_with_sets_of_addresses(left, right):
    assert members(left | right) == members(left) | members(right)
    assert members(left & right) == members(left) & members(right)
    assert members(left - right) == members(left) - members(right)
    assert members(~left) == set(UNIVERSE) - members(left)


@given(prefix_sets, prefix_sets, prefix_sets)
def test_the_laws_of_set_algebra_hold_to_the_last_address(a, b, c):
    assert a & (b | c) == (a & b) | (a & c)
    assert a - (b | c) == (a - b) & (a - c)
    assert ~(a & b) == ~a | ~b
    assert hash(a | b) == hash(b | a)


@given(prefix_sets, prefix_sets)
def test_order_is_inclusion(left, right):
    assert (left <= right) is (left & right == left)
    assert (right in left) is (right <= left)
    assert left & right <= left <= left | right


@given(prefix_sets)
def test_families_are_kept_apart(found):
    assert found.only(4) | found.only(6) == found
    assert not found.only(4) & found.only(6)
    assert members(found.only(4)) == {a for a in members(found) if a.version == 4}
    assert found.is_all(4) is (found.only(4) == PrefixSet.all(4))
    assert len(found) == len(found.only(4)) + len(found.only(6))
    assert bool(found) is (len(found) > 0)


@given(prefix_sets)
def test_prefixes_cover_exactly_the_set_and_text_reads_back(found):
    assert PrefixSet.of(*found.prefixes()) == found
    if found:
        assert PrefixSet.of(*str(found).split(", ")) == found
    else:
        assert str(found) == "nobody"


@cache
def fewest(low: int, high: int, bits: int, wanted: frozenset[int]) -> int:
    """How few aligned blocks cover `wanted` within one block, by trying both halves."""
    inside = {n for n in wanted if low <= n <= high}
    if not inside:
        return 0
    if len(inside) == high - low + 1:
        return 1
    half = (low + high) // 2
    return fewest(low, half, bits - 1, wanted) + fewest(half + 1, high, bits - 1, wanted)


@given(st.sets(st.integers(0, 31)))
def test_prefixes_are_as_few_as_can_be_and_in_order(numbers):
    base = int(IPv4Address("192.0.2.0"))
    found = PrefixSet.of(*(IPv4Address(base + n) for n in numbers)).prefixes()
    assert len(found) == fewest(0, 31, 5, frozenset(numbers))
    assert list(found) == sorted(found)


@given(prefix_sets)
def test_pickling_keeps_the_value(found):
    assert pickle.loads(pickle.dumps(found)) == found


@pytest.mark.parametrize(
    "item",
    [
        "",
        "x",
        "192.0.2.300",
        "192.0.2.0/33",
        "192.0.2.9-192.0.2.1",
        "192.0.2.1-2001:db8::1",
        "192.0.2.1-",
        "2001:db8::/129",
        "192.0.2.0/24/1",
        "example.net",
    ],
)
def test_what_is_no_address_is_refused(item):
    with pytest.raises(ValueError):
        PrefixSet.of(item)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("192.0.2.5/24", "192.0.2.0/24"),
        (" 192.0.2.5 ", "192.0.2.5/32"),
        ("192.0.2.1 - 192.0.2.2", "192.0.2.1/32, 192.0.2.2/32"),
        ("2001:db8::1/32", "2001:db8::/32"),
        (IPv4Network("192.0.2.0/30"), "192.0.2.0/30"),
        (IPv6Network("2001:db8::/64"), "2001:db8::/64"),
        (IPv6Address("2001:db8::1"), "2001:db8::1/128"),
        (PrefixSet.of("192.0.2.1"), "192.0.2.1/32"),
    ],
)
def test_routers_spellings_are_read(item, text):
    assert str(PrefixSet.of(item)) == text


def test_everybody_and_nobody():
    assert PrefixSet.all(4) | PrefixSet.all(6) == EVERYBODY
    assert ~EVERYBODY == NOBODY
    assert EVERYBODY.is_all(4)
    assert EVERYBODY.is_all(6)
    assert not NOBODY
    assert [str(p) for p in EVERYBODY.prefixes()] == ["0.0.0.0/0", "::/0"]


def test_ipv4_comes_before_ipv6_in_text():
    assert str(PrefixSet.of("2001:db8::/32", "192.0.2.0/24")) == "192.0.2.0/24, 2001:db8::/32"


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "172.31.255.255", "192.168.0.1", "100.127.0.1", "169.254.1.1", "fd00::1", "::1"],
)
def test_private_space_is_not_the_internet(address):
    assert address in NOT_INTERNET
    assert address not in INTERNET


@pytest.mark.parametrize("address", ["172.32.0.1", "100.128.0.1", "203.0.113.1", "2001:db8::1"])
def test_what_lies_beside_private_space_is_the_internet(address):
    assert address in INTERNET
