"""Configurations kept in files, against a simulated router behind a real SSH server."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from routercfg.lab import Lab
from routercfg.platforms.registry import load_simulator

from .conftest import Command


@pytest.fixture
def lab() -> Iterator[Lab]:
    simulator = load_simulator("mikrotik_routeros").create(hostname="r1")
    with Lab({"r1": simulator}, users={"admin": "Keep-2031"}, seen_from="192.168.88.10") as running:
        yield running


@pytest.fixture
def options(lab: Lab, tmp_path: Path, routercfg: Command) -> tuple[object, ...]:
    host, port = lab.address("r1")
    hosts = tmp_path / "hosts.yml"
    hosts.write_text(
        f"all:\n  hosts:\n    r1: {{ansible_host: {host}, ansible_port: {port}}}\n"
        "  vars:\n    service: xelion\n    platform: mikrotik_routeros\n"
        "    ansible_user: admin\n    ansible_password: Keep-2031\n"
        "    management_sources: [192.0.2.0/28]\n    provider_prefixes: [198.51.100.128/26]\n"
    )
    found = ("-i", hosts, "--known-hosts", tmp_path / "known_hosts")
    assert routercfg("trust", *found, "--yes").status == 0
    return found


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_backup_is_a_file_that_only_its_owner_reads(
    routercfg: Command, lab: Lab, options: tuple[object, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    before = lab.routers["r1"].configuration()
    ended = routercfg("backup", *options, "--folder", folder)
    assert ended.status == 0, ended.err
    [file] = folder.iterdir()
    assert str(file) in ended.out
    assert (mode(folder), mode(file)) == (0o700, 0o600)
    assert "/ip firewall filter" in file.read_text()
    assert lab.routers["r1"].configuration() == before


def test_a_folder_that_is_there_keeps_its_mode(
    routercfg: Command, options: tuple[object, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir(mode=0o755)
    assert routercfg("backup", *options, "--folder", folder).status == 0
    assert mode(folder) == 0o755
    assert [mode(one) for one in folder.iterdir()] == [0o600]


def test_a_redacted_backup_holds_no_secret(
    routercfg: Command, lab: Lab, options: tuple[object, ...], tmp_path: Path
) -> None:
    shell = lab.routers["r1"].login("admin+ct511w4098h", "192.168.88.10")
    shell.start()
    shell.feed("/system identity set name=Keep-2031\r\n")
    plain, shared = tmp_path / "plain", tmp_path / "shared"
    assert routercfg("backup", *options, "--folder", plain).status == 0
    found = routercfg("backup", *options, "--folder", shared, "--redact", "--json").data
    [one] = found["backups"]
    assert "Keep-2031" in next(plain.iterdir()).read_text()
    text = Path(one["file"]).read_text()
    assert "Keep-2031" not in text
    assert "***" in text
    assert len(text.splitlines()) == len(next(plain.iterdir()).read_text().splitlines())


def test_a_router_that_is_not_reached_is_status_3_and_leaves_no_file(
    routercfg: Command, options: tuple[object, ...], tmp_path: Path
) -> None:
    (tmp_path / "known_hosts").unlink()
    ended = routercfg("backup", *options, "--folder", tmp_path / "kept", "--json")
    assert ended.status == 3
    assert ended.data["backups"][0]["error"]["code"] == "RC143"
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_bad_input_before_any_router(
    routercfg: Command, lab: Lab, options: tuple[object, ...], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    assert routercfg("backup", *options, "--folder", tmp_path / "file" / "x").status == 2
    assert lab.attempts("r1") == 0


def test_a_limit_that_matches_nothing_is_bad_input(
    routercfg: Command, options: tuple[object, ...], tmp_path: Path
) -> None:
    ended = routercfg("backup", *options, "--limit", "nobody", "--folder", tmp_path / "kept")
    assert ended.status == 2
