"""Whatever is given by mistake or in malice: one clear error, or `unknown`; nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import EXAMPLE, ROOT, Command, Ended

PLATFORM = "mikrotik_routeros"
FACTORY = ROOT / "vendors" / PLATFORM / "samples" / "factory"
REACHING = ("audit", "plan", "push", "verify", "trust", "whitelist")

CISCO = """\
Building configuration...

Current configuration : 1024 bytes
!
version 15.2
service password-encryption
hostname filiaal-01
!
interface GigabitEthernet0/0
 ip address 203.0.113.2 255.255.255.248
 ip nat outside
!
ip nat inside source static udp 192.168.1.10 5060 interface GigabitEthernet0/0 5060
line vty 0 4
 transport input telnet
!
end
"""


@pytest.fixture
def contacts(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every attempt to reach a router over the network."""
    seen: list[object] = []

    def refuse(*arguments: object, **_: object) -> object:
        seen.append(arguments)
        message = "the network is not to be touched"
        raise AssertionError(message)

    monkeypatch.setattr("socket.create_connection", refuse)
    monkeypatch.setattr("socket.socket.connect", refuse)
    return seen


def hosts(folder: Path, *, host: object = None, **variables: object) -> Path:
    """An inventory of one router that is right but for what is given."""
    file = folder / "hosts.yml"
    every = {
        "service": "xelion",
        "platform": PLATFORM,
        "ansible_user": "admin",
        "ansible_password": "x1",
        "management_sources": ["192.0.2.0/28"],
        "provider_prefixes": ["198.51.100.0/24"],
    } | variables
    one = {"ansible_host": "127.0.0.1", "ansible_port": 9} if host is None else host
    file.write_text(json.dumps({"all": {"hosts": {"r1": one}, "vars": every}}))
    return file


def is_one_clear_error(ended: Ended) -> None:
    assert ended.status == 2
    [line] = ended.err.splitlines()
    assert line.startswith("RC1")
    assert not line.startswith("RC199")


def is_unknown(ended: Ended) -> None:
    assert ended.status == 1
    assert "Traceback" not in ended.err
    [router] = ended.data["routers"]
    assert router["status"] == "unknown"
    assert {one["status"] for one in router["findings"]} <= {"unknown", "not_applicable"}
    assert all(not one["commands"] and not one["changes"] for one in router["findings"])


def reached(routercfg: Command, command: str, inventory: Path, *more: str) -> Ended:
    arguments = ["--yes"] if command in ("push", "trust") else []
    return routercfg(command, "-i", inventory, *arguments, *more)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_a_truncated_export_is_unknown(routercfg: Command, tmp_path: Path, share: float) -> None:
    whole = (FACTORY / "export.txt").read_text()
    file = tmp_path / "r1.txt"
    file.write_text(whole[: int(len(whole) * share)])
    is_unknown(routercfg("audit", file, "-p", PLATFORM, "--json"))


def test_the_configuration_of_another_vendor_is_unknown(routercfg: Command, tmp_path: Path) -> None:
    file = tmp_path / "r1.txt"
    file.write_text(CISCO)
    is_unknown(routercfg("audit", file, "-p", PLATFORM, "--json"))


@pytest.mark.parametrize("value", ["$(reboot)", "a;/system reboot", 'it\\"s', "'$x'", "[/quit]"])
def test_commands_in_comments_and_names_stay_words(
    routercfg: Command, tmp_path: Path, value: str
) -> None:
    text = (FACTORY / "export.txt").read_text()
    shell = value.replace("$", "\\$")
    rules = (
        f'/ip firewall address-list add address=192.0.2.1 list="{shell}" comment="{shell}"\n'
        f'/ip firewall filter add action=accept chain=input comment="{shell}"'
        f' dst-port=22 protocol=tcp src-address-list="{shell}"\n'
        f'/ip firewall nat add action=dst-nat chain=dstnat comment="{shell}" dst-port=5060'
        " protocol=udp to-addresses=192.168.88.5\n"
    )
    head, mark, tail = text.partition("/system identity")
    assert mark
    file = tmp_path / "r1.txt"
    file.write_text(head + rules + mark + tail)
    ended = routercfg(
        "plan", file, "-p", PLATFORM, "--json", "--provider-prefix", "198.51.100.0/24",
        "--management-source", "192.0.2.0/28",
    )  # fmt: skip
    assert ended.status == 1
    [router] = ended.data["routers"]
    commands = [line for one in router["findings"] for line in one["commands"]]
    assert commands
    for line in commands:
        assert "\n" not in line
        # What the router stored as a word may come back inside quotation marks only, escaped.
        bare = "".join(line.replace('\\"', "").split('"')[::2])
        assert "reboot" not in bare
        assert "$(" not in line.replace("\\$(", "")


