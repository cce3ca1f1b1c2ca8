"""EdgeOS as a stateful fake: its command line, its commit, the reboot that takes it back."""

from __future__ import annotations

import re
import shlex
import time

from .simulation.device import Clock, Router
from .simulation.grammar import Path, judge
from .simulation.presets import preset


def create(
    configuration: str | None = None,
    *,
    version: str = "2.0.9",
    hostname: str = "ubnt",
    clock: Clock = time.monotonic,
) -> Router:
    """A router with a preset (`factory`, `messy`, `pppoe`) or with `set` lines of one's own."""
    if re.match(r"[12]\.\d", version) is None:
        raise ValueError(f"{version!r} is no version of EdgeOS")
    return Router(_parse(preset(configuration or "factory")), version, hostname, clock)


def _parse(text: str) -> list[Path]:
    paths = []
    for line in text.splitlines():
        if not line.strip():
            continue
        words = tuple(shlex.split(line))
        if words[0] != "set" or judge(words[1:]).bad is not None:
            raise ValueError(f"this simulated EdgeOS has no {line!r}")
        paths.append(words[1:])
    return paths
