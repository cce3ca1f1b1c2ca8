"""The simulated router: what runs, what is saved, and what takes a change back.

Everything here is written from the vendors' documentation, apart from the packs it helps to test.
"""

from __future__ import annotations

import re
import shlex
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

Path = tuple[str, ...]
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a path is. `end` is the last word of the pattern; `bad` the word that is not valid."""

    end: str = ""
    bad: int | None = None
    value: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What `commit` says, and the node that it refuses."""

    node: str
    words: str

    @property
    def top(self) -> str:
        """The top node, which stays as it was."""
        return self.node.split()[0]


def in_order(paths: list[Path]) -> list[Path]:
    """Paths as the router prints them, each once, with numbers in words compared as numbers."""

    def natural(path: Path) -> list[list[tuple[int, int, str]]]:
        return [
            [(0, int(w), "") if w.isdecimal() else (1, 0, w) for w in re.findall(r"\d+|\D+", word)]
            for word in path
        ]

    return sorted(dict.fromkeys(paths), key=natural)


class Machine(ABC):
    """One router. Its state outlives logins."""

    #: What the router is called where it refuses a line of a preset.
    title: str

    def __init__(self, text: str, version: str, hostname: str, clock: Clock) -> None:
        self.version = version
        paths = [p for p in self._parsed(text) if p[:2] != ("system", "host-name")]
        self.running = in_order([*paths, ("system", "host-name", hostname)])
        self.saved = list(self.running)
        self.files: dict[str, list[Path]] = {}
        #: The address that an interface is given, by its name; empty: it is given none.
        self.leases: dict[str, str] = {}
        self.boots = 0
        #: When the router takes back a commit that nobody confirmed.
        self.pending: float | None = None
        self.clock = clock

    @abstractmethod
    def judge(self, path: Path) -> Verdict:
        """Is this a path of the router's grammar?"""

    @abstractmethod
    def refusal(self, paths: list[Path]) -> Refusal | None:
        """What `commit` refuses of a whole configuration, if anything."""

    @abstractmethod
    def admits(self, source: str, port: int) -> bool:
        """Does the filter let a new TCP connection to the router in?"""

    @property
    def reloads(self) -> bool:
        """Does it take a change back without booting?"""
        return False

    @property
    def hostname(self) -> str:
        """The name in the prompt."""
        return next(path[2] for path in self.running if path[:2] == ("system", "host-name"))

    def execute(self, command: str, user: str, source: str) -> tuple[str, int]:
        """The exec channel is a plain shell, which knows no `show`."""
        del user, source
        return f"bash: {command.split(maxsplit=1)[0]}: command not found\n", 127

    def configuration(self) -> str:
        """The running configuration."""
        self.tick()
        return self.text(self.running)

    def persisted(self) -> str:
        """What a boot would load."""
        return self.text(self.saved)

    def may_connect(self, source: str, port: int) -> bool:
        """Whether a new connection gets through the filter."""
        self.tick()
        return self.admits(source, port)

    def tick(self) -> None:
        """Take back what nobody confirmed in time."""
        if self.pending is None or self.clock() < self.pending:
            return
        self.pending = None
        self.running = list(self.saved)
        if not self.reloads:
            self.boots += 1

    def text(self, paths: list[Path]) -> str:
        """`set` lines with values in quotes, as `show configuration commands` prints them."""
        return "".join(f"set {self._line(path)}\n" for path in paths)

    def _line(self, path: Path) -> str:
        if self.judge(path).end[0] not in "=+":
            return " ".join(path)
        value = path[-1].replace("'", "'\\''")
        return " ".join((*path[:-1], f"'{value}'"))

    def _parsed(self, text: str) -> list[Path]:
        paths = []
        for line in filter(str.strip, text.splitlines()):
            words = tuple(shlex.split(line))
            if words[0] != "set" or self.judge(words[1:]).bad is not None:
                raise ValueError(f"this simulated {self.title} has no {line!r}")
            paths.append(words[1:])
        return paths
