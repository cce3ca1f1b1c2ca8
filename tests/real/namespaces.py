"""Network namespaces with unique names, sockets inside them, and the veth pairs between them.

A thread that enters a namespace makes its sockets and child processes there, so probes are plain
sockets of the test process and netmiko connects from whichever host the test stands on.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakSet

CLONE_NEWNET = 0x40000000
NETNS_DIRECTORY = Path("/run/netns")
PREFIX = "rcfg"


class LabError(Exception):
    """The lab itself failed: a command of ours was refused or a program is not there."""


class Namespace:
    """One network namespace. `role` is what it plays (`phone`); its real name is unique per run."""

    def __init__(self, run: str, role: str) -> None:
        self.role = role
        self.name = f"{run}-{role}"
        # Weak: a probe's socket is its maker's; what is still open at the end is closed here.
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._processes: list[subprocess.Popen[str]] = []
        execute("ip", "netns", "add", self.name)
        self.ip("link set lo up")
        # Link-local addresses would be unusable for two seconds, and neighbours found only after.
        self.sysctl(net__ipv6__conf__all__accept_dad=0, net__ipv6__conf__default__accept_dad=0)

    def delete(self) -> None:
        """Stop what runs here and remove the namespace; an open socket would keep it alive."""
        self.close_sockets()
        for process in self._processes:
            process.kill()
            process.wait()
        self._processes.clear()
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)

    def close_sockets(self) -> None:
        for opened in list(self._sockets):
            opened.close()
        self._sockets.clear()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Put the calling thread into this namespace; threads and processes it starts follow."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            there = os.open(NETNS_DIRECTORY / self.name, os.O_RDONLY)
            try:
                _setns(there)
            finally:
                os.close(there)
            try:
                yield
            finally:
                _setns(home)
        finally:
            os.close(home)

    def ip(self, *lines: str) -> None:
        """Carry out lines of `ip`, such as `addr add 192.0.2.10/24 dev eth0`, here."""
        execute("ip", "-n", self.name, "-batch", "-", text="\n".join(lines))

    def run(self, *command: str, text: str | None = None, timeout: float = 10) -> str:
        """Run a command here and give its output; a refusal raises `LabError`."""
        with self.entered():
            return execute(*command, text=text, timeout=timeout)

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a server here; it is stopped with the namespace."""
        with self.entered():
            process = subprocess.Popen(
                command, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        self._processes.append(process)
        return process

    def sysctl(self, **values: int | str) -> None:
        """Set sysctls, written with `__` for the dot: `net__ipv4__ip_forward=1`."""
        self.run("sysctl", "-qw", *(f"{k.replace('__', '.')}={v}" for k, v in values.items()))

    def socket(self, address: str, kind: socket.SocketKind) -> socket.socket:
        """A non-blocking socket of this namespace in the family of `address`, not yet bound."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with self.entered():
            made = socket.socket(family, kind)
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self._sockets.add(made)
        return made


def new_run() -> str:
    """A name no other lab on this machine bears; the pid says whose it is."""
    return f"{PREFIX}{os.getpid()}{secrets.token_hex(2)}"


def connect(near: Namespace, near_name: str, far: Namespace, far_name: str) -> None:
    """Lay a veth pair between two namespaces and bring both ends up."""
    execute(
        *("ip", "link", "add", near_name, "netns", near.name, "type", "veth"),
        *("peer", "name", far_name, "netns", far.name),
    )
    near.ip(f"link set {near_name} up")
    far.ip(f"link set {far_name} up")


def execute(*command: str, text: str | None = None, timeout: float = 10) -> str:
    """Run a program that must succeed. `text` is its standard input."""
    try:
        done = subprocess.run(
            command, input=text, text=True, capture_output=True, timeout=timeout, check=False
        )
    except FileNotFoundError as missing:
        raise LabError(f"{command[0]} is not installed") from missing
    if done.returncode:
        raise LabError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def sweep() -> None:
    """Remove namespaces of runs that were killed before they could: their process is gone."""
    for path in NETNS_DIRECTORY.glob(f"{PREFIX}*-*"):
        owner = path.name.removeprefix(PREFIX).split("-")[0][:-4]
        if owner.isdigit() and not Path("/proc", owner).exists():
            subprocess.run(["ip", "netns", "del", path.name], check=False, capture_output=True)


def missing(programs: Sequence[str]) -> str:
    """What keeps the lab from running here, in words; empty when nothing does."""
    if sys.platform != "linux":
        return "network namespaces exist on Linux only"
    if os.geteuid() != 0:
        return "making network namespaces needs root"
    places = [*os.get_exec_path(), "/usr/sbin", "/sbin"]
    absent = [name for name in programs if not any(Path(p, name).exists() for p in places)]
    if absent:
        return f"not installed: {', '.join(absent)}"
    try:
        trial = Namespace(new_run(), "trial")
    except LabError as refused:
        return f"network namespaces are refused here: {refused}"
    trial.delete()
    return ""


def _setns(descriptor: int) -> None:
    # os.setns is new in Python 3.12.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), "setns")
