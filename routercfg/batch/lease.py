"""Leases: two runs never work on one router at once.

A router is leased by its name and by its address, for two inventories may call it differently.
A lease ends by itself, and at once where the process that held it on this machine is gone.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from routercfg.errors import LeaseError, Where
from routercfg.transport import Target

#: Longer than the longest time any platform's revert takes, plus the proof that it did.
SECONDS = 1800.0


def things(target: Target) -> tuple[str, ...]:
    """What is leased for one router."""
    return f"router {target.router}", f"address {target.host} port {target.port}"


def holder() -> str:
    """This process, such that another one on this machine can tell whether it still lives."""
    return f"{socket.gethostname()} {os.getpid()} {_started(os.getpid())}"


def take(target: Target, run: str, by: str) -> Callable[[sqlite3.Connection], None]:
    """Take the router's lease. Raises LeaseError naming the run that has it."""

    def work(connection: sqlite3.Connection) -> None:
        for thing in things(target):
            held = connection.execute(
                "SELECT run, holder, until FROM leases WHERE thing = ?", (thing,)
            ).fetchone()
            if held is not None and held[2] > time.time() and alive(held[1]):
                raise LeaseError(
                    f"run {held[0]} works on it ({thing})",
                    where=Where(router=target.router),
                    hint=f"Wait until it ends, at the latest at {_clock(held[2])}",
                )
            connection.execute(
                "INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?)",
                (thing, run, by, time.time() + SECONDS),
            )

    return work


def renew(connection: sqlite3.Connection, names: Iterable[str], run: str, router: str) -> None:
    """Hold on to a lease. Raises LeaseError where another run has it by now."""
    for thing in names:
        changed = connection.execute(
            "UPDATE leases SET until = ? WHERE thing = ? AND run = ?",
            (time.time() + SECONDS, thing, run),
        )
        if changed.rowcount != 1:
            raise LeaseError(
                "the lease ran out and another run took it", where=Where(router=router)
            )


def give_back(target: Target, run: str) -> Callable[[sqlite3.Connection], None]:
    """End the router's lease."""

    def work(connection: sqlite3.Connection) -> None:
        for thing in things(target):
            connection.execute("DELETE FROM leases WHERE thing = ? AND run = ?", (thing, run))

    return work


def alive(by: str) -> bool:
    """May the holder of a lease still be at work? Of other machines nobody knows: yes."""
    machine, process, started = by.split(" ")
    if machine != socket.gethostname():
        return True
    return started != "gone" and _started(int(process)) == started


def _started(process: int) -> str:
    """When a process began, since process numbers are used again; `gone` where there is none."""
    stat = Path(f"/proc/{process}/stat")
    if not Path("/proc/self/stat").exists():
        return _exists(process)
    try:
        fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return "gone"
    # Field 3 is the state, field 22 the start time in clock ticks since boot (proc(5)).
    return "gone" if fields[0] in ("Z", "X") else f"{_boot()}-{fields[19]}"


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "-"


def _exists(process: int) -> str:
    if os.name == "nt":
        return "?"  # there signal 0 would end the process; the lease then ends by its time
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return "gone"
    except PermissionError:
        return "?"
    return "?"


def _clock(until: float) -> str:
    return datetime.fromtimestamp(until, UTC).strftime("%H:%M UTC")
