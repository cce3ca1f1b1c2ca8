"""Host keys: fetched without a credential, shown to a person, pinned in a file of our own."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from routercfg.errors import HostKeyError, InputError, UnreachableError, Where
from routercfg.transport.offer import no_algorithm
from routercfg.transport.route import open_socket, route_to


@dataclass(frozen=True, slots=True)
class HostKey:
    """A router's public key: its kind, and the key in base64."""

    kind: str
    text: str

    @property
    def fingerprint(self) -> str:
        """SHA-256 as OpenSSH prints it, to compare with what the router's own console shows."""
        digest = hashlib.sha256(base64.b64decode(self.text)).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def entry_name(host: str, port: int) -> str:
    """The name of a host in a known_hosts file."""
    return host if port == 22 else f"[{host}]:{port}"


def fetch(host: str, port: int = 22, timeout: float = 10.0) -> HostKey:
    """The key a router shows. Key exchange only: no user name or credential is sent.

    The way to the router, jump hosts too, is that of the user's SSH configuration.
    """
    import paramiko  # noqa: PLC0415 - heavy; only where a router is reached

    route = route_to(host, port)
    try:
        connection = open_socket(route, timeout)
        try:
            transport = paramiko.Transport(connection)
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


@dataclass(frozen=True, slots=True)
class _Index:
    """The lines of one known_hosts file by the names in them. Hashed names have to be tried."""

    by_name: Mapping[str, tuple[str, ...]]
    hashed: tuple[str, ...]


_indexes: dict[Path, tuple[tuple[int, int, int], _Index]] = {}
_indexing = threading.Lock()


def entries(path: Path, name: str) -> tuple[str, ...]:
    """The lines of a known_hosts file that may speak of `name`; none if there is no such file.

    The file is parsed once and again when it has changed, not once a login: with thousands of
    routers that would be most of the work.
    """
    try:
        status = path.stat()
    except OSError:
        return ()
    stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
    with _indexing:
        known = _indexes.get(path)
        if known is None or known[0] != stamp:
            text = path.read_text(encoding="utf-8", errors="replace")
            known = _indexes[path] = (stamp, _indexed(text))
    return (*known[1].by_name.get(name, ()), *known[1].hashed)


def _indexed(text: str) -> _Index:
    by_name: dict[str, list[str]] = {}
    hashed = []
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        names = line.split(maxsplit=1)[0].split(",")
        if any(name.startswith("|1|") for name in names):
            hashed.append(line)
            continue
        for name in names:
            by_name.setdefault(name, []).append(line)
    return _Index({name: tuple(lines) for name, lines in by_name.items()}, tuple(hashed))


def pinned(path: Path, host: str, port: int = 22) -> tuple[HostKey, ...]:
    """The keys our file holds for a router."""
    if not path.exists():
        return ()
    name = entry_name(host, port)
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        parts = line.split()
        if not parts or parts[0].startswith("#"):
            continue
        if len(parts) < 3:
            raise InputError("this is not a host key", where=Where(file=path, line=number))
        if name in parts[0].split(","):
            found.append(HostKey(parts[1], parts[2]))
    return tuple(found)


def pin(path: Path, host: str, port: int, key: HostKey) -> bool:
    """Write a key to our file. False if it was there. Raises HostKeyError if another is."""
    present = pinned(path, host, port)
    if key in present:
        return False
    if any(other.kind == key.kind for other in present):
        raise HostKeyError(
            f"{host} is pinned to another key than {key.fingerprint}",
            hint=f"If the router was replaced, remove its line from {path} first",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{entry_name(host, port)} {key.kind} {key.text}\n")
    return True
