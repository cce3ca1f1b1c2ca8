"""The way back for everything but access lists: sections and settings, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from routercfg.model.undo import Conflict

from .config import Line
from .settings import negated, replaces, setting, volatile

#: Sections in which the order of the lines decides.
_ORDERED = ("class-map ", "policy-map ")
_LAST = "class class-default"


@dataclass(slots=True)
class Thing:
    """One setting or section in the three readings."""

    before: Line | None
    after: Line | None
    now: Line | None

    @property
    def touched(self) -> bool:
        """Did the change touch it?"""
        return not _alike(self.before, self.after)

    @property
    def is_section(self) -> bool:
        """The same header before and after: only lines under it differ."""
        return (
            self.before is not None
            and self.after is not None
            and self.before.text == self.after.text
        )


@dataclass(slots=True)
class Resetter:
    """Collects what is sent, and what stands in the way."""

    conflicts: list[Conflict] = field(default_factory=list)
    #: Lines of the present reading that go.
    gone: set[int] = field(default_factory=set)

    def lines(self, thing: Thing, path: tuple[str, ...] = ()) -> list[str]:
        """What brings one thing back to before; path: the headers it is under."""
        if not thing.touched or _alike(thing.now, thing.before):
            return []
        if thing.before is not None and thing.after is not None and thing.is_section:
            return self._within(thing.before, thing.after, thing.now, path)
        if not _alike(thing.now, thing.after):
            self._conflict(thing.after, thing.now, path)
        return self._forced(thing.before, thing.now, path)

    def _within(
        self, before: Line, after: Line, now: Line | None, path: tuple[str, ...]
    ) -> list[str]:
        if now is None or now.text != before.text:
            self._conflict(after, now, path)
            return self._forced(before, now, path)
        inner = (*path, before.text)
        if before.text.startswith(_ORDERED):
            found = self._ordered(before, after, now, inner)
        else:
            pairs = things(before.children, after.children, now.children)
            found = [text for thing in pairs for text in self.lines(thing, inner)]
        return [before.text, *found, "exit"] if found else []

    def _forced(self, before: Line | None, now: Line | None, path: tuple[str, ...]) -> list[str]:
        """From what is there now to what was there before, whoever made it."""
        if before is None:
            return [negated(now.text)] if now is not None and self._goes(now) else []
        if now is None:
            return created(before)
        if now.text == before.text:
            return self._within(before, now, now, path)
        self._goes(now)
        return [*([] if replaces(before.text) else [negated(now.text)]), *created(before)]

    def _ordered(self, before: Line, after: Line, now: Line, path: tuple[str, ...]) -> list[str]:
        """A class that returns goes before those that followed it: they are put behind it anew."""
        edits: list[str] = []
        last: list[str] = []
        target = list(now.children)
        for thing in things(before.children, after.children, now.children):
            found = self.lines(thing, path)
            if not found:
                continue
            if thing.before is None and thing.now is not None:
                last += found
                target.remove(thing.now)
            elif thing.now is None and thing.before is not None:
                _insert(target, thing.before, before.children)
            else:
                edits += found
        standing = [line for line in now.children if line in target]
        return [*edits, *_sorted(standing, target), *last]

    def _conflict(self, left: Line | None, found: Line | None, path: tuple[str, ...]) -> None:
        self.conflicts.append(Conflict(_shown(left, path), _shown(found, path)))

    def _goes(self, line: Line) -> bool:
        self.gone.update(one.number for one in _walk(line))
        return True


def things(before: Iterable[Line], after: Iterable[Line], now: Iterable[Line]) -> list[Thing]:
    """Lines of the three readings, set against each other by what they set."""
    found: dict[tuple[str, int], Thing] = {}
    for key, line in _keyed(before):
        found[key] = Thing(line, None, None)
    for key, line in _keyed(after):
        found.setdefault(key, Thing(None, None, None)).after = line
    for key, line in _keyed(now):
        found.setdefault(key, Thing(None, None, None)).now = line
    return list(found.values())


def _keyed(lines: Iterable[Line]) -> Iterator[tuple[tuple[str, int], Line]]:
    seen: dict[str, int] = {}
    for line in lines:
        if volatile(line.text):
            continue
        name = setting(line.text)
        seen[name] = seen.get(name, -1) + 1
        yield (name, seen[name]), line


def _alike(one: Line | None, other: Line | None) -> bool:
    if one is None or other is None:
        return one is other
    return _rendered(one) == _rendered(other)


def _rendered(line: Line) -> object:
    """A line and what is under it; the order counts only where it decides."""
    inner = [_rendered(child) for child in line.children if not volatile(child.text)]
    return line.text, inner if line.text.startswith(_ORDERED) else sorted(inner, key=repr)


def created(line: Line) -> list[str]:
    """A line with everything under it, as it is typed."""
    if not line.children:
        return [line.text]
    return [line.text, *(text for child in line.children for text in created(child)), "exit"]


def _insert(target: list[Line], line: Line, order: list[Line]) -> None:
    """Before the first of its followers that stands, else behind the last of its leaders."""
    place = [one.text for one in order].index(line.text)
    texts = [one.text for one in target]
    leaders = [texts.index(one.text) for one in order[:place] if one.text in texts]
    followers = [texts.index(one.text) for one in order[place + 1 :] if one.text in texts]
    end = len(target) - (1 if texts[-1:] == [_LAST] else 0)
    target.insert(leaders[-1] + 1 if leaders else followers[0] if followers else end, line)


def _sorted(standing: list[Line], target: list[Line]) -> list[str]:
    """What turns one order into another where a new line always comes last."""
    found: list[str] = []
    left, wanted = ([one for one in lines if one.text != _LAST] for lines in (standing, target))
    first = next((n for n, one in enumerate(wanted) if left[n : n + 1] != [one]), len(wanted))
    for line in wanted[first:]:
        if line in left:
            found.append(negated(line.text))
        found += created(line)
    return found


def _shown(line: Line | None, path: tuple[str, ...]) -> tuple[str, ...]:
    if line is None:
        return ()
    heads = (" " * depth + text for depth, text in enumerate(path))
    return (*heads, *(" " * len(path) + text for text in _texts(line)))


def _texts(line: Line) -> Iterator[str]:
    yield line.text
    for child in line.children:
        yield from (f" {text}" for text in _texts(child))


def _walk(line: Line) -> Iterator[Line]:
    yield line
    for child in line.children:
        yield from _walk(child)
