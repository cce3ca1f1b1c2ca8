"""One login to the simulated router: a line editor without editing, two modes, and questions."""

from __future__ import annotations

import shlex
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .machine import Machine, Path, Verdict, in_order


@dataclass
class Shell(ABC):
    """One login."""

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

    @abstractmethod
    def _operate(self, words: list[str]) -> str | None:
        """A command of operational mode; None where it is none of this release's own."""

    @abstractmethod
    def _not_valid(self, path: Path, verdict: Verdict, what: str) -> str:
        """How this release refuses a `Set` or `Delete`; empty where it takes the path."""

    @abstractmethod
    def _asks(self, minutes: int) -> str:
        """The question of commit-confirm."""

    def start(self) -> str:
        """Banner and prompt."""
        return f"Welcome to {self.router.title}\r\n{self._prompt()}"

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
        reply = self._operated(words) if self._working is None else self._configure(words)
        return reply if self.closed or self._question else reply + self._prompt()

    def _prompt(self) -> str:
        if self._working is None:
            return f"{self.user}@{self.router.hostname}:~$ "
        return f"[edit]\n{self.user}@{self.router.hostname}# "

    def _operated(self, words: list[str]) -> str:
        match words:
            case ["configure"]:
                self._working = list(self.router.running)
                return ""
            case ["show", "configuration", "commands"]:
                return self.router.text(self.router.running)
            case ["echo", "$SSH_CONNECTION"]:
                return f"{self.source} 50022 192.0.2.1 22\n"
            case ["exit" | "logout"] | ["exit", "discard"]:
                self.closed = True
                return "logout\n"
        reply = self._operate(words)
        return _unknown(words) if reply is None else reply

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
            case ["discard"]:
                return self._discard()
            case ["exit"] | ["exit", "discard"]:
                return self._exit(forced=len(words) > 1)
            case ["save"] | ["save", _]:
                return self._save(words[1] if len(words) > 1 else "")
            case ["load", name]:
                return self._load(name)
            case ["compare", "saved"]:
                return self._compare()
        return _unknown(words)

    @property
    def _paths(self) -> list[Path]:
        return self._working if self._working is not None else []

    def _changed(self) -> bool:
        return self._working is not None and in_order(self._paths) != in_order(self.router.running)

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

    def _set(self, path: Path) -> str:
        verdict = self.router.judge(path)
        refused = self._not_valid(path, verdict, "Set")
        if refused:
            return refused
        if path in self._paths:
            return f"\n  Configuration path: [{' '.join(path)}] already exists\n\n"
        working = self._paths
        if verdict.end.startswith("="):
            working = [other for other in working if other[:-1] != path[:-1]]
        # An inner node that now has something below it is no line of its own any more.
        working = [other for other in working if other != path[: len(other)]]
        self._working = [*working, path]
        return ""

    def _delete(self, path: Path) -> str:
        verdict = self.router.judge(path)
        if verdict.bad is not None:
            return self._not_valid(path, verdict, "Delete")
        kept = [other for other in self._paths if other[: len(path)] != path]
        if len(kept) == len(self._paths):
            return "\n  Nothing to delete (the specified node does not exist)\n\n"
        self._working = kept
        return ""

    def _commit(self) -> str:
        """Top node by top node: what is refused stays as it was, and the others are live."""
        if not self._changed():
            return "No configuration changes to commit\n"
        live, words = self._paths, ""
        while (refused := self.router.refusal(live)) is not None:
            words += f"{refused.words}\n\n[[{refused.node}]] failed\n"
            kept = [path for path in self.router.running if path[0] == refused.top]
            fresh = [path for path in live if path[0] != refused.top] + kept
            if in_order(fresh) == in_order(live):
                break  # What runs already would be refused now: nothing more comes of it.
            live = fresh
        self.router.running = in_order(live)
        if words:
            return f"{words}Commit failed\n"
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
        return self._asks(minutes)

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
        working, saved = self._paths, self.router.saved
        if in_order(working) == in_order(saved):
            return "No changes between working and saved configurations.\n\n"
        added = [f"+{' '.join(path)}\n" for path in working if path not in saved]
        return "".join(added + [f"-{' '.join(path)}\n" for path in saved if path not in working])


def _unknown(words: list[str]) -> str:
    return f"\n  Invalid command: [{words[0]}]\n\n"
