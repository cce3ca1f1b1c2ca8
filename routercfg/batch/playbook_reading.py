"""Reading a playbook: one clear error for whatever is wrong in it, with file, line and task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from routercfg.batch.playbook import Play, Playbook, PlayHead, Task, TaskHead
from routercfg.batch.playbook_actions import ACTIONS, Command
from routercfg.batch.shows import refused_everywhere
from routercfg.documents import FrozenMapping, plain, read_text, read_yaml, reported
from routercfg.errors import InputError, PlaybookError, UnknownPlatformError, Where
from routercfg.inventory.fields import UnsafeTextError
from routercfg.inventory.templating import holds_template
from routercfg.inventory.variables import NAMES, PREFIX, RouterVars
from routercfg.platforms.registry import resolve

_M = TypeVar("_M", bound=BaseModel)
_Written = FrozenMapping[object, object]

_PLAY_WORDS = (*PlayHead.model_fields, "tasks")
_TASK_WORDS = (*TaskHead.model_fields, *ACTIONS)


def load_playbook(file: Path) -> Playbook:
    """A playbook from its file. Raises PlaybookError with file, line and task."""
    return parse_playbook(read_text(file, PlaybookError), file)


def parse_playbook(text: str, file: Path) -> Playbook:
    """A playbook from its text. Raises PlaybookError with file, line and task."""
    document = read_yaml(text, file, PlaybookError)
    if document is None:
        raise PlaybookError("the playbook is empty", where=Where(file=file))
    if not isinstance(document, tuple):
        raise PlaybookError(
            "a playbook is a list of plays",
            where=Where(file=file, line=_first_line(document)),
            hint="Put a dash before the play: `- hosts: all`",
        )
    if not document:
        raise PlaybookError("the playbook has no plays", where=Where(file=file))
    reader = _Reader(file)
    return Playbook(file, tuple(reader.play(n, item) for n, item in enumerate(document, start=1)))


class _Reader:
    """Reads the plays of one file; knows where it is."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._line: int | None = None

    def play(self, number: int, written: object) -> Play:
        label = f"play {number}"
        if not isinstance(written, FrozenMapping):
            raise self._fail(f"{label} is not a mapping", self._line, hint=_words(_PLAY_WORDS))
        self._line = _first_line(written)
        where = Where(file=self._file, line=self._line)
        label = _labelled(label, written)
        self._known(written, _PLAY_WORDS, label)
        settings = {key: value for key, value in written.items() if key != "tasks"}
        values = FrozenMapping(settings, {key: written.line(key) or 0 for key in settings})
        head = self._valid(PlayHead, values, written, label)
        variables = self._vars(written, label)
        tasks = written.get("tasks")
        if not isinstance(tasks, tuple) or not tasks:
            raise self._fail(
                f"{label} has no tasks" if not tasks else f"{label}: tasks must be a list",
                written.line("tasks") or self._line,
                hint=_words(ACTIONS),
            )
        self._line = written.line("tasks")
        return Play(
            number,
            head,
            tuple(self._task(n, item, label) for n, item in enumerate(tasks, start=1)),
            where,
            variables,
        )

    def _task(self, number: int, written: object, play: str) -> Task:
        label = f"{play}, task {number}"
        if not isinstance(written, FrozenMapping):
            raise self._fail(
                f"{label} is not a mapping but {written!r}", self._line, hint=_task_hint(written)
            )
        self._line = _first_line(written) or self._line
        where = Where(file=self._file, line=self._line)
        label = _labelled(label, written)
        self._known(written, _TASK_WORDS, label)
        words = [str(key) for key in written if key in ACTIONS]
        if len(words) != 1:
            problem = f"does {len(words)} things: {', '.join(words)}" if words else "does nothing"
            raise self._fail(f"{label} {problem}", where.line, hint=f"One of: {', '.join(ACTIONS)}")
        [word] = words
        own = {key: value for key, value in written.items() if key != word}
        head = self._valid(TaskHead, FrozenMapping(own), written, label)
        action = self._valid(ACTIONS[word], written[word], written, label, word)
        if isinstance(action, Command):
            self._commands(action, written, label)
        return Task(number, word, action, head, where)

    def _known(self, written: _Written, words: Iterable[str], label: str) -> None:
        allowed = tuple(words)
        for key in written:
            if key not in allowed:
                raise self._fail(
                    f"{label}: there is no word {str(key)[:60]!r}",
                    written.line(key),
                    hint=_words(allowed, str(key)),
                )

    def _valid(
        self, model: type[_M], value: object, written: _Written, label: str, word: str = ""
    ) -> _M:
        try:
            return model.model_validate(plain(value))
        except ValidationError as problem:
            field, message, hint = reported(problem, model)
            path = [part for part in (word, *field.split(".")) if part and part != "lines"]
            if "there is no such field" in message:
                message = f"there is no word {path[-1]!r}"
                hint = _words(tuple(model.model_fields), path[-1])
            line = _line_of(written, path) or self._line
            shown = ".".join(path)
            raise self._fail(f"{label}: {message}", line, field=shown, hint=hint) from None

    def _commands(self, action: Command, written: _Written, label: str) -> None:
        """Refuse at reading time what no router, or not this platform, may be sent."""
        for platform, lines in action.lines.items():
            line = _line_of(written, ["command", platform])
            try:
                names = () if platform == "" else (resolve(platform),)
            except UnknownPlatformError as problem:
                raise self._fail(
                    f"{label}: {problem.message}", line, field="command", hint=problem.hint
                ) from None
            for command in lines:
                if reason := refused_everywhere(command, names):
                    raise self._fail(
                        f"{label}: {command!r} is not sent: {reason[0]}",
                        line,
                        field="command",
                        hint=reason[1],
                    )

    def _vars(self, written: _Written, label: str) -> FrozenMapping[str, object]:
        found = written.get("vars")
        if not isinstance(found, FrozenMapping):
            return FrozenMapping({})
        data: dict[str, object] = {}
        lines: dict[str, int] = {}
        for key, value in found.items():
            name = str(key).removeprefix(PREFIX)
            line = found.line(key)
            if name not in NAMES:
                raise self._fail(
                    f"{label}: there is no variable {str(key)[:60]!r}",
                    line,
                    field="vars",
                    hint=_variable_hint(name),
                )
            self._check_value(name, value, line, label)
            # The prefix wins over whatever the inventory says under either name.
            data[PREFIX + name] = value
            lines[PREFIX + name] = line or 0
        return FrozenMapping(data, lines)

    def _check_value(self, name: str, value: object, line: int | None, label: str) -> None:
        if holds_template(value):
            return
        try:
            RouterVars.model_validate({"service": "any", name: plain(value)})
        except ValidationError as problem:
            field, message, hint = reported(problem, RouterVars)
            raise self._fail(
                f"{label}: {message}", line, field=f"vars.{field}", hint=hint
            ) from None
        except (UnsafeTextError, InputError) as problem:
            raise self._fail(f"{label}: {problem}", line, field=f"vars.{name}") from None

    def _fail(
        self, message: str, line: int | None, *, field: str | None = None, hint: str = ""
    ) -> PlaybookError:
        return PlaybookError(
            message, where=Where(file=self._file, line=line, field=field), hint=hint
        )


