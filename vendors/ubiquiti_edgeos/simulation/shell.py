"""One login to the simulated EdgeOS: operational mode, configuration mode, questions."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .checking import commit_errors
from .grammar import Path, judge
from .ordering import ordered

if TYPE_CHECKING:
    from .device import Router

#: Nodes that say something even with nothing below them.
_BARE = frozenset({"unms", "lo"})


@dataclass
class Shell:
    """One login: a line editor without editing, and two modes."""

    router: Router
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
        return f"Welcome to EdgeOS\r\n{self._prompt()}"

    def hangup(self) -> None:
        """What was not committed is lost; a pending confirm runs on."""
        self.closed = True

    def feed(self, data: str) -> str:
        """Characters typed; characters printed."""
        self.router.tick()
        if self.closed or self.router.boots != self._boots:
            self.closed = True
            return ""
        return self._typed(data)

    def _typed(self, data: str) -> str:
        out = ""
        for char in data:
            if self.closed:
                break
            if char == "\x03":
                self._line, self._question = "", None
                out += f"^C\n{self._prompt()}".replace("\n", "\r\n")
            elif char in "\r\n":
                line, self._line = self._line, ""
                out += "\r\n" + self._answer(line).replace("\n", "\r\n")
            elif char.isprintable():
                self._line += char
                out += char
        return out

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
            case ["terminal", ("length" | "width"), _]:
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
            case ["commit-confirm"] | ["commit-confirm", _]:
                return self._commit_confirm(int(words[1]) if len(words) > 1 else 10)
            case ["confirm"]:
                return self._confirm()
            case ["discard"] | ["exit"] | ["exit", "discard"]:
                return self._drop(words)
            case ["save"] | ["save", _]:
                return self._save(words[1] if len(words) > 1 else "")
            case ["load", name] if name in self.router.files:
                self._working = list(self.router.files[name])
                return (
                    "Loading configuration from '"
                    + name
                    + "'\nLoad complete.  Use 'commit' to make changes effective.\n"
                )
            case ["load", name]:
                return f"Cannot find configuration file [{name}]\n"
            case ["compare", "saved"]:
                return self._compare()
        return f"\n  Invalid command: [{words[0]}]\n\n"

    def _drop(self, words: list[str]) -> str:
        if words == ["discard"]:
            changed = self._changed()
            self._working = list(self.router.running)
            if changed:
                return "Changes have been discarded\n"
            return "No changes have been made to be discarded\n"
        if words == ["exit"] and self._changed():
            return (
                "Cannot exit: configuration modified.\n"
                "Use 'exit discard' to discard the changes and exit.\n"
            )
        self._working = None
        return "exit\n"

    def _changed(self) -> bool:
        return self._working is not None and ordered(self._working) != ordered(self.router.running)

    def _set(self, path: Path) -> str:
        verdict = judge(path)
        if verdict.value:
            words = f"Invalid value: {verdict.value}\n  Value validation failed"
            return f"\n\n  {words}\n  Set failed\n\n"
        # A node that takes a value, or has something below it, is nothing without.
        if verdict.bad is not None or (verdict.end == "*" and path[-1] not in _BARE):
            return "\n  The specified configuration node is not valid\n  Set failed\n\n"
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
        verdict = judge(path)
        if verdict.bad is not None:
            return "\n  The specified configuration node is not valid\n  Delete failed\n\n"
        working = self._working if self._working is not None else []
        kept = [other for other in working if other[: len(path)] != path]
        if len(kept) == len(working):
            return "\n  Nothing to delete (the specified node does not exist)\n\n"
        self._working = kept
        return ""

    def _commit(self) -> str:
        if not self._changed():
            return "No configuration changes to commit\n"
        problems = commit_errors(self._working or [])
        if problems:
            return problems + "Commit failed\n"
        self.router.running = ordered(self._working or [])
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
        return (
            f"commit confirm will be automatically reboot in {minutes} minutes "
            "unless confirmed\nProceed? [confirm]"
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
        if ordered(working) == ordered(saved):
            return "No changes between working and saved configurations.\n\n"
        added = [f"+{' '.join(path)}\n" for path in working if path not in saved]
        return "".join(added + [f"-{' '.join(path)}\n" for path in saved if path not in working])


def _show_version(router: Router) -> str:
    return (
        f"Version:      v{router.version}\n"
        "Build ID:     5208554\n"
        "Build on:     07/08/19 06:11\n"
        "Copyright:    2012-2019 Ubiquiti Networks, Inc.\n"
        "HW model:     EdgeRouter X 5-Port\n"
        "HW S/N:       FFFFFFFFFFFF\n"
        "Uptime:       12:00:00 up 1 day,  0:00,  1 user,  load average: 0.01, 0.02, 0.00\n"
    )
