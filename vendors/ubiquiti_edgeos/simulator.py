"""EdgeOS as a stateful fake: its command line, its commit, the reboot that takes it back."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .simulation.checking import commit_errors
from .simulation.filtering import Packet
from .simulation.grammar import Path, judge
from .simulation.presets import preset

Clock = Callable[[], float]
#: Nodes that say something even with nothing below them.
_BARE = frozenset({"unms", "lo"})


@dataclass
class _Pending:
    """A commit that waits for `confirm`."""

    until: float


def create(
    configuration: str | None = None,
    *,
    version: str = "2.0.9",
    hostname: str = "ubnt",
    clock: Clock = time.monotonic,
) -> Router:
    """A router with a preset (`factory`, `messy`, `pppoe`) or with `set` lines of one's own."""
    if re.match(r"[12]\.\d", version) is None:
        raise ValueError(f"{version!r} is no version of EdgeOS")
    return Router(_parse(preset(configuration or "factory")), version, hostname, clock)


def _parse(text: str) -> list[Path]:
    paths = []
    for line in text.splitlines():
        if not line.strip():
            continue
        words = tuple(shlex.split(line))
        if words[0] != "set" or judge(words[1:]).bad is not None:
            raise ValueError(f"this simulated EdgeOS has no {line!r}")
        paths.append(words[1:])
    return paths


class Router:
    """One router. Its state outlives logins."""

    def __init__(
        self,
        paths: list[Path],
        version: str,
        hostname: str,
        clock: Clock,
    ) -> None:
        self.version = version
        self.running = [p for p in paths if p[:2] != ("system", "host-name")]
        self.running.append(("system", "host-name", hostname))
        self.running = _sorted(self.running)
        self.saved = list(self.running)
        self.files: dict[str, list[Path]] = {}
        self.boots = 0
        self.pending: _Pending | None = None
        self.clock = clock

    @property
    def hostname(self) -> str:
        """The name in the prompt."""
        return next(path[2] for path in self.running if path[:2] == ("system", "host-name"))

    def login(self, user: str, source: str) -> Shell:
        """A new interactive login."""
        self.tick()
        return Shell(self, user, source)

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
        return Packet(self.running, source, port).passes()

    def tick(self) -> None:
        """Boot the saved configuration if nobody confirmed in time."""
        if self.pending is None or self.clock() < self.pending.until:
            return
        self.pending = None
        self.running = list(self.saved)
        self.boots += 1

    def text(self, paths: list[Path]) -> str:
        """`set` lines with values in quotes, as `show configuration commands` prints them."""
        return "".join(f"set {self._line(path)}\n" for path in paths)

    def _line(self, path: Path) -> str:
        end = judge(path).end
        if end[0] in "=+":
            value = path[-1].replace("'", "'\\''")
            return " ".join((*path[:-1], f"'{value}'"))
        return " ".join(path)


def _sorted(paths: list[Path]) -> list[Path]:
    def natural(path: Path) -> list[list[tuple[int, int, str]]]:
        return [
            [(0, int(w), "") if w.isdecimal() else (1, 0, w) for w in re.findall(r"\d+|\D+", word)]
            for word in path
        ]

    return sorted(dict.fromkeys(paths), key=natural)


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
            case ["discard"]:
                changed = self._changed()
                self._working = list(self.router.running)
                return (
                    "Changes have been discarded\n"
                    if changed
                    else "No changes have been made to be discarded\n"
                )
            case ["exit"] if self._changed():
                return (
                    "Cannot exit: configuration modified.\n"
                    "Use 'exit discard' to discard the changes and exit.\n"
                )
            case ["exit"] | ["exit", "discard"]:
                self._working = None
                return "exit\n"
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

    def _changed(self) -> bool:
        return self._working is not None and _sorted(self._working) != _sorted(self.router.running)

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
        self.router.running = _sorted(self._working or [])
        self._working = list(self.router.running)
        return ""

    def _commit_confirm(self, minutes: int) -> str:
        if self.router.pending is not None:
            return "Another confirm is pending\n"

        def proceed(answer: str) -> str:
            if answer.strip().lower() not in ("y", "yes", ""):
                return "commit-confirm canceled\n"
            self.router.pending = _Pending(self.router.clock() + 60 * minutes)
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
        if _sorted(working) == _sorted(saved):
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
