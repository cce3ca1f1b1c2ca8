"""The RouterOS terminal: echo, repainting, prompts, control keys and safe mode.

Repaints a line when it is entered, as recorded routers do, and shifts lines that are wider than the
terminal. Width and height come from the login name (`admin+ct511w4098h`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from .commands import Commands
from .interpreter import Interpreter, Stop
from .machine import Machine, Session
from .refusals import Refusal
from .resolving import Resolver
from .runtime import Ask

_LOGO = (
    "",
    "",
    "  MMM      MMM       KKK                          TTTTTTTTTTT      KKK",
    "  MMMM    MMMM       KKK                          TTTTTTTTTTT      KKK",
    "  MMM MMMM MMM  III  KKK  KKK  RRRRRR     OOOOOO      TTT     III  KKK  KKK",
    "  MMM  MM  MMM  III  KKKKK     RRR  RRR  OOO  OOO     TTT     III  KKKKK",
    "  MMM      MMM  III  KKK KKK   RRRRRR    OOO  OOO     TTT     III  KKK KKK",
    "  MMM      MMM  III  KKK  KKK  RRR  RRR   OOOOOO      TTT     III  KKK  KKK",
    "",
)
_HELP = (
    "",
    "Press F1 for help",
    "",
)
_OPTION = re.compile(r"(\d+)w")
_DEFAULT_WIDTH = 80


@dataclass(slots=True)
class Terminal:
    """One interactive session: a `Shell` of the lab."""

    machine: Machine
    session: Session
    resolver: Resolver
    width: int
    log_lines: list[str] = field(default_factory=list)
    closed: bool = False
    _line: str = ""
    _menu: str = ""
    _last: str = ""
    _question: Callable[[str], str] | None = field(default=None)

    @classmethod
    def open(cls, machine: Machine, session: Session, resolver: Resolver, options: str) -> Terminal:
        """A terminal with the width that the login options ask for."""
        found = _OPTION.search(options)
        width = int(found[1]) if found else _DEFAULT_WIDTH
        return cls(machine, session, resolver, width)

    def start(self) -> str:
        self.machine.pass_time()
        release = self.machine.store.release
        title = f"  MikroTik RouterOS {release.text} (c) 1999-2025       https://www.mikrotik.com/"
        return "\r\n".join((*_LOGO, title, *_HELP, "")) + self._prompt()

    def feed(self, data: str) -> str:
        self.machine.pass_time()
        out = ""
        for char in data:
            if self._cut_off():
                break
            out += self._key(char)
            self._last = char
        return out

    def hangup(self) -> None:
        self.closed = True
        self.machine.lost(self.session)

    def _prompt(self) -> str:
        # What other sessions and the log have to say comes before a prompt, not inside a reply.
        notes = "".join(f"{note}\r\n" for note in self.session.notices)
        self.session.notices.clear()
        identity = self.machine.store.setting("system identity", "name")
        place = f" /{self._menu.replace(' ', '/')}" if self._menu else ""
        if self.machine.store.release.is_six and self._menu:
            place = f" /{self._menu}"
        mark = " <SAFE> " if self._holds_safe_mode() else ("> " if place else " > ")
        return f"{notes}[{self.session.user}@{identity}]{place}{mark}"

    def _holds_safe_mode(self) -> bool:
        return self.machine.safe is not None and self.machine.safe.owner is self.session

    def _key(self, char: str) -> str:
        if self._question is not None:
            return self._answer(char)
        match char:
            case "\n" if self._last == "\r":
                return ""
            case "\r" | "\n":
                return self._enter()
            case "\x03":
                self._line = ""
                return f"\r\n{self._prompt()}"
            case "\x04":
                return self._end_of_file()
            case "\x18":
                return self._safe_mode_key()
            case "\x08" | "\x7f":
                return self._rub_out()
            case "?" if self.machine.store.release.is_six and self._line.count('"') % 2 == 0:
                return f"\r\n{self._help()}\r\n{self._prompt()}{self._line}"
        if ord(char) < 32:
            return ""
        self._line += char
        shown = len(self._prompt_width()) + len(self._line)
        if shown < self.width:
            return char
        tail = self._line[-(self.width - 2) :]
        return f"\r<{tail}"

    def _prompt_width(self) -> str:
        return self._prompt().rpartition("\n")[2]

    def _help(self) -> str:
        return "\r\n".join(self.resolver.commands(self._menu))

    def _rub_out(self) -> str:
        if not self._line:
            return ""
        self._line = self._line[:-1]
        return "\x08 \x08"

    def _enter(self) -> str:
        line, self._line = self._line, ""
        if not line.strip():
            return f"\r\n{self._logged()}{self._prompt()}"
        echo = f"\r{self._prompt()}{line}\r\n"
        if line.strip().lstrip("/") == "quit":
            return echo + self._quit()
        reply = self._carry_out(line)
        if self._question is not None:
            return f"{echo}{self._logged()}{reply}"
        if self._cut_off():
            return echo + reply
        return f"{echo}{self._logged()}{reply}{self._prompt()}"

    def _logged(self) -> str:
        lines, self.log_lines[:] = list(self.log_lines), []
        return "".join(f"{line}\r\n" for line in lines)

    def _carry_out(self, line: str) -> str:
        commands = Commands(self.machine, self.session, self.width)
        run = Interpreter(self.resolver, commands, menu=self._menu)
        try:
            run.run(line)
        except Refusal as refusal:
            run.print(str(refusal))
        except Ask as ask:
            self._question = self._answer_ask(ask)
            run.printed.append(ask.question)
            return "\r\n".join(run.printed)
        except Stop:
            pass
        self._menu = run.menu
        return "".join(f"{text}\r\n" for text in run.printed)

    def _answer_ask(self, ask: Ask) -> Callable[[str], str]:
        def answer(key: str) -> str:
            if key not in "yY":
                return f"\r\n{self._prompt()}"
            text = ask.act()
            return f"\r\n{text}\r\n" + ("" if self._cut_off() else self._prompt())

        return answer

    def _cut_off(self) -> bool:
        """Whether the router has ended the session by itself: it reboots."""
        self.closed = self.closed or self.session not in self.machine.sessions
        return self.closed

    def _quit(self) -> str:
        if not self._holds_safe_mode():
            return self._leave()
        self._question = self._answer_quit
        return "You are in Safe Mode. Quitting will unroll changes. Quit? [y/N]: "

    def _answer_quit(self, key: str) -> str:
        if key not in "yY":
            return f"\r\n{self._prompt()}"
        self.machine.unroll()
        return self._leave()

    def _leave(self) -> str:
        self.closed = True
        self.machine.log_out(self.session)
        return "interrupted\r\n" if self.machine.store.release.is_six else "\r\n"

    def _end_of_file(self) -> str:
        if self._line:
            return ""
        if self._holds_safe_mode():
            self.machine.unroll()
        return "\r\n" + self._leave()

    def _safe_mode_key(self) -> str:
        six, safe = self.machine.store.release.is_six, self.machine.safe
        if safe is None:
            self.machine.take(self.session)
            text = "[Safe Mode taken]" if six else "Taking Safe Mode session... Success!"
            return f"\r\n{text}\r\n{self._prompt()}"
        if safe.owner is self.session:
            self.machine.release()
            text = "[Safe Mode released]" if six else "Releasing Safe Mode... Success!"
            return f"\r\n{text}\r\n{self._prompt()}"
        self._question = self._answer_hijack
        if six:
            return "\r\nHijacking Safe Mode from someone - unroll/release/don't take it [u/r/d]: "
        return (
            "\r\nSafe Mode is taken by current user in another session.\r\n"
            "Unroll, release or abort [u/r]? "
        )

    def _answer_hijack(self, key: str) -> str:
        six, safe = self.machine.store.release.is_six, self.machine.safe
        if key not in "ur":
            text = "Safe mode not taken" if six else "Action aborted."
            return f"{text}\r\n{self._prompt()}"
        if safe is not None:
            safe.owner.notices.append("[Safe mode released by another user]")
        if key == "u":
            self.machine.unroll()
        self.machine.take(self.session)
        text = "[Safe Mode taken]" if six else "Taking Safe Mode session... Success!"
        return f"\r\n{text}\r\n{self._prompt()}"

    def _answer(self, char: str) -> str:
        if char == "\n" and self._last == "\r":
            return ""
        answer, self._question = self._question, None
        assert answer is not None  # noqa: S101  - only called while a question is open
        return char.strip("\r\n\x03") + answer(char)