def _labelled(label: str, written: _Written) -> str:
    name = written.get("name")
    return f"{label} ({name[:60]})" if isinstance(name, str) and name.isprintable() else label


def _first_line(value: object) -> int | None:
    if not isinstance(value, FrozenMapping):
        return None
    lines = [line for key in value if (line := value.line(key))]
    return min(lines, default=None)


def _line_of(value: object, path: Iterable[str]) -> int | None:
    """The line of the deepest part of the path that has one."""
    found: int | None = None
    for part in path:
        if isinstance(value, Mapping) and part in value:
            found = value.line(part) if isinstance(value, FrozenMapping) else found
            value = value[part]
    return found


def _words(allowed: Iterable[str], name: str = "") -> str:
    known = list(allowed)
    close = get_close_matches(name, known, n=1) if name else []
    guess = f"Did you mean {close[0]}? " if close else ""
    return f"{guess}Words: {', '.join(known)}"


def _task_hint(written: object) -> str:
    if isinstance(written, str) and written in ACTIONS:
        return f"Put a colon behind it: `- {written}:`"
    return _words(_TASK_WORDS, str(written)[:60])


def _variable_hint(name: str) -> str:
    if name.startswith("ansible_"):
        return "How a router is reached belongs in the inventory"
    return _words(sorted(NAMES), name).replace("Words:", "Variables:")
