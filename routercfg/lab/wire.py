"""A slow wire: an asyncio protocol that hands what arrives to another protocol later, in order.

All delay sits on the way to the server, where a client cannot tell it from delay on both ways. Each
exchange costs one round trip, and so do the TCP handshake and the first reply. Slow start, loss and
jitter are not modelled.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class SlowWire(asyncio.Protocol):
    """Delays everything that reaches `inner` by one round trip, in seconds."""

    def __init__(self, inner: asyncio.Protocol, round_trip: float) -> None:
        self._inner = inner
        self._round_trip = round_trip
        self._loop = asyncio.get_running_loop()
        self._open_at = 0.0
        self._waiting: deque[Callable[[], object]] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Two round trips: the handshake that loopback skips, and the client's version line.
        self._open_at = self._loop.time() + 2 * self._round_trip
        self._later(lambda: self._inner.connection_made(transport))

    def data_received(self, data: bytes) -> None:
        self._later(lambda: self._inner.data_received(data))

    def eof_received(self) -> bool:
        self._later(self._inner.eof_received)
        return True  # keep the transport open until the end of file has been delivered

    def connection_lost(self, exc: Exception | None) -> None:
        self._later(lambda: self._inner.connection_lost(exc))

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def _later(self, deliver: Callable[[], object]) -> None:
        # Timers of one moment may fire in any order, so each takes what is first in the queue.
        self._waiting.append(deliver)
        self._loop.call_at(max(self._loop.time() + self._round_trip, self._open_at), self._next)

    def _next(self) -> None:
        self._waiting.popleft()()
