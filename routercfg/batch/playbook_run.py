"""Carrying out a playbook: batch by batch, in each batch task by task over all its routers.

A router that fails gets no further task. After a batch of which too many did not end well, no other
batch and no other play begins. Results are given as they come, and only what later tasks need of
them is kept (`Record`).
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from routercfg.batch import playbook_stopping as stopping
from routercfg.batch import whitelist
from routercfg.batch.each import run
from routercfg.batch.note import Note
from routercfg.batch.note import Report as Watch
from routercfg.batch.pace import Pace
from routercfg.batch.playbook import Task
from routercfg.batch.playbook_actions import (
    Backup,
    Command,
    Pause,
    Report,
    Require,
    Verify,
    Whitelist,
)
from routercfg.batch.playbook_record import Done, Ended, Record, lacking
from routercfg.batch.playbook_stage import Cast, Settings, Stage
from routercfg.batch.playbook_telling import Telling
from routercfg.batch.playbook_work import Talk, backed_up, shown
from routercfg.batch.runner import carry_out
from routercfg.batch.stop import Stop
from routercfg.batch.whitelist import Admission, Site
from routercfg.errors import JournalError, RoutercfgError
from routercfg.push import Options, Outcome, Result, inspect, push
from routercfg.transport import Target

_BACKUPS = Path(Backup().to)


def perform(
    casts: Sequence[Cast], settings: Settings, stage: Stage, record: Record
) -> Generator[Done, None, None]:
    """Every task as it is done. `record` grows meanwhile."""
    for cast in casts:
        if record.stopped:
            why = "not begun: the playbook stopped before it"
            yield Done(cast.play.title, None, "", Ended.SKIPPED, why)
        else:
            yield from _Performance(cast, settings, stage, record).run()


class _Performance:
    """One play under way."""

    def __init__(self, cast: Cast, settings: Settings, stage: Stage, record: Record) -> None:
        self._cast = cast
        self._settings = settings
        self._stage = stage
        self._record = record
        self._tasks = cast.play.chosen(settings.tags, settings.skip_tags)
        self._telling = Telling(cast.play.title, self._tasks, stage, record)

    def run(self) -> Iterator[Done]:
        if not self._tasks:
            return
        if not self._cast.targets:
            # A play that is left out may have been the one after which a person was to look.
            why = "none of its routers is left by --limit"
            yield Done(self._cast.play.title, None, "", Ended.SKIPPED, why)
        try:
            yield from self._batches()
            yield from self._telling.end()
        finally:
            # Whoever listens may have gone; the files are for others.
            for _ in self._telling.end():
                pass

    def _batches(self) -> Iterator[Done]:
        targets, begin = self._cast.targets, 0
        for size in Pace(serial=self._cast.play.head.serial).batches(len(targets)):
            batch, begin = targets[begin : begin + size], begin + size
            self._telling.begin(_names(batch), last=begin >= len(targets))
            for task in self._tasks:
                yield from self._interruptible(task, batch)
                if self._record.stopped:
                    break
            self._record.stop(self._failed(batch))
            if self._record.stopped:
                yield from self._not_begun(targets[begin:])
                return

    def _interruptible(self, task: Task, batch: Sequence[Target]) -> Iterator[Done]:
        """Ctrl-C while nothing is being changed ends the playbook, and not what is known by then.

        While something is, it never comes here: the run finishes what is under way.
        """
        try:
            yield from self._task(task, batch)
        except KeyboardInterrupt:
            self._record.stop("somebody pressed Ctrl-C")
            self._record.interrupted = 130
            yield self._done(task, "", Ended.FAILED, "somebody pressed Ctrl-C")

    def _task(self, task: Task, batch: Sequence[Target]) -> Iterator[Done]:
        able = [target for target in batch if target.router not in self._record.lost]
        match task.action:
            case Pause() as pause:
                yield self._pause(task, pause, able)
            case Report():
                yield from self._telling.tell(task, _names(batch))
            case Whitelist():
                yield from self._whitelist(task, batch)
            case Verify() as verify:
                yield from self._look(task, verify.ids, able)
            case Require() as require:
                yield from self._require(task, require, batch, able)
            case Backup() as backup:
                yield from self._talk(task, partial(backed_up, folder=Path(backup.to)), able)
            case Command() as command:
                yield from self._talk(task, partial(shown, command=command), able)

    def _look(self, task: Task, ids: tuple[str, ...], able: Sequence[Target]) -> Iterator[Done]:
        for result in self._run(partial(inspect, ids=ids), able):
            self._record.judged(result, self._site(result.router))
            yield self._judged(task, result)

    def _require(
        self, task: Task, require: Require, batch: Sequence[Target], able: Sequence[Target]
    ) -> Iterator[Done]:
        if self._checks(task):
            yield from self._look(task, require.ids, able)
        elif stopping.lost(self._record, _names(batch), self._cast.play.head.max_fail_percentage):
            yield self._done(task, "", Ended.SKIPPED, "too many routers of this batch failed")
        elif able:
            with self._stage.watched(len(able)) as watch:
                yield from self._push(task, require, able, watch)

    def _push(
        self, task: Task, require: Require, able: Sequence[Target], watch: Watch
    ) -> Iterator[Done]:
        stop, named = Stop(), ""

        def hear(note: Note) -> None:
            nonlocal named
            if note.kind == "run":
                named = note.data["run"]
            watch(note)

        options = Options(
            ids=require.ids,
            accept_lockout_risk=self._settings.accept_lockout_risk,
            accept_no_revert=self._settings.accept_no_revert,
            backup_folder=self._record.backups or _BACKUPS,
        )
        results = carry_out(
            partial(push, options=options),
            able,
            Pace(workers=self._settings.workers),
            journal=self._settings.journal,
            kind="playbook",
            settings={"play": self._cast.play.title, "task": task.title, "ids": require.ids},
            watch=hear,
            stop=stop,
        )
        try:
            # Whoever listens may go (`| head`): what is under way is finished and written first.
            with closing(results):  # type: ignore[type-var]  # it is a generator
                for result in results:
                    self._record.sent(result, self._site(result.router))
                    yield replace(self._judged(task, result), run=named)
        except JournalError as error:
            self._record.stop(f"the journal failed: {error.message}")
            yield self._done(task, "", Ended.FAILED, error.message, error)
        finally:
            # A signal ended it, or the journal failed: what was under way has been finished.
            self._record.stop(stop.reason)
            self._record.interrupted = self._record.interrupted or stop.status

    def _whitelist(self, task: Task, batch: Sequence[Target]) -> Iterator[Done]:
        """Addresses from the latest reading; routers of which there is none are read now."""
        unread = [target for target in batch if self._rows(target) is None]
        for result in self._run(partial(inspect, ids=()), unread):
            self._record.judged(result, self._site(result.router))
        for target in batch:
            rows = self._rows(target) or whitelist.unread(self._site(target.router), "not read")
            good = whitelist.reachable(rows)
            self._record.addresses(target.router, rows, admissible=good)
            ended = Ended.OK if good else Ended.FINDINGS
            yield self._done(task, target.router, ended, whitelist.in_words(rows))
        yield from self._telling.tell(task, _names(batch))

    def _rows(self, target: Target) -> tuple[Admission, ...] | None:
        return self._record.seen(target.router, self._site(target.router), target.intent)

    def _site(self, router: str) -> Site:
        return self._cast.sites[router]

    def _talk(self, task: Task, work: partial[Talk], able: Sequence[Target]) -> Iterator[Done]:
        by_name = {target.router: target for target in able}
        for talk in run(work, able, workers=self._settings.workers):
            if talk.error is not None:
                self._record.failed(by_name[talk.router], self._site(talk.router), talk.error)
                yield self._done(
                    task, talk.router, Ended.FAILED, talk.error.message, error=talk.error
                )
                continue
            if isinstance(task.action, Backup):
                self._record.backups = Path(task.action.to)
            if talk.refusals:
                self._record.unknown_shows(talk.router)
            yield self._done(
                task, talk.router, _told(task, talk), talk.detail, outputs=talk.outputs
            )

    def _pause(self, task: Task, pause: Pause, able: Sequence[Target]) -> Done:
        if self._checks(task):
            return self._done(task, "", Ended.SKIPPED, "nothing was changed")
        if not able:
            return self._done(task, "", Ended.SKIPPED, "no router is left")
        if pause.seconds is not None:
            time.sleep(pause.seconds)
            return self._done(task, "", Ended.OK, f"{pause.seconds} s")
        if self._stage.agreed(pause.prompt or ""):
            return self._done(task, "", Ended.OK, "yes")
        self._record.stop("somebody said no")
        return self._done(task, "", Ended.FAILED, "somebody said no")

    def _run(self, work: partial[Result], targets: Sequence[Target]) -> Iterator[Result]:
        return run(work, targets, workers=self._settings.workers)

    def _judged(self, task: Task, result: Result) -> Done:
        router = result.router
        if router in self._record.lost:
            outcome, message = result.outcome.value, result.error.message if result.error else ""
            told = message if message.startswith(outcome) else f"{outcome}: {message}"
            detail = told.removesuffix(": ")
            return self._done(task, router, Ended.FAILED, detail, error=result.error)
        changed = result.outcome is Outcome.PUSHED
        if result.plan is not None and not result.plan.compliant:
            left = lacking(result)
            detail = f"changed; left: {left}" if changed else left
            return self._done(task, router, Ended.FINDINGS, detail)
        return self._done(task, router, Ended.CHANGED if changed else Ended.OK, "")

    def _checks(self, task: Task) -> bool:
        return self._settings.check or self._cast.play.only_checks(task)

    def _failed(self, batch: Sequence[Target]) -> str:
        """After a batch that changed routers: why no other may begin.

        A play that changes nothing looks at all its routers, however bad they are.
        """
        if all(self._checks(task) for task in self._tasks if isinstance(task.action, Require)):
            return ""
        percentage = self._cast.play.head.max_fail_percentage
        return stopping.failed(self._record, _names(batch), percentage)

    def _not_begun(self, targets: Sequence[Target]) -> Iterator[Done]:
        for target in targets:
            yield Done(
                self._cast.play.title,
                None,
                target.router,
                Ended.SKIPPED,
                "not begun: the play stopped before its batch",
            )

    def _done(
        self,
        task: Task,
        router: str,
        ended: Ended,
        detail: str,
        error: RoutercfgError | None = None,
        outputs: tuple[tuple[str, str], ...] = (),
    ) -> Done:
        return Done(self._cast.play.title, task, router, ended, detail, error, outputs)


def _told(task: Task, talk: Talk) -> Ended:
    if talk.refusals:
        return Ended.FINDINGS
    skipped = isinstance(task.action, Command) and not talk.outputs
    return Ended.SKIPPED if skipped else Ended.OK


def _names(targets: Sequence[Target]) -> list[str]:
    return [target.router for target in targets]
