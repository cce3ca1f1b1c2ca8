from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routercfg.net import ALL_PORTS, NO_PORTS, PortSet

# Both ends of the port range, so that every edge is met.
UNIVERSE = (*range(12), *range(65524, 65536))

ranges = st.tuples(st.sampled_from(UNIVERSE), st.sampled_from(UNIVERSE)).map(
    lambda pair: f"{min(pair)}-{max(pair)}"
)
parts = st.one_of(st.sampled_from(UNIVERSE), st.sampled_from(UNIVERSE).map(str), ranges)
port_sets = st.lists(parts, max_size=6).map(lambda items: PortSet.of(*items))


def members(ports: PortSet) -> set[int]:
    return {port for port in UNIVERSE if port in ports}


@given(port_sets, port_sets)
def test_operators_agree_with_sets_of_ports(left, right):
    assert members(left | right) == members(left) | members(right)
    assert members(left & right) == members(left) & members(right)
    assert members(left - right) == members(left) - members(right)
    assert members(~left) == set(UNIVERSE) - members(left)


@given(port_sets, port_sets)
def test_equal_sets_are_equal_values_with_equal_hashes(left, right):
    assert left - right == left & ~right
    assert hash(left - right) == hash(left & ~right)
    assert (left | right) == ~(~left & ~right)
    assert ~~left == left


@given(port_sets, port_sets)
def test_order_is_inclusion(left, right):
    assert (left <= right) is (left & right == left)
    assert left & right <= left <= left | right


@given(port_sets)
def test_length_counts_ports_and_truth_tells_whether_there_are_any(ports):
    assert len(ports) + len(~ports) == 65536
    assert bool(ports) is (len(ports) > 0)


@given(port_sets)
def test_text_reads_back_as_the_same_set(ports):
    text = str(ports)
    if text == "all":
        assert len(ports - PortSet.of(0)) == 65535
    elif text == "none":
        assert ports == NO_PORTS
    else:
        assert PortSet.of(text) == ports


@given(st.lists(parts, max_size=6))
def test_a_comma_list_means_the_union_of_its_parts(items):
    if items:
        assert PortSet.of(" , ".join(map(str, items))) == PortSet.of(*items)


@given(port_sets)
def test_pickling_keeps_the_value(ports):
    assert pickle.loads(pickle.dumps(ports)) == ports


@pytest.mark.parametrize(
    "item",
    ["", "a", "1-", "-1", "5-4", "65536", "1-65536", "1,,2", "80;81", "1-2-3", "sip", -1, 65536],
)
def test_what_is_no_port_is_refused(item):
    with pytest.raises(ValueError, match="port"):
        PortSet.of(item)


def test_sets_may_be_parts_of_sets():
    assert PortSet.of(PortSet.of("1-3"), 4, "7") == PortSet.of("1-4,7")


@pytest.mark.parametrize(
    ("ports", "text", "everything"),
    [
        (ALL_PORTS, "all", True),
        (PortSet.of("1-65535"), "all", True),
        (PortSet.of("2-65535"), "2-65535", False),
        (NO_PORTS, "none", False),
        (PortSet.of(5060, 5061, 80), "80,5060-5061", False),
    ],
)
def test_text_and_totality(ports, text, everything):
    assert str(ports) == text
    assert ports.is_all is everything
