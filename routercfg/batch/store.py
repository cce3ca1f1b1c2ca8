"""The journal's file: one SQLite database, whose entries are on the disk when a write returns.

One thread writes; whatever waits meanwhile goes to the disk together with one flush, so that
twenty routers at once cost little more than one.
"""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from routercfg.errors import JournalError, RoutercfgError, Where

T = TypeVar("T")


class Book(sqlite3.Connection):
    """The open database, and what a write transaction knows of it, since nobody else writes."""

    #: Number and hash of the last entry, where it was looked up.
    head: tuple[int, str] | None = None
    #: Runs and routers whose leases were found to be held.
    held: set[tuple[str, str]]

    def forget(self) -> None:
        """Somebody else may have written, or what was written is taken back."""
        self.head = None
        self.held = set()


Work = Callable[[Book], T]
_Waiting = tuple[Work[Any], Future[Any]]

#: What SQLite keeps beside its file; gone where nobody has it open.
_BESIDE = ("-wal", "-shm")
_WRITING = (
    "Nothing is pushed without one: make room or rights for it, or name another with --journal"
)
_READING = "Is it damaged, as `routercfg journal check` may tell? --journal names another"
#: "rcfg"; tells our files from other SQLite databases.
_APPLICATION = 0x72636667
_SCHEMA = 1
_TABLES = """
CREATE TABLE entries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL, run TEXT NOT NULL, router TEXT NOT NULL, kind TEXT NOT NULL,
    data TEXT NOT NULL, hash TEXT NOT NULL
);
CREATE INDEX entries_of_run ON entries (run, router);
CREATE INDEX entries_of_router ON entries (router, number);
CREATE TABLE leases (
    thing TEXT PRIMARY KEY, run TEXT NOT NULL, holder TEXT NOT NULL, until REAL NOT NULL
);
"""
#: Seconds to wait for another process that writes.
_BUSY = 30.0
#: Where this many write at once, what comes within so many seconds is put on the disk together: a
#: commit costs five times as much as the entry in it.
_SIBLINGS = 3
_DELAY = 0.004
#: Seconds until the disk holds what nobody waits for, unless something else goes there before.
_LAZY = 0.05

_MOST = 256


def _nothing(_connection: Book) -> None:
    pass


#: Wakes the thread that writes, for something lazy.
_LOOK: _Waiting = (_nothing, Future())


def default_path() -> Path:
    """Where the journal is unless somebody says otherwise."""
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path("~/.local/state").expanduser()) / "routercfg/journal.db"


class Store:
    """The open file. Raises JournalError where it cannot be written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._lazy: list[_Waiting] = []
        self._shelving = threading.Lock()
        with self._explained():
            _make(path)
            with closing(_connect(path)) as connection:
                _prepare(connection, path)
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
        self._thread.start()

    def do(self, work: Work[T]) -> T:
        """Carry `work` out in a write transaction; on the disk when this returns.

        Raises JournalError where that fails, and whatever RoutercfgError `work` raises.
        """
        future: Future[T] = Future()
        self._living()
        self._queue.put((work, future))
        return future.result()

    def soon(self, work: Work[T]) -> Future[T]:
        """As `do`, without waiting: on the disk within a moment, and before what is done next."""
        future: Future[T] = Future()
        self._living()
        with self._shelving:
            first = not self._lazy
            self._lazy.append((work, future))
        if first:
            self._queue.put(_LOOK)
        return future

    def _living(self) -> None:
        if not self._thread.is_alive():
            raise JournalError("it is closed", where=Where(file=self.path))

    def close(self) -> None:
        """Write what waits, and end."""
        self._queue.put(None)
        self._thread.join()

    def _write(self) -> None:
        together, open_ = 1, True
        with closing(_connect(self.path)) as connection:
            while open_ or self._lazy:
                waiting = self._first()
                if together >= _SIBLINGS and any(one is not _LOOK for one in waiting):
                    time.sleep(_DELAY)
                with suppress(queue.Empty):
                    while len(waiting) < _MOST:
                        waiting.append(self._queue.get_nowait())
                open_ = open_ and None not in waiting
                urgent = [one for one in waiting if one is not None and one is not _LOOK]
                together = len(urgent)
                # Whoever waits for what is urgent has put nothing lazy behind it.
                with self._shelving:
                    lazy, self._lazy = self._lazy, []
                if lazy or urgent:
                    self._together(connection, [*lazy, *urgent])

    def _first(self) -> list[_Waiting | None]:
        """What comes next, or nothing once what is not urgent has waited long enough."""
        first = self._queue.get()
        if first is not _LOOK:
            return [first]
        with suppress(queue.Empty):
            return [self._queue.get(timeout=_LAZY)]
        return []

    def _together(self, connection: Book, waiting: list[_Waiting]) -> None:
        """One transaction for all; each in a savepoint, so that one's refusal is only its own."""
        done: list[tuple[Future[Any], Any]] = []
        try:
            with self._explained():
                connection.execute("BEGIN IMMEDIATE")
                connection.forget()
                for work, future in waiting:
                    connection.execute("SAVEPOINT one")
                    try:
                        done.append((future, work(connection)))
                    except RoutercfgError as error:
                        connection.execute("ROLLBACK TO one")
                        connection.forget()
                        future.set_exception(error)
                    connection.execute("RELEASE one")
                connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, or waits for ever
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            for _, future in waiting:
                if not future.done():
                    future.set_exception(error)
            return
        for future, value in done:
            future.set_result(value)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        with explained(self.path, "it cannot be written", _WRITING):
            yield


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """The file, only to read. Raises JournalError where there is none, or it is not a journal, or
    an entry cannot be understood.
    """
    if not path.is_file():
        raise JournalError(
            "there is no journal here",
            where=Where(file=path),
            hint="The first push makes it; --journal names another",
        )
    with (
        explained(path, "it cannot be read", _READING),
        closing(sqlite3.connect(_to_read(path), uri=True, timeout=_BUSY)) as connection,
    ):
        _check_kind(connection, path)
        try:
            yield connection
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise JournalError(
                f"an entry is not as it was written: {error!r}",
                where=Where(file=path),
                hint="`routercfg journal check` says which",
            ) from error


