"""paramiko's transport for many sessions at once: no lost answers, no endless waits, less work.

Imported only where a router is reached: paramiko is heavy.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import paramiko
from paramiko.auth_handler import AuthOnlyHandler
from paramiko.common import cMSG_SERVICE_REQUEST
from paramiko.packet import Packetizer

from routercfg.transport.known import HostKey, Known
from routercfg.transport.questions import Questions

#: Seconds between two looks of a waiting transport at whether it was closed; closing wakes it.
_LOOK = 1.0
#: An RSA key signs by either of these; by SHA-1, as its name says, only with the old paramiko.
_SIGNED_AS = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")}
#: Octets that are taken from the network at a time.
_PIECE = 65536


def discard(connection: Any) -> None:
    """End a connection without a word: what a silent link still holds of ours must never arrive.

    The system would go on sending it for minutes, and a router that comes back in that time would
    carry out a line after the change it belonged to was undone. Raises OSError.
    """
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # Whoever waits in it would hold it open; to this end nothing is sent.
    connection.shutdown(socket.SHUT_RD)


class UnknownKeyError(paramiko.SSHException):  # type: ignore[misc]
    """A host shows a key that is not known of it. No credential was sent."""

    def __init__(self, name: str, shown: HostKey, known: Known) -> None:
        super().__init__(f"Host key of {name} is not known: {shown.kind} {shown.fingerprint}")
        self.shown = shown
        self.known = known


def prefer(transport: paramiko.Transport, kinds: Sequence[str]) -> None:
    """Ask for host keys of these kinds first: a router with several must not show a new one."""
    first = {name for kind in kinds for name in (_SIGNED_AS.get(kind) or (kind,))}
    security = transport.get_security_options()
    security.key_types = sorted(security.key_types, key=lambda name: name not in first)


class ReadAhead:
    """A socket that is emptied in one call.

    paramiko reads each packet's first octets and then the rest of it: two calls of the system for
    every keystroke that a router echoes, and each lets another thread in.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._kept = b""
        self._place = 0

    def recv(self, size: int) -> bytes:
        """At most so many octets, of what has come already if there is any."""
        if self._place >= len(self._kept):
            self._kept = self._connection.recv(_PIECE)
            self._place = 0
        begin, self._place = self._place, self._place + size
        return self._kept[begin : self._place]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class Packets(Packetizer):  # type: ignore[misc]
    """Keeps the time of the whole login by the clock.

    paramiko starts a thread for the handshake, and tells that thread of every packet that it may
    stop. After that it waits without end for the answer to a terminal and a shell, which never
    comes over a link that has gone silent.
    """

    _patience = 0.0
    _end: float | None = None
    _over = False

    def start_handshake(self, timeout: float) -> None:
        """It has so many seconds from now."""
        self._patience = timeout
        self._end = time.monotonic() + timeout

    def handshake_timed_out(self) -> bool:
        """Has the router been silent for too long, and the login not come to its end?"""
        return self._end is not None and not self._over and time.monotonic() > self._end

    def complete_handshake(self) -> None:
        """A packet came: the next one may take as long."""
        if not self._over:
            self._end = time.monotonic() + self._patience

    def complete_login(self) -> None:
        """There is a shell: from now on whoever reads says how long it may be silent."""
        self._over = True


class Answered(AuthOnlyHandler):  # type: ignore[misc]
    """Waits for the answer to a login on an event that was there before the question went out.

    paramiko 5 sends first and makes the event then: with many threads the answer is sometimes
    there earlier, nobody hears of it, and the login ends as one that timed out.
    """

    _event: threading.Event | None = None

    @property
    def auth_event(self) -> threading.Event | None:
        """The event of the request under way."""
        return self._event

    @auth_event.setter
    def auth_event(self, _late: threading.Event | None) -> None:
        """paramiko's own, which comes too late."""

    def send_auth_request(self, *arguments: Any, **options: Any) -> Any:
        """Ask, and wait for the answer."""
        self._event = threading.Event()
        return super().send_auth_request(*arguments, **options)


