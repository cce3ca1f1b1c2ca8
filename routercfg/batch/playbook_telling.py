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
    ends early: what is written altogether is in proportion to the routers, however small the
    batches are.
    """

    def __init__(self, play: str, stage: Stage, record: Record) -> None:
        self._play = play
        self._stage = stage
        self._record = record
        self._begun: list[str] = []
        self._last = False
        #: Routers in the file of each task, and tasks whose file lacks some, by their numbers.
        self._held: dict[int, int] = {}
        self._lacking: dict[int, Task] = {}

    def begin(self, batch: Sequence[str], *, last: bool) -> None:
        """A batch begins, of these routers."""
        self._begun += batch
        self._last = last

    def tell(self, task: Task, batch: Sequence[str]) -> Iterator[Done]:
        """Carry out a task `report` or `whitelist`, now or later."""
        if not isinstance(task.action, Report | Whitelist) or task.action.to is None:
            yield self._written(task, batch)
            return
        if not self._last and len(self._begun) < 2 * self._held.get(task.number, 0):
            self._lacking[task.number] = task
            return
        self._held[task.number] = len(self._begun)
        self._lacking.pop(task.number, None)
        yield self._written(task, self._begun)

    def end(self) -> Iterator[Done]:
        """The play ends: write what was left for later."""
        while self._lacking:
            _, task = self._lacking.popitem()
            yield self._written(task, self._begun)

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
