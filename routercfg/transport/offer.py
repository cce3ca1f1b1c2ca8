"""Which SSH algorithms a router offers: read from its first message, before any key exchange."""

from __future__ import annotations

import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from routercfg.errors import AlgorithmError, Where
from routercfg.transport.route import Route, open_socket

_KEXINIT = 20
_MOST = 65536
_CLIENT = b"SSH-2.0-routercfg\r\n"


@dataclass(frozen=True, slots=True)
class Offer:
    """A server's key exchanges, host keys and ciphers, in its order of preference. RFC 4253 7.1."""

    kex: tuple[str, ...]
    host_keys: tuple[str, ...]
    ciphers: tuple[str, ...]

    def __str__(self) -> str:
        parts = {
            "key exchange": self.kex,
            "host key": self.host_keys,
            "cipher": self.ciphers,
        }
        return "; ".join(f"{name} {', '.join(one)}" for name, one in parts.items())


def offer_of(connection: Any, timeout: float = 10.0) -> Offer | None:
    """Read the offer from a fresh connection. None where it is not SSH, or breaks."""
    try:
        connection.settimeout(timeout)
        connection.send(_CLIENT)
        stream = _Stream(connection)
        if not stream.banner():
            return None
        length, padding = struct.unpack(">IB", stream.exactly(5))
        if not 5 + padding < length <= _MOST:
            return None
        return _parsed(stream.exactly(length - 1)[: length - padding - 1])
    except (OSError, EOFError, struct.error, ValueError):
        return None


def no_algorithm(route: Route, text: str, where: Where, timeout: float) -> AlgorithmError:
    """The error for a failed negotiation: asks the router once more what it would have taken."""
    offer = None
    with suppress(OSError):
        connection = open_socket(route, timeout)
        try:
            offer = offer_of(connection, timeout)
        finally:
            connection.close()
    what = text.strip().splitlines()[-1].strip()
    offered = f"; the router offers: {offer}" if offer else ""
    return AlgorithmError(f"no SSH algorithm in common ({what}){offered}", where=where)


class _Stream:
    """Bytes of a connection, read as many as are asked for."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._connection.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def banner(self) -> bool:
        """Skip what comes before and with the line that begins with SSH-."""
        line = b""
        for _ in range(_MOST // 8):
            line += self.exactly(1)
            if not line.endswith(b"\n"):
                continue
            if line.startswith(b"SSH-"):
                return True
            line = b""
        return False


def _parsed(payload: bytes) -> Offer | None:
    if not payload or payload[0] != _KEXINIT:
        return None
    lists = []
    place = 1 + 16
    for _ in range(3):
        (size,) = struct.unpack_from(">I", payload, place)
        text = payload[place + 4 : place + 4 + size].decode("ascii")
        lists.append(tuple(name for name in text.split(",") if name.isprintable() and name))
        place += 4 + size
    return Offer(*lists)
