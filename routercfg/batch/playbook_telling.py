"""What a play tells of its routers as its batches go by: reports and addresses, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from routercfg.batch.playbook import Task
from routercfg.batch.playbook_actions import Report, Whitelist
from routercfg.batch.playbook_record import Done, Ended, Record
from routercfg.batch.playbook_stage import Stage
from routercfg.errors import InputError


class Telling:
    """The reports and lists of addresses of one play.

    On the terminal each batch tells of its own routers. A file holds all routers until then. It is
    written once it would hold twice as many as it does, with the last batch, and where the play
    ends early, be it before the task: what is written altogether is in proportion to the routers,
    however small the batches are.
    """

    def __init__(self, play: str, tasks: Sequence[Task], stage: Stage, record: Record) -> None:
        self._play = play
        self._stage = stage
        self._record = record
        self._begun: list[str] = []
        self._last = False
        #: Tasks that write files, and how many routers each file holds, by their numbers.
        self._files = {task.number: task for task in tasks if _writes(task)}
        self._held: dict[int, int] = {}

    def begin(self, batch: Sequence[str], *, last: bool) -> None:
        """A batch begins, of these routers."""
        self._begun += batch
        self._last = last

    def tell(self, task: Task, batch: Sequence[str]) -> Iterator[Done]:
        """Carry out a task `report` or `whitelist`, now or later."""
        if task.number not in self._files:
            yield self._written(task, batch)
        elif self._last or len(self._begun) >= 2 * self._held.get(task.number, 0):
            yield self._filed(task)

    def end(self) -> Iterator[Done]:
        """The play ends: write what the files lack."""
        for number, task in self._files.items():
            known = self._record.latest if isinstance(task.action, Report) else self._record.rows
            lacking = self._begun[self._held.get(number, 0) :]
            if any(router in known for router in lacking):
                yield self._filed(task)

    def _filed(self, task: Task) -> Done:
        self._held[task.number] = len(self._begun)
        return self._written(task, self._begun)

    def _written(self, task: Task, routers: Sequence[str]) -> Done:
        """A full disk must not end a run that has routers under way: it is said, and counts."""
        try:
            return Done(self._play, task, "", Ended.OK, self._write(task, routers))
        except InputError as error:
            self._record.unwritten = True
            return Done(self._play, task, "", Ended.FAILED, error.message, error)

    def _write(self, task: Task, routers: Sequence[str]) -> str:
        match task.action:
            case Report() as report:
                return self._stage.report(report, self._record, routers)
            case Whitelist() as wanted:
                known = self._record.rows
                rows = tuple(row for router in routers for row in known.get(router, ()))
                return self._stage.whitelist(wanted, rows)
        raise AssertionError(f"{task.word} tells nothing")


def _writes(task: Task) -> bool:
    return isinstance(task.action, Report | Whitelist) and task.action.to is not None
