"""The configuration tree of Vyatta's descendants (VyOS, EdgeOS), from each of its three spellings.

`set` lines (`show configuration commands`), curly braces (`config.boot`, `show configuration`) and
JSON say the same tree of words: a leaf's value is the last word of its path, so `service ssh port
'22'`, `port 22` within `ssh {` and `{"port": "22"}` all are the node `22` below `port`.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from routercfg.errors import ParseError

_COMPONENTS = re.compile(r'(?m)^(?:/\* === )?(?:// )?vy[a-z]+-config-version: "([^"]+)"')
_RELEASE = re.compile(r"(?m)^(?:/\*|//) Release version: (\S+)")
_WORD = re.compile(r"[A-Za-z0-9][\w.:/@+*,!-]*")


@dataclass(frozen=True, slots=True)
class Node:
    """One word of the tree and what is below it. `line` counts from 1; 0 where JSON was read."""

    word: str
    line: int
    children: dict[str, Node] = field(default_factory=dict)

    def at(self, *path: str) -> Node | None:
        """The node at a path below this one."""
        node: Node | None = self
        for word in path:
            node = None if node is None else node.children.get(word)
        return node

    def has(self, *path: str) -> bool:
        """Is there such a node?"""
        return self.at(*path) is not None

    def below(self, *path: str) -> tuple[Node, ...]:
        """What is below a path: the values of a leaf, or the tags of a list. Empty if absent."""
        node = self.at(*path)
        return () if node is None else tuple(node.children.values())

    def words(self, *path: str) -> tuple[str, ...]:
        """The words below a path."""
        return tuple(node.word for node in self.below(*path))

    def value(self, *path: str) -> str | None:
        """The one value of a leaf; None if it is absent or has none."""
        found = self.words(*path)
        return found[0] if found else None

    def paths(self, *above: str) -> Iterator[tuple[tuple[str, ...], int]]:
        """Every full path below this node with its line, in order."""
        for word, child in self.children.items():
            here = (*above, word)
            if child.children:
                yield from child.paths(*here)
            else:
                yield here, child.line


@dataclass(frozen=True, slots=True)
class Tree:
    """A whole configuration. `components` are the syntax versions in the footer of `config.boot`.

    `release` is the release version in that footer. Both are empty in the other spellings.
    """

    root: Node
    components: Mapping[str, int]
    release: str = ""


def parse(text: str) -> Tree:
    """Read a configuration in any spelling. Raises ParseError where it is cut off or is none."""
    stripped = text.lstrip("\ufeff \t\r\n")
    if not stripped:
        raise ParseError("the configuration is empty")
    if stripped.startswith("{"):
        return Tree(_from_json(stripped), {})
    if re.match(r"(?:set|#)\s", stripped):
        return Tree(_from_lines(text), {})
    return _from_braces(text)


def _add(node: Node, words: list[str], line: int) -> Node:
    for word in words:
        node = node.children.setdefault(word, Node(word, line))
    return node


def _from_lines(text: str) -> Node:
    root = Node("", 0)
    pending, start = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not pending and (not line.strip() or line.startswith("#")):
            continue
        start = start if pending else number
        whole = f"{pending}\n{line}" if pending else line
        try:
            words = shlex.split(whole)
        except ValueError:
            pending = whole  # A quoted value may hold line breaks.
            continue
        pending = ""
        if len(words) < 2 or words[0] != "set":
            raise ParseError(f"line {start} is no `set` line: {line.strip()[:60]!r}")
        _add(root, words[1:], start)
    if pending:
        raise ParseError(f"line {start} is cut off: its quote does not end")
    return root


def _from_json(text: str) -> Node:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise ParseError(f"the JSON is cut off or garbled: {error}") from error
    root = Node("", 0)
    _from_value(root, data)
    return root


def _from_value(node: Node, value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _from_value(_add(node, [str(key)], 0), inner)
    elif isinstance(value, list):
        for inner in value:
            _from_value(node, inner)
    elif value is not None:
        _add(node, [str(value)], 0)


def _from_braces(text: str) -> Tree:
    components, release = _COMPONENTS.search(text), _RELEASE.search(text)
    root = Node("", 0)
    stack = [root]
    lines = iter(enumerate(text.splitlines(), start=1))
    for number, raw in lines:
        line = raw.strip()
        if line.startswith("/*"):
            while "*/" not in line:
                _, line = next(lines, (0, "*/"))
            continue
        if not line or line.startswith("//"):
            continue
        if line == "}":
            if len(stack) == 1:
                raise ParseError(f"line {number} closes a block that was never opened")
            stack.pop()
            continue
        opens = line.endswith("{")
        words = _leaf(line[:-1].strip() if opens else line, lines, number)
        node = _add(stack[-1], words, number)
        if opens:
            stack.append(node)
    if len(stack) > 1:
        raise ParseError(f"it is cut off: {len(stack) - 1} blocks are not closed")
    return Tree(root, _components(components), release[1] if release else "")


def _leaf(line: str, lines: Iterator[tuple[int, str]], number: int) -> list[str]:
    """The words of one line: a name, and a value that may be quoted over several lines."""
    name, _, rest = line.partition(" ")
    if not _WORD.fullmatch(name):
        raise ParseError(f"line {number} is no configuration: {line[:60]!r}")
    rest = rest.strip()
    if not rest:
        return [name]
    # `sip { }` is how some releases print a leaf without a value.
    if rest in ("{ }", "{}"):
        return [name]
    if not rest.startswith('"'):
        return [name, rest]
    while not re.fullmatch(r'"(?:[^"\\]|\\.)*"', rest, re.DOTALL):
        following = next(lines, None)
        if following is None or len(rest) > 1_000_000:
            raise ParseError(f"line {number} is cut off: its quote does not end")
        rest = f"{rest}\n{following[1]}"
    return [name, re.sub(r"\\(.)", r"\1", rest[1:-1], flags=re.DOTALL)]


def _components(match: re.Match[str] | None) -> dict[str, int]:
    if match is None:
        return {}
    pairs = (part.partition("@") for part in match[1].split(":"))
    return {name: int(number) for name, _, number in pairs if number.isdecimal()}
