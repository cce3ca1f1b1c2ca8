"""A line from worker processes to the coordinator, which owns the journal.

A worker waits for the answer to each note, so that a step is in the journal before it happens. If
the coordinator is gone, so is the line, and the worker rolls back.
"""

from __future__ import annotations

import json
import secrets
import threading
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from types import TracebackType

from routercfg.batch.note import Note, Report
from routercfg.errors import JournalError, LeaseError, RoutercfgError, StoppedError, Where

_ERRORS: dict[str, type[RoutercfgError]] = {
    one.__name__: one for one in (JournalError, LeaseError, StoppedError)
}


class Remote:
    """The worker's end: picklable, and called with a note."""

    def __init__(self, address: str | tuple[str, int], key: bytes) -> None:
        self._address = address
        self._key = key

    def __repr__(self) -> str:
        return f"Remote({self._address!r})"

    def __call__(self, note: Note) -> None:
        """Tell a note and wait for the answer. Raises what the coordinator answered."""
        try:
            with Client(self._address, authkey=self._key) as line:
                line.send_bytes(json.dumps([note.kind, note.router, note.data]).encode())
                answer = json.loads(line.recv_bytes())
        except (OSError, EOFError, AuthenticationError) as error:
            raise JournalError(
                "the process that keeps the journal is gone", where=Where(router=note.router)
            ) from error
        if answer is not None:
            name, message, hint = answer
            raise _ERRORS.get(name, StoppedError)(
                message, where=Where(router=note.router), hint=hint
            )


class Switchboard:
    """The coordinator's end: answers every worker's notes with `hear`."""

    def __init__(self, hear: Report) -> None:
        self._hear = hear
        self._key = secrets.token_bytes(32)
        self._listener = Listener(None, backlog=128, authkey=self._key)
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
        with suppress(OSError, EOFError, AuthenticationError), self._call():
            pass
        self._listener.close()

    @property
    def remote(self) -> Remote:
        """The other end, for workers."""
        return Remote(self._listener.address, self._key)

    def _call(self) -> Connection:
        return Client(self._listener.address, authkey=self._key)

    def _accept(self) -> None:
        while not self._closed:
            try:
                line = self._listener.accept()
            except (OSError, EOFError, AuthenticationError):
                continue
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: Connection) -> None:
        with line, suppress(OSError, EOFError):
            kind, router, data = json.loads(line.recv_bytes())
            try:
                self._hear(Note(kind, router, data))
            except RoutercfgError as error:
                answer = [type(error).__name__, error.message, error.hint]
                line.send_bytes(json.dumps(answer).encode())
            else:
                line.send_bytes(b"null")
