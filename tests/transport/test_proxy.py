"""Commands as the way to a router."""

from __future__ import annotations

import threading
import time

import pytest

from routercfg.transport.proxy import Proxy, said


def all_of(proxy: Proxy) -> bytes:
    proxy.settimeout(10)
    found = b""
    while piece := proxy.recv(3):
        found += piece
    return found


def test_a_command_that_ends_is_a_connection_that_was_closed() -> None:
    proxy = Proxy("printf 'SSH-2.0-x'")
    assert all_of(proxy) == b"SSH-2.0-x"
    proxy.close()


def test_a_command_that_is_silent_is_waited_for_as_long_as_was_asked() -> None:
    proxy = Proxy("cat")
    proxy.settimeout(0.05)
    with pytest.raises(TimeoutError):
        proxy.recv(1)
    proxy.send(b"ab")
    proxy.settimeout(10)
    assert proxy.recv(5) == b"ab"
    proxy.close()


def test_nothing_is_left_of_a_command_that_was_closed() -> None:
    proxy = Proxy("cat")
    for _ in range(2):
        proxy.close()
        assert proxy.process.returncode is not None
        pipes = (proxy.process.stdin, proxy.process.stdout, proxy.process.stderr)
        assert all(pipe.closed for pipe in pipes)
    assert proxy.recv(1) == b""


def test_whoever_waits_for_a_command_hears_that_it_was_closed() -> None:
    proxy = Proxy("cat")
    heard: list[bytes] = []
    proxy.settimeout(10)
    waiting = threading.Thread(target=lambda: heard.append(proxy.recv(1)))
    waiting.start()
    time.sleep(0.05)
    proxy.close()
    waiting.join(5)
    assert heard == [b""]


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("echo one >&2; echo no such host >&2; echo >&2", "no such host"),
        ("echo no way >&2; echo Killed by signal 15. >&2", "no way"),
        # A child that lives on holds the pipe open.
        ("echo no way >&2; sleep 5 & :", "no way"),
        ("true", ""),
    ],
)
def test_what_a_command_complained_with_last_is_known_once_it_ended(
    script: str, complaint: str
) -> None:
    proxy = Proxy(f"sh -c '{script}'")
    proxy.process.wait(10)
    begun = time.monotonic()
    assert said(proxy) == complaint
    assert time.monotonic() - begun < 2


def test_no_command_complains_of_nothing() -> None:
    assert said(None) == ""
