"""Thousands of routers in one light process: a recorded RouterOS session over real SSH.

    python benchmarks/farm.py recording.json --port 2200 --round-trip 30

Router n listens on 127.1.A.B (`address`), and is a copy of the recorded one with a LAN of its own
(`lan`). It answers the recorded reads, takes and releases safe mode, and takes the recorded lines;
once it has all of them, it answers with the outputs of after. A session that ends while it holds
safe mode takes its lines back. Whatever else is typed is wrong, and counted.

SIGUSR1 makes it print one JSON line: how many routers got exactly the lines, in order, and were
read before and after (`right`), and how many of these under safe mode that was then released
(`confirmed`). SIGTERM ends it. Nothing here imports routercfg.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import resource
import signal
import sys
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

SAFE_MODE = b"\x18"
_PIECES = re.compile(rb"[^\r\n\x03\x04\x18]*(?:\r\n|\r|\n|[\x03\x04\x18])|[^\r\n\x03\x04\x18]+")


def address(number: int) -> str:
    """Where router `number`, from 0, listens."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


def lan(number: int) -> str:
    """The first three octets of its LAN, with the dot behind them."""
    return f"10.{number // 250}.{number % 250}."


@dataclass(slots=True)
class Router:
    """What became of one router."""

    lan: bytes
    logins: int = 0
    sent: list[bytes] = field(default_factory=list)
    reads: int = 0
    reads_after: int = 0
    wrong: list[str] = field(default_factory=list)
    confirmed: bool = False
    reverted: int = 0
    holder: Session | None = None


class Farm:
    """The recording, and the routers that somebody has logged in to."""

    def __init__(self, recorded: dict[str, Any], round_trip: float) -> None:
        self.recorded = recorded
        self.round_trip = round_trip
        self.prompt = recorded["prompt"].encode()
        self.safe_prompt = recorded["safe_prompt"].encode()
        self.banner = recorded["banner"].encode()
        self.taken = recorded["taken"].encode()
        self.released = recorded["released"].encode()
        self.recorded_lan = recorded["lan"].encode()
        self.before = {key.encode(): text.encode() for key, text in recorded["before"].items()}
        self.after = {key.encode(): text.encode() for key, text in recorded["after"].items()}
        self.asides = {key.encode(): text.encode() for key, text in recorded["asides"].items()}
        self.lines = {line.encode(): text.encode() for line, text in recorded["lines"]}
        self.order = [line.encode() for line, _ in recorded["lines"]]
        self.routers: dict[str, Router] = {}

    def router(self, host: str) -> Router:
        if host not in self.routers:
            _, _, high, low = map(int, host.split("."))
            self.routers[host] = Router(lan(high * 250 + low - 1).encode())
        return self.routers[host]

    def report(self) -> dict[str, Any]:
        """What every router got, and which are not as they should be."""
        problems = {host: told for host, one in self.routers.items() if (told := self.problem(one))}
        states = Counter(
            "confirmed" if one.confirmed else "changed" if one.sent else "unchanged"
            for one in self.routers.values()
        )
        return {
            "right": len(self.routers) - len(problems),
            "confirmed": sum(
                one.confirmed for host, one in self.routers.items() if host not in problems
            ),
            "routers": len(self.routers),
            "states": states,
            "logins": sum(one.logins for one in self.routers.values()),
            "reverted": sum(one.reverted for one in self.routers.values()),
            "problems": dict(list(problems.items())[:5]),
        }

    def problem(self, one: Router) -> str:
        """Why a router is not as it should be; empty if it is."""
        sent = [line.replace(one.lan, self.recorded_lan) for line in one.sent]
        if one.wrong:
            return f"it was sent {one.wrong[0]!r}"
        if sent != self.order:
            return f"it got {len(sent)} of {len(self.order)} lines"
        if one.holder is not None:
            return "safe mode is still held"
        wanted = len(self.before)
        if one.reads < wanted or one.reads_after < wanted:
            return f"{one.reads} reads before, {one.reads_after} after"
        return ""


class Session(asyncssh.SSHServerSession[bytes]):
    """A terminal, or one command."""

    def __init__(self, farm: Farm, router: Router) -> None:
        self.farm = farm
        self.router = router
        self.typed = b""
        self.command: bytes | None = None
        self.channel: asyncssh.SSHServerChannel[bytes]

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self.channel = chan

    def pty_requested(self, *_: object) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        self.command = command.encode()
        return True

    def session_started(self) -> None:
        if self.command is None:
            self.channel.write(self.farm.banner)
            return
        for line in self.command.splitlines():
            self.channel.write(self.body(line.strip()))
        self.channel.exit(0)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        del datatype
        answer: list[bytes] = []
        for piece in _PIECES.findall(self.typed + data):
            last = piece[-1:]
            if last not in b"\r\n\x03\x04\x18":
                self.typed = piece
                break
            self.typed = b""
            if last in b"\r\n":
                self.line(piece.strip(), answer)
            elif last == SAFE_MODE:
                answer.append(self.safe_mode())
            elif last == b"\x04":
                answer.append(b"")
                self.channel.exit(0)
        self.channel.write(b"".join(answer))

    def line(self, command: bytes, answer: list[bytes]) -> None:
        prompt = self.farm.safe_prompt if self.router.holder is self else self.farm.prompt
        if not command:
            answer.append(b"\r\n" + prompt)
        elif command in (b"quit", b"/quit"):
            self.channel.exit(0)
        else:
            body = self.body(command)
            answer += (command, b"\r", prompt, command, b"\r\n", body, prompt)

    def body(self, command: bytes) -> bytes:
        farm, router = self.farm, self.router
        done = len(router.sent) >= len(farm.order)
        shown = (farm.after if done else farm.before).get(command)
        if shown is not None:
            if done:
                router.reads_after += 1
            else:
                router.reads += 1
            return shown.replace(farm.recorded_lan, router.lan)
        reply = farm.lines.get(command.replace(router.lan, farm.recorded_lan))
        if reply is not None:
            router.sent.append(command)
            return reply.replace(farm.recorded_lan, router.lan)
        if command in farm.asides:
            return farm.asides[command]
        router.wrong.append(command.decode(errors="replace"))
        return b"bad command name (line 1 column 1)\r\n"

    def safe_mode(self) -> bytes:
        if self.router.holder is None:
            self.router.holder = self
            return self.farm.taken
        if self.router.holder is not self:
            self.router.wrong.append("^X while another session holds safe mode")
            return b""
        self.router.holder = None
        self.router.confirmed = True
        return self.farm.released

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self.router.holder is self:
            self.router.holder = None
            self.router.sent.clear()
            self.router.reverted += 1


