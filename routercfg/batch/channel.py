"""A line from workers in other processes to the coordinator, which owns the journal.

A worker waits for the answer before each step, so that it is in the journal before it happens; what
has happened is told several notes at a time. If the coordinator is gone, so is the line, and the
worker rolls back. Who calls must prove that it has
the run's random key, by HMAC; what is told after that is neither encrypted nor signed.
"""

from __future__ import annotations

import json
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import (
    Client,
    Connection,
    Listener,
    answer_challenge,
    deliver_challenge,
)
from types import TracebackType
from typing import NoReturn

from routercfg.batch.note import Note, Report
from routercfg.errors import JournalError, LeaseError, RoutercfgError, StoppedError, Where

_ERRORS: dict[str, type[RoutercfgError]] = {
    one.__name__: one for one in (JournalError, LeaseError, StoppedError)
}
#: Seconds. The journal waits up to half a minute for another process that writes to its file.
_PATIENCE = 90.0
#: Seconds until a coordinator on another machine counts as out of reach.
_CONNECT = 15.0
#: Octets of one note or answer. Replies of routers are cut to a few thousand characters before.
_MOST = 16 * 1024 * 1024

#: Seconds that a note of what has happened may wait in a worker for the next one.
_ROUND = 0.5

Address = str | tuple[str, int]


class Remote:
    """The worker's end. Picklable; lent to one router at a time."""

    def __init__(self, address: Address, key: bytes) -> None:
        self._address = address
        self._key = key

    def __repr__(self) -> str:
        return f"Remote({self._address!r})"

    @contextmanager
    def line(self) -> Iterator[Report]:
        """Tells a note and waits for the answer; raises what the coordinator answered.

        A note of what has happened already is told within a moment, or with the next one: nothing
        waits for it. What is answered to it, the next one raises.
        """
        lent = _idle.take(self._address) or _Line(self._address, self._key)
        try:
            yield lent.tell
        finally:
            # Over a network a line costs little beside the router, and may be cut while it is idle.
            if lent.settle() and isinstance(self._address, str):
                _idle.keep(self._address, lent)
            else:
                lent.close()


class _Line:
    """One connection, made again where it broke between two notes."""

    def __init__(self, address: Address, key: bytes) -> None:
        self._address = address
        self._key = key
        self._connection: Connection | None = None
        #: Told by one thread and taken by another: nothing here may fall between the two.
        self._unsent: deque[Note] = deque()
        self._refused: RoutercfgError | None = None
        self._gone: JournalError | None = None
        self._talking = threading.Lock()

    def tell(self, note: Note) -> None:
        """It is told whatever was refused before: who cannot be stopped any more goes on."""
        if note.passing:
            self._unsent.append(note)
            _post.expect(self)
        else:
            self.post(note)
        if self._refused is not None:
            refused, self._refused = self._refused, None
            raise refused

    def post(self, *last: Note) -> None:
        """Tell what has waited; whatever becomes of it, the next `tell` says."""
        with self._talking:
            try:
                self._send(*last)
            except RoutercfgError as error:
                self._refused = self._refused or error

    def settle(self) -> bool:
        """Tell what has waited. Can the line be lent to another?"""
        self.post()
        return self._refused is None and self._gone is None and self._connection is not None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send(self, *last: Note) -> None:
        notes: list[Note] = []
        while self._unsent:
            notes.append(self._unsent.popleft())
        notes += last
        if not notes:
            return
        if self._gone is not None:
            # A router that is half-way must not wait through the same time-outs at each note.
            raise self._gone
        where = Where(router=notes[-1].router)
        message = json.dumps([[one.kind, one.router, one.data, one.worker] for one in notes])
        try:
            try:
                answer = self._ask(message.encode())
            except (OSError, EOFError):
                # A line that was idle for minutes may be cut on its way. Told twice is told.
                self.close()
                answer = self._ask(message.encode())
        except (OSError, EOFError, AuthenticationError, ValueError) as error:
            at = "" if isinstance(self._address, str) else ": {} port {}".format(*self._address)
            what = f"the process that keeps the journal is gone{at}"
            self._gone = JournalError(what, where=where)
            raise self._gone from error
        if answer is not None:
            name, text, hint = answer
            raise _ERRORS.get(name, StoppedError)(text, where=where, hint=hint)

    def _ask(self, message: bytes) -> list[str] | None:
        if self._connection is None:
            self._connection = _call(self._address, self._key)
        self._connection.send_bytes(message)
        # On this machine a coordinator that dies hangs up; one that is cut off elsewhere does not.
        if not isinstance(self._address, str) and not self._connection.poll(_PATIENCE):
            self.close()
            # Not an OSError: it is there, and must not be told again.
            raise ValueError(f"no answer within {_PATIENCE:g} s")
        answer: list[str] | None = json.loads(self._connection.recv_bytes(_MOST))
        return answer


