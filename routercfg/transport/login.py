"""Logging in over SSH, as people have it: configuration, jump hosts, keys, agent, certificates.

netmiko and paramiko do it; here is what they are given, and what their failures mean. The host key
is checked before any credential is sent, and a credential is tried once.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from routercfg.errors import (
    AlgorithmError,
    AuthenticationError,
    HostKeyError,
    InputError,
    RoutercfgError,
    TransportError,
    UnreachableError,
    Where,
)
from routercfg.transport.offer import Offer, offer_of
from routercfg.transport.route import Route, open_socket, route_to
from routercfg.transport.target import Target


def login_arguments(target: Target) -> dict[str, Any]:
    """What netmiko is given. Raises InputError on an SSH configuration that cannot be read."""
    route = route_to(target.host, target.port, target.user)
    keys = (target.key_file,) if target.key_file else route.keys
    with_password = target.password is not None
    return {
        "host": route.host,
        "port": route.port,
        "username": route.user,
        "password": target.password.reveal() if target.password else None,
        "use_keys": not with_password and not keys,
        "allow_agent": not with_password and not route.identities_only,
        **_keys(target, route, () if with_password and not target.key_file else keys),
        "ssh_strict": True,
        "sock": route.socket(),
        "conn_timeout": target.timeout,
        "auth_timeout": target.timeout,
        "banner_timeout": target.timeout,
    }


def _keys(target: Target, route: Route, keys: tuple[str, ...]) -> dict[str, Any]:
    """A key with its certificate as a key object, several keys as files."""
    if not keys:
        return {}
    if not route.certificates or target.password is not None:
        files = [str(Path(key).expanduser()) for key in keys]
        return {"key_file": files[0], "use_keys": False}
    return {"pkey": _certified(target, keys[0], route.certificates[0])}


def _certified(target: Target, key: str, certificate: str) -> Any:
    import paramiko  # noqa: PLC0415 - heavy; only where a router is reached

    try:
        found = paramiko.PKey.from_path(key)
        found.load_certificate(certificate)
    except (OSError, ValueError, paramiko.SSHException) as error:
        raise InputError(
            f"the key {key} cannot be used with {certificate}: {error}",
            where=Where(router=target.router),
            hint="An encrypted key is used from the agent: ssh-add it",
        ) from error
    return found


def reason(target: Target, error: Exception, complaint: str = "") -> RoutercfgError:
    """What the exception of netmiko or paramiko means. `complaint`: what the jump host said.

    netmiko wraps everything in one exception; only its text tells what went wrong.
    """
    import paramiko  # noqa: PLC0415 - heavy; only where a router is reached

    where = Where(router=target.router)
    text = str(error)
    place = f"{target.host} port {target.port}"
    if "Host key" in text or "not found in known_hosts" in text:
        changed = "does not match" in text
        what = "its host key has changed" if changed else "its host key is not known"
        return HostKeyError(f"{what}; no credential was sent", where=where)
    if "encrypted" in text and "private key" in text.lower():
        return AuthenticationError(
            "the private key is encrypted", where=where, hint="Add it to your agent with ssh-add"
        )
    if "Incompatible" in text or "no acceptable" in text:
        return _algorithms(target, text, where)
    if isinstance(error, paramiko.AuthenticationException):
        return _refused(target, text, place, where)
    if "DNS failure" in text or isinstance(error, socket.gaierror):
        return UnreachableError(f"the name {target.host!r} is not known", where=where)
    if complaint:
        return UnreachableError(
            f"no way to {place} through the jump host: {complaint}",
            where=where,
            hint="Try ssh itself; keys of the jump host belong in its own known_hosts and agent",
        )
    if "TCP connection" in text:
        return UnreachableError(f"no TCP connection to {place}", where=where)
    lines = [line for line in text.strip().splitlines() if line.strip()]
    last = lines[-1] if lines else type(error).__name__
    return UnreachableError(f"no SSH session with {place}: {last}", where=where)


def _refused(target: Target, text: str, place: str, where: Where) -> TransportError:
    if "transport shut down" in text:
        return UnreachableError(f"{place} closed the connection at the login", where=where)
    return AuthenticationError(
        f"the router refused the login of {target.user!r}",
        where=where,
        hint="Check user, password or key; it was tried once",
    )


def _algorithms(target: Target, text: str, where: Where) -> AlgorithmError:
    """Ask once more, without a credential, what the router would have taken."""
    offer = _offer(target)
    what = text.strip().splitlines()[-1].strip()
    offered = f"; the router offers: {offer}" if offer else ""
    return AlgorithmError(f"no SSH algorithm in common ({what}){offered}", where=where)


def _offer(target: Target) -> Offer | None:
    with suppress(OSError):
        connection = open_socket(route_to(target.host, target.port, target.user), target.timeout)
        try:
            return offer_of(connection, min(target.timeout, 10.0))
        finally:
            connection.close()
    return None
