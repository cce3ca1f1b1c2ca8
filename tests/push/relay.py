"""A link that goes silent: between routercfg and the lab, nobody is told that anything is wrong.

What a router behind a dead line, a firewall that dropped the session's state or a NAT that forgot
it look like from here: both sockets stay open, and what is written to them is gone.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Self, cast

from routercfg.lab import Lab

_EVERYTHING = 10_000


class Lost(Enum):
    """What of a silent link does not arrive."""

    BOTH = "both ways"
    ANSWERS = "what the router says"


@dataclass(eq=False)
class _Way:
    """One connection: the client's socket and the router's, and what is lost between them."""

    name: str
    client: socket.socket
    router: socket.socket
    lost: Lost | None = None
    #: What the client's system goes on sending until it arrives, or until the client takes it back.
    under_way: bytes = b""


@dataclass
class _Door:
    """One router's place in the relay."""

    listening: socket.socket
    ways: list[_Way] = field(default_factory=list)
    #: So many connections more are accepted and then never heard of.
    swallow: int = 0


class Relay:
    """A port for each router of the lab, through which it is reached."""

    def __init__(self, lab: Lab, names: Iterable[str]) -> None:
        self._lab = lab
        self._doors = {name: _Door(socket.create_server(("127.0.0.1", 0))) for name in names}
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._swallowed: list[socket.socket] = []
        self._over = False
        for name, door in self._doors.items():
            self._selector.register(door.listening, selectors.EVENT_READ, name)
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._thread.join(10)
        for door in self._doors.values():
            door.listening.close()
            for way in door.ways:
                way.client.close()
                way.router.close()
        for one in self._swallowed:
            one.close()
        self._selector.close()

    def address(self, name: str) -> tuple[str, int]:
        """Where a router is reached."""
        host, port = self._doors[name].listening.getsockname()
        return host, port

    def silence(
        self, name: str, lost: Lost = Lost.BOTH, *, swallow: int = 0, noticed: bool = False
    ) -> None:
        """Every connection that there is goes silent, and so do so many new ones.

        `noticed`: the router counts its session as lost from now on. A simulated RouterOS begins to
        count its nine minutes there, which a real one counts from the last packet.
        """
        with self._lock:
            door = self._doors[name]
            door.swallow = swallow
            for way in door.ways:
                way.lost = lost
                if noticed:
                    self._forget(way.router)

    def silence_for_ever(self, name: str, lost: Lost = Lost.BOTH) -> None:
        """As `silence`, for every connection to come as well."""
        self.silence(name, lost, swallow=_EVERYTHING)

    def heal(self, name: str) -> None:
        """The link lives: new connections work, and what is still under way arrives."""
        with self._lock:
            door = self._doors[name]
            door.swallow = 0
            for way in door.ways:
                if way.under_way and way.router.fileno() >= 0:
                    with suppress(OSError):
                        way.router.sendall(way.under_way)
                way.under_way = b""

    def is_silent(self, name: str) -> bool:
        """Would a new connection be swallowed?"""
        return self._doors[name].swallow > 0

    def _run(self) -> None:
        while not self._over:
            for key, _ in self._selector.select(0.05):
                with self._lock:
                    if isinstance(key.data, str):
                        self._accept(key.data)
                    elif (end := cast("socket.socket", key.fileobj)).fileno() >= 0:
                        self._carry(key.data, end)

    def _accept(self, name: str) -> None:
        door = self._doors[name]
        client, _ = door.listening.accept()
        if door.swallow:
            door.swallow -= 1
            self._swallowed.append(client)
            return
        way = _Way(name, client, socket.create_connection(self._lab.address(name)))
        door.ways.append(way)
        for end in (way.client, way.router):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(end, selectors.EVENT_READ, way)

    def _carry(self, way: _Way, source: socket.socket) -> None:
        answers = source is way.router
        try:
            data = source.recv(65536)
        except OSError:
            data = b""
            if not answers:
                way.under_way = b""  # the client has reset it
        arrives = way.lost is None or (way.lost is Lost.ANSWERS and not answers)
        if not data:
            self._forget(source)
            if arrives:
                self._forget(way.client if answers else way.router)
            return
        if arrives:
            with suppress(OSError):
                (way.client if answers else way.router).sendall(data)
        elif not answers:
            way.under_way += data

    def _forget(self, end: socket.socket) -> None:
        with suppress(KeyError, ValueError):
            self._selector.unregister(end)
        end.close()


@contextmanager
def relay(lab: Lab, names: Iterable[str]) -> Iterator[Relay]:
    """A relay before these routers, while the lab runs."""
    with Relay(lab, names) as made:
        yield made
