"""The playbooks that come with routercfg, over simulated routers that need them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from routercfg.lab import Lab
from routercfg.platforms.registry import load_simulator

from .conftest import ROOT, Command

_SHARED_ADDRESS = """\
/ip address add address=192.168.88.1/24 interface=ether2 network=192.168.88.0
/ip address add address=100.64.7.8/10 interface=ether1
/ip route add dst-address=0.0.0.0/0 gateway=ether1
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


@contextmanager
def one_router(
    folder: Path, platform: str, user: str, source: str, variables: str, *configuration: str
) -> Iterator[tuple[Lab, tuple[object, ...]]]:
    router = load_simulator(platform).create(*configuration, hostname="gw")
    with Lab({"gw": router}, users={user: "secret"}, seen_from=source) as lab:
        host, port = lab.address("gw")
        (folder / "known_hosts").write_text(f"[{host}]:{port} {lab.host_key}\n")
        (folder / "hosts.yml").write_text(
            f"all:\n  hosts:\n    gw: {{ansible_host: {host}, ansible_port: {port}}}\n"
            f"  vars: {{service: xelion, platform: {platform}, ansible_user: {user}, "
            f"ansible_password: secret, provider_prefixes: [198.51.100.0/24], {variables}}}\n"
        )
        yield lab, ("-i", folder / "hosts.yml", "--known-hosts", folder / "known_hosts")


def test_the_emergency_leaves_no_way_to_manage_a_router_over_ipv6_either(
    routercfg: Command, tmp_path: Path
) -> None:
    book = ROOT / "playbooks" / "emergency-close-management.yml"
    prefixes = "management_sources: [203.0.113.0/24]"
    with one_router(tmp_path, "ubiquiti_edgeos", "ubnt", "203.0.113.9", prefixes, "messy") as (
        _,
        options,
    ):
        found = routercfg("playbook", "run", book, *options, "--yes", "--json")
        assert found.status == 0, found.out
        after = routercfg("verify", *options, "--only", "management")
        assert after.status == 0, after.out


def test_the_emergency_never_closes_the_way_by_which_it_came(
    routercfg: Command, tmp_path: Path
) -> None:
    book = ROOT / "playbooks" / "emergency-close-management.yml"
    prefixes = "management_sources: [192.0.2.0/24]"
    with one_router(tmp_path, "ubiquiti_edgeos", "ubnt", "203.0.113.9", prefixes, "messy") as (
        lab,
        options,
    ):
        before = lab.routers["gw"].configuration()
        found = routercfg("playbook", "run", book, *options, "--yes", "--json")
        assert found.status == 3
        [refused] = [one for one in found.data["done"] if one["does"] == "require"]
        assert refused["error"]["code"] == "RC151", refused
        assert "--accept-lockout-risk" in refused["error"]["hint"]
        assert lab.routers["gw"].configuration() == before


def test_readiness_finds_the_nat_of_the_internet_provider_and_changes_nothing(
    routercfg: Command, tmp_path: Path
) -> None:
    book = ROOT / "playbooks" / "migrate-isdn-to-sip.yml"
    prefixes = "management_sources: [192.0.2.0/24]"
    with one_router(
        tmp_path, "mikrotik_routeros", "admin", "192.168.88.10", prefixes, _SHARED_ADDRESS
    ) as (lab, options):
        before = lab.routers["gw"].configuration()
        found = routercfg("playbook", "run", book, *options, "--yes", "--json")
        assert found.status == 1, found.out
        kinds = {one["does"]: one for one in found.data["done"] if one["router"]}
        assert "carrier-grade NAT" in kinds["whitelist"]["detail"]
        assert kinds["command"]["ended"] == "ok"
        assert kinds["require"]["ended"] == "findings"
        assert {one["play"] for one in found.data["done"]} == {"Is the site ready for SIP?"}
        assert lab.routers["gw"].configuration() == before


_GIVEN = """\
set interfaces ethernet eth0 address dhcp
set interfaces ethernet eth1 address 192.168.1.1/24
set interfaces loopback lo
set service ssh port 22
set system login user {user} {login}
"""


@pytest.mark.parametrize(
    ("platform", "user", "login"),
    [
        ("vyos", "vyos", "authentication plaintext-password x"),
        ("ubiquiti_edgeos", "ubnt", "level admin"),
    ],
)
def test_readiness_knows_the_address_that_the_internet_provider_gave_a_router(
    routercfg: Command, tmp_path: Path, platform: str, user: str, login: str
) -> None:
    book = ROOT / "playbooks" / "migrate-isdn-to-sip.yml"
    text = _GIVEN.format(user=user, login=login)
    prefixes = "management_sources: [192.0.2.0/24]"
    with one_router(tmp_path, platform, user, "192.0.2.10", prefixes, text) as (lab, options):
        for given, why in (("198.51.100.7/24", "given by DHCP"), ("100.64.7.8/10", "100.64.7.8: ")):
            lab.routers["gw"].leases["eth0"] = given
            found = routercfg("playbook", "run", book, *options, "--json")
            kinds = {one["does"]: one for one in found.data["done"] if one["router"]}
            assert why in kinds["whitelist"]["detail"]
            assert kinds["command"]["ended"] == "ok", kinds["command"]
            [row] = found.data["addresses"]
            assert (row["address"], row["admissible"]) == (given.partition("/")[0], "198" in given)