class _Idle:
    """Lines of this process that nobody uses: greeting the coordinator anew for each router costs
    more than all that is told of it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._address: Address = ""
        self._lines: list[_Line] = []

    def take(self, address: Address) -> _Line | None:
        with self._lock:
            return self._lines.pop() if self._lines and address == self._address else None

    def keep(self, address: Address, line: _Line) -> None:
        with self._lock:
            if address != self._address:
                # The run that these belonged to is over.
                for old in self._lines:
                    old.close()
                self._address, self._lines = address, []
            self._lines.append(line)


class _Post:
    """Tells what nobody waits for, a few times a second, for all routers of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: set[_Line] = set()
        self._thread: threading.Thread | None = None

    def expect(self, line: _Line) -> None:
        with self._lock:
            self._lines.add(line)
            if self._thread is None:
                self._thread = threading.Thread(target=self._go, name="post", daemon=True)
                self._thread.start()

    def _go(self) -> None:
        while True:
            time.sleep(_ROUND)
            with self._lock:
                lines, self._lines = self._lines, set()
                if not lines:
                    self._thread = None
                    return
            for line in lines:
                line.post()


_idle = _Idle()
_post = _Post()


def _call(address: Address, key: bytes) -> Connection:
    if isinstance(address, str):
        return Client(address, authkey=key)
    # multiprocessing's own waits minutes for a machine that does not answer.
    called = socket.create_connection(address, timeout=_CONNECT)
    called.settimeout(None)
    called.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    called.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = Connection(called.detach())
    try:
        if not connection.poll(_CONNECT):
            _give_up(address)
        answer_challenge(connection, key)
        deliver_challenge(connection, key)
    except BaseException:
        connection.close()
        raise
    return connection


def _give_up(address: Address) -> NoReturn:
    raise TimeoutError(f"nobody speaks at {address}")


class Switchboard:
    """The coordinator's end: answers every worker's notes with `hear`.

    It listens where only this machine can reach it, or at `listen`, an address and a port (0: any).
    Raises OSError where that is not to be had.
    """

    def __init__(self, hear: Report, listen: tuple[str, int] | None = None) -> None:
        self._hear = hear
        self._key = secrets.token_bytes(32)
        # Without a key here: a stranger who says nothing would keep everybody else waiting.
        self._listener = Listener(listen, backlog=128)
        self._closed = False

    def __enter__(self) -> Switchboard:
        threading.Thread(target=self._accept, name="switchboard", daemon=True).start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._closed = True
        # Closing does not wake a thread that waits in accept(); one more caller does.
        with suppress(OSError, EOFError), Client(self._listener.address):
            pass
        self._listener.close()

    @property
    def remote(self) -> Remote:
        """The other end, for workers."""
        return Remote(self._listener.address, self._key)

    def _accept(self) -> None:
        while not self._closed:
            try:
                line = self._listener.accept()
            except (OSError, EOFError):
                continue
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: Connection) -> None:
        with line, suppress(OSError, EOFError, AuthenticationError, ValueError):
            deliver_challenge(line, self._key)
            answer_challenge(line, self._key)
            while True:
                notes = [Note(*one) for one in json.loads(line.recv_bytes(_MOST))]
                line.send_bytes(self._answer(notes))

    def _answer(self, notes: Iterable[Note]) -> bytes:
        """The first refusal. What follows is heard all the same: it may have happened already."""
        refused: RoutercfgError | None = None
        for note in notes:
            try:
                self._hear(note)
            except RoutercfgError as error:
                refused = refused or error
        if refused is None:
            return b"null"
        return json.dumps([type(refused).__name__, refused.message, refused.hint]).encode()
