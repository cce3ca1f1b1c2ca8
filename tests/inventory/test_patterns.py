"""Patterns beyond those compared with Ansible: mistakes, files, what is stricter here."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routercfg.errors import PatternError
from routercfg.inventory import Inventory, load_inventory, read_pattern

EXAMPLE = Path(__file__).parents[2] / "inventories" / "example"


@pytest.fixture(scope="module")
def example() -> Inventory:
    return load_inventory(EXAMPLE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("xelionn", "Did you mean xelion"),
        ("all:!xelionn", "no router or group is called 'xelionn'"),
        ("all:&jansen-03", "Did you mean jansen-0"),
        ("nothing*", "nothing"),
        ("~[", "not a regular expression"),
        ("xelion[9]", "points past the 4 routers"),
        ("xelion[-9]", "points past"),
        ("xelion[7:9]", "points past"),
        ("xelion:!xelion", "leaves no router"),
        ("", "is empty"),
        (" , ", "is empty"),
        ("!", "is empty"),
        ("@list", "only be given on the command line"),
    ],
)
def test_a_pattern_that_means_nothing_is_an_error(
    example: Inventory, text: str, message: str
) -> None:
    with pytest.raises(PatternError, match=message):
        example.select(text)


def test_a_router_named_like_an_ipv6_address_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text('all: {hosts: {"2001:db8::1": , r2: }}')
    inventory = load_inventory(tmp_path)
    assert [host.name for host in inventory.select("2001:db8::1")] == ["2001:db8::1"]
    assert [host.name for host in inventory.select("r2,2001:db8::1")] == ["r2", "2001:db8::1"]


def test_a_list_of_routers_comes_from_a_file(example: Inventory, tmp_path: Path) -> None:
    file = tmp_path / "failed"
    file.write_text("# failed yesterday\nbos-01\n\nsmit-01  # again\n")
    chosen = example.select(read_pattern(f"@{file},!smit-01"))
    assert [host.name for host in chosen] == ["bos-01"]


def test_a_missing_or_empty_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PatternError, match="no such file"):
        read_pattern(f"@{tmp_path / 'none'}")
    (tmp_path / "empty").write_text("# nothing\n")
    with pytest.raises(PatternError, match="names no router"):
        read_pattern(f"@{tmp_path / 'empty'}")


@given(st.text(max_size=30))
def test_any_text_is_routers_or_one_error(text: str) -> None:
    inventory = load_inventory(EXAMPLE)
    try:
        chosen = inventory.select(text)
    except PatternError:
        return
    assert chosen
    assert len(set(chosen)) == len(chosen)
