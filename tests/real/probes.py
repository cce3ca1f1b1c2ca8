"""What answers, and what arrives: plain sockets in the lab's namespaces.

Packets between namespaces arrive within a millisecond, so a short wait is enough to call something
closed; the waits below are for a busy machine.
"""

from __future__ import annotations

import errno
import secrets
import select
import socket
import time
from dataclasses import dataclass
from types import TracebackType

from .namespaces import Namespace

WAIT = 0.4


@dataclass(frozen=True, slots=True)
class Datagram:
    """A UDP packet as it came out of the wire."""

    data: bytes
    source: str
    source_port: int


class Udp:
    """A UDP socket of one host, for sending and receiving."""

    def __init__(self, host: Namespace, address: str, port: int = 0) -> None:
        self._socket = host.socket(address, socket.SOCK_DGRAM)
        self._socket.bind((address, port))
        self.address = address
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> Udp:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def send(self, data: bytes, address: str, port: int) -> None:
        self._socket.sendto(data, (address, port))

    def receive(self, wait: float = WAIT) -> Datagram | None:
        """The next packet, or None when none comes within `wait` seconds."""
        deadline = time.monotonic() + wait
        while select.select([self._socket], [], [], max(0.0, deadline - time.monotonic()))[0]:
            try:
                data, source = self._socket.recvfrom(65535)
            except ConnectionError:
                continue  # An ICMP error to something sent before.
            return Datagram(data, source[0], source[1])
        return None


def udp_reaches(
    sender: Namespace, address: str, port: int, receiver: Udp, wait: float = WAIT
) -> bool:
    """Whether a datagram sent to `address:port` comes out at `receiver`, whatever else does."""
    token = secrets.token_bytes(12)
    with Udp(sender, "::" if ":" in address else "0.0.0.0") as probe:
        probe.send(token, address, port)
        deadline = time.monotonic() + wait
        while (left := deadline - time.monotonic()) > 0:
            arrived = receiver.receive(left)
            if arrived is not None and arrived.data == token:
                return True
    return False


def tcp_answers(sender: Namespace, address: str, port: int, wait: float = WAIT) -> bool:
    """Whether something accepts a new TCP connection there; refused and silent are both no."""
    with sender.socket(address, socket.SOCK_STREAM) as probe:
        refused = probe.connect_ex((address, port))
        if refused not in {0, errno.EINPROGRESS}:
            return False
        _, writable, _ = select.select([], [probe], [], wait)
        return bool(writable) and was_accepted(probe)


def was_accepted(probe: socket.socket) -> bool:
    """Whether a connection was made, even if a later packet of it was refused.

    SO_ERROR alone would also tell of an ICMP error to the packet after the handshake; a reset is
    ECONNREFUSED before the handshake and ECONNRESET after it.
    """
    try:
        probe.getpeername()
    except OSError:
        return probe.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET
    return True


class TcpService:
    """Something that listens on a host; the kernel completes connections, nobody reads them."""

    def __init__(self, host: Namespace, address: str, port: int) -> None:
        self._socket = host.socket(address, socket.SOCK_STREAM)
        self._socket.bind((address, port))
        self._socket.listen(128)

    def __enter__(self) -> TcpService:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()
