from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from routercfg.cli import judging

from .conftest import EXAMPLE, ROOT, Command

FACTORY = ROOT / "vendors" / "mikrotik_routeros" / "samples" / "factory"


def seconds(*arguments: str) -> float:
    """Of the processor: a busy machine is no slow start."""
    begun = os.times()
    subprocess.run([sys.executable, "-m", "routercfg", *arguments], check=True, capture_output=True)
    ended = os.times()
    return sum(ended[2:4]) - sum(begun[2:4])


def test_help_answers_at_once() -> None:
    assert 0 < min(seconds("--help") for _ in range(3)) < 0.3


def test_help_loads_nothing_that_only_commands_need() -> None:
    script = (
        "import sys; from routercfg.cli import run; run(['--help']);"
        "print([m for m in ('pydantic', 'rich', 'netmiko', 'jinja2', 'paramiko')"
        " if m in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert ended.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit", "no-such-file", "--platform", "mikrotik_routeros"),
        ("audit", FACTORY),
        ("audit", FACTORY, "--platform", "no-such-platform"),
        ("audit", FACTORY, "--platform", "mikrotik_routeros", "--only", "no-such"),
        ("audit", FACTORY, "--platform", "mikrotik_routeros", "--service", "no-such"),
        ("audit", FACTORY, "--platform", "mikrotik_routeros", "--wan", "ether1; reboot"),
        ("audit", FACTORY, "--platform", "mikrotik_routeros", "--management-source", "office"),
        ("audit", "--no-such-option"),
        ("no-such-command",),
        ("check", "-i", "no-such-inventory"),
        ("render", "-i", EXAMPLE, "--limit", "no-such-router"),
        ("inventory", "-i", EXAMPLE, "--host", "no-such-router"),
        ("inventory", "-i", EXAMPLE, "--list", "--graph"),
        ("push", "-i", EXAMPLE, "--limit", "no-such-router", "--yes"),
    ],
)
def test_bad_input_is_one_clear_line_and_status_2(
    routercfg: Command, arguments: tuple[object, ...]
) -> None:
    ended = routercfg(*arguments)
    assert ended.status == 2
    assert ended.err.startswith("RC1")
    assert "Traceback" not in ended.err
    assert not ended.err.startswith("RC199")


def test_with_json_an_error_is_json_too(routercfg: Command) -> None:
    ended = routercfg("audit", "no-such-file", "--platform", "mikrotik_routeros", "--json")
    assert ended.data["schema"] == 1
    assert set(ended.data["error"]) == {"code", "message", "where", "hint"}
    assert ended.data["error"]["code"] == "RC110"


def test_a_mistake_of_our_own_is_one_line_that_names_debug(
    routercfg: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise KeyError("deep inside")

    monkeypatch.setattr(judging, "source_of", broken)
    ended = routercfg("check", "-i", EXAMPLE)
    assert ended.status == 2
    assert ended.err.startswith("RC199: KeyError: 'deep inside'")
    assert "--debug" in ended.err
    with pytest.raises(KeyError):
        routercfg("check", "-i", EXAMPLE, "--debug")


def test_the_example_inventory_has_no_mistakes(routercfg: Command) -> None:
    ended = routercfg("check", "-i", EXAMPLE, "--json")
    assert ended.status == 0
    assert ended.data == {"schema": 1, "problems": []}


@pytest.fixture
def without_prefixes(tmp_path: Path) -> Path:
    hosts = tmp_path / "hosts.yml"
    hosts.write_text(
        "all:\n  hosts:\n    r1: {ansible_host: 192.0.2.1}\n"
        "  vars: {service: xelion, platform: mikrotik_routeros, ansible_user: admin,"
        " management_sources: [192.0.2.0/28]}\n"
    )
    return hosts


@pytest.mark.parametrize("command", ["audit", "plan", "push", "verify", "render"])
def test_missing_provider_prefixes_stop_every_command_before_it_begins(
    routercfg: Command, without_prefixes: Path, command: str
) -> None:
    arguments = ["--yes"] if command == "push" else []
    ended = routercfg(command, "-i", without_prefixes, *arguments)
    assert ended.status == 2
    assert ended.err.startswith("RC115")
    assert "router r1" in ended.err


def test_check_names_the_mistake_with_its_code(routercfg: Command, without_prefixes: Path) -> None:
    ended = routercfg("check", "-i", without_prefixes, "--json")
    assert ended.status == 2
    [problem] = ended.data["problems"]
    assert problem["code"] == "provider-prefixes-missing"
    assert problem["severity"] == "error"


def test_inventory_list_has_the_shape_of_ansible(routercfg: Command) -> None:
    listed = routercfg("inventory", "-i", EXAMPLE, "--list").data
    assert set(listed["_meta"]) == {"hostvars"}
    assert "children" in listed["all"]
    assert listed["_meta"]["hostvars"]["jansen-01"]["ansible_password"] == "***"


def test_inventory_host_prints_one_router(routercfg: Command) -> None:
    listed = routercfg("inventory", "-i", EXAMPLE, "--list").data
    host = routercfg("inventory", "-i", EXAMPLE, "--host", "jansen-01").data
    assert host == listed["_meta"]["hostvars"]["jansen-01"]


def test_inventory_graph_is_a_tree(routercfg: Command) -> None:
    lines = routercfg("inventory", "-i", EXAMPLE, "--graph").out.splitlines()
    assert lines[0] == "@all:"
    assert any(line.endswith("--jansen-01") for line in lines)


def test_vendors_names_every_pack_and_its_revert(routercfg: Command) -> None:
    packs = {one["platform"]: one for one in routercfg("vendors", "--json").data["vendors"]}
    assert {"mikrotik_routeros", "linux_nftables"} <= set(packs)
    assert all(one["reverts"] for one in packs.values())


def test_render_prints_what_a_factory_router_gets(routercfg: Command) -> None:
    ended = routercfg("render", "-i", EXAMPLE, "--limit", "jansen-01", "--only", "sip-alg")
    assert ended.status == 0
    assert "/ip firewall service-port set sip disabled=yes" in ended.out


def test_a_push_without_a_terminal_needs_yes(
    routercfg: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROUTERCFG_PASSWORD", "secret")
    hosts = tmp_path / "hosts.yml"
    hosts.write_text(
        json.dumps(
            {
                "all": {
                    "hosts": {"r1": {"ansible_host": "127.0.0.1", "ansible_port": 9}},
                    "vars": {
                        "service": "xelion",
                        "platform": "mikrotik_routeros",
                        "ansible_user": "admin",
                        "management_sources": ["192.0.2.0/28"],
                        "provider_prefixes": ["198.51.100.0/24"],
                    },
                }
            }
        )
    )
    monkeypatch.setattr("sys.stdin", io.StringIO())
    ended = routercfg("push", "-i", hosts)
    assert ended.status == 2
    assert "--yes" in ended.err


def test_a_router_that_cannot_be_reached_is_status_3(routercfg: Command, tmp_path: Path) -> None:
    hosts = tmp_path / "hosts.yml"
    hosts.write_text(
        "all:\n  hosts:\n    r1: {ansible_host: 127.0.0.1, ansible_port: 9}\n"
        "  vars: {service: xelion, platform: mikrotik_routeros, ansible_user: admin,"
        " ansible_password: x1, management_sources: [192.0.2.0/28],"
        " provider_prefixes: [198.51.100.0/24]}\n"
    )
    ended = routercfg("audit", "-i", hosts, "--json")
    assert ended.status == 3
    [router] = ended.data["routers"]
    assert router["status"] == "unreachable"
    assert router["error"]["code"].startswith("RC14")
