"""The lab's SSH server: logins, what it records, and every fault that can be ordered."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import paramiko
import pytest
from netmiko import ConnectHandler

from routercfg.errors import InputError
from routercfg.lab import Fault, Lab, Trouble
from routercfg.lab.serving import describe
from routercfg.platforms.registry import load_simulator

USERS = {"admin": "right"}
PROMPT = "[admin@r] > "


@dataclass
class Parrot:
    """A router that repeats what it is told; enough to test the wire."""

    hostname: str = "r"
    open: bool = True
    carried_out: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    hangups: int = 0

    def login(self, user: str, source: str) -> Perch:
        self.sources.append(source)
        return Perch(self)

    def execute(self, command: str, user: str, source: str) -> tuple[str, int]:
        self.carried_out.append(command)
        return f"told {command}\r\n" * 4, 3

    def configuration(self) -> str:
        return "\n".join(self.carried_out)

    def persisted(self) -> str:
        return self.configuration()

    def may_connect(self, source: str, port: int) -> bool:
        return self.open


@dataclass
class Perch:
    parrot: Parrot
    closed: bool = False
    typed: str = ""

    def start(self) -> str:
        return f"\r\nwelcome\r\n{PROMPT}"

    def feed(self, data: str) -> str:
        out = ""
        for char in data.replace("\r\n", "\r"):
            if char == "\x04":
                self.closed = True
                return out
            if char not in "\r\n":
                self.typed += char
                out += char
                continue
            line, self.typed = self.typed, ""
            out += "\r\n"
            if line == "quit":
                self.closed = True
                return out
            if line:
                self.parrot.carried_out.append(line)
                out += f"told {line}\r\nand told\r\n"
            out += PROMPT
        return out

    def hangup(self) -> None:
        self.parrot.hangups += 1


@contextmanager
def client(lab: Lab, name: str = "r", **options: Any) -> Iterator[paramiko.SSHClient]:
    host, port = lab.address(name)
    ssh = paramiko.SSHClient()
    ssh.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    login = {"username": "admin", "password": "right"} | options
    ssh.connect(host, port, look_for_keys=False, allow_agent=False, timeout=5, **login)
    try:
        yield ssh
    finally:
        ssh.close()


def read(channel: paramiko.Channel, until: str = PROMPT, seconds: float = 5.0) -> str:
    channel.settimeout(seconds)
    text = ""
    with suppress(TimeoutError):
        while not text.endswith(until):
            data = channel.recv(65_536)
            if not data:
                break
            text += data.decode()
    return text


def say(channel: paramiko.Channel, line: str, seconds: float = 5.0) -> str:
    channel.send(f"{line}\r\n".encode())
    return read(channel, seconds=seconds)


@pytest.fixture
def parrot() -> Parrot:
    return Parrot()


@pytest.fixture
def lab(parrot: Parrot) -> Iterator[Lab]:
    with Lab({"r": parrot}, users=USERS) as running:
        yield running


@contextmanager
def shell(lab: Lab) -> Iterator[paramiko.Channel]:
    with client(lab) as ssh:
        channel = ssh.invoke_shell()
        assert read(channel).endswith(PROMPT)
        yield channel


def eventually(condition: Any) -> bool:
    limit = time.monotonic() + 5
    while not condition() and time.monotonic() < limit:
        time.sleep(0.01)
    return bool(condition())


def test_a_shell_answers_and_every_line_is_recorded(lab, parrot):
    with shell(lab) as channel:
        assert "told one" in say(channel, "one")
        say(channel, "")
        say(channel, "two")
        channel.send(b"\x18")
        assert eventually(lambda: lab.sent("r") == ("one", "two", "\x18"))
    assert parrot.carried_out == ["one", "two"]
    assert lab.logins("r") == lab.attempts("r") == 1


def test_nothing_is_recorded_where_nothing_was_sent(lab):
    with shell(lab):
        pass
    assert lab.sent("r") == ()


def test_a_return_and_newline_in_two_packets_are_one_line(lab):
    with shell(lab) as channel:
        channel.send(b"one\r")
        read(channel)
        channel.send(b"\ntwo\r\n")
        assert read(channel).count(PROMPT) == 1
    assert lab.sent("r") == ("one", "two")


def test_an_exec_channel_gives_output_and_exit_status(lab):
    with client(lab) as ssh:
        _, stdout, _ = ssh.exec_command("show me")
        assert stdout.read().decode() == "told show me\r\n" * 4
        assert stdout.channel.recv_exit_status() == 3
    assert lab.sent("r") == ("show me",)


def test_a_wrong_password_or_name_does_not_get_in(lab):
    for wrong in ({"password": "wrong"}, {"username": "nobody"}):
        with pytest.raises(paramiko.AuthenticationException), client(lab, **wrong):
            pass
    assert lab.logins("r") == 0
    assert lab.attempts("r") == 2


def test_terminal_options_behind_a_plus_are_not_part_of_the_name(lab):
    with client(lab, username="admin+ct511w4098h"):
        assert lab.logins("r") == 1


def test_keyboard_interactive_works(lab):
    transport = paramiko.Transport(lab.address("r"))
    try:
        transport.start_client(timeout=5)
        transport.auth_interactive("admin", lambda title, text, asked: ["right" for _ in asked])
        assert transport.is_authenticated()
    finally:
        transport.close()


def test_a_public_key_works(parrot):
    key = paramiko.ECDSAKey.generate()
    keys = {"admin": f"{key.get_name()} {key.get_base64()}"}
    other = paramiko.ECDSAKey.generate()
    with Lab({"r": parrot}, public_keys=keys) as lab:
        with client(lab, password=None, pkey=key):
            assert lab.logins("r") == 1
        with pytest.raises(paramiko.SSHException), client(lab, password=None, pkey=other):
            pass


def test_all_routers_show_the_one_host_key(parrot):
    with Lab({"r": parrot, "s": Parrot()}, users=USERS) as lab:
        for name in ("r", "s"):
            with client(lab, name) as ssh:
                key = ssh.get_transport().get_remote_server_key()
                assert lab.host_key.startswith(f"{key.get_name()} {key.get_base64()}")


def test_a_router_that_lets_nobody_in_drops_the_connection(lab, parrot):
    with shell(lab) as channel:
        parrot.open = False
        with pytest.raises((paramiko.SSHException, OSError, EOFError)), client(lab):
            pass
        # A session that was there stays: established connections pass.
        assert "told still" in say(channel, "still")
    assert lab.logins("r") == 1


def test_routers_see_their_clients_come_from_where_the_test_says(parrot):
    other = Parrot()
    routers = {"r": parrot, "s": other}
    with Lab(routers, users=USERS, seen_from={"r": "198.51.100.7"}) as lab:
        for name in routers:
            with client(lab, name) as ssh:
                read(ssh.invoke_shell())
    assert parrot.sources == ["198.51.100.7"]
    assert other.sources == ["127.0.0.1"]


def test_a_lost_connection_is_a_hangup_and_a_quit_is_none(lab, parrot):
    with client(lab) as ssh:
        read(ssh.invoke_shell())
        ssh.get_transport().sock.close()
    assert eventually(lambda: parrot.hangups == 1)
    with shell(lab) as channel:
        channel.send(b"quit\r")
        assert channel.recv(99) in (b"quit\r\n", b"quit")
    time.sleep(0.05)
    assert parrot.hangups == 1


def test_latency_is_paid_for_every_exchange(parrot):
    with Lab({"r": parrot}, users=USERS, latency=0.05) as lab, shell(lab) as channel:
        start = time.monotonic()
        for number in range(4):
            say(channel, str(number))
        assert 0.2 <= time.monotonic() - start < 0.6


def test_latency_keeps_the_order_of_what_arrives(parrot):
    with Lab({"r": parrot}, users=USERS, latency=0.02) as lab, shell(lab) as channel:
        for number in range(40):
            channel.send(f"{number}\r".encode())
        assert eventually(lambda: len(parrot.carried_out) == 40)
    assert parrot.carried_out == [str(number) for number in range(40)]


# -- faults ----------------------------------------------------------------------------------------


def test_one_login_can_be_refused_and_the_next_works(lab):
    lab.faults["r"].append(Fault(Trouble.REFUSE_LOGIN, login=2))
    with client(lab):
        pass
    with pytest.raises((paramiko.SSHException, EOFError, OSError)), client(lab):
        pass
    with client(lab):
        pass
    assert (lab.attempts("r"), lab.logins("r")) == (3, 2)


def test_a_right_password_can_be_refused(lab):
    lab.faults["r"].append(Fault(Trouble.REFUSE_PASSWORD))
    with pytest.raises(paramiko.AuthenticationException), client(lab):
        pass


def test_the_host_key_can_change(lab):
    lab.faults["r"].append(Fault(Trouble.CHANGED_HOST_KEY, login=2))
    seen = []
    for _ in range(3):
        with client(lab) as ssh:
            seen.append(ssh.get_transport().get_remote_server_key().get_base64())
    assert [key in lab.host_key for key in seen] == [True, False, True]


@pytest.mark.parametrize("trouble", [Trouble.DROP_BEFORE_REPLY, Trouble.DROP_AFTER_REPLY])
def test_the_connection_can_drop_around_a_reply_to_a_line_that_was_carried_out(
    lab, parrot, trouble
):
    lab.faults["r"].append(Fault(trouble, line=2))
    with shell(lab) as channel:
        say(channel, "one")
        answer = ""
        with suppress(OSError):
            answer = say(channel, "two")
        assert ("told two" in answer) == (trouble is Trouble.DROP_AFTER_REPLY)
        assert eventually(lambda: channel.closed)
    assert parrot.carried_out == ["one", "two"]
    assert eventually(lambda: parrot.hangups == 1)


def test_a_router_can_stall_for_ever_at_a_command(lab, parrot):
    lab.faults["r"].append(Fault(Trouble.STALL, matching="^slow"))
    with shell(lab) as channel:
        say(channel, "quick")
        assert "told" not in say(channel, "slow one", seconds=0.2)
        assert say(channel, "more", seconds=0.1) == ""
    assert parrot.carried_out == ["quick", "slow one"]


def test_a_reply_can_be_cut_in_half_with_the_prompt_in_place(lab):
    lab.faults["r"].append(Fault(Trouble.CUT_REPLY, line=1))
    with shell(lab) as channel:
        cut = say(channel, "abcdefgh")
        assert cut.endswith(PROMPT)
        assert "and told" not in cut
        assert "and told" in say(channel, "abcdefgh")


def test_an_exec_reply_can_be_cut_and_the_channel_closes_cleanly(lab):
    lab.faults["r"].append(Fault(Trouble.CUT_REPLY))
    with client(lab) as ssh:
        _, stdout, _ = ssh.exec_command("show")
        assert 0 < len(stdout.read()) < len("told show\r\n" * 4)
        assert stdout.channel.recv_exit_status() == 3


def test_junk_wrong_prompts_log_lines_and_colours(lab):
    lab.faults["r"] += [
        Fault(Trouble.JUNK, line=1, megabytes=0.5),
        Fault(Trouble.WRONG_PROMPT, line=2, text="somebody else# "),
        Fault(Trouble.LOG_LINE, line=3, text="17:20:06 echo: system,info logged in"),
        Fault(Trouble.COLOUR, line=4),
    ]
    with shell(lab) as channel:
        assert len(say(channel, "one")) > 500_000
        channel.send(b"two\r")
        assert read(channel, until="# ").endswith("somebody else# ")
        lines = say(channel, "three").split("\r\n")
        assert "17:20:06 echo: system,info logged in" in lines[1:-1]
        channel.send(b"four\r")
        assert "\x1b[m" in read(channel, until="\x1b[m", seconds=1)


def test_a_line_that_is_not_carried_out_is_shown_and_answered_as_the_fault_says(lab):
    lab.faults["r"] += [
        Fault(Trouble.NOT_CARRIED_OUT, line=1),
        Fault(Trouble.NOT_CARRIED_OUT, line=2, text="% Refused"),
    ]
    with shell(lab) as channel:
        ignored = say(channel, "one")
        assert ignored.startswith("one")
        assert "told" not in ignored
        refused = say(channel, "two")
        assert "% Refused" in refused
        assert "told" not in refused
        assert "told three" in say(channel, "three")
    assert lab.heard("r")[:2] == ((1, 1, "one"), (1, 2, "two"))


def test_what_a_client_does_not_take_is_not_printed(lab):
    lab.faults["r"].append(Fault(Trouble.JUNK, line=1, megabytes=200))
    with shell(lab) as channel:
        channel.send(b"one\r")
        time.sleep(0.5)
        assert 0 < lab.printed("r") < 10_000_000


def test_a_fault_strikes_only_its_own_login(lab):
    lab.faults["r"].append(Fault(Trouble.STALL, login=2))
    with shell(lab) as channel:
        assert "told" in say(channel, "one")
    with shell(lab) as channel:
        assert "told" not in say(channel, "one", seconds=0.2)


# -- many routers, other processes -----------------------------------------------------------------


def test_three_hundred_routers_fit_in_one_process_and_are_made_when_called():
    entry = {"name": "r", "count": 300, "platform": "mikrotik_routeros",
             "options": {"configuration": "messy"}}  # fmt: skip
    with describe({"users": USERS, "routers": [entry]}) as lab:
        assert len(lab.routers) == 300
        with client(lab, "r0300") as ssh:
            _, stdout, _ = ssh.exec_command("/system identity print")
            assert stdout.read().strip() == b"name: r0300"
        assert lab.logins("r0300") == 1
        assert lab.sent("r0001") == ()


def test_a_lab_runs_as_a_process_of_its_own():
    entry = {"name": "solo", "platform": "mikrotik_routeros"}
    process = subprocess.Popen(
        [sys.executable, "-m", "routercfg.lab.serving"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        process.stdin.write(json.dumps({"users": USERS, "routers": [entry]}))
        process.stdin.close()
        told = json.loads(process.stdout.readline())
        host, port = told["routers"]["solo"]
        ssh = paramiko.SSHClient()
        ssh.get_host_keys().add(f"[{host}]:{port}", *key_of(told["host_key"]))
        ssh.connect(host, port, username="admin", password="right", look_for_keys=False,
                    allow_agent=False)  # fmt: skip
        assert b"7.18.2" in ssh.exec_command("/system resource print")[1].read()
        ssh.close()
    finally:
        process.terminate()
        process.stdout.close()
        assert process.wait(10) == 0


def key_of(line: str) -> tuple[str, paramiko.PKey]:
    kind, text = line.split()[:2]
    return kind, paramiko.PKey.from_type_string(kind, b64decode(text))


def test_a_description_without_routers_is_refused():
    with pytest.raises(InputError, match="list of routers"):
        describe({"users": USERS})


# -- the real client -------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["6.49.17", "7.18.2"])
def test_netmiko_logs_in_exports_meets_a_refusal_and_quits(version):
    router = load_simulator("mikrotik_routeros").create("messy", version=version)
    with Lab({"r": router}, users=USERS, seen_from="192.168.10.50") as lab:
        host, port = lab.address("r")
        connection = ConnectHandler(
            device_type="mikrotik_routeros", host=host, port=port, username="admin",
            password="right",
        )  # fmt: skip
        assert connection.find_prompt() == "[admin@klant-router] >"
        export = connection.send_command("/export terse hide-sensitive")
        assert (
            export
            == router.execute("/export terse hide-sensitive", "admin", "192.168.10.50")[0]
            .replace("\r\n", "\n")
            .strip()
        )
        assert connection.send_command("/ip firewall natt print") == (
            "bad command name natt (line 1 column 14)"
        )
        assert connection.send_command("/ip upnp set enabled=no") == ""
        connection.disconnect()
        assert eventually(lambda: "quit" in lab.sent("r"))
    assert router.execute(":put [/ip upnp get enabled]", "admin", "192.168.10.50")[0] == "false\r\n"
