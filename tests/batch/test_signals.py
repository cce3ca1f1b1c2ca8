"""A push that a signal reaches while routers are being changed: a process of its own, over SSH.

Signals go to the whole group, worker processes included, as terminals and systemd send them.
"""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from routercfg.batch import records
from routercfg.cli import run
from routercfg.lab import Lab
from routercfg.platforms.registry import load_simulator

NAMES = ("r1", "r2")
#: One round trip, in seconds: what is hit is hit in the middle.
LATENCY = 0.04


@dataclass
class Desk:
    """Somebody who pushes to the lab's routers, one at a time."""

    lab: Lab
    folder: Path

    @property
    def journal(self) -> Path:
        return self.folder / "state" / "journal.db"

    def arguments(self, engine: str) -> list[str]:
        hosts = "".join(
            f"    {name}: {{ansible_host: {host}, ansible_port: {port}}}\n"
            for name, (host, port) in ((name, self.lab.address(name)) for name in NAMES)
        )
        inventory = self.folder / "hosts.yml"
        inventory.write_text(
            f"all:\n  hosts:\n{hosts}"
            "  vars:\n    service: xelion\n    platform: mikrotik_routeros\n"
            "    ansible_user: admin\n    ansible_password: secret-enough\n"
            "    management_sources: [192.0.2.0/28]\n    provider_prefixes: [198.51.100.128/26]\n"
        )
        known = self.folder / "known_hosts"
        places = (self.lab.address(name) for name in NAMES)
        known.write_text("".join(f"[{host}]:{port} {self.lab.host_key}\n" for host, port in places))
        return [
            *("push", "-i", str(inventory), "--known-hosts", str(known), "--yes"),
            *("--journal", str(self.journal), "--backups", str(self.folder / "backups")),
            *("--workers", "1", "--engine", engine, "--only", "sip-alg,management,udp-timeouts"),
        ]

    def until_lines_are_sent(self) -> None:
        """Until the first router is in the middle of being changed."""
        for _ in range(3000):
            if any(" set " in line or " add " in line for line in self.lab.sent("r1")):
                return
            time.sleep(0.01)
        raise AssertionError("it never came to the lines")

    def configuration(self, name: str = "r1") -> str:
        return str(self.lab.routers[name].configuration())

    def as_left(self) -> tuple[str, dict[str, str]]:
        """Why the run stopped, and how its routers ended, by the journal."""
        found = records.run(self.journal, "last")
        assert found.ended, "it is written to its end"
        assert records.check(self.journal).broken is None
        return found.stopped, {one.router: one.outcome for one in found.routers}

    def goes_on(self) -> dict[str, str]:
        """How the routers end in the run that goes on with this one."""
        self.lab.latency = 0.0
        assert run([*self.arguments("threads"), "--resume", "last"]) == 0
        return self.as_left()[1]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    create = load_simulator("mikrotik_routeros").create
    routers = {name: create(hostname=name) for name in NAMES}
    users = {"admin": "secret-enough"}
    with Lab(routers, users=users, seen_from="192.168.88.10", latency=LATENCY) as lab:
        yield Desk(lab, tmp_path)


def pushed_until(desk: Desk, engine: str, *signals: signal.Signals) -> tuple[int, str]:
    """The exit status of a push that these signals reach in the middle, and what it told."""
    process = subprocess.Popen(
        [sys.executable, "-m", "routercfg", *desk.arguments(engine)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        desk.until_lines_are_sent()
        for one in signals:
            os.killpg(process.pid, one)
            time.sleep(0.02)  # two of a kind at once would be one
        told = process.communicate(timeout=30)[0]
    finally:
        process.kill()
    return process.returncode, told


@pytest.mark.parametrize(
    ("engine", "signals", "status", "why"),
    [
        ("threads", (signal.SIGINT,), 130, "it was interrupted"),
        ("processes", (signal.SIGINT,), 130, "it was interrupted"),
        ("processes", (signal.SIGTERM, signal.SIGHUP), 143, "it was told to end (SIGTERM)"),
        ("threads", (signal.SIGHUP, signal.SIGHUP), 129, "was closed (SIGHUP)"),
    ],
    ids=["ctrl-c-threads", "ctrl-c-processes", "systemctl-stop", "hangup"],
)
def test_a_signal_in_the_middle_lets_the_router_under_way_be_finished_and_begins_no_other(
    desk: Desk, engine: str, signals: tuple[signal.Signals, ...], status: int, why: str
) -> None:
    untouched = desk.configuration("r2")
    ended, told = pushed_until(desk, engine, *signals)
    assert (ended, "Traceback" in told) == (status, False), told
    stopped, outcomes = desk.as_left()
    assert why in stopped
    assert f"stopped: {stopped}" in told
    assert outcomes == {"r1": "pushed", "r2": "not begun"}
    assert desk.configuration("r2") == untouched
    stands = desk.configuration()
    assert desk.goes_on() == {"r2": "pushed"}
    assert desk.configuration() == stands


@pytest.mark.parametrize("engine", ["threads", "processes"])
def test_ctrl_c_twice_in_the_middle_rolls_the_router_back_at_its_next_step(
    desk: Desk, engine: str
) -> None:
    before = desk.configuration(), desk.configuration("r2")
    ended, told = pushed_until(desk, engine, signal.SIGINT, signal.SIGINT)
    assert (ended, "Traceback" in told) == (130, False), told
    assert desk.as_left() == ("it was interrupted", {"r1": "rolled back", "r2": "not begun"})
    assert (desk.configuration(), desk.configuration("r2")) == before
    assert desk.goes_on() == {"r2": "pushed"}


_AT_A_TERMINAL = """
import fcntl, termios
from routercfg.cli import main
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
main()
"""


class Terminal:
    """A push at a terminal of its own."""

    def __init__(self, desk: Desk) -> None:
        self.keyboard, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _AT_A_TERMINAL, *desk.arguments("processes")],
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            env={**os.environ, "TERM": "xterm"},
        )  # fmt: skip
        os.close(theirs)
        self.screen = b""
        self._closing, self._close = os.pipe()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def press(self, key: bytes) -> None:
        os.write(self.keyboard, key)

    def close(self) -> None:
        """Close its window."""
        os.write(self._close, b"x")
        self._reader.join(5)
        os.close(self._closing)
        os.close(self._close)
        os.close(self.keyboard)

    def ended(self) -> int:
        return self.process.wait(30)

    def _read(self) -> None:
        while True:
            ready, _, _ = select.select([self.keyboard, self._closing], [], [])
            if self._closing in ready:
                return
            try:
                self.screen += os.read(self.keyboard, 65536)
            except OSError:
                return


@pytest.mark.parametrize(
    ("hit", "status", "outcome"),
    [
        (lambda terminal: (terminal.press(b"\x03"), time.sleep(0.02), terminal.press(b"\x03")),
         130, "rolled back"),
        (Terminal.close, 129, "pushed"),
    ],
    ids=["ctrl-c-twice", "window-closed"],
)  # fmt: skip
def test_at_a_terminal_the_keys_and_the_window_do_the_same(
    desk: Desk, hit: Callable[[Terminal], object], status: int, outcome: str
) -> None:
    before = desk.configuration()
    terminal = Terminal(desk)
    try:
        desk.until_lines_are_sent()
        hit(terminal)
        assert terminal.ended() == status, terminal.screen.decode()
    finally:
        terminal.process.kill()
    assert b"Traceback" not in terminal.screen
    assert desk.as_left()[1] == {"r1": outcome, "r2": "not begun"}
    assert (desk.configuration() == before) is (outcome == "rolled back")
