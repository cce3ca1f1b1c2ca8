"""Logging in over SSH, as people have it: configuration, jump hosts, keys, agent, certificates.

netmiko and paramiko do it; here is what they are given, and what their failures mean. The host key
is checked before any credential is sent, and a credential is tried once.
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routercfg.errors import (
    AuthenticationError,
    HostKeyError,
    HungUpError,
    InputError,
    RoutercfgError,
    TransportError,
    UnreachableError,
    Where,
)
from routercfg.transport.known import Known, known
from routercfg.transport.offer import no_algorithm
from routercfg.transport.route import Route, route_to
from routercfg.transport.target import Target
from routercfg.transport.unreached import no_connection

if TYPE_CHECKING:
    from routercfg.transport.paramiko_transport import UnknownKeyError


def way_to(target: Target) -> Route:
    """The way that leads to a router. Raises InputError on a configuration that cannot be read."""
    return route_to(target.host, target.port, target.user)


def login_arguments(target: Target, route: Route) -> dict[str, Any]:
    """What netmiko is given. Raises InputError on a key that cannot be read."""
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


def key_search(target: Target, route: Route) -> dict[str, Any]:
    """Which keys paramiko tries: those that are named, or else the usual ones in ~/.ssh.

    netmiko takes one file, paramiko several.
    """
    keys = _key_files(target, route)
    alone = target.password is None
    named = keys or target.key_file or route.identities_only
    return {
        "key_filename": list(keys) or None,
        "look_for_keys": alone and not named,
        # Of the agent's keys only those that may be used: see `chosen_agent`.
        "allow_agent": alone,
    }


def known_of(target: Target, route: Route) -> Known:
    """The host keys that are known of a router: the user's, the machine's, and those in our file.

    Raises InputError on a file that cannot be read.
    """
    ours = (target.known_hosts,) if target.known_hosts else ()
    return known((*route.known_hosts, *ours), route.name)


def _key_files(target: Target, route: Route) -> tuple[str, ...]:
    """The inventory's key, else the SSH configuration's where no password is given.

    A key with a certificate is no file but an object.
    """
    if target.key_file:
        return _key_file(target, Path(target.key_file).expanduser())
    return () if target.password is not None or route.certificates else route.keys


def _key_file(target: Target, path: Path) -> tuple[str, ...]:
    if path.is_file():
        return (str(path),)
    if path.with_name(f"{path.name}.pub").is_file():
        return ()  # the private half is in the agent
    raise InputError(
        f"the key {path} is not there",
        where=Where(router=target.router, field="ansible_ssh_private_key_file"),
    )


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

    from routercfg.transport.questions import what_was_asked  # noqa: PLC0415 - as above

    where = Where(router=target.router)
    text = str(error)
    place = f"{target.host} port {target.port}"
    if (asked := what_was_asked(text)) or "Illegal info request" in text:
        # To a password as such, a server says that it has expired in the number of a question.
        return AuthenticationError(
            asked or "the password has expired: the router wants a new one",
            where=where,
            hint="Log in by hand once, or use a key; nothing was answered to it",
        )
    if (strange := _strange(error)) is not None:
        return strange_key(strange, where)
    if "Host key" in text or "not found in known_hosts" in text:
        changed = "does not match" in text
        what = "its host key has changed" if changed else "its host key is not known"
        return HostKeyError(f"{what}; no credential was sent", where=where)
    if "No authentication methods" in text:
        return AuthenticationError(
            f"there is nothing to log in with as {target.user!r}: no password, key or agent",
            where=where,
            hint="Set ansible_password, or name a key in ~/.ssh/config or the inventory",
        )
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
        return no_connection(target, error, where)
    lines = [line for line in text.strip().splitlines() if line.strip()]
    last = lines[-1] if lines else type(error).__name__
    return UnreachableError(f"no SSH session with {place}: {last}", where=where)


def _refused(target: Target, text: str, place: str, where: Where) -> TransportError:
    # Some say so that a password is wrong: to them each try counts.
    ended = UnreachableError if target.password is None else HungUpError
    if "transport shut down" in text:
        return ended(f"{place} closed the connection at the login", where=where)
    if "Authentication timeout" in text:
        return ended(f"{place} did not answer the login within {target.timeout:g} s", where=where)
    return AuthenticationError(
        f"the router refused the login of {target.user!r}",
        where=where,
        hint="Check user, password or key; it was tried once",
    )


def _strange(error: BaseException | None) -> UnknownKeyError | None:
    """The host key that ended it, in whatever netmiko has wrapped that."""
    from routercfg.transport.paramiko_transport import (  # noqa: PLC0415 - heavy
        UnknownKeyError,
    )

    while error is not None and not isinstance(error, UnknownKeyError):
        error = error.__cause__ or error.__context__
    return error


def strange_key(error: UnknownKeyError, where: Where) -> HostKeyError:
    """What is wrong with a host key, and what to do about it."""
    shown = f"it shows {error.shown.kind} {error.shown.fingerprint}"
    if error.shown in error.known.revoked:
        return HostKeyError(
            f"its host key is revoked; no credential was sent; {shown}",
            where=where,
            hint="Somebody has the private half: find out who answers there",
        )
    if error.known.keys:
        return HostKeyError(
            f"its host key has changed; no credential was sent; {shown}", where=where
        )
    signed = "; an authority for it is known, but certificates of hosts are not read"
    return HostKeyError(
        f"its host key is not known; no credential was sent; {shown}"
        + (signed if error.known.signed else ""),
        where=where,
        hint="Compare it with what the router's console shows, and run `routercfg trust`",
    )
