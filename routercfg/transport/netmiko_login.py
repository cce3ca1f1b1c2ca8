"""Logging in through netmiko, and leaving its conversation out.

Imported only where a router is reached: netmiko and paramiko are heavy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import paramiko
from netmiko.base_connection import BaseConnection
from netmiko.exceptions import NetmikoAuthenticationException, NetmikoTimeoutException
from paramiko.hostkeys import HostKeyEntry, InvalidHostKey

from routercfg.platforms.manifest import Manifest
from routercfg.transport import hostkeys
from routercfg.transport.login import key_search, login_arguments, reason
from routercfg.transport.paramiko_transport import Transport
from routercfg.transport.route import said
from routercfg.transport.target import Target


class Login(BaseConnection):  # type: ignore[misc]
    """netmiko's login without its conversation."""

    def __init__(self, target: Target, **arguments: Any) -> None:
        self._target = target
        super().__init__(fast_cli=True, **arguments)

    def _connect_params_dict(self) -> dict[str, Any]:
        self._place: dict[str, Any] = super()._connect_params_dict()
        self._place |= key_search(self._target)
        return {**self._place, "transport_factory": Transport}

    def _build_ssh_client(self) -> paramiko.SSHClient:
        # Not netmiko's: it reads whole files of host keys for one router's.
        client = paramiko.SSHClient()
        name = hostkeys.entry_name(self._place["hostname"], self._place["port"])
        _admit(client.get_host_keys(), name, self._target.known_hosts)
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        return client

    def session_preparation(self) -> None:
        """Ours, by the pack's own data."""

    def _try_session_preparation(self, force_data: bool = True) -> None:
        """Ours, by the pack's own data."""


def log_in(target: Target, manifest: Manifest) -> Login:
    """A connection that is logged in. The host key is checked before any credential is sent.

    Raises HostKeyError, AuthenticationError, UnreachableError and their kin.
    """
    arguments = login_arguments(target)
    arguments["username"] += manifest.session.login_suffix
    try:
        login = Login(target, device_type=manifest.session.device_type, **arguments)
        login.remote_conn.get_transport().complete_login()
    except (
        NetmikoAuthenticationException,
        NetmikoTimeoutException,
        paramiko.SSHException,
        OSError,
        EOFError,
        ValueError,
    ) as error:
        raise reason(target, error, said(arguments["sock"])) from error
    return login


def _admit(keys: paramiko.HostKeys, name: str, ours: Path | None) -> None:
    """Fill in the host keys of one router: the user's own, or else those in our file."""
    for path in (Path("~/.ssh/known_hosts").expanduser(), ours):
        # The first of two keys of one kind counts, and `add` lets the last one win.
        for line in reversed(hostkeys.entries(path, name) if path else ()):
            try:
                entry = HostKeyEntry.from_line(line)
            except (InvalidHostKey, ValueError):
                continue
            for host in entry.hostnames if entry else ():
                keys.add(host, entry.key.get_name(), entry.key)
        if keys.lookup(name) is not None:
            return