@pytest.mark.parametrize("command", [one for one in REACHING if one != "trust"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("wan_interfaces", "ether1\n/user add name=x"),
        ("wan_interfaces", ["ether1", 'ether2"; /system reboot']),
        ("wan_interfaces", "$(reboot)"),
        ("management_sources", ["192.0.2.0/28\n/user add name=x"]),
        ("provider_prefixes", ["198.51.100.0/24; /system reboot"]),
        ("platform", "no-such\nplatform"),
        ("service", "xelion; reboot"),
    ],
)
def test_a_command_in_a_variable_is_named_and_nothing_is_sent(
    routercfg: Command,
    tmp_path: Path,
    contacts: list[object],
    command: str,
    name: str,
    value: object,
) -> None:
    ended = reached(routercfg, command, hosts(tmp_path, **{name: value}))
    is_one_clear_error(ended)
    assert "hosts.yml" in ended.err
    assert contacts == []


@pytest.mark.parametrize("name", ["ansible_host", "ansible_user"])
def test_a_line_break_in_what_logs_in_is_an_error_and_nothing_is_sent(
    routercfg: Command, tmp_path: Path, contacts: list[object], name: str
) -> None:
    host = {"ansible_host": "127.0.0.1", "ansible_port": 9} | {name: "admin\n/user add name=x"}
    is_one_clear_error(routercfg("audit", "-i", hosts(tmp_path, host=host)))
    assert contacts == []


@pytest.mark.parametrize("command", ["check", "render", *REACHING])
def test_a_bomb_of_aliases_is_one_error_at_once(
    routercfg: Command, tmp_path: Path, contacts: list[object], command: str
) -> None:
    lines = ['a0: &a0 ["x", "x", "x", "x", "x", "x", "x", "x", "x"]']
    for level in range(1, 9):
        parts = ", ".join([f"*a{level - 1}"] * 9)
        lines.append(f"a{level}: &a{level} [{parts}]")
    file = tmp_path / "hosts.yml"
    file.write_text("\n".join(lines) + "\nall: {hosts: {r1: {}}, vars: {x: *a8}}\n")
    is_one_clear_error(reached(routercfg, command, file))
    assert contacts == []


@pytest.mark.parametrize("command", REACHING)
@pytest.mark.parametrize("limit", ["no-such-router", "~[", "all:&", "r1[9]"])
def test_an_unknown_limit_is_an_error_and_nothing_is_sent(
    routercfg: Command, contacts: list[object], command: str, limit: str
) -> None:
    is_one_clear_error(reached(routercfg, command, EXAMPLE, "--limit", limit))
    assert contacts == []


def test_no_bytes_on_standard_input_are_unknown(
    routercfg: Command, stdin: Callable[[bytes], None]
) -> None:
    stdin(b"")
    is_unknown(routercfg("audit", "-", "-p", PLATFORM, "--json"))


def test_a_closed_standard_input_is_an_error(
    routercfg: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    is_one_clear_error(routercfg("audit", "-", "-p", PLATFORM))


@pytest.mark.parametrize("name", ["x" * 300, "no\0such", "../" * 2000])
def test_a_name_that_no_file_can_have_is_an_error(routercfg: Command, name: str) -> None:
    is_one_clear_error(routercfg("audit", name, "-p", PLATFORM))


def test_a_folder_of_other_files_is_an_error_that_names_the_right_ones(
    routercfg: Command, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "export.txt").mkdir()
    ended = routercfg("audit", tmp_path, "-p", PLATFORM)
    is_one_clear_error(ended)
    assert "export.txt" in ended.err


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x02\xff" * 4000, b"[" * 100_000, b"a" * 20_000_000, b"\xff\xfe\x00"]
)
def test_junk_for_an_inventory_or_an_intent_is_one_error(
    routercfg: Command, tmp_path: Path, data: bytes
) -> None:
    file = tmp_path / "hosts.yml"
    file.write_bytes(data)
    ended = routercfg("audit", "-i", file)
    is_one_clear_error(ended)
    ended = routercfg("audit", FACTORY, "-p", PLATFORM, "--intent", file)
    if data:
        is_one_clear_error(ended)
