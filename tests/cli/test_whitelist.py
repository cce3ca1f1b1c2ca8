"""The whitelist command, against simulated routers behind a real SSH server."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from routercfg.lab import Lab
from routercfg.platforms.registry import load_simulator

from .conftest import Command

_OPEN = """\
/ip address add address=192.168.88.1/24 interface=ether2 network=192.168.88.0
/ip address add address={wan} interface=ether1
/ip route add dst-address=0.0.0.0/0 gateway=ether1
"""


@pytest.fixture
def lab() -> Iterator[Lab]:
    create = load_simulator("mikrotik_routeros").create
    routers = {
        "open": create(hostname="open", configuration=_OPEN.format(wan="203.0.113.9/24")),
        "shared": create(hostname="shared", configuration=_OPEN.format(wan="100.64.7.8/10")),
    }
    with Lab(routers, users={"admin": "secret"}, seen_from="192.168.88.10") as running:
        yield running


@pytest.fixture
def options(lab: Lab, tmp_path: Path, routercfg: Command) -> tuple[object, ...]:
    hosts = "".join(
        f"    {name}: {{ansible_host: {host}, ansible_port: {port}, site: Site {name}}}\n"
        for name, (host, port) in ((name, lab.address(name)) for name in ("open", "shared"))
    )
    path = tmp_path / "hosts.yml"
    path.write_text(
        f"all:\n  hosts:\n{hosts}"
        "  vars:\n    service: xelion\n    platform: mikrotik_routeros\n"
        "    ansible_user: admin\n    ansible_password: secret\n    wan_interfaces: [ether1]\n"
        "    management_sources: [192.0.2.0/28]\n    provider_prefixes: [198.51.100.128/26]\n"
    )
    found = ("-i", path, "--known-hosts", tmp_path / "known_hosts")
    routercfg("trust", *found, "--yes")
    return found


def test_the_table_tells_public_addresses_from_shared_ones_and_names_the_portal(
    routercfg: Command, options: tuple[object, ...]
) -> None:
    ended = routercfg("whitelist", *options)
    assert ended.status == 1, ended.err
    lines = ended.out.splitlines()
    assert "203.0.113.9" in lines[1]
    assert " yes" in lines[1]
    assert "carrier-grade NAT" in lines[2]
    assert "ViPro" in lines[-1]


def test_csv_and_json_hold_the_same_addresses(
    routercfg: Command, options: tuple[object, ...]
) -> None:
    rows = list(csv.DictReader(io.StringIO(routercfg("whitelist", *options, "--csv").out)))
    data = routercfg("whitelist", *options, "--json").data["addresses"]
    assert [row["address"] for row in rows] == ["203.0.113.9", "100.64.7.8"]
    assert [row["address"] for row in data] == [row["address"] for row in rows]
    assert [row["obstacle"] for row in data] == ["", "cgnat"]


def test_a_limit_to_public_sites_ends_well(routercfg: Command, options: tuple[object, ...]) -> None:
    assert routercfg("whitelist", *options, "--limit", "open").status == 0


def test_a_router_that_is_not_reached_is_listed_with_the_reason(
    routercfg: Command, lab: Lab, options: tuple[object, ...], tmp_path: Path
) -> None:
    (tmp_path / "known_hosts").unlink()
    ended = routercfg("whitelist", *options, "--json")
    assert ended.status == 3
    assert all(row["why"] and not row["admissible"] for row in ended.data["addresses"])


def test_two_formats_at_once_are_refused(routercfg: Command) -> None:
    ended = routercfg("whitelist", "--csv", "--json")
    assert ended.status == 2
    assert ended.data["error"]["code"] == "RC110"