class Door(asyncssh.SSHServer):
    """Lets the one user in. What follows a `+` in the name are terminal options."""

    def __init__(self, farm: Farm) -> None:
        self.farm = farm
        self.router: Router

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.router = self.farm.router(conn.get_extra_info("sockname")[0])

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        wanted = (self.farm.recorded["user"], self.farm.recorded["password"])
        return (username.partition("+")[0], password) == wanted

    def auth_completed(self) -> None:
        self.router.logins += 1

    def session_requested(self) -> Session:
        return Session(self.farm, self.router)


class Connection(asyncssh.SSHServerConnection):
    """Sends no empty packet before each one that counts.

    asyncssh does, against an attack on CBC ciphers; OpenSSH, Dropbear and routers do not with the
    ciphers that are used here.
    """

    def send_packet(self, pkttype: int, *args: bytes, **options: Any) -> None:
        if pkttype != asyncssh.constants.MSG_IGNORE:
            super().send_packet(pkttype, *args, **options)


class SlowWire(asyncio.Protocol):
    """Hands what arrives on one round trip later, in order; the connection itself two later."""

    __slots__ = ("inner", "loop", "open_at", "round_trip", "waiting")

    def __init__(self, inner: asyncio.Protocol, round_trip: float) -> None:
        self.inner = inner
        self.round_trip = round_trip
        self.loop = asyncio.get_running_loop()
        self.open_at = 0.0
        self.waiting: deque[tuple[Callable[..., object], object]] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.open_at = self.loop.time() + 2 * self.round_trip
        self.later(self.inner.connection_made, transport)

    def data_received(self, data: bytes) -> None:
        self.later(self.inner.data_received, data)

    def eof_received(self) -> bool:
        self.later(lambda _: self.inner.eof_received(), None)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.later(self.inner.connection_lost, exc)

    def pause_writing(self) -> None:
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        self.inner.resume_writing()

    def later(self, deliver: Callable[..., object], what: object) -> None:
        # Timers of one moment may fire in any order, so each takes what is first in the queue.
        self.waiting.append((deliver, what))
        self.loop.call_at(max(self.loop.time() + self.round_trip, self.open_at), self.next)

    def next(self) -> None:
        deliver, what = self.waiting.popleft()
        deliver(what)


async def serve(farm: Farm, port: int) -> None:
    """Listen on every loopback address at once until SIGTERM."""
    loop = asyncio.get_running_loop()
    key = asyncssh.generate_private_key("ssh-ed25519")
    options = asyncssh.SSHServerConnectionOptions(
        server_factory=lambda: Door(farm),
        server_host_keys=[key],
        encoding=None,
        line_editor=False,
        allow_scp=False,
        gss_host=None,
        x11_forwarding=False,
        agent_forwarding=False,
        login_timeout=120,
        kex_algs=["curve25519-sha256", "curve25519-sha256@libssh.org"],
        compression_algs=["none"],
    )

    def accept() -> asyncio.Protocol:
        connection = Connection(loop, options)
        return SlowWire(connection, farm.round_trip) if farm.round_trip else connection

    # One socket hears 127.0.0.0/8; which router is meant says the address that was called.
    server = await loop.create_server(accept, "0.0.0.0", port, backlog=4096)
    over = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    loop.add_signal_handler(signal.SIGINT, over.set)
    loop.add_signal_handler(signal.SIGUSR1, lambda: tell(farm.report()))
    tell(
        {
            "host_key": key.export_public_key("openssh").decode().strip(),
            "port": server.sockets[0].getsockname()[1],
        }
    )
    await over.wait()


def tell(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recording", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--round-trip", type=float, default=0.0, help="milliseconds")
    chosen = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(65536, most), most))
    farm = Farm(json.loads(chosen.recording.read_text()), chosen.round_trip / 1000)
    try:
        import uvloop  # noqa: PLC0415 - a third less work where it is there
    except ImportError:
        asyncio.run(serve(farm, chosen.port))
    else:
        uvloop.run(serve(farm, chosen.port))


if __name__ == "__main__":
    main()
