"""Logging in over SSH, as people have it: configuration, jump hosts, keys, agent, certificates.

netmiko and paramiko do it; here is what they are given, and what their failures mean. The host key
is checked before any credential is sent, and a credential is tried once.
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from routercfg.errors import (
    AuthenticationError,
    HostKeyError,
    InputError,
    RoutercfgError,
    TransportError,
    UnreachableError,
    Where,
)
from routercfg.transport.offer import no_algorithm
from routercfg.transport.route import Route, route_to
from routercfg.transport.target import Target


def login_arguments(target: Target) -> dict[str, Any]:
    """What netmiko is given. Raises InputError on an SSH configuration that cannot be read."""
    route = route_to(target.host, target.port, target.user)
    keys = _key_files(target, route)
    alone = target.password is None
    certified = alone and not target.key_file and route.keys and route.certificates
    return {
        "host": route.host,
        "port": route.port,
        "username": route.user,
        "password": target.password.reveal() if target.password else None,
        # netmiko wants a file with it; whether paramiko searches, `key_search` says.
        "use_keys": False,
        "allow_agent": alone and not route.identities_only,
        "key_file": keys[0] if keys else None,
        "pkey": _certified(target, route.keys[0], route.certificates[0]) if certified else None,
        "ssh_strict": True,
        "sock": route.socket(),
        "conn_timeout": target.timeout,
        "auth_timeout": target.timeout,
        "banner_timeout": target.timeout,
    }


def key_search(target: Target) -> dict[str, Any]:
    """Which keys paramiko tries: those that are named, or else the usual ones in ~/.ssh.

    netmiko takes one file, paramiko several.
    """
    route = route_to(target.host, target.port, target.user)
    keys = _key_files(target, route)
    alone = target.password is None
    return {
        "key_filename": list(keys) or None,
        "look_for_keys": alone and not keys and not route.identities_only,
    }


def _key_files(target: Target, route: Route) -> tuple[str, ...]:
    """The inventory's key, else the SSH configuration's where no password is given.

    A key with a certificate is no file but an object.
    """
    if target.key_file:
        return (str(Path(target.key_file).expanduser()),)
    return () if target.password is not None or route.certificates else route.keys


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
        route = route_to(target.host, target.port, target.user)
        return no_algorithm(route, text, where, min(target.timeout, 10.0))
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
    if isinstance(error, EOFError):
        return UnreachableError(
            f"{place} was silent for {target.timeout:g} s at the login, or hung up", where=where
        )
    if "TCP connection" in text:
        return UnreachableError(f"no TCP connection to {place}", where=where)
    lines = [line for line in text.strip().splitlines() if line.strip()]
    last = lines[-1] if lines else type(error).__name__
    return UnreachableError(f"no SSH session with {place}: {last}", where=where)


def _refused(target: Target, text: str, place: str, where: Where) -> TransportError:
    if "transport shut down" in text:
        return UnreachableError(f"{place} closed the connection at the login", where=where)
    if "Authentication timeout" in text:
        return UnreachableError(
            f"{place} did not answer the login within {target.timeout:g} s", where=where
        )
    return AuthenticationError(
        f"the router refused the login of {target.user!r}",
        where=where,
        hint="Check user, password or key; it was tried once",
    )
