"""What a playbook says: plays over routers, and in each play tasks from a closed list of seven.

The words are Ansible's where Ansible has one. The models are the edge: people write them, and the
schema for editors is made from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from routercfg.batch.pace import Pace
from routercfg.batch.playbook_actions import Action, Line, Words, listed
from routercfg.documents import FrozenMapping
from routercfg.errors import InputError, Where

_TAG = re.compile(r"[A-Za-z0-9_-]{1,40}")


def _tags(names: tuple[str, ...]) -> tuple[str, ...]:
    if any(_TAG.fullmatch(name) is None for name in names):
        raise ValueError("a tag is a word of letters, digits, - and _")
    return names


def _pattern(value: object) -> object:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ",".join(value)
    return value


def _serial(value: object) -> object:
    items = listed(value)
    if isinstance(items, list | tuple):
        return tuple(
            str(item) if isinstance(item, int) and not isinstance(item, bool) else item
            for item in items
        )
    return items


def _sizes(sizes: tuple[str, ...]) -> tuple[str, ...]:
    try:
        Pace(serial=sizes)
    except InputError as problem:
        raise ValueError(f"{problem.message}; write numbers and percentages: [1, 10%]") from None
    return sizes


Tags = Annotated[tuple[str, ...], BeforeValidator(listed), AfterValidator(_tags)]


class TaskHead(Words):
    """What every task can say besides what it does."""

    name: Line | None = Field(default=None, description="What people read while it runs.")
    tags: Tags = Field(
        default=(),
        description="`--tags` and `--skip-tags` choose by these; `always` needs no choosing, "
        "`never` does.",
    )
    check_mode: bool | None = Field(
        default=None, strict=True, description="True: change nothing. Default: the play's."
    )


class PlayHead(Words):
    """What a play says besides its tasks."""

    name: Line | None = Field(default=None, description="What people read while it runs.")
    hosts: Annotated[Line, BeforeValidator(_pattern)] = Field(description="Ansible host pattern.")
    serial: Annotated[tuple[str, ...], BeforeValidator(_serial), AfterValidator(_sizes)] = Field(
        default=("100%",),
        min_length=1,
        description="Sizes of the batches, numbers or percentages; the last one repeats. A batch "
        "begins when all tasks of the one before it are done.",
    )
    max_fail_percentage: int = Field(
        default=0,
        ge=0,
        le=100,
        strict=True,
        description="No batch begins after one of which more than this percentage failed.",
    )
    vars: Mapping[str, Any] = Field(
        default={}, description="Variables of the inventory, with another value for this play."
    )
    tags: Tags = Field(default=(), description="Tags of all its tasks.")
    check_mode: bool = Field(default=False, strict=True, description="True: change nothing.")


@dataclass(frozen=True, slots=True)
class Task:
    """One task. `title` is its name, or what it does and with what."""

    number: int
    word: str
    action: Action
    head: TaskHead
    where: Where

    @property
    def title(self) -> str:
        """What people read while it runs."""
        return self.head.name or self.word


@dataclass(frozen=True, slots=True)
class Play:
    """Routers, and what is done on them in order."""

    number: int
    head: PlayHead
    tasks: tuple[Task, ...]
    where: Where
    #: As written, with the lines on which they were.
    vars: FrozenMapping[str, object] = field(default_factory=lambda: FrozenMapping({}))

    @property
    def title(self) -> str:
        """What people read while it runs."""
        return self.head.name or f"play {self.number}: {self.head.hosts}"

    def chosen(self, tags: frozenset[str], skip: frozenset[str] = frozenset()) -> tuple[Task, ...]:
        """The tasks that bear one of these tags, all without tags, and none to be skipped.

        As in Ansible, `always` needs no asking, and `never` does.
        """
        common = frozenset(self.head.tags)
        return tuple(task for task in self.tasks if _runs(common | {*task.head.tags}, tags, skip))

    def only_checks(self, task: Task) -> bool:
        """Must this task change nothing?"""
        own = task.head.check_mode
        return self.head.check_mode if own is None else own


def _runs(own: frozenset[str], tags: frozenset[str], skip: frozenset[str]) -> bool:
    if own & skip:
        return False
    if "always" in own:
        return True
    return bool(own & tags) if tags else "never" not in own


@dataclass(frozen=True, slots=True)
class Playbook:
    """One file."""

    file: Path
    plays: tuple[Play, ...]

    @property
    def tags(self) -> frozenset[str]:
        """Every tag that stands in it."""
        return frozenset(
            tag
            for play in self.plays
            for tags in (play.head.tags, *(task.head.tags for task in play.tasks))
            for tag in tags
        )