# The plain Transport asks for the login service again at its second try, which strict servers
# refuse.
class Transport(paramiko.ServiceRequestingTransport):  # type: ignore[misc]
    """A connection to a router. `auth_timeout` holds for every wait of the login."""

    def __init__(self, connection: Any, **options: Any) -> None:
        plain = isinstance(connection, socket.socket)
        options = {"packetizer_class": Packets, **options}
        super().__init__(ReadAhead(connection) if plain else connection, **options)
        # paramiko compares MACs octet by octet in Python, which costs more than all else it does
        # with a packet. These ciphers need no MAC beside them.
        security = self.get_security_options()
        security.ciphers = sorted(security.ciphers, key=lambda name: "-gcm@" not in name)
        if plain:
            connection.settimeout(_LOOK)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def handshake_timeout(self) -> float:
        """Seconds of silence after which a login is given up, where nobody else does sooner."""
        return float(self.auth_timeout) + _LOOK

    @handshake_timeout.setter
    def handshake_timeout(self, _fixed: float) -> None:
        """paramiko's own, a fixed number."""

    def complete_login(self) -> None:
        """There is a shell. What is sent and not acknowledged ends the connection in time, too."""
        self.packetizer.complete_login()
        if isinstance(self.sock, ReadAhead) and hasattr(socket, "TCP_USER_TIMEOUT"):
            milliseconds = round(self.auth_timeout * 1000)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    def abandon(self) -> None:
        """End a connection that has gone silent. See `discard`."""
        if isinstance(self.sock, ReadAhead):
            with suppress(OSError):
                discard(self.sock)
                # The thread that reads closes it. If somebody else did, and the number of the file
                # were given to a new connection, that thread would hold on to the old one.
                self.join(2 * _LOOK)
        super().close()

    def get_auth_handler(self) -> Answered:
        """See `Answered`."""
        return Answered(self)

    def auth_password(self, username: str, password: str, *_: Any, **__: Any) -> list[str]:
        """The password, once: where the router takes no password as such, to its first question."""
        self.ensure_session()
        try:
            return list(self.auth_handler.auth_password(username, password))
        except paramiko.BadAuthenticationType as error:
            if "keyboard-interactive" not in error.allowed_types:
                raise
        return self._questioned(username, password)

    def auth_interactive_dumb(self, username: str, *_: Any, **__: Any) -> list[str]:
        """paramiko's own would print the router's questions, and wait for somebody to type."""
        return self._questioned(username, None)

    def _questioned(self, username: str, password: str | None) -> list[str]:
        questions = Questions(password)
        try:
            return list(self.auth_interactive(username, questions.answer))
        except paramiko.SSHException as error:
            if questions.unanswered:
                raise paramiko.AuthenticationException(questions.unanswered) from error
            raise

    def ensure_session(self) -> None:
        """Ask for the login service. paramiko's own waits for ever if the router hangs up here."""
        if not self.active or not self.initial_kex_done:
            raise paramiko.SSHException("No existing session")
        if self._service_userauth_accepted:
            return
        message = paramiko.Message()
        message.add_byte(cMSG_SERVICE_REQUEST)
        message.add_string("ssh-userauth")
        self._send_message(message)
        deadline = time.monotonic() + self.auth_timeout
        pause = 0.005
        while not self._service_userauth_accepted:
            if not self.is_active():
                raise paramiko.AuthenticationException("transport shut down or saw EOF")
            if time.monotonic() > deadline:
                raise paramiko.AuthenticationException("Authentication timeout.")
            time.sleep(pause)
            pause = min(pause * 2, 0.1)
        self.auth_handler = self.get_auth_handler()

    def close(self) -> None:
        """End it at once: the thread that waits for the router would look only now and then."""
        if isinstance(self.sock, ReadAhead):
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)
        super().close()
