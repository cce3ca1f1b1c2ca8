"""A running configuration as a tree of lines with their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from routercfg.errors import ParseError
from routercfg.model.evidence import Evidence
from routercfg.platforms.outputs import Output

_ERROR = re.compile(r"(?m)^\s*% ?(?:Invalid input|Incomplete|Ambiguous|Unknown|Bad|Error|Access)")
_BANNER = re.compile(r"banner \S+ (\^.|\S)")
_SIZE = re.compile(r"^Current configuration : (\d+) bytes")
_KNOWN = re.compile(r"(?:version \d|hostname \S|interface \S|ip \S|line \S|access-list \d)")
_FOREIGN = re.compile(
    r"^(?:!! IOS XR|! device: .*EOS|!Command: show running|config (?:system|vdom|firewall)"
    r"|ASA Version|: Saved|set \S|/ip )"
)
#: Sections that a configuration written by hand may leave unindented, up to the next `!`.
_HEADER = re.compile(r"interface \S")


@dataclass(slots=True)
class Line:
    """One line, its number from 1, and the lines under it."""

    number: int
    text: str
    children: list[Line] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """The line's words."""
        return self.text.split()

    def child(self, prefix: str) -> Line | None:
        """The first line under this one that starts with these words."""
        return next((c for c in self.children if _starts(c.text, prefix)), None)

    def all(self, prefix: str) -> list[Line]:
        """The lines under this one that start with these words."""
        return [c for c in self.children if _starts(c.text, prefix)]


@dataclass(frozen=True, slots=True)
class Config:
    """The whole of `show running-config`."""

    output: Output
    lines: tuple[Line, ...]

    def all(self, prefix: str) -> list[Line]:
        """Top lines that start with these words."""
        return [line for line in self.lines if _starts(line.text, prefix)]

    def first(self, prefix: str) -> Line | None:
        """The first top line that starts with these words."""
        return next((line for line in self.lines if _starts(line.text, prefix)), None)

    def evidence(self, line: Line) -> Evidence:
        """Evidence for one line."""
        return self.output.evidence(line.number)

    def absent(self, what: str) -> tuple[Evidence, ...]:
        """Evidence that a line is not there."""
        return (self.output.absent(what),)

    def walk(self) -> Iterator[Line]:
        """Every line, top to bottom."""
        stack = list(reversed(self.lines))
        while stack:
            line = stack.pop()
            yield line
            stack.extend(reversed(line.children))


def _starts(text: str, prefix: str) -> bool:
    return text == prefix or text.startswith(prefix + " ")


def parse(output: Output) -> Config:
    """The tree of a whole running configuration.

    Raises ParseError where the text is an error message, another system's, or cut off.
    """
    text = output.text
    error = _ERROR.search(text)
    if error is not None and not text.lstrip().startswith(("Building", "!", "version", "Current")):
        raise ParseError(f"the router refused it: {error[0].strip()}")
    if "--More--" in text or "\x08" in text:
        raise ParseError("it was read through a pager: pages may be lost")
    lines = text.splitlines()
    _check_whole(lines)
    return Config(output, tuple(_tree(lines)))


def _check_whole(lines: list[str]) -> None:
    filled = [line.rstrip() for line in lines if line.strip()]
    foreign = next((line for line in filled if _FOREIGN.match(line)), None)
    if foreign is not None:
        raise ParseError(f"this is not an IOS configuration: {foreign[:40]!r}")
    if not filled or filled[-1] != "end":
        raise ParseError("the configuration does not end with `end`: it is cut off")
    if not any(_KNOWN.match(line) for line in filled):
        raise ParseError("no line of an IOS configuration is in it")
    for place, line in enumerate(lines):
        size = _SIZE.match(line)
        if size is None:
            continue
        # Line ends count double on the router; redaction shortens secrets. More is missing lines.
        there = sum(len(rest) + 1 for rest in lines[place + 1 :])
        if there < int(size[1]) * 0.9:
            raise ParseError(f"it is to be {size[1]} bytes and is {there}: lines are missing")


def _tree(lines: list[str]) -> Iterator[Line]:
    """Indentation is nesting, but for banners, and headers that hand-written text leaves flat."""
    top: list[Line] = []
    stack: list[tuple[int, Line]] = []
    flat: Line | None = None
    until: str | None = None
    for number, raw in enumerate(lines, start=1):
        if until is not None:
            until = None if until in raw else until
            continue
        text = raw.strip()
        if not text or text.startswith("!"):
            flat = None
            continue
        banner = _BANNER.match(text)
        if banner is not None:
            rest = text[banner.end() :]
            until = None if banner[1] in rest else banner[1]
            top.append(Line(number, text))
            stack = []
            continue
        depth = len(raw) - len(raw.lstrip())
        line = Line(number, text)
        while stack and stack[-1][0] >= depth:
            stack.pop()
        if stack:
            stack[-1][1].children.append(line)
            flat = None
        elif flat is not None and not _HEADER.match(text):
            flat.children.append(line)
            continue
        else:
            top.append(line)
            flat = line if _HEADER.match(text) else None
        stack.append((depth, line))
    if until is not None:
        raise ParseError("a banner does not end: the configuration is cut off")
    return iter(top)
