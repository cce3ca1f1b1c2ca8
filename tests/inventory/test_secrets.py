"""Secrets: lazily read, never shown, and Ansible Vault opened."""

from __future__ import annotations

import json
import pickle
from hashlib import pbkdf2_hmac
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend

from routercfg.errors import SecretError
from routercfg.inventory import Secret, VaultPasswordFile, check, load_inventory, vault
from routercfg.services import load_services

# Written by ansible-vault 2.19 with the password "geheim".
VAULT_1_1 = """$ANSIBLE_VAULT;1.1;AES256
64383938623432626130346564363761343662316538313164313061613338623964313230306466
6165366430613136366666663664636633633331663830350a616663333965306566623135383731
33613030343036643462346531303839616533633861623732303631303539616164336535396530
3363353861643863330a313433613937326230376564666632323865636634326335383137626537
3264
"""
VAULT_1_2 = """$ANSIBLE_VAULT;1.2;AES256;prod
61316536633864343434336364643038333435323534363037323536326233616661646366646130
6530393166373761396433306530363465376636376161350a626333373037643162353462366230
63366261303136306335386261313362333564383335376632363930666461616533373736373631
3266616166393131310a333832613631616366386234396430343965393966306361623337333737
6337
"""
# The file: ansible_user: voip, ansible_password: in de kluis
VAULT_FILE = """$ANSIBLE_VAULT;1.1;AES256
63633439646337386238336262663838313738336361383261353634306166613239643465333638
6634613231626638373630613037363764373531336562390a346162366662636161373431376566
35616462366230303830333565383037343234666361663030373065313662336536353038303863
3836336261326139610a356539313334353533653636343861366634656362353761616130383166
63313863303536356465646237343733366263386335373235316234303439666434393131383266
34653665613861643637623237303930633535303535303738613338323430353931613165633462
643939386634306261326262636532613634
"""


def indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())


def test_both_formats_open_with_the_right_password() -> None:
    assert vault.decrypt(vault.parse(VAULT_1_1), "geheim") == "wachtwoord 1"
    labelled = vault.parse(VAULT_1_2)
    assert labelled.label == "prod"
    assert vault.decrypt(labelled, "geheim") == "tweede"


def test_a_vault_that_serves_many_routers_is_opened_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = []

    def derive(*arguments: Any) -> bytes:
        opened.append(arguments)
        return pbkdf2_hmac(*arguments)

    monkeypatch.setattr("routercfg.inventory.vault.hashlib.pbkdf2_hmac", derive)
    vault.decrypt.cache_clear()
    for _ in range(3):
        assert vault.decrypt(vault.parse(VAULT_1_1), "geheim") == "wachtwoord 1"
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("text", "password", "message"),
    [
        (VAULT_1_1, "fout", "does not open with this password"),
        (VAULT_1_1[:-30], "geheim", "cut or damaged|does not open"),
        (VAULT_1_1.replace("3", "4"), "geheim", "cut or damaged|does not open"),
        (VAULT_1_1.replace("1.1", "1.0"), "geheim", "format 1.0"),
        (VAULT_1_1.replace("AES256", "AES"), "geheim", "with AES"),
        ("geheim", "geheim", "not an Ansible Vault text"),
        ("$ANSIBLE_VAULT;1.1;AES256\nzz", "geheim", "cut or damaged"),
        ("$ANSIBLE_VAULT;1.1;AES256\n", "geheim", "cut or damaged"),
    ],
)
def test_a_vault_that_does_not_open_is_one_error(text: str, password: str, message: str) -> None:
    with pytest.raises(SecretError, match=message):
        vault.decrypt(vault.parse(text), password)


def test_a_vault_value_is_opened_only_when_it_is_needed(load, tmp_path: Path) -> None:
    files = {"group_vars/all.yml": "ansible_password: !vault |\n" + indented(VAULT_1_1)}
    locked = load("all: {hosts: {r1: }}\n", **files).hosts["r1"].connection.password
    assert locked is not None
    with pytest.raises(SecretError, match=r"all.yml:1.*no vault password was given"):
        locked.reveal()
    (tmp_path / "pw").write_text("geheim\n")
    opened = load_inventory(tmp_path, VaultPasswordFile(tmp_path / "pw"))
    password = opened.hosts["r1"].connection.password
    assert password is not None
    assert pickle.loads(pickle.dumps(password)).reveal() == "wachtwoord 1"


