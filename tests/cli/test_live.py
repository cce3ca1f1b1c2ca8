"""The commands that reach routers, against a simulated one behind a real SSH server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from routercfg.lab import Lab
from routercfg.platforms.registry import load_simulator

from .conftest import Command


@pytest.fixture
def lab() -> Iterator[Lab]:
    simulator = load_simulator("mikrotik_routeros").create(hostname="r1")
    # A factory router lets people in from its LAN only.
    with Lab({"r1": simulator}, users={"admin": "secret"}, seen_from="192.168.88.10") as running:
        yield running


@pytest.fixture
def inventory(lab: Lab, tmp_path: Path) -> Path:
    host, port = lab.address("r1")
    hosts = tmp_path / "hosts.yml"
    hosts.write_text(
        f"all:\n  hosts:\n    r1: {{ansible_host: {host}, ansible_port: {port}}}\n"
        "  vars:\n    service: xelion\n    platform: mikrotik_routeros\n"
        "    ansible_user: admin\n    ansible_password: secret\n"
        "    management_sources: [192.0.2.0/28]\n    provider_prefixes: [198.51.100.128/26]\n"
    )
    return hosts


@pytest.fixture
def options(inventory: Path, tmp_path: Path) -> tuple[object, ...]:
    return ("-i", inventory, "--known-hosts", tmp_path / "known_hosts")


def test_a_router_with_an_unknown_host_key_gets_no_credential(
    routercfg: Command, lab: Lab, options: tuple[object, ...]
) -> None:
    ended = routercfg("audit", *options, "--json")
    assert ended.status == 3
    assert ended.data["routers"][0]["error"]["code"] == "RC143"
    assert lab.attempts("r1") == 0


def test_trust_remembers_a_key_once(
    routercfg: Command, lab: Lab, options: tuple[object, ...]
) -> None:
    first = routercfg("trust", *options, "--yes")
    assert first.status == 0
    assert "SHA256:" in first.out
    assert routercfg("trust", *options).out.rstrip().endswith("known")
    assert lab.attempts("r1") == 0


def test_a_router_goes_from_violation_to_proof(
    routercfg: Command, lab: Lab, options: tuple[object, ...], tmp_path: Path
) -> None:
    routercfg("trust", *options, "--yes")
    assert routercfg("audit", *options).status == 1
    planned = routercfg("push", *options, "--dry-run", "--json").data["routers"][0]
    assert not any("outcome" in one for one in [planned])
    pushed = routercfg("push", *options, "--yes", "--backups", tmp_path / "backups", "--json")
    [router] = pushed.data["routers"]
    assert router["outcome"] == "pushed", pushed.err
    assert pushed.status == 0
    assert [one["step"] for one in router["steps"]][-1] == "saved"
    assert routercfg("verify", *options).status == 0
    before = len(lab.sent("r1"))
    again = routercfg("push", *options, "--yes", "--backups", tmp_path / "backups", "--json")
    assert again.data["routers"][0]["outcome"] == "unchanged"
    assert not any(" set " in line or " add " in line for line in lab.sent("r1")[before:])


def test_a_dry_run_changes_nothing(
    routercfg: Command, lab: Lab, options: tuple[object, ...]
) -> None:
    routercfg("trust", *options, "--yes")
    before = lab.routers["r1"].configuration()
    ended = routercfg("push", *options, "--dry-run")
    assert "/ip firewall service-port set sip disabled=yes" in ended.out
    assert lab.routers["r1"].configuration() == before


def test_a_wrong_password_is_status_3_and_is_tried_once(
    routercfg: Command, lab: Lab, options: tuple[object, ...], inventory: Path
) -> None:
    routercfg("trust", *options, "--yes")
    inventory.write_text(inventory.read_text().replace("password: secret", "password: wrong"))
    ended = routercfg("audit", *options, "--json")
    assert ended.status == 3
    assert ended.data["routers"][0]["error"]["code"] == "RC142"
    assert "wrong" not in ended.out + ended.err
    assert lab.attempts("r1") == 1


def test_the_demo_ends_with_every_router_compliant(routercfg: Command) -> None:
    begun = time.monotonic()
    ended = routercfg("demo")
    assert time.monotonic() - begun < 60
    assert ended.status == 0, ended.out
    table = ended.out.rstrip().splitlines()[-4:]
    assert [line.split()[:2] for line in table] == [
        ["branch-v6", "ok"],
        ["branch-v7", "ok"],
        ["messy", "ok"],
        ["factory", "ok"],
    ]


def test_the_demo_without_asyncssh_names_what_to_install(
    routercfg: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> object:
        error = ModuleNotFoundError("No module named 'asyncssh'")
        error.name = "asyncssh"
        raise error

    monkeypatch.setattr("routercfg.cli.demo.imported_lab", absent)
    ended = routercfg("demo")
    assert ended.status == 2
    assert "pip install routercfg[lab]" in ended.err
