"""An SSH server with many simulated routers behind it, in one background thread.

    with Lab({"r1": simulator}, users={"admin": "secret"}) as lab:
        host, port = lab.address("r1")

Every router has a port of its own. A router is only touched when somebody connects to it.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Self

import asyncssh

from routercfg.lab.faults import Fault, Trouble
from routercfg.lab.session import Ledger, RouterSession, Visit
from routercfg.lab.simulator import Simulator
from routercfg.lab.wire import SlowWire

_START_SECONDS = 30.0
_SETTLE_SECONDS = 5.0


class Lab:
    """Routers behind SSH. A context manager: the server runs between enter and exit.

    `users` maps user names to passwords, `public_keys` user names to OpenSSH public key lines. What
    a client appends to its name after a `+` (RouterOS terminal options) is not part of the name.
    `latency` is one round trip in seconds. `base_port` 0 lets the system choose; otherwise routers
    get successive ports. `seen_from` is the address the routers see their clients come from, for
    all routers or by name; without it, the address of the TCP connection. `ssh_port` is the port a
    client means when it connects: what the router is asked about, not what the lab listens on.
    """

    def __init__(
        self,
        routers: Mapping[str, Simulator],
        *,
        users: Mapping[str, str] | None = None,
        public_keys: Mapping[str, str] | None = None,
        latency: float = 0.0,
        base_port: int = 0,
        host: str = "127.0.0.1",
        seen_from: str | Mapping[str, str] | None = None,
        ssh_port: int = 22,
    ) -> None:
        self.routers = routers
        self.users = dict(users or {})
        self.public_keys = dict(public_keys or {})
        self.latency = latency
        self.seen_from = seen_from
        self.ssh_port = ssh_port
        self.faults: defaultdict[str, list[Fault]] = defaultdict(list)
        self._host = host
        self._base_port = base_port
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._ports: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._ledgers: defaultdict[str, Ledger] = defaultdict(Ledger)
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="routercfg-lab", daemon=True)

    @property
    def host_key(self) -> str:
        """The public host key of every router, as an OpenSSH line."""
        return str(self._key.export_public_key("openssh").decode()).strip()

    def address(self, name: str) -> tuple[str, int]:
        """Host and port of a router."""
        return self._host, self._ports[name]

    def logins(self, name: str) -> int:
        """How many times somebody got in."""
        return self._settled(name).logins

    def attempts(self, name: str) -> int:
        """How many times somebody named a user, let in or not."""
        return self._settled(name).attempts

    def passwords(self, name: str) -> int:
        """How many passwords were tried, right or wrong."""
        return self._settled(name).passwords

    def printed(self, name: str) -> int:
        """How many characters the router printed."""
        return self._settled(name).printed

    def sent(self, name: str) -> tuple[str, ...]:
        """Every non-empty line, exec command and control key (Ctrl+C, D, X) the router received."""
        return tuple(line for _, _, line in self.heard(name))

    def heard(self, name: str) -> tuple[tuple[int, int, str], ...]:
        """The same with the two ordinals of a Fault: of the login, and of the line in it."""
        return tuple(self._settled(name).heard)

    def _settled(self, name: str) -> Ledger:
        """The ledger after the server has finished what it is at: no client outruns the count."""
        if self._loop is not None and not self._loop.is_closed() and self._thread.is_alive():
            done = threading.Event()
            self._loop.call_soon_threadsafe(done.set)
            done.wait(_SETTLE_SECONDS)
        return self._ledgers[name]

    def __enter__(self) -> Self:
        self._thread.start()
        self.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._thread.join(_START_SECONDS)

    def wait(self) -> None:
        """Return when every router listens."""
        self._ready.wait(_START_SECONDS)

    def stop(self) -> None:
        """Stop listening and end every session; from any thread."""
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)

    def _run(self) -> None:
        try:
            asyncio.run(self.serve())
        except OSError as error:
            self._failure = error
        finally:
            self._ready.set()

    async def serve(self) -> None:
        """Listen for every router until stopped; for use inside an event loop of one's own."""
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        ours = self._options(self._key)
        other = self._options(asyncssh.generate_private_key("ssh-ed25519"))
        servers = []
        for number, name in enumerate(self.routers):
            port = self._base_port + number if self._base_port else 0
            server = await self._loop.create_server(
                partial(self._accept, name, ours, other), self._host, port
            )
            servers.append(server)
            self._ports[name] = server.sockets[0].getsockname()[1]
            self._names[self._ports[name]] = name
        self._ready.set()
        await self._stop.wait()
        for server in servers:
            server.close()

    def _options(self, key: asyncssh.SSHKey) -> asyncssh.SSHServerConnectionOptions:
        return asyncssh.SSHServerConnectionOptions(
            server_factory=lambda: _Door(self),
            server_host_keys=[key],
            encoding="utf-8",
            errors="replace",
            line_editor=False,
            allow_scp=False,
            gss_host=None,
            x11_forwarding=False,
            agent_forwarding=False,
            # The client pays for the handshake; the dear groups would only measure arithmetic.
            kex_algs=["curve25519-sha256", "ecdh-sha2-nistp256", "diffie-hellman-group14-sha256"],
            compression_algs=["none"],
        )

    def _accept(
        self,
        name: str,
        ours: asyncssh.SSHServerConnectionOptions,
        other: asyncssh.SSHServerConnectionOptions,
    ) -> asyncio.Protocol:
        attempt = self._ledgers[name].attempts + 1
        changed = any(
            f.trouble is Trouble.CHANGED_HOST_KEY and f.strikes_login(attempt)
            for f in self.faults[name]
        )
        connection = asyncssh.SSHServerConnection(
            asyncio.get_running_loop(), other if changed else ours
        )
        gate = _Gate(self, name, connection)
        return SlowWire(gate, self.latency) if self.latency else gate

    def knock(self, name: str, peer: str) -> bool:
        """Whether the router lets a new connection from this TCP peer in."""
        return self.routers[name].may_connect(self.source(name, peer), self.ssh_port)

    def named(self, port: int) -> str:
        """The router that listens on a port of the lab."""
        return self._names[port]

    def ledger(self, name: str) -> Ledger:
        """The record of what happened to one router."""
        return self._ledgers[name]

    def source(self, name: str, peer: str) -> str:
        """The address a router sees this TCP peer come from."""
        if self.seen_from is None:
            return peer
        return self.seen_from if isinstance(self.seen_from, str) else self.seen_from.get(name, peer)


