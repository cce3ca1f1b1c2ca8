"""Leases: two runs never work on one router at once.

A router is leased by its name and by its address, for two inventories may call it differently.
A process of this machine holds a lease for as long as it lives and no longer; what the clock says
of it counts only where nobody can tell whether its holder lives.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from routercfg.batch.uptime import start
from routercfg.errors import LeaseError, Where
from routercfg.transport import Target

#: Longer than the longest time any platform's revert takes, plus the proof that it did.
SECONDS = 1800.0
_RENEWED_AFTER = 60.0


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
            if held is not None and (hint := _why_not(held[1], held[2], target)):
                raise LeaseError(
                    f"run {held[0]} works on it ({thing})",
                    where=Where(router=target.router),
                    hint=hint,
                )
            connection.execute(
                "INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?)",
                (thing, run, by, time.time() + SECONDS),
            )

    return work


def _why_not(by: str, until: float, target: Target) -> str:
    """What is to be done until the lease of another run ends; empty where it has."""
    try:
        if not _holds(by, until):
            return ""
        latest = "" if _here(by) else f", at the latest at {_clock(until)}"
    except (ValueError, TypeError, OverflowError) as error:
        raise LeaseError(
            f"its lease is not as it was written ({error})",
            where=Where(router=target.router),
            hint="Somebody has changed the journal: put it back, or name another with --journal",
        ) from error
    return f"Wait until it ends{latest}"


def renew(connection: sqlite3.Connection, names: Iterable[str], run: str, router: str) -> None:
    """Hold on to a lease. Raises LeaseError where another run has it by now."""
    names = tuple(names)
    now = time.time()
    held, soonest = connection.execute(
        f"SELECT count(*), min(until) FROM leases WHERE run = ? AND thing IN ({_marks(names)})",  # noqa: S608
        (run, *names),
    ).fetchone()
    if held < len(names):
        raise LeaseError("the lease ran out and another run took it", where=Where(router=router))
    # Written for each entry, it would be half of what a commit writes.
    if soonest < now + SECONDS - _RENEWED_AFTER:
        connection.execute(
            f"UPDATE leases SET until = ? WHERE run = ? AND thing IN ({_marks(names)})",  # noqa: S608
            (now + SECONDS, run, *names),
        )


def _marks(names: Sequence[str]) -> str:
    return ", ".join("?" for _ in names)


def give_back(target: Target, run: str) -> Callable[[sqlite3.Connection], None]:
    """End the router's lease."""

    def work(connection: sqlite3.Connection) -> None:
        for thing in things(target):
            connection.execute("DELETE FROM leases WHERE thing = ? AND run = ?", (thing, run))

    return work


def give_all_back(run: str) -> Callable[[sqlite3.Connection], None]:
    """End whatever lease a run has left, at its end."""

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM leases WHERE run = ?", (run,))

    return work


def _holds(by: str, until: float) -> bool:
    """A clock that was put forward must not take the router from a run that works on it."""
    return alive(by) and (_here(by) or until > time.time())


def _here(by: str) -> bool:
    """Can it be told for certain whether this holder lives?"""
    machine, _, started = by.split(" ")
    return machine == socket.gethostname() and started not in ("?", "gone")


def alive(by: str) -> bool:
    """May the holder of a lease still be at work? Of other machines nobody knows: yes."""
    machine, process, started = by.split(" ")
    if machine != socket.gethostname():
        return True
    return started != "gone" and _started(int(process)) == started


def start_of(by: str) -> str:
    """The start of the machine during which this holder was at work; see `uptime.start`."""
    return by.split(" ")[2].rpartition("-")[0]


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
    return "gone" if fields[0] in ("Z", "X") else f"{start()}-{fields[19]}"


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
