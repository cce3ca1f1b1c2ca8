"""The password of a vault: from a file that an option or a variable names, or asked for."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from routercfg.cli.asking import AskedPassword
from routercfg.errors import SecretError
from tests.inventory.test_secrets import VAULT_1_1, indented

from .conftest import Command

HOSTS = """\
all:
  vars:
    ansible_user: voip
    service: xelion
    platform: mikrotik_routeros
    provider_prefixes: [198.51.100.0/24]
    ansible_host: 127.0.0.1
    ansible_port: 9
  hosts: {r1: , r2: }
"""


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    (tmp_path / "hosts.yml").write_text(HOSTS)
    (tmp_path / "group_vars").mkdir()
    text = "ansible_password: !vault |\n" + indented(VAULT_1_1)
    (tmp_path / "group_vars" / "all.yml").write_text(text)
    return tmp_path / "hosts.yml"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked at a terminal, where somebody types `geheim`."""
    asked: list[str] = []

    def answer(prompt: str, stream: object = None) -> str:
        asked.append(prompt)
        return "geheim"

    monkeypatch.setattr("routercfg.cli.asking.getpass", answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    return asked


def test_it_is_asked_for_once_however_many_routers_need_it(
    routercfg: Command, hosts: Path, typed: list[str]
) -> None:
    ended = routercfg("audit", "-i", str(hosts), "--only", "sip-alg")
    assert typed == ["Vault password: "]
    assert ended.status == 3  # Nobody answers on that port; the vault is open.
    assert "geheim" not in ended.out + ended.err


@pytest.mark.parametrize("command", ["audit", "whitelist", "playbook run"])
def test_a_wrong_password_is_one_error_before_any_router_is_reached(
    routercfg: Command,
    hosts: Path,
    typed: list[str],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    monkeypatch.setattr("routercfg.cli.asking.getpass", lambda *_, **__: "fout")
    book = hosts.with_name("site.yml")
    book.write_text("- hosts: all\n  tasks: [verify: all]\n")
    words = [*command.split(), *([book] if "playbook" in command else [])]
    ended = routercfg(*words, "-i", str(hosts))
    assert ended.status == 2
    assert "all.yml:1" in ended.err


def test_without_a_terminal_nobody_is_asked(
    routercfg: Command, hosts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    ended = routercfg("audit", "-i", str(hosts))
    assert ended.status == 2
    assert "--vault-password-file" in ended.err


def test_a_variable_may_name_the_file(
    routercfg: Command, hosts: Path, typed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = hosts.parent / "password"
    file.write_text("geheim\n")
    monkeypatch.setenv("ROUTERCFG_VAULT_PASSWORD_FILE", str(file))
    assert routercfg("audit", "-i", str(hosts), "--only", "sip-alg").status == 3
    assert typed == []


@pytest.mark.usefixtures("typed")
def test_what_was_answered_goes_to_workers_and_is_never_shown() -> None:
    asked = AskedPassword()
    assert asked(None) == "geheim"
    assert "geheim" not in repr(asked)
    sent = pickle.loads(pickle.dumps(asked))
    assert sent(None) == "geheim"


def test_a_worker_that_was_sent_no_answer_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(SecretError):
        AskedPassword()("site")
