"""Values at run time, and how they turn into text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from .store import Item
from .values import duration

_DURATION = re.compile(r"(?:\d+[wdhms])+")


class Ask(Exception):  # noqa: N818  - a question to whoever sits at a terminal; it is no error
    """Raised where a command wants a `y` first; `act` is what it then does, and what it prints."""

    def __init__(self, question: str, act: Callable[[], str]) -> None:
        self.question = question
        self.act = act


@dataclass(frozen=True, slots=True)
class Rows:
    """What `print as-value` gives: records whose first key is `.id`."""

    records: tuple[Mapping[str, str], ...]


Result = str | list[str] | Rows | bool | None


@dataclass(slots=True)
class Scope:
    """Variables of a script. `item` is the row a condition is about."""

    names: dict[str, Result] = field(default_factory=dict)
    item: Item | None = None


def text_of(value: Result) -> str:
    """A value as `:put` writes it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case list():
            return ";".join(value)
        case Rows():
            return ";".join(
                f"{key}={text}" for record in value.records for key, text in record.items()
            )


def truth(value: Result) -> bool:
    """Whether a condition holds."""
    return value is True or value in ("yes", "true")


def as_list(value: Result) -> list[str]:
    """A value as the items of an array; a comma list counts as one."""
    match value:
        case list():
            return value
        case Rows():
            return [record.get(".id", "") for record in value.records]
        case _:
            return [part for part in text_of(value).split(",") if part]


def clocked(text: str) -> str:
    """A duration as scripts see it: `00:03:00`, `1d00:00:00`."""
    if not _DURATION.fullmatch(text):
        return text
    seconds = duration(text)
    days, rest = divmod(seconds, 86_400)
    weeks, days = divmod(days, 7)
    day_part = (f"{weeks}w" if weeks else "") + (f"{days}d" if days or weeks else "")
    return f"{day_part}{rest // 3600:02}:{rest % 3600 // 60:02}:{rest % 60:02}"


def record(item: Item, names: Sequence[str], kinds: Mapping[str, str]) -> dict[str, str]:
    """An item as `print as-value` gives it: `.id`, then keys in alphabetical order."""
    found = {".id": item.id}
    for name in sorted(names):
        value = item.get(name)
        if value is not None:
            found[name] = scripted(value, kinds.get(name, "text"))
    return found


def scripted(value: str, kind: str) -> str:
    """A kept value as scripts see it, by the name of its type."""
    bare = kind.lstrip("!")
    if bare == "bool":
        return {"yes": "true", "no": "false"}.get(value, value)
    if bare == "time":
        return clocked(value)
    if bare.startswith("*") or bare in ("nets", "ips"):
        return value.replace(",", ";")
    return value
