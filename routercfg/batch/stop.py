"""What ends a run early: Ctrl-C, too many failures, time, a journal that cannot be written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Stop:
    """Asked before each router, and before each step of a router under way."""

    def __init__(self) -> None:
        self.reason = ""
        self.interrupted = False
        self.rolling_back = False

    def begin_no_more(self, reason: str) -> None:
        """No other router is begun; those under way are finished. The first reason counts."""
        self.reason = self.reason or reason

    def interrupt(self) -> None:
        """Ctrl-C: once, what is under way is finished; twice, it is rolled back."""
        self.rolling_back = self.interrupted
        self.interrupted = True
        self.begin_no_more("it was interrupted")


@contextmanager
def interruptible(stop: Stop) -> Iterator[None]:
    """Let Ctrl-C ask instead of tearing transactions apart; a third one is Python's own again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: Any = signal.getsignal(signal.SIGINT)

    def asked(_number: int, _frame: FrameType | None) -> None:
        stop.interrupt()
        if stop.rolling_back:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, asked)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
