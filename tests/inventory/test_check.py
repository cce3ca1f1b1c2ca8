"""Checking a whole inventory: every problem with its place, without reading a secret."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from routercfg.inventory import Inventory, Problem, Severity, check, load_inventory
from routercfg.services import load_services

EXAMPLE = Path(__file__).parents[2] / "inventories" / "example"
GOOD = """
service: xelion
platform: linux_nftables
management_sources: [192.0.2.0/28]
provider_prefixes: {xelion: [198.51.100.0/24]}
"""


def problems(load, variables: str, hosts: str = "all: {hosts: {r1: }}\n") -> tuple[Problem, ...]:
    inventory: Inventory = load(hosts, **{"group_vars/all.yml": variables})
    return check(inventory, load_services())


def codes(found: tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in found]


def test_a_good_inventory_has_no_problems(load) -> None:
    assert problems(load, GOOD) == ()


def test_the_example_has_no_problems_and_needs_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ROUTERCFG_PASSWORD", raising=False)
    inventory = load_inventory(EXAMPLE)
    assert check(inventory, load_services()) == ()
    assert len(inventory.hosts) == 7
    assert {host.platform for host in inventory.hosts.values()} == {
        "mikrotik_routeros",
        "linux_nftables",
    }


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("service: xelion\n", "", "RC112"),
        ("service: xelion", "service: xelon", "service-unknown"),
        ("platform: linux_nftables\n", "", "platform-missing"),
        ("management_sources: [192.0.2.0/28]\n", "", "management-sources-missing"),
        ("[192.0.2.0/28]", "[]", "management-sources-missing"),
        ("[192.0.2.0/28]", "[0.0.0.0/0]", "management-sources-open"),
        ("[192.0.2.0/28]", "['::/0']", "management-sources-open"),
        ("[192.0.2.0/28]", "[0.0.0.0/1, 128.0.0.0/1]", "management-sources-open"),
        ("provider_prefixes: {xelion: [198.51.100.0/24]}\n", "", "provider-prefixes-missing"),
        ("{xelion: [198.51.100.0/24]}", "{xelion: []}", "provider-prefixes-missing"),
        ("[198.51.100.0/24]", "[0.0.0.0/0]", "provider-prefixes-open"),
        ("[198.51.100.0/24]", "[198.51.100.1/24]", "RC112"),
        ("linux_nftables", '"linux\\nreboot"', "RC117"),
    ],
)
def test_what_is_wrong_is_an_error(load, old: str, new: str, code: str) -> None:
    assert old in GOOD
    found = problems(load, GOOD.replace(old, new))
    assert code in codes(found)
    assert any(p.code == code and p.severity is Severity.ERROR for p in found)


def test_a_mistyped_variable_is_an_error_with_the_right_name(load) -> None:
    found = problems(load, GOOD + "managment_sources: [192.0.2.0/28]\n")
    assert codes(found) == ["variable-mistyped"]
    assert found[0].hint == "Did you mean management_sources?"
    assert found[0].where.line == 6


def test_a_variable_of_somebody_else_is_one_warning_for_its_place(load) -> None:
    hosts = "all: {hosts: {'r[1:3]': }}\n"
    text = GOOD + "nginx_workers: 4\nansible_become: false\nn: 7\nmodel: m{{ n }}\n"
    found = check(
        load(hosts, **{"group_vars/all.yml": text}),
        load_services(),
    )
    assert [(p.code, p.severity, p.where.field) for p in found] == [
        ("variable-unknown", Severity.WARNING, "nginx_workers")
    ]


def test_our_prefix_is_ours_alone(load) -> None:
    assert codes(problems(load, GOOD + "routercfg_colour: red\n")) == ["variable-mistyped"]
    assert codes(problems(load, GOOD + "routercfg_egress: true\n")) == []


def test_one_address_and_port_twice_is_an_error(load) -> None:
    hosts = """
all:
  hosts:
    r1: {ansible_host: 192.0.2.1}
    r2: {ansible_host: 192.0.2.1, ansible_port: 22}
    r3: {ansible_host: 192.0.2.1, ansible_port: 2222}
"""
    found = problems(load, GOOD, hosts)
    assert codes(found) == ["duplicate-address"]
    assert found[0].where.router == "r2"
    assert "already r1" in found[0].message


def test_a_voipspot_router_without_a_customer_is_a_warning(load) -> None:
    text = GOOD.replace("xelion", "voipspot")
    found = problems(load, text)
    assert [(p.code, p.severity) for p in found] == [("customer-missing", Severity.WARNING)]


def test_a_file_for_nobody_is_a_warning(load) -> None:
    inventory = load(
        "all: {hosts: {jansen: }}\n",
        **{
            "group_vars/all.yml": GOOD,
            "host_vars/jansn.yml": "not: [read\n",
            "group_vars/README.md": "# Ours: ",
        },
    )
    found = check(inventory, load_services())
    assert codes(found) == ["unused-file"]
    assert found[0].hint == "Did you mean jansen?"


def test_a_user_that_is_a_secret_is_not_read(load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOBODY_SETS_THIS", raising=False)
    assert problems(load, GOOD + "ansible_user: !env NOBODY_SETS_THIS\n") == ()


def test_every_problem_prints_as_one_line(load) -> None:
    for problem in problems(load, "servce: x\n"):
        assert str(problem).isprintable()


def test_a_router_survives_the_way_to_another_process() -> None:
    for host in load_inventory(EXAMPLE).hosts.values():
        assert pickle.loads(pickle.dumps(host)) == host
