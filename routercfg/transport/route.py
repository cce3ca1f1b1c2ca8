"""The way to a router as the user's own `~/.ssh/config` tells it: jump hosts, keys, names."""

from __future__ import annotations

import logging
import os
import shlex
import socket
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from routercfg.errors import InputError, Where
from routercfg.transport.known import entry_name
from routercfg.transport.openssh import has_more, resolved

# paramiko writes tracebacks of broken connections to its log; the error we raise says it once. Set
# here, where every way to a router begins.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Route:
    """Where to connect, as whom, with which keys, and through which command if not directly.

    `identities` are the IdentityFiles, `keys` those that are private keys; `identities_only` keeps
    out what else the agent has. `agent` is its socket, where not that of the environment. `jump` is
    the first jump host on the way. The host's key is looked for in `known_hosts`, by `name`.
    """

    host: str
    port: int = 22
    user: str = ""
    identities: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    identities_only: bool = False
    agent: str = ""
    command: str = ""
    jump: str = ""
    alias: str = ""
    known_hosts: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        """What the host is called in known_hosts files."""
        return self.alias or entry_name(self.host, self.port)

    def socket(self) -> Any:
        """The started proxy command as a socket, or None where there is none."""
        if not self.command:
            return None
        from routercfg.transport.proxy import Proxy  # noqa: PLC0415 - heavy

        return Proxy(self.command)


def route_to(host: str, port: int = 22, user: str = "", config: Path | None = None) -> Route:
    """What the SSH configuration says of a host. `port` and `user` win unless 22 and empty.

    Raises InputError on a configuration that cannot be read.
    """
    path = config or Path("~/.ssh/config").expanduser()
    if not path.is_file():
        return Route(host, port, user, known_hosts=_known_hosts({}))
    found = _looked_up(path, host, user)
    name = str(found.get("hostname", host))
    number = int(found.get("port", 22)) if port == 22 else port
    who = user or str(found.get("user", ""))
    if "proxycommand" in found:
        # `%p` and `%r` in it are what is connected to, not only what the configuration says.
        first = f"Port {number}\n" + (f"User {who}\n" if who else "")
        found = _looked_up(path, host, user, first)
    named = _paths(found.get("identityfile", ()))
    return Route(
        name,
        number,
        who,
        named,
        tuple(path for path in named if _is_private(Path(path))),
        tuple(path for path in _paths(found.get("certificatefile", ())) if Path(path).is_file()),
        str(found.get("identitiesonly", "no")).lower() == "yes",
        str(found.get("identityagent", "")),
        _command(found, path, name, number),
        _first_jump(found),
        str(found.get("hostkeyalias", "")),
        _known_hosts(found),
    )


def configured_user(host: str) -> str:
    """The user that the SSH configuration names for a host; empty without one."""
    return route_to(host).user


def open_socket(route: Route, timeout: float) -> Any:
    """A connection along the route, for use without a login. Raises OSError."""
    return route.socket() or socket.create_connection((route.host, route.port), timeout=timeout)


def _looked_up(path: Path, host: str, user: str, first: str = "") -> dict[str, Any]:
    """What the configuration says of a host, after these lines: of each option the first counts."""
    import paramiko  # noqa: PLC0415 - heavy; only where a router is reached

    try:
        status = path.stat()
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        text = _read(path, stamp)
        if has_more(text):
            # What paramiko does not understand, or not as OpenSSH does, OpenSSH is asked about.
            text = resolved(path, host, user)
        return dict(_parsed(first + text).lookup(host))
    except InputError:
        raise
    except (OSError, ValueError, paramiko.SSHException) as error:
        raise InputError(f"cannot be understood: {error}", where=Where(file=path)) from error


# Every router of a run asks for it, most of them several times.
@lru_cache(maxsize=8)
def _read(path: Path, _stamp: tuple[int, int, int]) -> str:
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=64)
def _parsed(text: str) -> Any:
    import paramiko  # noqa: PLC0415 - heavy; only where a router is reached

    return paramiko.SSHConfig.from_text(text)


def _paths(names: Any) -> tuple[str, ...]:
    given = [names] if isinstance(names, str) else list(names)
    return tuple(str(Path(name).expanduser()) for name in given if name.lower() != "none")


def _is_private(path: Path) -> bool:
    """IdentityFile may name a public key, whose private half is in the agent."""
    try:
        with path.open("rb") as file:
            return file.read(5) == b"-----"
    except OSError:
        return False


def _known_hosts(found: dict[str, Any]) -> tuple[Path, ...]:
    """The user's files and the machine's, as OpenSSH has them unless told otherwise."""
    user = str(found.get("userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2"))
    machine = str(
        found.get("globalknownhostsfile", "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2")
    )
    return _files(user, machine, os.environ.get("HOME", ""))


@lru_cache(maxsize=64)
def _files(user: str, machine: str, _home: str) -> tuple[Path, ...]:
    names = (*shlex.split(user), *shlex.split(machine))
    return tuple(Path(name).expanduser() for name in names if name.lower() != "none")


def _first_jump(found: dict[str, Any]) -> str:
    jump = str(found.get("proxyjump", ""))
    return "" if jump.lower() == "none" else jump.split(",", maxsplit=1)[0].strip()


def _command(found: dict[str, Any], path: Path, host: str, port: int) -> str:
    """The command whose input and output are the connection.

    The jump host is OpenSSH's own business: its keys, its host key, its further jumps. BatchMode
    keeps it from asking at a terminal while a hundred routers are being read.
    """
    command = str(found.get("proxycommand", ""))
    if command and command.lower() != "none":
        return command
    jump = str(found.get("proxyjump", ""))
    if not jump or jump.lower() == "none":
        return ""
    *before, last = [_uri(hop.strip()) for hop in jump.split(",")]
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    words = ["ssh", "-F", str(path), "-o", "BatchMode=yes", "-W", place]
    if before:
        words += ["-J", ",".join(before)]
    return shlex.join([*words, "--", last])


def _uri(hop: str) -> str:
    """`user@host:port` is only taken as a destination when it is written as a URI."""
    return hop if hop.startswith("ssh://") or ":" not in hop else f"ssh://{hop}"
