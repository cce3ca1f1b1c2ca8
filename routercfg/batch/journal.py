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
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from routercfg.batch import lease
from routercfg.batch.chain import FIRST, link
from routercfg.batch.note import Note
from routercfg.batch.store import Store
from routercfg.batch.uptime import uptime
from routercfg.push import Result
from routercfg.push.events import findings_of
from routercfg.redaction import redacted
from routercfg.transport import Target

#: Entries from which is reckoned whether a revert is over; see `uptime`.
_TIMED = ("begins", "reached", "replied")


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

        def work(connection: sqlite3.Connection) -> None:
            lease.take(target, run, self._holder)(connection)
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

        def work(connection: sqlite3.Connection) -> None:
            _append(connection, run, note)
            lease.give_back(target, run)(connection)

        self._store.do(work)

    def end_run(self, run: str, note: Note) -> None:
        """The last entry of a run; no router is leased to it any more."""

        def work(connection: sqlite3.Connection) -> None:
            _append(connection, run, note)
            lease.give_all_back(run)(connection)

        self._store.do(work)


def _leased(run: str, target: Target, note: Note) -> Callable[[sqlite3.Connection], None]:
    def work(connection: sqlite3.Connection) -> None:
        lease.renew(connection, lease.things(target), run, target.router)
        _append(connection, run, note)

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
    if result.after is not None:
        data["after"] = findings_of(result.after)
    return data


def _append(connection: sqlite3.Connection, run: str, note: Note) -> None:
    last = connection.execute(
        "SELECT number, hash FROM entries ORDER BY number DESC LIMIT 1"
    ).fetchone()
    number, previous = (last[0] + 1, last[1]) if last else (1, FIRST)
    at = _now().isoformat(timespec="milliseconds")
    told = {**note.data, "uptime": round(uptime(), 3)} if note.kind in _TIMED else note.data
    data = json.dumps(_clean(told), ensure_ascii=False, default=str)
    made = link(previous, number, at, run, note.router, note.kind, data)
    connection.execute(
        "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)",
        (number, at, run, note.router, note.kind, data, made),
    )


def _clean(value: Any) -> Any:
    """No secret gets into the journal, whoever told it."""
    match value:
        case str():
            # What a router printed may hold halves of surrogate pairs, which SQLite cannot store.
            # A name in the journal stays itself, also where somebody's password is the same word.
            return redacted(value.encode("utf-8", "replace").decode("utf-8"), ())
        case Mapping():
            return {str(key): _clean(one) for key, one in value.items()}
        case list() | tuple():
            return [_clean(one) for one in value]
        case _:
            return value


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
