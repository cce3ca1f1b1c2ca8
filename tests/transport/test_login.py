"""Logging in as people have it: against a real OpenSSH server, the lab, and an old router."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import asyncssh
import paramiko
import pytest

from routercfg.batch import Pace, carry_out
from routercfg.errors import (
    AlgorithmError,
    AuthenticationError,
    HostKeyError,
    HungUpError,
    InputError,
    TransportError,
    UnreachableError,
)
from routercfg.inventory.secret import Secret
from routercfg.lab import Lab
from routercfg.lab.faults import Fault, Trouble
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.platforms import load_simulator
from routercfg.platforms.manifest import Manifest
from routercfg.platforms.registry import manifest
from routercfg.push import push
from routercfg.transport import Target
from routercfg.transport.hostkeys import entry_name, fetch, pin
from routercfg.transport.route import route_to
from routercfg.transport.ssh import SshSession

SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/sbin")
needs_sshd = pytest.mark.skipif(
    SSHD is None or shutil.which("ssh") is None, reason="OpenSSH's sshd is not installed"
)
INTENT = Intent(provider=PrefixSet.of("203.0.113.0/24"))


def target(host: str, port: int, **more: object) -> Target:
    plain = Target("r1", "linux_nftables", INTENT, host, port, timeout=10)
    return replace(plain, **more)  # type: ignore[arg-type]


def shell() -> Manifest:
    """A Unix shell, which is what OpenSSH gives."""
    found = manifest("linux_nftables")
    session = found.session.model_copy(update={"framing": "marker", "marker": "echo {token}"})
    return found.model_copy(update={"session": session})


@dataclass
class Site:
    """A home folder, and OpenSSH servers that let its keys in."""

    home: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    logs: dict[int, Path] = field(default_factory=dict)

    def key(self, name: str) -> Path:
        path = self.home / ".ssh" / name
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
        return path

    def server(self, *lines: str) -> int:
        port = _free_port()
        folder = self.home / f"sshd-{port}"
        folder.mkdir(mode=0o700)
        key = folder / "host"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        allowed = folder / "authorized_keys"
        allowed.write_text("".join(one.read_text() for one in (self.home / ".ssh").glob("*.pub")))
        settings = [
            f"Port {port}", "ListenAddress 127.0.0.1", f"HostKey {key}", "UsePAM no",
            f"PidFile {folder / 'pid'}", "StrictModes no", "PasswordAuthentication no",
            "LogLevel DEBUG1", *lines,
        ]  # fmt: skip
        if not any(line.startswith("TrustedUserCAKeys") for line in lines):
            settings.append(f"AuthorizedKeysFile {allowed}")
        (folder / "config").write_text("\n".join(settings) + "\n")
        self.logs[port] = folder / "log"
        with self.logs[port].open("wb") as log:
            assert SSHD is not None
            self.processes.append(
                subprocess.Popen([SSHD, "-D", "-e", "-f", folder / "config"], stderr=log)
            )
        _until_open(port)
        kind, text, *_ = key.with_suffix(".pub").read_text().split()
        with (self.home / ".ssh" / "known_hosts").open("a") as file:
            file.write(f"{entry_name('127.0.0.1', port)} {kind} {text}\n")
        return port

    def configure(self, text: str) -> None:
        (self.home / ".ssh" / "config").write_text(text)

    def log(self, port: int) -> str:
        return self.logs[port].read_text(errors="replace")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _until_open(port: int) -> None:
    for _ in range(100):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.skip("sshd does not start here")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    (tmp_path / ".ssh").mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    Path("/run/sshd").mkdir(exist_ok=True) if os.geteuid() == 0 else None
    found = Site(tmp_path)
    yield found
    for one in found.processes:
        one.terminate()
        one.wait(10)


def works(to: Target) -> bool:
    session = SshSession(to, shell())
    try:
        [reply] = session.read(["echo it is $((40 + 2))"])
    finally:
        session.close()
    return "it is 42" in reply.text


def user() -> str:
    return subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()


@needs_sshd
def test_a_name_in_the_ssh_configuration_brings_host_port_user_and_key(site: Site) -> None:
    key = site.key("work")
    port = site.server()
    site.configure(
        f"Host gw\n HostName 127.0.0.1\n Port {port}\n User {user()}\n IdentityFile {key}\n"
    )
    assert works(target("gw", 22))


@needs_sshd
def test_the_second_identity_file_is_tried_as_well(site: Site) -> None:
    good = site.key("good")
    port = site.server()
    other = site.key("other")
    site.configure(f"Host *\n IdentityFile {other}\n IdentityFile {good}\n")
    assert works(target("127.0.0.1", port, user=user()))


def jumped(site: Site, way: str) -> tuple[int, int]:
    key = site.key("work")
    jump, port = site.server(), site.server()
    config = site.home / ".ssh" / "config"
    known = site.home / ".ssh" / "known_hosts"
    command = f"ssh -F {config} -W %h:%p jump"
    site.configure(
        f"Host gw\n HostName 127.0.0.1\n Port {port}\n User {user()}\n IdentityFile {key}\n"
        f" {'ProxyJump jump' if way == 'jump' else f'ProxyCommand {command}'}\n"
        f"Host jump\n HostName 127.0.0.1\n Port {jump}\n User {user()}\n IdentityFile {key}\n"
        f" UserKnownHostsFile {known}\n"
    )
    return jump, port


@needs_sshd
@pytest.mark.parametrize("way", ["jump", "command"])
def test_a_router_behind_a_jump_host_is_reached_through_it(site: Site, way: str) -> None:
    jump, port = jumped(site, way)
    assert works(target("gw", 22))
    assert f"127.0.0.1 port {port}" in site.log(jump)
    assert "Accepted publickey" in site.log(port)
    assert fetch("gw").kind == "ssh-ed25519"


@needs_sshd
def test_a_jump_host_that_refuses_is_named_with_its_own_words(site: Site) -> None:
    jumped(site, "jump")
    text = (site.home / ".ssh" / "config").read_text()
    site.configure(text.replace("Host jump\n", "Host jump\n IdentitiesOnly yes\n User nobody-x\n"))
    with pytest.raises(UnreachableError, match=r"jump host: .*Permission denied"):
        works(target("gw", 22))


@needs_sshd
def test_a_changed_key_is_a_hard_stop_before_any_credential(site: Site) -> None:
    key = site.key("work")
    port = site.server()
    known = site.home / ".ssh" / "known_hosts"
    words = site.key("stranger").with_suffix(".pub").read_text().split()
    known.write_text(f"{entry_name('127.0.0.1', port)} {words[0]} {words[1]}\n")
    with pytest.raises(HostKeyError, match="has changed; no credential was sent"):
        works(target("127.0.0.1", port, user=user(), key_file=str(key)))
    assert "userauth-request" not in site.log(port)


@needs_sshd
def test_a_key_in_the_agent_logs_in(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    key = site.key("work")
    port = site.server()
    agent = site.home / "agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", agent], stdout=subprocess.DEVNULL) as process:
        for _ in range(100):
            if agent.exists():
                break
            time.sleep(0.05)
        monkeypatch.setenv("SSH_AUTH_SOCK", str(agent))
        subprocess.run(["ssh-add", "-q", key], check=True)
        key.unlink()
        try:
            assert works(target("127.0.0.1", port, user=user()))
            site.configure("Host *\n IdentitiesOnly yes\n")
            with pytest.raises(TransportError):
                works(target("127.0.0.1", port, user=user()))
        finally:
            process.terminate()


@needs_sshd
def test_a_certificate_logs_in_where_the_bare_key_may_not(site: Site) -> None:
    authority, key = site.key("authority"), site.key("work")
    port = site.server(f"TrustedUserCAKeys {authority}.pub", "AuthorizedKeysFile none")
    subprocess.run(
        ["ssh-keygen", "-q", "-s", authority, "-I", "me", "-n", user(), f"{key}.pub"], check=True
    )
    certificate = (site.home / ".ssh" / "work-cert.pub").rename(site.home / "mine.pub")
    site.configure(f"Host *\n IdentityFile {key}\n")
    with pytest.raises(AuthenticationError):
        works(target("127.0.0.1", port, user=user()))
    site.configure(f"Host *\n IdentityFile {key}\n CertificateFile {certificate}\n")
    assert works(target("127.0.0.1", port, user=user()))


@needs_sshd
def test_an_encrypted_key_is_said_to_be_one(site: Site) -> None:
    port = site.server()
    key = site.home / ".ssh" / "locked"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "abcde", "-f", key], check=True)
    with pytest.raises(AuthenticationError, match=r"encrypted.*ssh-add"):
        works(target("127.0.0.1", port, user=user(), key_file=str(key)))


@needs_sshd
def test_included_files_and_match_blocks_are_openssh_s_own_matter(site: Site) -> None:
    key = site.key("work")
    port = site.server()
    by_bash = "bash -c 'exec 3<>/dev/tcp/127.0.0.1/%p; cat <&3 & cat >&3'"
    more = site.home / "more"
    more.mkdir()
    (more / "gw").write_text(f"Host gw\n HostName %h.invalid\n Port {port}\nHost other\n Port 9\n")
    site.configure(
        f"Include {more}/*\n"
        f"Match originalhost gw user {user()}\n IdentityFile {key}\n"
        f"Match user somebody-else\n User nobody-x\n"
        f"Host gw\n ProxyCommand {by_bash} 2>/dev/null\n HostKeyAlias [127.0.0.1]:{port}\n"
    )
    assert works(target("gw", 22, user=user()))
    assert route_to("gw").user == ""
    assert route_to("gw").host == "gw.invalid"
    assert route_to("other").port == 9


def test_a_configuration_that_openssh_refuses_is_one_clear_error(site: Site) -> None:
    site.configure("Host *\n Port none\nMatch nonsense\n User x\n")
    with pytest.raises(InputError, match=r"config: ssh refuses it: .*config line 2: "):
        route_to("gw")


@needs_sshd
def test_a_chain_of_two_jump_hosts_leads_to_the_router(site: Site) -> None:
    key = site.key("work")
    first, second, port = site.server(), site.server(), site.server()
    known = f"UserKnownHostsFile {site.home / '.ssh' / 'known_hosts'}"
    site.configure(
        f"Host *\n User {user()}\n IdentityFile {key}\n {known}\n HostName 127.0.0.1\n"
        f"Host one\n Port {first}\nHost two\n Port {second}\nHost gw\n Port {port}\n"
        " ProxyJump one,two\n"
    )
    assert works(target("gw", 22))
    assert f"127.0.0.1 port {second}" in site.log(first)
    assert f"127.0.0.1 port {port}" in site.log(second)


@needs_sshd
def test_with_identities_only_the_agent_gives_the_named_keys_and_no_other(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, other = site.key("good"), site.key("other")
    port = site.server()
    (site.home / f"sshd-{port}" / "authorized_keys").write_text(
        good.with_suffix(".pub").read_text()
    )
    agent = site.home / "agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", agent], stdout=subprocess.DEVNULL) as process:
        for _ in range(100):
            if agent.exists():
                break
            time.sleep(0.05)
        try:
            monkeypatch.setenv("SSH_AUTH_SOCK", str(agent))
            subprocess.run(["ssh-add", "-q", other, good], check=True)
            monkeypatch.delenv("SSH_AUTH_SOCK")
            for one in (good, other):
                subprocess.run(["ssh-keygen", "-q", "-p", "-N", "abcde", "-f", one], check=True)
            agents = f"Host *\n User {user()}\n IdentityAgent {agent}\n IdentitiesOnly yes\n"
            # A key with a passphrase, in the agent; its public half alone; another one.
            site.configure(f"{agents} IdentityFile {good}\n")
            assert works(target("127.0.0.1", port))
            site.configure(f"{agents} IdentityFile {good}.pub\n")
            assert works(target("127.0.0.1", port))
            assert other_keys(site, port) == 0
            site.configure(f"{agents} IdentityFile {other}\n")
            with pytest.raises(AuthenticationError):
                works(target("127.0.0.1", port))
            assert other_keys(site, port) > 0
            site.configure(f"Host *\n User {user()}\n IdentityAgent {agent}\n")
            assert works(target("127.0.0.1", port, key_file=str(good)))
            with pytest.raises(AuthenticationError):
                works(target("127.0.0.1", port, key_file=str(other)))
        finally:
            process.terminate()


def other_keys(site: Site, port: int) -> int:
    """How many keys were tried that are not let in."""
    return site.log(port).count("Failed publickey")


@needs_sshd
def test_a_key_file_that_is_not_there_is_named(site: Site) -> None:
    port = site.server()
    absent = site.home / "absent"
    with pytest.raises(InputError, match="absent is not there") as raised:
        works(target("127.0.0.1", port, user=user(), key_file=str(absent)))
    assert raised.value.where.field == "ansible_ssh_private_key_file"


@needs_sshd
def test_host_keys_are_looked_for_where_the_configuration_says(site: Site) -> None:
    key = site.key("work")
    port = site.server()
    known = site.home / ".ssh" / "known_hosts"
    kind_and_text = known.read_text().split(maxsplit=1)[1]
    known.unlink()
    to = target("127.0.0.1", port, user=user(), key_file=str(key))
    with pytest.raises(HostKeyError, match=r"is not known; .* SHA256:"):
        works(to)
    (site.home / "ours").write_text(f"office,!branch {kind_and_text}")
    site.configure(f"Host *\n UserKnownHostsFile {site.home}/ours\n HostKeyAlias office\n")
    assert works(to)
    site.configure(f"Host *\n UserKnownHostsFile {site.home}/ours\n HostKeyAlias branch\n")
    with pytest.raises(HostKeyError):
        works(to)


@needs_sshd
@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("@revoked * {key}", "is revoked"),
        ("@cert-authority * {other}", "an authority for it is known"),
    ],
)
def test_marked_lines_stop_a_login_before_any_credential(site: Site, line: str, says: str) -> None:
    key = site.key("work")
    port = site.server()
    known = site.home / ".ssh" / "known_hosts"
    own = known.read_text()
    other = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    marked = line.format(key=own.split(maxsplit=1)[1].strip(), other=other)
    known.write_text(f"{own if 'revoked' in marked else ''}{marked}\n")
    with pytest.raises(HostKeyError, match=says):
        works(target("127.0.0.1", port, user=user(), key_file=str(key)))
    assert "userauth-request" not in site.log(port)


@needs_sshd
def test_of_a_server_with_several_keys_the_known_one_is_asked_for(site: Site) -> None:
    work = site.key("work")
    extra = {}
    for kind in ("rsa", "ecdsa"):
        extra[kind] = site.home / kind
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", extra[kind]], check=True)
    port = site.server(*(f"HostKey {path}" for path in extra.values()))
    known = site.home / ".ssh" / "known_hosts"
    gone = site.key("gone").with_suffix(".pub").read_text().split()[1]
    name = entry_name("127.0.0.1", port)
    to = target("127.0.0.1", port, user=user(), key_file=str(work))
    for path in extra.values():
        kind, text, *_ = path.with_suffix(".pub").read_text().split()
        # And one of a kind that the server does not have any more.
        known.write_text(f"{name} ssh-dss {gone}\n{name} {kind} {text}\n")
        assert works(to)
        assert fetch("127.0.0.1", port, kinds=[kind]).kind == kind


def test_a_router_that_hangs_up_on_a_password_is_not_given_it_again(tmp_path: Path) -> None:
    router = load_simulator("mikrotik_routeros").create(hostname="r1")
    with Lab({"r1": router}, users={"admin": "secret"}, seen_from="192.168.88.10") as lab:
        lab.faults["r1"].append(Fault(Trouble.REFUSE_LOGIN))
        to = lab_target(lab, tmp_path, "secret")
        [result] = carry_out(push, [to], Pace(retries=2, backoff=0.01))
        assert isinstance(result.error, HungUpError)
        assert lab.attempts("r1") == 1


class _Asking(asyncssh.SSHServer):
    """Asks its questions one round after the other; lets in who answers all."""

    rounds: tuple[tuple[tuple[str, bool], ...], ...] = ()
    given: list[list[str]] = []  # noqa: RUF012 - what one test hears

    def __init__(self) -> None:
        self._left = list(self.rounds)

    def begin_auth(self, username: str) -> bool:
        return True

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> object:
        return "Login", "", "", self._left.pop(0)

    def validate_kbdint_response(self, username: str, responses: object) -> object:
        self.given.append(list(responses))  # type: ignore[call-overload]
        return ("", "", "", self._left.pop(0)) if self._left else True


class _Expired(asyncssh.SSHServer):
    """Wants a new password."""

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        raise asyncssh.PasswordChangeRequired("Your password has expired")


@pytest.mark.parametrize(
    ("rounds", "answered"),
    [
        (((("Password: ", False),),), True),
        (((("Password: ", False),), ()), True),
        (((("Password: ", False), ("Verification code: ", False)),), False),
        (((("Password: ", False),), (("Token: ", False),)), False),
        (((("Password: ", False),), (("Password: ", False),)), False),
        (((("One-time password (OTP): ", False),),), False),
        (((("Name: ", True),),), False),
        (((("Password: ", False),), (("New password: ", False),)), False),
    ],
)
def test_the_first_question_is_answered_with_the_password_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rounds: object, answered: bool
) -> None:
    given: list[list[str]] = []
    monkeypatch.setattr(_Asking, "rounds", rounds)
    monkeypatch.setattr(_Asking, "given", given)
    with _OldRouter(_Asking, legacy=False) as router:
        with pytest.raises(TransportError) as raised:
            works(asked(router, tmp_path, Secret.of("secret")))
        with pytest.raises(AuthenticationError, match="nothing to log in with"):
            works(asked(router, tmp_path, None))
    told = str(raised.value)
    assert [one for replies in given for one in replies].count("secret") <= 1
    if answered:
        assert not isinstance(raised.value, AuthenticationError)
    else:
        assert isinstance(raised.value, AuthenticationError)
        assert "asks for more than a password" in told
        assert rounds[-1][-1][0].strip() in told  # type: ignore[index]


class _Shellless(asyncssh.SSHServer):
    """Lets anybody in, and gives nobody a shell."""

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return True


def test_a_router_that_gives_no_shell_is_hung_up_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins: list[Any] = []

    def no_shell(client: paramiko.SSHClient, **_: object) -> None:
        logins.append(client.get_transport())
        raise paramiko.SSHException("Channel closed.")

    monkeypatch.setattr(paramiko.SSHClient, "invoke_shell", no_shell)
    with _OldRouter(_Shellless, legacy=False) as router:
        with pytest.raises(UnreachableError, match="Channel closed"):
            works(asked(router, tmp_path, Secret.of("secret")))
        assert not logins[0].is_active()


def test_host_keys_that_cannot_be_read_are_no_router_out_of_reach(tmp_path: Path) -> None:
    (tmp_path / "known").mkdir()
    to = target("127.0.0.1", 9, user="admin", password=Secret.of("secret"))
    with pytest.raises(InputError, match="host keys cannot be read"):
        works(replace(to, known_hosts=tmp_path / "known"))


def asked(router: _OldRouter, folder: Path, password: Secret | None) -> Target:
    known = folder / "known"
    known.write_text(f"[127.0.0.1]:{router.port} {router.host_key}\n")
    plain = target("127.0.0.1", router.port, user="admin", password=password, known_hosts=known)
    return replace(plain, timeout=3)


def test_an_expired_password_is_said_to_be_one(tmp_path: Path) -> None:
    with (
        _OldRouter(_Expired, legacy=False) as router,
        pytest.raises(AuthenticationError, match="password has expired"),
    ):
        works(asked(router, tmp_path, Secret.of("secret")))


def test_several_jumps_become_one_command_and_ipv6_is_bracketed(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("Host gw\n HostName 2001:db8::1\n ProxyJump a@one:2222,two\n")
    assert route_to("gw", config=config).command.endswith(
        "-o BatchMode=yes -W '[2001:db8::1]:22' -J ssh://a@one:2222 -- two"
    )


@pytest.mark.parametrize(
    "more", ["", pytest.param("Match host gw\n Compression no\n", marks=needs_sshd)]
)
def test_a_proxy_is_told_the_port_and_the_user_of_the_inventory(tmp_path: Path, more: str) -> None:
    config = tmp_path / "config"
    config.write_text(f"Host gw\n ProxyCommand relay %r %h %p\n{more}")
    assert route_to("gw", 2222, "voip", config).command == "relay voip gw 2222"
    config.write_text(f"Host gw\n ProxyCommand relay %r %h %p\n Port 23\n User me\n{more}")
    assert route_to("gw", config=config).command == "relay me gw 23"


def test_an_ssh_configuration_that_is_changed_is_read_again(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("Host gw\n User one\n")
    assert route_to("gw", config=config).user == "one"
    config.write_text("Host gw\n User another\n")
    assert route_to("gw", config=config).user == "another"


def test_an_ssh_configuration_that_is_none_is_one_clear_error(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_bytes(b"Host\xff gw\n")
    with pytest.raises(InputError, match="config"):
        route_to("gw", config=config)


def lab_target(lab: Lab, folder: Path, password: str) -> Target:
    host, port = lab.address("r1")
    known = folder / "known_hosts"
    pin(known, host, port, fetch(host, port))
    secret = Secret.of(password)
    plain = Target("r1", "mikrotik_routeros", INTENT, host, port, "admin", secret, timeout=5)
    return replace(plain, known_hosts=known)


def test_a_password_is_typed_where_the_router_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keyboard-interactive only, as Junos and FreeBSD have it."""
    monkeypatch.setattr("routercfg.lab.server._Door.password_auth_supported", lambda _self: False)
    router = load_simulator("mikrotik_routeros").create(hostname="r1")
    with Lab({"r1": router}, users={"admin": "secret"}, seen_from="192.168.88.10") as lab:
        session = SshSession(lab_target(lab, tmp_path, "secret"), manifest("mikrotik_routeros"))
        session.close()
        with pytest.raises(AuthenticationError):
            SshSession(lab_target(lab, tmp_path, "wrong"), manifest("mikrotik_routeros"))


