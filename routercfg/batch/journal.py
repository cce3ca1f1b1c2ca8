"""The journal: what was done to which router, by whom, and what came of it.

Nothing is sent to a router before the journal holds that it will be.
"""

from __future__ import annotations

import getpass
import json
import os
import secrets
import socket
import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from routercfg.batch import lease
from routercfg.batch.chain import FIRST, link
from routercfg.batch.note import Note
from routercfg.batch.store import Book, Store, Work
from routercfg.batch.uptime import uptime
from routercfg.push import Outcome, Result
from routercfg.push.events import findings_of
from routercfg.redaction import redacted
from routercfg.transport import Target

#: Entries from which is reckoned whether a revert is over; see `uptime`.
_TIMED = ("begins", "reached", "replied")
#: Outcomes whose last reading is in the journal already, with the step that it proved.
_PROVED = (Outcome.PUSHED, Outcome.UNDONE)
#: Characters of what counts as a line.
_LINE = 400


class Journal:
    """An open journal. Safe to use from several threads; several processes may share the file."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._holder = lease.holder()

    @classmethod
    def open(cls, path: Path) -> Journal:
        """Open or make the journal. Raises JournalError where it cannot be written."""
        return cls(Store(path))

    @property
    def path(self) -> Path:
        """The file."""
        return self._store.path

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def begin_run(
        self,
        kind: str,
        targets: Sequence[Target],
        settings: Mapping[str, Any] | None = None,
        who: str | None = None,
        from_: str | None = None,
    ) -> str:
        """Write down that a run begins; its name. `who` and `from_` default to this session's."""
        run = f"{_now():%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        routers = [
            {"router": one.router, "platform": one.platform, "host": one.host, "port": one.port}
            for one in targets
        ]
        data = {
            "kind": kind,
            "who": who or _who(),
            "from": from_ or _from(),
            "process": os.getpid(),
            "holder": self._holder,
            "routers": routers,
            "settings": dict(settings or {}),
        }
        self.write(run, Note("run", "", data))
        return run

    def write(self, run: str, note: Note) -> None:
        """One entry, on the disk when this returns."""
        self._store.do(lambda connection: _append(connection, run, note))

    def take(self, run: str, target: Target) -> None:
        """Lease a router for this run. Raises LeaseError where another run has it."""

        def work(connection: Book) -> None:
            lease.take(target, run, self._holder)(connection)
            connection.held.clear()
            _append(connection, run, Note("starts", target.router))

        self._store.do(work)

    def write_leased(self, run: str, target: Target, note: Note) -> None:
        """One entry about a leased router. Raises LeaseError where the lease was lost."""
        self._store.do(_leased(run, target, note))

    def write_soon(self, run: str, target: Target, note: Note) -> Future[None]:
        """As `write_leased`, without waiting: within a moment, and before what is written next."""
        return self._store.soon(_leased(run, target, note))

    def finish(self, run: str, target: Target, note: Note) -> None:
        """What became of a router, from `result_data`; its lease ends."""
        self._store.do(_finished(run, target, note))

    def end_run(self, run: str, note: Note) -> None:
        """The last entry of a run; no router is leased to it any more."""

        def work(connection: Book) -> None:
            _append(connection, run, note)
            lease.give_all_back(run)(connection)

        self._store.do(work)


def _leased(run: str, target: Target, note: Note) -> Work[None]:
    things = lease.things(target)

    def work(connection: Book) -> None:
        if (run, target.router) not in connection.held:
            lease.renew(connection, things, run, target.router)
            connection.held.add((run, target.router))
        _append(connection, run, note)

    return work


def _finished(run: str, target: Target, note: Note) -> Work[None]:
    def work(connection: Book) -> None:
        _append(connection, run, note)
        lease.give_back(target, run)(connection)
        connection.held.discard((run, target.router))

    return work


def result_data(result: Result) -> dict[str, Any]:
    """A result as plain values."""
    data: dict[str, Any] = {"outcome": result.outcome.value}
    if result.error is not None:
        data["error"] = {
            "code": result.error.code,
            "message": result.error.message,
            "where": str(result.error.where),
        }
    if result.after is not None and result.outcome not in _PROVED:
        data["after"] = findings_of(result.after)
    return data


def _append(connection: Book, run: str, note: Note) -> None:
    last, previous = connection.head or _head(connection)
    number = last + 1
    at = _now().isoformat(timespec="milliseconds")
    told = {**note.data, "uptime": round(uptime(), 3)} if note.kind in _TIMED else note.data
    data = json.dumps(_clean(told), ensure_ascii=False, default=str)
    made = link(previous, number, at, run, note.router, note.kind, data)
    connection.execute(
        "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)",
        (number, at, run, note.router, note.kind, data, made),
    )
    connection.head = (number, made)


def _head(connection: sqlite3.Connection) -> tuple[int, str]:
    """Number and hash of the last entry."""
    found: tuple[int, str] | None = connection.execute(
        "SELECT number, hash FROM entries ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return found or (0, FIRST)


def _clean(value: Any) -> Any:
    """No secret gets into the journal, whoever told it."""
    match value:
        case str():
            return _clean_line(value) if len(value) <= _LINE else _clean_text(value)
        case Mapping():
            return {str(key): _clean(one) for key, one in value.items()}
        case list() | tuple():
            return [_clean(one) for one in value]
        case _:
            return value


def _clean_text(text: str) -> str:
    # What a router printed may hold halves of surrogate pairs, which SQLite cannot store.
    # A name in the journal stays itself, also where somebody's password is the same word.
    return redacted(text.encode("utf-8", "replace").decode("utf-8"), ())


# A run writes the same few hundred lines for router after router.
_clean_line = lru_cache(maxsize=4096)(_clean_text)


def _now() -> datetime:
    return datetime.now(UTC)


def _who() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "unknown"
    behind = os.environ.get("SUDO_USER")
    return f"{behind} as {name}" if behind and behind != name else name


def _from() -> str:
    """This machine, and from where its user came if that was over SSH."""
    client = os.environ.get("SSH_CLIENT", "").split(" ")[0]
    return f"{socket.gethostname()} ({client})" if client else socket.gethostname()
