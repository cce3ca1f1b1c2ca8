"""Host keys are found by name, in files that may be long and may change."""

from __future__ import annotations

from pathlib import Path

from routercfg.transport.hostkeys import entries

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0yQyLxk6dV5cGd4nV7Yk1sJj2sOeK0YyQ9m3nXr0aB"


def test_a_host_gets_its_own_lines_and_the_hashed_ones(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    own, hashed = f"192.0.2.1,gw.example {KEY}", f"|1|c2FsdA==|aGFzaA== {KEY}"
    file.write_text(f"# ours\n\n{own}\n192.0.2.2 {KEY}\n{hashed}\n")
    assert entries(file, "192.0.2.1") == (own, hashed)
    assert entries(file, "gw.example") == (own, hashed)
    assert entries(file, "192.0.2.9") == (hashed,)


def test_a_file_that_grew_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"192.0.2.1 {KEY}\n")
    assert entries(file, "192.0.2.2") == ()
    with file.open("a") as more:
        more.write(f"192.0.2.2 {KEY}\n")
    assert entries(file, "192.0.2.2") == (f"192.0.2.2 {KEY}",)


def test_a_file_that_is_not_there_holds_no_key(tmp_path: Path) -> None:
    assert entries(tmp_path / "known_hosts", "192.0.2.1") == ()
