"""Hosts files: names, ranges, and mistakes in their layout."""

from __future__ import annotations

from pathlib import Path

import pytest

from routercfg.errors import InventoryError, RoutercfgError, UnsafeValueError, VariableError, Where
from routercfg.inventory import Inventory, load_inventory
from routercfg.inventory.hostnames import expand

NOWHERE = Where()


@pytest.mark.parametrize(
    ("text", "names", "port"),
    [
        ("r1", ("r1",), None),
        ("r[08:10]", ("r08", "r09", "r10"), None),
        ("r[1:9:4]", ("r1", "r5", "r9"), None),
        ("r[a:c]x", ("rax", "rbx", "rcx"), None),
        ("r[1:2]-[a:b]:2222", ("r1-a", "r1-b", "r2-a", "r2-b"), 2222),
        ("2001:db8::1", ("2001:db8::1",), None),
        ("[2001:db8::1]:22", ("2001:db8::1",), 22),
    ],
)
def test_one_entry_stands_for_these_routers(
    text: str, names: tuple[str, ...], port: int | None
) -> None:
    assert expand(text, NOWHERE) == (names, port)


@pytest.mark.parametrize(
    "text", ["r[1]", "r[5:1]", "r[c:a]", "r[01:100]", "r[1:999999999]", "r[1:400][1:400]",
             "r[1:5:0]", "r[1:5:x]", "r[:]", "r[a:9]", "r:99999"]
)  # fmt: skip
def test_a_range_that_cannot_be_counted_is_an_error(text: str) -> None:
    with pytest.raises(InventoryError):
        expand(text, NOWHERE)


@pytest.mark.parametrize(
    "text",
    [
        "r1\n/system reset",
        "r 1",
        "../r1",
        "r1;reboot",
        '"r1"',
        "-oProxyCommand=x",
        "r\t1",
        "",
        "x" * 300,
    ],
)
def test_a_name_that_could_leave_its_place_is_refused(text: str) -> None:
    with pytest.raises(UnsafeValueError):
        expand(text, NOWHERE)


@pytest.mark.parametrize(
    ("hosts", "message"),
    [
        ("", "the hosts file is empty"),
        ("- r1\n", "a hosts file is a mapping of groups"),
        ("just text\n", "a hosts file is a mapping of groups"),
        ("all:\n  host:\n    r1:\n", "hosts.yml:2.*Did you mean hosts"),
        ("all:\n  hosts:\n    - r1\n", "must be a mapping, not a list"),
        ("all:\n  hosts:\n    r1: text\n", "hosts.yml:3.*variables of r1"),
        ("all:\n  hosts:\n    12:\n", "hosts.yml:3.*not text"),
        ("all: [r1]\n", "group all must hold"),
        ("all:\n  children:\n    a: {children: {b: {children: {a: }}}}\n", "inside itself"),
        ("all:\n  children:\n    a: {hosts: {a: }}\n", "a router and of a group"),
        ("all:\n  children:\n    a:\n", "names no router"),
        ("plugin: netbox\nurl: x\n", "an Ansible inventory plugin"),
    ],
)
def test_a_mistake_in_the_layout_is_one_error(hosts: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text(hosts)
    with pytest.raises(InventoryError, match=message):
        load_inventory(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[g\nr1", "not the head|cannot|name"),
        ("[g:host]\nr1", "of kind 'host'"),
        ("[g with space]\nr1", "not the head"),
        ("[g:children]\nnone\n", "none is used but has no section"),
        ("[g:vars]\na=1\n", "g is used but has no section"),
        ("[g]\nr1 user\n", "hosts:2.*form name=value"),
        ("[g]\nr1 a='b\n", "hosts:2.*taken apart"),
        ("[g]\nr1\n[g:vars]\nnonsense\n", "hosts:4.*form name=value"),
    ],
)
def test_a_mistake_in_an_ini_file_is_one_error(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text(text)
    with pytest.raises(RoutercfgError, match=message):
        load_inventory(tmp_path / "hosts")


def test_a_folder_without_or_with_two_hosts_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match="no hosts file here"):
        load_inventory(tmp_path)
    (tmp_path / "hosts.yml").write_text("all:\n")
    (tmp_path / "hosts").write_text("r1\n")
    with pytest.raises(InventoryError, match=r"hosts.yml and hosts are both here"):
        load_inventory(tmp_path)


def test_two_sources_for_one_name_are_an_error_where_ansible_drops_one(
    load, tmp_path: Path
) -> None:
    with pytest.raises(InventoryError, match="two files or folders for all"):
        load(
            "all: {hosts: {r1: }}\n",
            **{"group_vars/all.yml": "a: 1\n", "group_vars/all/b.yml": "b: 1\n"},
        )


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("- a\n", InventoryError, r"all.yml: this file must be a mapping"),
        ("a-b: 1\n", VariableError, r"all.yml:1: 'a-b' cannot be the name"),
        ("1: 1\n", VariableError, r"cannot be the name of a variable"),
        ("a: 1\na: 2\n", InventoryError, r"all.yml:2: the key 'a' is already on line 1"),
        ("a: !envv X\n", InventoryError, r"all.yml:1: unknown tag !envv"),
    ],
)
def test_a_mistake_in_group_vars_names_file_and_line(
    load, text: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load("all: {hosts: {r1: }}\n", **{"group_vars/all.yml": text})


def test_each_variable_knows_where_it_comes_from(load) -> None:
    inventory: Inventory = load(
        "all:\n  vars: {a: 1, b: 1}\n  hosts:\n    r1: {c: 1}\n",
        **{"group_vars/all.yml": "# ours\nb: 2\n", "host_vars/r1.yml": "\n\nd: 1\n"},
    )
    places = {name: inventory.hosts["r1"].where(name) for name in "abcd"}
    found = {n: (w.file.name if w.file else "", w.line) for n, w in places.items()}
    assert found == {
        "a": ("hosts.yml", 2),
        "b": ("all.yml", 2),
        "c": ("hosts.yml", 4),
        "d": ("r1.yml", 3),
    }


def test_a_file_without_an_ending_may_be_yaml(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("---\nall:\n  hosts:\n    r1:\n")
    assert list(load_inventory(tmp_path).hosts) == ["r1"]
