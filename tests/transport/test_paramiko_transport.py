"""Logins whose answers come at the worst moment, or never."""

from __future__ import annotations

import socket
import threading
import time
from types import SimpleNamespace
from typing import Any

import paramiko
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routercfg.transport.paramiko_transport import Answered, Packets, ReadAhead, Transport


def test_an_answer_that_is_there_before_anyone_waits_is_heard() -> None:
    handler: Any = Answered.__new__(Answered)

    class Lock:
        def __enter__(self) -> None: ...
        def __exit__(self, *_: object) -> None: ...

    def answer_at_once(_message: object) -> None:
        handler.authenticated = True
        handler.auth_event.set()

    handler.authenticated = False
    handler.transport = SimpleNamespace(
        lock=Lock(),
        _send_message=answer_at_once,
        auth_timeout=1.0,
        is_active=lambda: True,
        get_exception=lambda: None,
    )
    assert handler.send_auth_request("admin", "none", lambda _message: None) == []


def test_a_router_that_hangs_up_before_the_login_ends_the_wait() -> None:
    transport: Any = Transport.__new__(Transport)
    transport.active, transport.initial_kex_done = True, True
    transport._service_userauth_accepted = False
    transport.auth_timeout = 5.0
    transport._send_message = lambda _message: setattr(transport, "active", False)
    with pytest.raises(paramiko.AuthenticationException, match="shut down"):
        transport.ensure_session()


def test_a_router_that_never_offers_the_login_is_given_up() -> None:
    transport: Any = Transport.__new__(Transport)
    transport.active, transport.initial_kex_done = True, True
    transport._service_userauth_accepted = False
    transport.auth_timeout = 0.05
    transport._send_message = lambda _message: None
    with pytest.raises(paramiko.AuthenticationException, match="timeout"):
        transport.ensure_session()


@given(
    st.lists(st.binary(min_size=1, max_size=50), max_size=10),
    st.lists(st.integers(1, 40), min_size=1, max_size=10),
)
def test_reading_ahead_changes_nothing_of_what_is_read(
    pieces: list[bytes], sizes: list[int]
) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        connection = ReadAhead(ours)
        read = b""
        for piece in pieces:
            theirs.sendall(piece)
            part = connection.recv(sizes[len(read) % len(sizes)])
            assert part
            read += part
        theirs.close()
        while part := connection.recv(sizes[0]):
            assert len(part) <= sizes[0]
            read += part
    assert read == b"".join(pieces)


def test_reading_ahead_waits_no_longer_than_the_socket() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        connection = ReadAhead(ours)
        connection.settimeout(0.01)
        theirs.sendall(b"ab")
        assert connection.recv(1) + connection.recv(1) == b"ab"
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_a_router_that_falls_silent_in_the_handshake_is_given_up() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0.01)
        packets = Packets(ours)
        packets.start_handshake(0.05)
        with pytest.raises(EOFError):
            packets.read_all(8)


def test_each_packet_of_the_login_may_take_as_long() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0.01)
        packets = Packets(ours)
        packets.start_handshake(0.1)
        time.sleep(0.08)
        packets.complete_handshake()
        later = threading.Timer(0.06, theirs.sendall, [b"12345678"])
        later.start()
        assert packets.read_all(8) == b"12345678"
        later.join()
        with pytest.raises(EOFError):
            packets.read_all(8)


def test_after_the_login_silence_is_no_failure() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0.01)
        packets = Packets(ours)
        packets.start_handshake(0.02)
        packets.complete_handshake()
        packets.complete_login()
        later = threading.Timer(0.1, theirs.sendall, [b"12345678"])
        later.start()
        assert packets.read_all(8) == b"12345678"
        later.join()
