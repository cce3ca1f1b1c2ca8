"""Which host keys known_hosts files hold for a name, as OpenSSH reads them: sshd(8).

Names may be hashed, be patterns, or be negated; a line may revoke a key, or name an authority that
signs keys. paramiko compares plain and hashed names only, and passes the marked lines over.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from routercfg.errors import InputError, Where

_REVOKED, _AUTHORITY = "@revoked", "@cert-authority"


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


@dataclass(frozen=True, slots=True)
class Known:
    """What is written of one host. `signed`: an authority vouches for its keys."""

    keys: tuple[HostKey, ...] = ()
    revoked: tuple[HostKey, ...] = ()
    signed: bool = False


def known(paths: Iterable[Path], name: str) -> Known:
    """What all these files say of a host, by the name that `entry_name` gives it.

    Raises InputError on a file that cannot be read.
    """
    keys, revoked, signed = [], [], False
    for marker, key in _entries(paths, name):
        match marker:
            case "@revoked":
                revoked.append(key)
            case "@cert-authority":
                signed = True
            case _:
                keys.append(key)
    return Known(
        tuple(key for key in dict.fromkeys(keys) if key not in revoked), tuple(revoked), signed
    )


@dataclass(frozen=True, slots=True)
class _Line:
    names: str
    key: HostKey
    marker: str = ""


@dataclass(frozen=True, slots=True)
class _Index:
    """The lines of one file by the plain names in them. All other lines have to be tried."""

    by_name: Mapping[str, tuple[_Line, ...]]
    others: tuple[_Line, ...]


_indexes: dict[Path, tuple[tuple[int, int, int], _Index]] = {}
_indexing = threading.Lock()


def _entries(paths: Iterable[Path], name: str) -> Iterator[tuple[str, HostKey]]:
    wanted = name.lower()
    for path in dict.fromkeys(paths):
        index = _index(path)
        lines = (*index.by_name.get(wanted, ()), *index.others)
        yield from ((line.marker, line.key) for line in lines if _names(line.names, wanted))


def _index(path: Path) -> _Index:
    """The file is parsed once and again when it has changed, not once a login: with thousands of
    routers that would be most of the work.
    """
    try:
        status = path.stat()
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        with _indexing:
            seen = _indexes.get(path)
            if seen is None or seen[0] != stamp:
                text = path.read_text(encoding="utf-8", errors="replace")
                seen = _indexes[path] = (stamp, _indexed(text))
    except (FileNotFoundError, NotADirectoryError):
        return _Index({}, ())
    except OSError as error:
        raise InputError(
            f"host keys cannot be read: {error.strerror}", where=Where(file=path)
        ) from error
    return seen[1]


def _indexed(text: str) -> _Index:
    by_name: dict[str, list[_Line]] = {}
    others = []
    for line in filter(None, map(_parsed, text.splitlines())):
        names = line.names.lower().split(",")
        if line.marker or any(name[:1] in "|!" or set(name) & set("*?") for name in names):
            others.append(line)
            continue
        for name in names:
            by_name.setdefault(name, []).append(line)
    return _Index({name: tuple(lines) for name, lines in by_name.items()}, tuple(others))


def _parsed(line: str) -> _Line | None:
    """One line; None where it holds no key that SSH 2 knows."""
    parts = line.split()
    marker = parts.pop(0) if parts and parts[0] in (_REVOKED, _AUTHORITY) else ""
    if len(parts) < 3 or parts[0].startswith(("#", "@")) or parts[1].isdecimal():
        return None
    try:
        base64.b64decode(parts[2], validate=True)
    except ValueError:
        return None
    return _Line(parts[0], HostKey(parts[1], parts[2]), marker)


def _names(patterns: str, name: str) -> bool:
    """Is this host meant? A negated pattern that fits says no, whatever else does."""
    if patterns.startswith("|"):
        return _hashed(patterns, name)
    found = False
    for pattern in patterns.lower().split(","):
        if pattern.startswith("!"):
            if _pattern(pattern[1:]).fullmatch(name):
                return False
        elif _pattern(pattern).fullmatch(name):
            found = True
    return found


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    signs = {"*": ".*", "?": "."}
    return re.compile("".join(signs.get(one, re.escape(one)) for one in text))


def _hashed(names: str, name: str) -> bool:
    """`|1|salt|HMAC-SHA1 of the name`."""
    try:
        _, kind, salt, digest = names.split("|")
        told = hmac.new(base64.b64decode(salt), name.encode(), hashlib.sha1).digest()
        return kind == "1" and hmac.compare_digest(told, base64.b64decode(digest))
    except ValueError:
        return False
