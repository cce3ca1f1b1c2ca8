"""What a transaction tells, on its way from the worker to the coordinator."""

from __future__ import annotations

import time
from typing import Any

from routercfg.batch.note import Note, Report, note_of
from routercfg.errors import PushError, RoutercfgError, Where
from routercfg.push.events import Event, What

#: Seconds that a reply may wait for the next one: a quick router gives thirty in that time, and a
#: note costs as much as the line it tells of.
MOMENT = 0.25


class Hearing:
    """Hears the events of one router's transaction, and tells them as notes.

    Every step is told before it happens and once it has happened. Replies are told several at a
    time. After `limit` seconds (0: none) it raises, which stops the transaction.
    """

    def __init__(self, router: str, report: Report, worker: str, limit: float) -> None:
        self._router = router
        self._report = report
        self._worker = worker
        self._limit = limit
        self._begun = self._told = time.monotonic()
        self._replies: list[dict[str, Any]] = []

    def __call__(self, event: Event) -> None:
        """One event. Raises what the coordinator answers, or PushError after the time is up."""
        now = time.monotonic()
        self._tell(event, now)
        # Told first: who is confirming or rolling back cannot be stopped any more, and goes on.
        if self._limit and now - self._begun > self._limit:
            raise PushError(
                f"it took longer than {self._limit:g} s",
                where=Where(router=self._router),
                hint="--router-timeout says how long a router may take",
            )

    def _tell(self, event: Event, now: float) -> None:
        if event.what is What.REPLIED:
            self._replies.append(dict(event.facts))
            if now - self._told > MOMENT:
                self.flush()
            return
        try:
            self.flush()
        finally:
            # It is told whatever became of the replies: it may have happened already.
            self._report(note_of(event, self._worker))

    def flush(self) -> None:
        """Tell the replies that wait."""
        self._told = time.monotonic()
        if self._replies:
            replies, self._replies = self._replies, []
            self._report(Note("replied", self._router, {"replies": replies}, self._worker))

    def end(self) -> None:
        """Tell what is left, where nothing can be stopped any more."""
        try:
            self.flush()
        except RoutercfgError:
            # The result is told next, and meets the same.
            return