def program(path: Path, text: str) -> VaultPasswordFile:
    path.write_text(text)
    path.chmod(0o700)
    return VaultPasswordFile(path)


def test_an_executable_password_file_is_run_as_ansible_does_and_once(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    plain = program(tmp_path / "pw", f"#!/bin/sh\necho $* >>{ran}\necho geheim\necho more\n")
    assert [plain(None), plain(None), plain("prod")] == ["geheim"] * 3
    assert ran.read_text() == "\n\n"
    client = program(tmp_path / "ring-client.sh", '#!/bin/sh\necho "$*"\n')
    assert client("prod") == "--vault-id prod"
    assert client(None) == "--vault-id default"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("#!/bin/sh\nexit 3\n", "ended with status 3"),
        ("#!/bin/sh\n", "holds no password"),
        ("#!/bin/sh\nprintf '\\377'\n", "printed no text"),
        ("geheim\n", r"executable, and cannot be run: .* chmod -x"),
        ("#!/nowhere/at/all\n", "cannot be run"),
    ],
)
def test_a_password_program_that_fails_says_so_and_not_what_it_holds(
    tmp_path: Path, text: str, says: str
) -> None:
    file = program(tmp_path / "pw", text)
    with pytest.raises(SecretError, match=says) as raised:
        file(None)
    assert raised.value.where.file == file.path
    assert "geheim" not in str(raised.value)


def test_a_whole_file_in_a_vault_needs_its_password_and_hides_every_text(
    write, tmp_path: Path
) -> None:
    folder = write("all: {hosts: {r1: }}\n", **{"group_vars/all/vault.yml": VAULT_FILE})
    with pytest.raises(SecretError, match=r"vault.yml: .*no vault password"):
        load_inventory(folder)
    inventory = load_inventory(folder, lambda _: "geheim")
    reach = inventory.hosts["r1"].connection
    assert reach.user == "voip"
    assert reach.password == Secret.of("in de kluis")
    assert "kluis" not in json.dumps(inventory.to_ansible()) + repr(inventory.hosts["r1"])


def test_an_environment_variable_is_read_when_asked(load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROUTER_PW", raising=False)
    inventory = load("all: {hosts: {r1: {ansible_password: !env ROUTER_PW}}}\n")
    password = inventory.hosts["r1"].connection.password
    assert password is not None
    with pytest.raises(SecretError, match="ROUTER_PW is not set"):
        password.reveal()
    monkeypatch.setenv("ROUTER_PW", "geheim")
    assert password.reveal() == "geheim"


class OneKey(KeyringBackend):
    """A key ring with one key."""

    priority = 1  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        return "geheim" if (service, username) == ("routercfg", "r1") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


def test_a_key_ring_is_asked_by_service_and_user(load) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(OneKey())
    try:
        inventory = load(
            "all: {hosts: {r1: {p: !keyring routercfg/r1, q: !keyring routercfg/r2}}}\n"
        )
        found, missing = inventory.hosts["r1"].value("p"), inventory.hosts["r1"].value("q")
        assert isinstance(found, Secret)
        assert isinstance(missing, Secret)
        assert found.reveal() == "geheim"
        with pytest.raises(SecretError, match="holds nothing for routercfg/r2"):
            missing.reveal()
    finally:
        keyring.set_keyring(before)


@pytest.mark.parametrize("text", ["!env A B", "!env 'A=1'", "!keyring user", "!vault x"])
def test_a_secret_written_wrongly_is_an_error_at_once(load, text: str) -> None:
    with pytest.raises(SecretError, match=r"hosts.yml:1"):
        load(f"all: {{hosts: {{r1: {{p: {text}}}}}}}\n")


def test_a_secret_is_never_shown() -> None:
    secret = Secret.of("geheim")
    shown = f"{secret} {secret!r} {secret!s} {secret:>5} {[secret]} {secret.source!r}"
    assert "geheim" not in shown
    assert secret.reveal() == "geheim"


def test_a_password_in_plain_text_is_hidden_and_warned_of(load) -> None:
    inventory = load("all: {hosts: {r1: {ansible_ssh_pass: geheim}}}\n")
    host = inventory.hosts["r1"]
    shown = repr(host) + repr(host.connection) + json.dumps(inventory.to_ansible())
    assert "geheim" not in shown
    assert host.connection.password == Secret.of("geheim")
    codes = [problem.code for problem in check(inventory, load_services())]
    assert "password-in-plain-text" in codes