_SHA1: dict[str, Any] = {
    "kex_algs": ["diffie-hellman-group1-sha1"],
    "signature_algs": ["ssh-rsa"],
    "encryption_algs": ["aes128-cbc"],
}


class _OldRouter:
    """An SSH server of ours; `legacy`: it speaks SHA-1 only, as RouterOS 6 and IOS 15 do."""

    def __init__(
        self, server: type[asyncssh.SSHServer] | None = None, *, legacy: bool = True
    ) -> None:
        self.port = 0
        self._server = server
        self._key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
        self._algorithms = _SHA1 if legacy else {}
        self.begun: list[str] = []
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def host_key(self) -> str:
        return str(self._key.export_public_key("openssh").decode()).strip()

    def __enter__(self) -> _OldRouter:
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        begun = self.begun

        class Server(asyncssh.SSHServer):
            def begin_auth(self, username: str) -> bool:
                begun.append(username)
                return True

        async def serve() -> None:
            acceptor = await asyncssh.listen(
                "127.0.0.1",
                0,
                server_factory=self._server or Server,
                server_host_keys=[self._key],
                **self._algorithms,
            )
            self.port = acceptor.get_port()
            self._ready.set()

        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(serve())
        self._loop.run_forever()


def test_a_router_with_old_algorithms_only_says_which_and_what_to_install(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with _OldRouter() as router:
        to = target("127.0.0.1", router.port, user="admin", password=Secret.of("secret"))
        with pytest.raises(AlgorithmError) as raised:
            works(to)
        with pytest.raises(AlgorithmError, match="group1-sha1"):
            fetch("127.0.0.1", router.port)
    text = str(raised.value)
    assert raised.value.code == "RC144"
    assert "diffie-hellman-group1-sha1" in text
    assert "ssh-rsa" in text
    assert "routercfg[legacy-ssh]" in text
    assert router.begun == []
    # paramiko would log a traceback, which Python prints where nobody listens.
    assert caplog.records == []
