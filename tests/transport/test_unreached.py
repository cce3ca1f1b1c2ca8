"""What is said of a router to which no connection comes about, and what to look at then."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest
from netmiko.exceptions import NetmikoTimeoutException
from paramiko.ssh_exception import NoValidConnectionsError

from routercfg.inventory.secret import Secret
from routercfg.model.intent import Intent
from routercfg.push import Outcome, inspect
from routercfg.transport import Target
from routercfg.transport.login import reason


def target(port: int = 22) -> Target:
    return Target(
        router="gw",
        platform="cisco_ios",
        intent=Intent(),
        host="127.0.0.1",
        port=port,
        user="admin",
        password=Secret.of("secret-enough"),
        known_hosts=Path(os.devnull),
        timeout=2.0,
    )


def wrapped(said: OSError) -> NetmikoTimeoutException:
    """As netmiko raises it."""
    try:
        try:
            raise said
        except OSError:
            raise NetmikoTimeoutException("TCP connection to device failed.\n\n")  # noqa: B904
    except NetmikoTimeoutException as error:
        return error


def many(number: int) -> NoValidConnectionsError:
    """As paramiko raises it, for each address of a name."""
    return NoValidConnectionsError({("127.0.0.1", 22): OSError(number, os.strerror(number))})


@pytest.mark.parametrize(
    ("said", "words", "hint"),
    [
        (many(errno.ECONNREFUSED), "127.0.0.1 port 22 refuses connections", "ansible_port"),
        (many(errno.EHOSTUNREACH), "there is no route to 127.0.0.1", "VPN"),
        (OSError(errno.ENETUNREACH, "x"), "there is no route to 127.0.0.1", "VPN"),
        (TimeoutError("timed out"), "127.0.0.1 port 22 did not answer within 2 s", "firewall"),
        (OSError(errno.ETIMEDOUT, "x"), "127.0.0.1 port 22 did not answer within 2 s", "firewall"),
        (OSError(errno.EACCES, "x"), "port 22: Permission denied", "firewalls"),
    ],
)
def test_refused_silent_and_without_a_route_are_told_apart(
    said: OSError, words: str, hint: str
) -> None:
    error = reason(target(), wrapped(said))
    assert error.code == "RC141"
    assert words in error.message
    assert hint in error.hint


def test_a_port_on_which_nothing_listens_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    result = inspect(target(port))
    assert result.outcome is Outcome.UNREACHABLE
    assert result.error is not None
    assert result.error.message == f"127.0.0.1 port {port} refuses connections"
