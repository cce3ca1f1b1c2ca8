"""Host keys: fetched without a credential, shown to a person, pinned in a file of our own."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from routercfg.errors import HostKeyError, InputError, UnreachableError, Where
from routercfg.transport.known import HostKey, entry_name, known
from routercfg.transport.offer import no_algorithm
from routercfg.transport.route import open_socket, route_to

__all__ = ["HostKey", "entry_name", "fetch", "pin"]


def fetch(host: str, port: int = 22, timeout: float = 10.0, kinds: Sequence[str] = ()) -> HostKey:
    """The key a router shows. Key exchange only: no user name or credential is sent.

    The way to the router, jump hosts too, is that of the user's SSH configuration. Of several keys
    it is asked for one of these kinds first.
    """
    import paramiko  # noqa: PLC0415 - heavy; only where a router is reached

    from routercfg.transport.paramiko_transport import prefer  # noqa: PLC0415 - heavy

    route = route_to(host, port)
    try:
        connection = open_socket(route, timeout)
        try:
            transport = paramiko.Transport(connection)
            prefer(transport, kinds)
            try:
                transport.start_client(timeout=timeout)
                key = transport.get_remote_server_key()
            finally:
                transport.close()
        finally:
            connection.close()
    except paramiko.ssh_exception.IncompatiblePeer as error:
        raise no_algorithm(route, str(error), Where(), timeout) from error
    except (OSError, EOFError, paramiko.SSHException) as error:
        raise UnreachableError(
            f"no host key from {host} port {port}: {error or type(error).__name__}"
        ) from error
    return HostKey(key.get_name(), key.get_base64())


def pin(path: Path, host: str, port: int, key: HostKey) -> None:
    """Write a key to our file, by the name with which logins look for it.

    Raises HostKeyError if another key of this host is known or this one is revoked, and InputError
    if the file cannot be written.
    """
    route = route_to(host, port)
    found = known((*route.known_hosts, path), route.name)
    if key in found.keys:
        return
    if key in found.revoked or found.keys:
        old = ", ".join(f"{one.kind} {one.fingerprint}" for one in found.keys)
        what = "is revoked" if key in found.revoked else f"is not the one that is known: {old}"
        raise HostKeyError(
            f"the key of {host}, {key.kind} {key.fingerprint}, {what}",
            hint=f"If the router was replaced, remove what is known first: ssh-keygen -R "
            f"{shlex.quote(route.name)}",
        )
    try:
        _append(path, f"{route.name} {key.kind} {key.text}\n")
    except OSError as error:
        raise InputError(
            f"host keys cannot be kept here: {error.strerror}", where=Where(file=path)
        ) from error


def _append(path: Path, line: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, 2)
            # A line that somebody left without an end would swallow ours.
            line = line if file.read(1) == b"\n" else f"\n{line}"
        file.write(line.encode())
