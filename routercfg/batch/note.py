"""Notes: what workers tell the coordinator, as plain values that any engine can carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from routercfg.push.events import Event
from routercfg.push.result import Step


@dataclass(frozen=True, slots=True)
class Note:
    """One thing told about one router (or, with an empty name, about the run).

    Kinds: `run`, `batch`, `starts`, `retries`, `begins`, `reached`, `replied`, `reconciled`,
    `result`, `end`. `data` is plain JSON values. `worker` is who tells it: a name that no other
    attempt at this router bears.
    """

    kind: str
    router: str
    data: Mapping[str, Any] = field(default_factory=dict)
    worker: str = ""

    @property
    def passing(self) -> bool:
        """Does it tell what has happened, such that nothing need wait until it is written?

        What comes next is written after it. Not so a change that was confirmed: saving it takes
        time, and a run that comes after a crash need not fear a revert any more.
        """
        return self.kind == "replied" or (
            self.kind == "reached" and self.data.get("step") != Step.CONFIRMED.value
        )


#: Takes a note and returns once it is safe to go on. Raises StoppedError or JournalError if not.
Report = Callable[[Note], None]


def note_of(event: Event, worker: str = "") -> Note:
    """An event of a transaction as a note of this worker."""
    data: dict[str, Any] = dict(event.facts)
    if event.step is not None:
        data["step"] = event.step.value
    if event.detail:
        data["detail"] = event.detail
    return Note(event.what.value, event.router, data, worker)
