"""What ends a run early: Ctrl-C, an end from outside, too many failures, time, a broken journal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

#: What ends a process from outside, and why the run says it stopped. Windows knows no SIGHUP.
_ENDS = {
    number: reason
    for name, reason in (
        ("SIGTERM", "it was told to end (SIGTERM)"),
        ("SIGHUP", "its terminal or its SSH session was closed (SIGHUP)"),
    )
    if (number := getattr(signal, name, None)) is not None
}


class Stop:
    """Asked before each router, and before each step of a router under way."""

    def __init__(self) -> None:
        self.reason = ""
        self.interrupted = False
        self.rolling_back = False
        #: The signal that stopped it first; 0: none did.
        self.signal = 0

    @property
    def status(self) -> int:
        """The exit status of a run that a signal stopped, as a shell tells it; else 0."""
        return 128 + self.signal if self.signal else 0

    @property
    def hung_up(self) -> bool:
        """Is nobody there to read what is printed?"""
        return self.signal == getattr(signal, "SIGHUP", None)

    def begin_no_more(self, reason: str) -> None:
        """No other router is begun; those under way are finished. The first reason counts."""
        self.reason = self.reason or reason

    def interrupt(self) -> None:
        """Ctrl-C: once, what is under way is finished; twice, it is rolled back."""
        self.rolling_back = self.interrupted
        self._stopped_by(signal.SIGINT, "it was interrupted")

    def end(self, number: int) -> None:
        """An end from outside: what is under way is finished, however often it comes.

        A terminal that closes sends its SIGHUP twice, and systemd sends it after its SIGTERM:
        that is no wish to hurry.
        """
        self._stopped_by(number, _ENDS[number])

    def _stopped_by(self, number: int, reason: str) -> None:
        self.interrupted = True
        self.signal = self.signal or int(number)
        self.begin_no_more(reason)


def leave_to_the_coordinator() -> None:
    """Worker processes get the signals of their group too; what they mean, the coordinator says."""
    for number in (signal.SIGINT, *_ENDS):
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def interruptible(stop: Stop) -> Iterator[None]:
    """Let signals ask instead of tearing transactions apart; a third Ctrl-C is Python's own again.

    What is ignored already stays so: `nohup` means it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def asked(number: int, _frame: FrameType | None) -> None:
        if number in _ENDS:
            stop.end(number)
            return
        stop.interrupt()
        if stop.rolling_back:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    before: dict[int, Any] = {
        number: handler
        for number in (signal.SIGINT, *_ENDS)
        if (handler := signal.getsignal(number)) is not signal.SIG_IGN or number == signal.SIGINT
    }
    for number in before:
        signal.signal(number, asked)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
