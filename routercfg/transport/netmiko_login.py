"""Logging in through netmiko, and leaving its conversation out.

Imported only where a router is reached: netmiko and paramiko are heavy.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import paramiko
from netmiko.base_connection import BaseConnection
from netmiko.exceptions import NetmikoAuthenticationException, NetmikoTimeoutException

from routercfg.errors import RoutercfgError
from routercfg.platforms.manifest import Manifest
from routercfg.transport.agent import chosen_agent
from routercfg.transport.known import HostKey, Known
from routercfg.transport.login import key_search, known_of, login_arguments, reason, way_to
from routercfg.transport.paramiko_transport import Transport, UnknownKeyError, prefer
from routercfg.transport.proxy import said
from routercfg.transport.route import Route
from routercfg.transport.target import Target


class _OnlyKnown(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]
    """Goes on with a key that is known of this host, before any credential is sent."""

    def __init__(self, of_host: Known) -> None:
        self._known = of_host

    def missing_host_key(self, _client: Any, name: str, key: paramiko.PKey) -> None:
        """Every key is missing to paramiko, which is told none. Raises UnknownKeyError."""
        shown = HostKey(key.get_name(), key.get_base64())
        if shown not in self._known.keys:
            raise UnknownKeyError(name, shown, self._known)


class Login(BaseConnection):  # type: ignore[misc]
    """netmiko's login without its conversation."""

    def __init__(self, target: Target, route: Route, **arguments: Any) -> None:
        self._target = target
        self._route = route
        self.remote_conn_pre = None
        super().__init__(fast_cli=True, **arguments)

    def _open(self) -> None:
        try:
            super()._open()
        except BaseException:
            # netmiko's own leaves the connection of a router that lets us in and gives no shell.
            with suppress(OSError, EOFError):
                self.paramiko_cleanup()
            raise

    def _connect_params_dict(self) -> dict[str, Any]:
        self._known = known_of(self._target, self._route)
        given: dict[str, Any] = super()._connect_params_dict()
        given |= key_search(self._target, self._route)
        return {**given, "transport_factory": self._transport}

    def _transport(self, connection: Any, **options: Any) -> Transport:
        transport = Transport(connection, **options)
        prefer(transport, [key.kind for key in self._known.keys])
        return transport

    def _build_ssh_client(self) -> paramiko.SSHClient:
        # Not netmiko's: it reads whole files of host keys for one router's, and paramiko compares
        # names as OpenSSH does not.
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(_OnlyKnown(self._known))
        agent = chosen_agent(self._target, self._route)
        if agent is not None:
            # paramiko's own is the environment's, with all its keys.
            client._agent = agent
        return client

    def session_preparation(self) -> None:
        """Ours, by the pack's own data."""

    def _try_session_preparation(self, force_data: bool = True) -> None:
        """Ours, by the pack's own data."""


def log_in(target: Target, manifest: Manifest) -> Login:
    """A connection that is logged in. The host key is checked before any credential is sent.

    Raises HostKeyError, AuthenticationError, UnreachableError and their kin.
    """
    route = way_to(target)
    arguments = login_arguments(target, route)
    arguments["username"] += manifest.session.login_suffix
    try:
        login = Login(target, route, device_type=manifest.session.device_type, **arguments)
        login.remote_conn.get_transport().complete_login()
    except RoutercfgError:
        # What is known of the router cannot be read, which is no word of the router's.
        said(arguments["sock"])
        raise
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
