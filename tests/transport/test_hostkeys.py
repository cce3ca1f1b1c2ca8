"""Host keys are found as OpenSSH finds them, in files that may be long and may change."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from routercfg.errors import HostKeyError
from routercfg.transport.hostkeys import HostKey, pin
from routercfg.transport.known import Known, known

KIND = "ssh-ed25519"
TEXT = "AAAAC3NzaC1lZDI1NTE5AAAAIJ0yQyLxk6dV5cGd4nV7Yk1sJj2sOeK0YyQ9m3nXr0aB"
KEY = HostKey(KIND, TEXT)
OTHER = HostKey(KIND, TEXT.replace("r0aB", "r0aC"))
LINE = f"{KIND} {TEXT}"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "known_hosts"


@pytest.mark.parametrize(
    ("names", "name", "found"),
    [
        ("192.0.2.1,gw.example", "gw.example", True),
        ("GW.example", "gw.EXAMPLE", True),
        ("gw.example", "[gw.example]:2222", False),
        ("[gw.example]:2222", "[gw.example]:2222", True),
        ("[2001:db8::1]:2222", "[2001:db8::1]:2222", True),
        ("*.example", "gw.example", True),
        ("*.example,!gw.example", "gw.example", False),
        ("192.0.2.?", "192.0.2.1", True),
        ("192.0.2.?", "192.0.2.11", False),
        ("[*.example]:2222", "[gw.example]:2222", True),
        ("!gw.example", "other.example", False),
    ],
)
def test_a_host_gets_the_lines_that_name_it(file: Path, names: str, name: str, found: bool) -> None:
    file.write_text(f"# ours\n\n{names} {LINE} a comment\n198.51.100.9 {LINE}\n")
    assert known([file], name) == Known((KEY,) if found else ())


@pytest.mark.parametrize("name", ["gw.example", "[192.0.2.1]:2222"])
def test_a_hashed_name_is_found_and_no_other(file: Path, name: str) -> None:
    file.write_text(f"{name} {LINE}\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", file], check=True, capture_output=True)
    assert name not in file.read_text()
    assert known([file], name).keys == (KEY,)
    assert known([file], "192.0.2.9").keys == ()


def test_a_revoked_key_is_not_known_whatever_other_lines_and_files_say(file: Path) -> None:
    file.write_text(f"gw {LINE}\n@revoked * {LINE}\n")
    second = file.with_name("second")
    second.write_text(f"gw {LINE}\ngw {KIND} {OTHER.text}\n")
    assert known([file, second], "gw") == Known((OTHER,), (KEY,))
    with pytest.raises(HostKeyError, match="is revoked"):
        pin(file, "gw", 22, KEY)


def test_an_authority_is_no_key_of_the_host(file: Path) -> None:
    file.write_text(f"@cert-authority *.example {LINE}\n")
    assert known([file], "gw.example") == Known(signed=True)


def test_a_file_that_grew_is_read_again(file: Path) -> None:
    file.write_text(f"192.0.2.1 {LINE}\n")
    assert known([file], "192.0.2.2").keys == ()
    with file.open("a") as more:
        more.write(f"192.0.2.2 {LINE}\n")
    assert known([file], "192.0.2.2").keys == (KEY,)


@pytest.mark.parametrize(
    "junk",
    ["", "gw", "gw ssh-rsa", "gw 1024 35 12345", "gw ssh-rsa ***", "|1|x|y ssh-rsa AAAA", "\0"],
)
def test_lines_without_a_key_are_none(file: Path, junk: str) -> None:
    file.write_text(f"{junk}\ngw {LINE}")
    assert known([file, file.with_name("absent")], "gw").keys == (KEY,)


def test_a_pin_is_added_once_on_a_line_of_its_own(file: Path) -> None:
    file.write_text(f"other {LINE}")
    for _ in range(2):
        pin(file, "2001:db8::1", 2222, KEY)
    assert file.read_text() == f"other {LINE}\n[2001:db8::1]:2222 {LINE}\n"


@pytest.mark.parametrize("hashed", [False, True])
def test_a_changed_key_is_not_pinned_beside_the_old_one(file: Path, hashed: bool) -> None:
    file.write_text(f"gw {LINE}\n")
    if hashed:
        subprocess.run(["ssh-keygen", "-q", "-H", "-f", file], check=True, capture_output=True)
    before = file.read_text()
    for key in (OTHER, HostKey("ssh-rsa", "AAAA")):
        with pytest.raises(HostKeyError, match=r"not the one that is known: ssh-ed25519 SHA256:"):
            pin(file, "gw", 22, key)
    assert file.read_text() == before


def test_a_pin_goes_by_the_alias_of_the_ssh_configuration(file: Path) -> None:
    (file.parent / ".ssh").mkdir()
    (file.parent / ".ssh" / "config").write_text("Host gw\n HostKeyAlias office\n Port 2222\n")
    pin(file, "gw", 22, KEY)
    assert file.read_text() == f"office {LINE}\n"
