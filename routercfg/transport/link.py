"""A connection for libraries that wait for a router without end: it ends where it is silent.

netmiko asks for a terminal and a shell without a limit, and NAPALM's drivers read with limits of
their own, one after the other: over a link that has gone silent that takes minutes, or for ever.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any


class Link:
    """What paramiko takes for a socket. It connects when it is first used, unless it is `begun`.

    While it is `awaited`, so many seconds of silence end it as if the router had hung up.
    """

    def __init__(self, connect: Callable[[], Any], patience: float, begun: Any = None) -> None:
        self._connect = connect
        self._patience = patience
        self._connection = begun
        self._until: float | None = None

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """Something is waited for."""
        self._until = time.monotonic() + self._patience
        try:
            yield
        finally:
            self._until = None

    def recv(self, size: int) -> bytes:
        """What comes. Raises TimeoutError as the connection does, or EOFError after the silence."""
        try:
            data: bytes = self._connected.recv(size)
        except TimeoutError:
            if self._until is not None and time.monotonic() > self._until:
                self._abandon()
                raise EOFError from None
            raise
        if self._until is not None:
            self._until = time.monotonic() + self._patience
        return data

    def close(self) -> None:
        """End it. It is not begun for that."""
        if self._connection is not None:
            self._connection.close()

    def _abandon(self) -> None:
        """What was sent and did not arrive is taken back. A jump host's command is out of reach."""
        from routercfg.transport.paramiko_transport import discard  # noqa: PLC0415 - heavy

        if isinstance(self._connection, socket.socket):
            with suppress(OSError):
                discard(self._connection)

    @property
    def _connected(self) -> Any:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connected, name)
