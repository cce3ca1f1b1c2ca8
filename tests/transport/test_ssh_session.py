"""What comes over a session in other pieces than it was sent in."""

from __future__ import annotations

import codecs
from typing import Any

import pytest

from routercfg.model.intent import Intent
from routercfg.platforms import load_pack
from routercfg.transport import Target
from routercfg.transport.ssh import SshSession


class Channel:
    """Answers what is sent with the replies to all of it, in pieces of so many octets."""

    def __init__(self, replies: dict[str, str], size: int) -> None:
        self._replies = replies
        self._size = size
        self._waiting = b""

    def settimeout(self, _seconds: float) -> None:
        pass

    def sendall(self, data: bytes) -> None:
        for line in data.decode().splitlines():
            marker = line.startswith("printf")
            text = line.split("'")[-2] + "\r\n" if marker else self._replies[line]
            self._waiting += text.encode()

    def recv(self, most: int) -> bytes:
        if not self._waiting:
            raise TimeoutError
        size = min(self._size, most)
        piece, self._waiting = self._waiting[:size], self._waiting[size:]
        return piece


@pytest.mark.parametrize("size", [1, 5, 1000, 262144])
def test_replies_are_told_apart_however_they_arrive(size: int) -> None:
    session: Any = SshSession.__new__(SshSession)
    session._manifest = load_pack("linux_nftables").manifest
    session._target = Target(
        router="r", platform="linux_nftables", intent=Intent(), host="192.0.2.1", user="root"
    )
    session._pending = ""
    session._decoder = codecs.getincrementaldecoder("utf-8")("replace")
    session._may_read_ahead = True
    replies = {
        "first": "one\r\n",
        "second": "two\r\n",
        "third": "x" * 9000 + "\r\n",
        "last": "Koffie à la crème\r\n",
    }
    session._channel = Channel(replies, size)
    found = session.read(tuple(replies))
    assert [reply.text for reply in found] == ["one", "two", "x" * 9000, "Koffie à la crème"]
