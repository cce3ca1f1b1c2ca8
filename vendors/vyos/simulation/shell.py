"""One login to the simulated router: a line editor without editing, and two modes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from .checking import commit_errors
from .grammar import Path, judge


class Machine(Protocol):
    """What a login needs of its router. `pending`: when an unconfirmed commit is taken back."""

    release: tuple[int, int]
    version: str
    running: list[Path]
    saved: list[Path]
    files: dict[str, list[Path]]
    boots: int
    pending: float | None
    clock: Callable[[], float]

    @property
    def hostname(self) -> str:
        """The name in the prompt."""

    def tick(self) -> None:
        """Take back what nobody confirmed in time."""

    def text(self, paths: list[Path]) -> str:
        """`set` lines."""


def in_order(paths: list[Path]) -> list[Path]:
    """Paths as the router prints them, each once."""

    def natural(path: Path) -> list[list[tuple[int, int, str]]]:
        return [
            [(0, int(w), "") if w.isdecimal() else (1, 0, w) for w in re.findall(r"\d+|\D+", word)]
            for word in path
        ]

    return sorted(dict.fromkeys(paths), key=natural)


@dataclass
class Shell:
    """One login: a line editor without editing, and two modes."""

    router: Machine
    user: str
    source: str
    closed: bool = False
    _line: str = ""
    _working: list[Path] | None = None
    _question: Callable[[str], str] | None = None
    _boots: int = field(init=False)

    def __post_init__(self) -> None:
        self._boots = self.router.boots

    def start(self) -> str:
        """Banner and prompt."""
        return f"Welcome to VyOS\r\n{self._prompt()}"

    def hangup(self) -> None:
        """What was not committed is lost; a pending confirm runs on."""
        self.closed = True

    def feed(self, data: str) -> str:
        """Characters typed; characters printed."""
        self.router.tick()
        if self.closed or self.router.boots != self._boots:
            self.closed = True
            return ""
        return "".join(self._typed(data))

    def _typed(self, data: str) -> Iterator[str]:
        for char in data:
            if char == "\x03":
                self._line, self._question = "", None
                yield f"^C\n{self._prompt()}".replace("\n", "\r\n")
            elif char in "\r\n":
                line, self._line = self._line, ""
                yield "\r\n" + self._answer(line).replace("\n", "\r\n")
                if self.closed:
                    return
            elif char.isprintable():
                self._line += char
                yield char

    def _answer(self, line: str) -> str:
        if self._question is not None:
            question, self._question = self._question, None
            return question(line) + self._prompt()
        try:
            words = shlex.split(line)
        except ValueError:
            return "-vbash: syntax error\n" + self._prompt()
        if not words:
            return self._prompt()
        reply = self._operate(words) if self._working is None else self._configure(words)
        return reply if self.closed or self._question else reply + self._prompt()

    def _prompt(self) -> str:
        if self._working is None:
            return f"{self.user}@{self.router.hostname}:~$ "
        return f"[edit]\n{self.user}@{self.router.hostname}# "

    def _operate(self, words: list[str]) -> str:
        match words:
            case ["configure"]:
                self._working = list(self.router.running)
                return ""
            case ["show", "configuration", "commands"]:
                return self.router.text(self.router.running)
            case ["show", "version"]:
                return _show_version(self.router)
            case ["set", "terminal", ("length" | "width"), _]:
                return ""
            case ["echo", "$SSH_CONNECTION"]:
                return f"{self.source} 50022 192.0.2.1 22\n"
            case ["exit" | "logout"] | ["exit", "discard"]:
                self.closed = True
                return "logout\n"
        return f"\n  Invalid command: [{words[0]}]\n\n"

    def _configure(self, words: list[str]) -> str:
        match words:
            case ["set", *path] if path:
                return self._set(tuple(path))
            case ["delete", *path] if path:
                return self._delete(tuple(path))
            case ["commit"]:
                return self._commit()
            case ["commit-confirm", *rest]:
                return self._commit_confirm(int(rest[0]) if rest else 10)
            case ["confirm"]:
                return self._confirm()
            case ["discard"]:
                return self._discard()
            case ["exit"] | ["exit", "discard"]:
                return self._exit(forced=len(words) > 1)
            case ["save", *rest]:
                return self._save(rest[0] if rest else "")
            case ["load", name]:
                return self._load(name)
            case ["compare", "saved"]:
                return self._compare()
        return f"\n  Invalid command: [{words[0]}]\n\n"

    def _discard(self) -> str:
        changed = self._changed()
        self._working = list(self.router.running)
        if changed:
            return "Changes have been discarded\n"
        return "No changes have been made to be discarded\n"

    def _exit(self, *, forced: bool) -> str:
        if self._changed() and not forced:
            return (
                "Cannot exit: configuration modified.\n"
                "Use 'exit discard' to discard the changes and exit.\n"
            )
        self._working = None
        return "exit\n"

    def _load(self, name: str) -> str:
        if name not in self.router.files:
            return f"Cannot find configuration file [{name}]\n"
        self._working = list(self.router.files[name])
        done = "Load complete.  Use 'commit' to make changes effective."
        return f"Loading configuration from '{name}'\n{done}\n"

    def _changed(self) -> bool:
        return self._working is not None and in_order(self._working) != in_order(
            self.router.running
        )

    def _set(self, path: Path) -> str:
        verdict = judge(self.router.release, path)
        if verdict.value:
            words = f"Error: {verdict.value} is not valid\n\n  Invalid value"
            return f"\n\n  {words}\n  Value validation failed\n  Set failed\n\n"
        if verdict.bad is not None:
            return _not_valid(path, verdict.bad, "Set")
        working = self._working if self._working is not None else []
        if path in working:
            return f"\n  Configuration path: [{' '.join(path)}] already exists\n\n"
        if verdict.end.startswith("="):
            working = [other for other in working if other[:-1] != path[:-1]]
        # An inner node that now has something below it is no line of its own any more.
        working = [other for other in working if other != path[: len(other)]]
        self._working = [*working, path]
        return ""

    def _delete(self, path: Path) -> str:
        verdict = judge(self.router.release, path)
        if verdict.bad is not None:
            return _not_valid(path, verdict.bad, "Delete")
        working = self._working if self._working is not None else []
        kept = [other for other in working if other[: len(path)] != path]
        if len(kept) == len(working):
            return "\n  Nothing to delete (the specified node does not exist)\n\n"
        self._working = kept
        return ""

    def _commit(self) -> str:
        if not self._changed():
            return "No configuration changes to commit\n"
        problems = commit_errors(self._working or [], self.router.release)
        if problems:
            return problems + "Commit failed\n"
        self.router.running = in_order(self._working or [])
        self._working = list(self.router.running)
        return ""

    def _commit_confirm(self, minutes: int) -> str:
        if self.router.pending is not None:
            return "Another confirm is pending\n"

        def proceed(answer: str) -> str:
            if answer.strip().lower() not in ("y", "yes", ""):
                return "commit-confirm canceled\n"
            self.router.pending = self.router.clock() + 60 * minutes
            started = f"Initialized commit-confirm; {minutes} minutes to confirm before reboot\n"
            return started + self._commit()

        self._question = proceed
        if self.router.release < (1, 4):
            return (
                f"commit confirm will be automatically reboot in {minutes} minutes "
                "unless confirmed\nProceed? [confirm]"
            )
        return (
            f"commit-confirm will automatically reboot in {minutes} minutes unless changes\n"
            "are confirmed.\n\nProceed ? [Y/n] "
        )

    def _confirm(self) -> str:
        if self.router.pending is None:
            return "No confirm pending\n"
        self.router.pending = None
        return "Reboot timer stopped\n"

    def _save(self, name: str) -> str:
        if name:
            self.router.files[name] = list(self.router.running)
        else:
            self.router.saved = list(self.router.running)
        where = name or "/config/config.boot"
        return f"Saving configuration to '{where}'...\nDone\n"

    def _compare(self) -> str:
        working, saved = self._working or [], self.router.saved
        if in_order(working) == in_order(saved):
            return "No changes between working and saved configurations.\n\n"
        added = [f"+{' '.join(path)}\n" for path in working if path not in saved]
        return "".join(added + [f"-{' '.join(path)}\n" for path in saved if path not in working])


def _not_valid(path: Path, bad: int, what: str) -> str:
    words = list(path)
    if bad < len(words):
        words[bad] = f"[{words[bad]}]"
    return f"\n  Configuration path: {' '.join(words)} is not valid\n  {what} failed\n\n"


def _show_version(router: Machine) -> str:
    train = {(1, 2): "crux", (1, 3): "equuleus", (1, 4): "sagitta", (1, 5): "circinus"}
    lines = [f"Version:          VyOS {router.version}"]
    if router.release >= (1, 4):
        lines.append(f"Release train:    {train.get(router.release, 'current')}")
    lines += [
        "",
        "Built by:         Simulated",
        "Architecture:     x86_64",
        "Boot via:         installed image",
    ]
    return "\n".join(lines) + "\n"
