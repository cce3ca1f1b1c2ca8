"""What a command costs with all the processes it starts: time, CPU, memory."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

_SET_CHILD_SUBREAPER = 36  # prctl(2)
#: Seconds for what a command left running, as Ansible does its connections, to end.
_LINGER = 60.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds, seconds of CPU, and MB at the peak of the whole process tree."""

    seconds: float
    cpu: float
    memory: float
    output: str
    status: int


def measure(command: list[str], environment: dict[str, str] | None = None) -> Cost:
    """Run a command to its end. What it leaves behind is waited for, and counted."""
    # Daemons of the command become our children, so that their CPU can be waited for.
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = os.times()
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    memory = _Peak(process.pid)
    output, _ = process.communicate()
    seconds = time.perf_counter() - begun
    _reap()
    peak = memory.stop()
    after = os.times()
    cpu = (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )
    return Cost(seconds, cpu, peak / 1024, output, process.returncode)


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _reap() -> None:
    """Wait for orphans, but not for our own background children (the farm)."""
    known = {child for child in _children(os.getpid()) if _is_farm(child)}
    end = time.monotonic() + _LINGER
    while time.monotonic() < end:
        orphans = [child for child in _children(os.getpid()) if child not in known]
        if not orphans:
            return
        for orphan in orphans:
            try:
                os.waitpid(orphan, os.WNOHANG)
            except ChildProcessError:
                continue
        time.sleep(0.1)


def _is_farm(pid: int) -> bool:
    try:
        return b"farm.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


class _Peak:
    """The peak of a process tree's proportional set size, in kB, looked at five times a second."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._over.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        pause = 0.2
        while not self._over.wait(pause):
            orphans = [pid for pid in _children(os.getpid()) if not _is_farm(pid)]
            tree = {one for pid in (self._pid, *orphans) for one in _tree(pid)}
            self._peak = max(self._peak, sum(map(_pss, tree)))
            # Looking at hundreds of processes costs CPU that others want.
            pause = max(0.2, 0.02 * len(tree))


def _tree(pid: int) -> list[int]:
    return [pid, *(one for child in _children(pid) for one in _tree(child))]


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(c) for t in tasks for c in (t / "children").read_text().split()]
    except OSError:
        return []


def _pss(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0
