"""A line that says how far a command is, once it takes longer than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
_QUIET_SECONDS = 1.0
_ERASE = "\r\x1b[2K"


def watched(things: Iterable[T], total: int, what: str = "routers") -> Iterator[T]:
    """The same things, counted on the terminal."""
    if not sys.stderr.isatty():
        yield from things
        return
    begun = time.monotonic()
    shown = False
    for number, thing in enumerate(things, start=1):
        if time.monotonic() - begun > _QUIET_SECONDS:
            sys.stderr.write(f"{_ERASE}{number} of {total} {what}")
            sys.stderr.flush()
            shown = True
        yield thing
    if shown:
        sys.stderr.write(_ERASE)