def _to_read(path: Path) -> str:
    """The file as SQLite is to open it: from a disk that nobody can write to, as it lies there.

    Else SQLite makes files beside it to read it.
    """
    beside = [path.with_name(path.name + end).exists() for end in _BESIDE]
    still = not any(beside) and not os.access(path.parent, os.W_OK)
    return f"{path.absolute().as_uri()}?mode=ro" + ("&immutable=1" if still else "")


@contextmanager
def explained(path: Path, what: str, hint: str) -> Iterator[None]:
    """Turn errors of file and database into one JournalError that names the file."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise JournalError(
            f"{what}: {reason}",
            where=Where(file=path),
            hint=hint,
        ) from error


def _make(path: Path) -> None:
    """The file, 0600 from its first moment: SQLite gives its side files the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600))


def _make_private(path: Path) -> None:
    """A journal that others could read; only once it is known to be one, and nobody else's file."""
    for one in (path, *(path.with_name(path.name + end) for end in _BESIDE)):
        with suppress(FileNotFoundError):
            if one.stat().st_mode & 0o077:
                one.chmod(0o600)


def _connect(path: Path) -> Book:
    connection = sqlite3.connect(
        path, timeout=_BUSY, isolation_level=None, check_same_thread=False, factory=Book
    )
    # A step counts as written only once it would survive a power cut.
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _prepare(connection: Book, path: Path) -> None:
    fresh = connection.execute("PRAGMA schema_version").fetchone()[0] == 0
    if not fresh:
        _check_kind(connection, path)
    _make_private(path)
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        raise JournalError(
            f"it cannot be kept safe here (journal mode {mode})",
            where=Where(file=path),
            hint="Put it on a local disk with --journal; network drives do not do",
        )
    if fresh:
        _create(connection)
    # A journal that can be opened but not written must be found out before anything is sent.
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA user_version={_SCHEMA}")
    connection.execute("COMMIT")


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    # Another process may have been quicker.
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id={_APPLICATION}")
        connection.execute(f"PRAGMA user_version={_SCHEMA}")
    connection.execute("COMMIT")


def _check_kind(connection: sqlite3.Connection, path: Path) -> None:
    kind = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if kind != _APPLICATION:
        raise JournalError(
            "this is no journal of routercfg", where=Where(file=path), hint="Name another file"
        )
    if version != _SCHEMA:
        raise JournalError(
            f"it has schema {version}, and this routercfg knows {_SCHEMA}",
            where=Where(file=path),
            hint="Use the routercfg that wrote it, or name another file",
        )