class _Gate(asyncio.Protocol):
    """Asks the router about every new TCP connection, and drops it where it says no."""

    def __init__(self, lab: Lab, name: str, inner: asyncio.Protocol) -> None:
        self._lab = lab
        self._name = name
        self._inner = inner
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  - create_server gives no other
        if not self._lab.knock(self._name, transport.get_extra_info("peername")[0]):
            transport.abort()
            return
        self._open = True
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._open:
            self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received() if self._open else None

    def connection_lost(self, exc: Exception | None) -> None:
        if self._open:
            self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        if self._open:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._open:
            self._inner.resume_writing()


class _Door(asyncssh.SSHServer):  # type: ignore[misc]  # mypy does not follow asyncssh
    """Authentication of one connection: password, keyboard-interactive or public key."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._attempt = 0
        self._name = ""
        self._user = ""
        self._connection: asyncssh.SSHServerConnection

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._name = self._lab.named(conn.get_extra_info("sockname")[1])

    def begin_auth(self, username: str) -> bool:
        if not self._attempt:
            ledger = self._lab.ledger(self._name)
            ledger.attempts += 1
            self._attempt = ledger.attempts
        self._user = username
        if self._suffers(Trouble.REFUSE_LOGIN):
            self._connection.abort()
        return True

    def password_auth_supported(self) -> bool:
        return True

    def kbdint_auth_supported(self) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return bool(self._lab.public_keys)

    def validate_password(self, username: str, password: str) -> bool:
        self._lab.ledger(self._name).passwords += 1
        if self._suffers(Trouble.REFUSE_PASSWORD):
            return False
        return self._lab.users.get(_plain(username)) == password

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        del username, lang, submethods
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username: str, responses: list[str]) -> bool:
        return len(responses) == 1 and self.validate_password(username, responses[0])

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        line = self._lab.public_keys.get(_plain(username))
        if line is None or self._suffers(Trouble.REFUSE_PASSWORD):
            return False
        return bool(asyncssh.import_public_key(line) == key)

    def auth_completed(self) -> None:
        self._lab.ledger(self._name).logins += 1

    def session_requested(self) -> RouterSession:
        return RouterSession(
            Visit(
                router=self._lab.routers[self._name],
                ledger=self._lab.ledger(self._name),
                user=self._user,
                source=self._lab.source(self._name, self._connection.get_extra_info("peername")[0]),
                attempt=self._attempt,
                faults=self._lab.faults[self._name],
                abort=self._connection.abort,
            )
        )

    def _suffers(self, trouble: Trouble) -> bool:
        return any(
            fault.trouble is trouble and fault.strikes_login(self._attempt)
            for fault in self._lab.faults[self._name]
        )


def _plain(user: str) -> str:
    return user.partition("+")[0]
