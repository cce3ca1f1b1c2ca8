"""The coordinator: owns the journal, hears every worker, and says whether it may go on."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from routercfg.batch.crashes import Crash, crashes
from routercfg.batch.journal import Journal, result_data
from routercfg.batch.note import Note, Report
from routercfg.batch.stop import Stop
from routercfg.batch.told import Told
from routercfg.errors import JournalError, LeaseError, PushError, StoppedError, Where
from routercfg.push import Outcome, Result
from routercfg.transport import Target

_TOUCHING = ("armed", "applied")
#: Kinds that ask whether to go on, and are not worth an entry.
_UNWRITTEN = ("waits",)


class Coordinator:
    """One run's book-keeping. `hear` is called from many threads."""

    def __init__(
        self,
        targets: Sequence[Target],
        stop: Stop,
        journal: Journal | None,
        watch: Report | None,
    ) -> None:
        self.targets = targets
        self.stop = stop
        self.run = ""
        self._resume = ""
        self.crashes: dict[str, Crash] = {}
        self._journal = journal
        self._watch = watch or (lambda _note: None)
        self._by_name = {target.router: target for target in targets}
        self._started: set[str] = set()
        self._touched: set[str] = set()
        #: Who works on each router; empty once its result is written.
        self._worker: dict[str, str] = {}
        self._lost: set[str] = set()
        self._writing: dict[str, deque[Future[None]]] = {}
        self._admitting = threading.Lock()
        self._watching = threading.Lock()
        self._counts: dict[str, int] = {}

    def begin(self, kind: str, settings: Mapping[str, Any]) -> None:
        """The first entry. Raises JournalError, and then nothing has been sent."""
        if self._journal is not None:
            self.run = self._journal.begin_run(kind, self.targets, settings)
            self.crashes = crashes(self._journal.path, self._by_name)
            # A rollback is begun again as it was: what is back already needs nothing.
            undoes = settings.get("undoes")
            if undoes:
                self._resume = f"routercfg rollback {undoes}"
            elif kind == "playbook":
                self._resume = "Run the playbook again: what is done already is left alone"
            else:
                self._resume = f"routercfg push --resume {self.run}"
        self._show(Note("run", "", {"run": self.run, "routers": len(self.targets)}))

    def end(self) -> None:
        """The last entry: the run came to its end, if not to all its routers."""
        note = Note("end", "", {"counts": self._counts, "stopped": self.stop.reason})
        if self._journal is not None:
            try:
                self._journal.end_run(self.run, note)
            except JournalError as error:
                self.stop.begin_no_more(f"the journal failed: {error.message}")
        self._show(note)

    def tell_batch(self, number: int, of: int, size: int) -> None:
        """A batch begins."""
        note = Note("batch", "", {"batch": number, "of": of, "routers": size})
        try:
            if self._journal is not None:
                self._journal.write(self.run, note)
        except JournalError as error:
            self.stop.begin_no_more(f"the journal failed: {error.message}")
        self._show(note)

    def hear(self, note: Note) -> None:
        """Write a note down. Raises StoppedError or JournalError where the worker must stop."""
        target = self._by_name[note.router]
        if note.kind == "starts":
            self._admit(note)
        elif note.kind != "waits" and self._worker.get(note.router) != note.worker:
            raise StoppedError("another worker has taken it over", where=Where(router=note.router))
        if self.stop.reason and note.router not in self._touched and _before_touch(note):
            raise self._stopped(target)
        try:
            self._write(target, note)
            self._settle(note.router)
        except LeaseError:
            raise
        except JournalError as error:
            # Without a journal nothing is begun any more; this router rolls back.
            self.stop.begin_no_more(f"the journal failed: {error.message}")
            raise
        if note.kind == "starts":
            self._started.add(note.router)
        if note.kind == "begins" and note.data.get("step") in _TOUCHING:
            self._touched.add(note.router)
        if note.kind not in _UNWRITTEN:
            self._show(note)
        if self.stop.rolling_back:
            # Written first: a transaction that cannot be stopped any more goes on regardless.
            raise StoppedError(self.stop.reason, where=Where(router=note.router))

    def touched(self, target: Target) -> bool:
        """Was anything sent that may have changed the router?"""
        return target.router in self._touched

    def lost(self, target: Target, told: Told[Any]) -> bool:
        """Did the worker die that had begun to change it, and was it given to another?"""
        router = target.router
        # One that cannot reach this process, or is not like it, was never refused: it never asked.
        other = told.worker not in ("", self._worker.get(router))
        return router in self._lost or (other and router in self._touched)

    def finish(self, target: Target, told: Told[Any]) -> None:
        """Write down what became of a router. Raises JournalError."""
        self._worker[target.router] = ""
        written = self._writing.pop(target.router, ())
        note = self._count(target, told.outcome, told.data)
        if self._journal is None:
            return
        if target.router not in self._started and told.outcome is Outcome.NOT_BEGUN:
            return
        try:
            self._journal.finish(self.run, target, note)
            # By now all before it are on the disk too, or will never be.
            for one in written:
                one.result()
        except JournalError as error:
            self.stop.begin_no_more(f"the journal failed: {error.message}")
            raise

    def not_begun(self, target: Target) -> Result:
        """The result of a router that the stopped run did not come to."""
        result = Result(
            target.router, target.platform, Outcome.NOT_BEGUN, error=self._stopped(target)
        )
        self._count(target, result.outcome, result_data(result))
        return result

    def died(self, target: Target, error: BaseException | None = None) -> Result:
        """The result of a router whose worker ended without one, with this or silently."""
        what = (
            f"its worker ended with {type(error).__name__}: {error}"
            if error
            else ("its worker ended before its work did")
        )
        touched = self.touched(target)
        outcome = Outcome.UNKNOWN if touched else Outcome.REFUSED
        hint = "The next push reads it first" if touched else "Nothing was sent"
        return Result(
            target.router,
            target.platform,
            outcome,
            error=PushError(what, where=Where(router=target.router), hint=hint),
        )

    def _count(self, target: Target, outcome: Outcome, data: Mapping[str, Any]) -> Note:
        self._counts[outcome.value] = self._counts.get(outcome.value, 0) + 1
        note = Note("result", target.router, data)
        self._show(note)
        return note

    def _admit(self, note: Note) -> None:
        """One worker at a time, and none after one that may have left the router half-way.

        An engine may give what a dead worker had to another, and may be wrong about its death.
        """
        with self._admitting:
            before = self._worker.get(note.router)
            if before == "" or (before is not None and note.router in self._touched):
                self._lost.add(note.router)
                raise StoppedError(
                    "the worker that had begun with it is gone", where=Where(router=note.router)
                )
            self._worker[note.router] = note.worker

    def _stopped(self, target: Target) -> StoppedError:
        return StoppedError(
            f"not begun: {self.stop.reason}",
            where=Where(router=target.router),
            hint=self._resume if self.run else "",
        )

    def _write(self, target: Target, note: Note) -> None:
        if self._journal is None or note.kind in _UNWRITTEN:
            return
        if note.kind == "starts" and note.router not in self._started:
            self._journal.take(self.run, target)
        elif note.kind == "reconciled":
            self._journal.write_leased(self.run, target, note)
            self._journal.write(str(note.data["run"]), note)
        elif note.passing:
            # It has happened already, and the next step waits until all before it is on the disk.
            writing = self._writing.setdefault(note.router, deque())
            writing.append(self._journal.write_soon(self.run, target, note))
        else:
            self._journal.write_leased(self.run, target, note)

    def _settle(self, router: str) -> None:
        """Raise what became of replies that were being written, as far as that is known.

        Entries are written in order: at the next step all of them are.
        """
        writing = self._writing.get(router)
        while writing and writing[0].done():
            writing.popleft().result()

    def _show(self, note: Note) -> None:
        with self._watching:
            self._watch(note)


def _before_touch(note: Note) -> bool:
    return note.kind in ("starts", "waits", "retries") or (
        note.kind == "begins" and note.data.get("step") in _TOUCHING
    )
