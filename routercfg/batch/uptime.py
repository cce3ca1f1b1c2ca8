"""Time that nobody can set: seconds since this machine started, and which start that was.

The clock on the wall may be put forward or back by hours while a router's revert is pending; then
only this tells how much time has passed. It says nothing about other machines or earlier starts.
"""

from __future__ import annotations

import time
from pathlib import Path


def uptime() -> float:
    """Seconds since the machine started; where the system can tell, those that it slept too."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def start() -> str:
    """The name of this start of this machine; `-` where the system gives it none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "-"
