"""One terminal on the simulated router: echo, prompts, modes, pages, questions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from . import answers, flows, grammar
from .commands import EXEC, PRIVILEGED
from .copying import Copying, deleting
from .grammar import Refusal
from .nodes import Place, Question
from .replacing import Replacing
from .restarting import Restarting
from .tcl import Tcl

if TYPE_CHECKING:
    from .router import Router

_CONFIGURING = "Enter configuration commands, one per line.  End with CNTL/Z.\n"


class Session:
    """One terminal: echo, prompts, modes, pages, questions."""

    def __init__(self, router: Router, user: str, source: str) -> None:
        self._router = router
        self.user = user
        self.source = source
        self.length = 24
        self._privileged = router.privilege >= 15
        self._stack: list[Place] = []
        self._typed = ""
        self._closed = False
        self._after_return = False
        self._pages: list[str] = []
        self._tcl: Tcl | None = None
        self._answers: Callable[[str], str] | None = None
        #: What is typed is a password, and not echoed.
        self._unseen = False

    @property
    def closed(self) -> bool:
        """Has the session ended?"""
        return self._closed

    @property
    def configures(self) -> bool:
        """Is it in configuration mode?"""
        return bool(self._stack)

    def start(self) -> str:
        """The first prompt."""
        return "\r\n" + self.prompt()

    def hangup(self) -> None:
        """The connection is gone. The router's timers go on."""
        self.lost()
        if self in self._router.sessions:
            self._router.sessions.remove(self)

    def lost(self) -> None:
        """The router went away."""
        self._closed = True

    def displaced(self) -> None:
        """The configuration was replaced: what the session was editing is no more."""
        if self._stack:
            self._stack = [Place("config", self._router.running.root)]

    def ask(self, answered: Callable[[str], str]) -> None:
        """The next line is the answer to a question that is being printed."""
        self._answers = answered

    def prompt(self) -> str:
        """Name and mode. In configuration mode the name is cut short."""
        if self._tcl is not None:
            return "+>" if self._tcl.open else f"{self._router.hostname[:20]}(tcl)#"
        if not self._stack:
            return self._router.hostname + ("#" if self._privileged else ">")
        return f"{self._router.hostname[:20]}({self._stack[-1].mode})#"

    def feed(self, data: str) -> str:
        """Characters typed; what the terminal shows."""
        out = ""
        for character in data:
            self._router.tick()
            if self.closed:
                break
            out += self._key(character)
        return out

    def _key(self, character: str) -> str:
        after, self._after_return = self._after_return, character == "\r"
        if character == "\n" and after:
            return ""
        if self._pages:
            return self._page(character)
        if character in "\r\n":
            return self._enter()
        if character == "\x1a":
            self._typed, self._stack = "", []
            return "^Z\r\n" + self.prompt()
        if character == "\x03":
            self._typed = ""
            self._answers, self._unseen = None, False
            return "\r\n" + self.prompt()
        if character == "\x04" and not self._typed:
            self._closed = True
            return "\r\n"
        if character in "\x7f\b":
            shown = "\b \b" if self._typed else ""
            self._typed = self._typed[:-1]
            return shown
        if character == "?" and self._answers is None:
            return "?\r\n  <cr>\r\n\r\n" + self.prompt() + self._typed
        self._typed += character
        return "" if self._unseen else character

    def _enter(self) -> str:
        line, self._typed = self._typed, ""
        if self._answers is not None:
            answer, self._answers = self._answers, None
            reply = answer(line.strip())
        else:
            says = line.strip() and not line.strip().startswith("!")
            between_braces = self._tcl is not None and self._tcl.open
            reply = self._line(line) if says or between_braces else ""
        return "\r\n" + self._shown(reply)

    def _shown(self, reply: str) -> str:
        if self._answers is not None:
            return reply.replace("\n", "\r\n")
        text = reply.replace("\n", "\r\n")
        if self._closed:
            return text
        lines = text.split("\r\n")
        if self.length and len(lines) > self.length:
            self._pages = lines
            return self._next(self.length - 1)
        return text + self.prompt()

    def _next(self, count: int) -> str:
        shown, self._pages = self._pages[:count], self._pages[count:]
        if self._pages and self._pages != [""]:
            return "\r\n".join(shown) + "\r\n --More-- "
        self._pages = []
        return "\r\n".join(shown) + "\r\n" + self.prompt()

    def _page(self, character: str) -> str:
        wipe = "\b" * 10 + " " * 10 + "\b" * 10
        if character == " ":
            return wipe + self._next(self.length - 1)
        if character in "\r\n":
            return wipe + self._next(1)
        self._pages = []
        return wipe + "\r\n" + self.prompt()

    def _line(self, line: str) -> str:
        prompt = self.prompt()
        try:
            return self.run(line)
        except Refusal as refusal:
            text = str(refusal)
            if not text.startswith("^"):
                return text + ("" if text.endswith("\n") or not text else "\n")
            column, rest = text[1:].split("\n", 1)
            return " " * (len(prompt) + int(column)) + "^\n" + rest + "\n"

    def run(self, line: str) -> str:
        """Carry a line out and give its reply. Raises Refusal."""
        if self._tcl is not None:
            return self._in_tcl(self._tcl, line)
        text = line.strip()
        if self._stack:
            return self._configure(text)
        if "|" in text:
            return self._filtered(text)
        rows = PRIVILEGED if self._privileged else EXEC
        return self._command(grammar.match(rows, text)[1])

    def _configure(self, text: str) -> str:
        if text == "end":
            self._stack = []
            return ""
        if text in ("exit", "ex"):
            self._stack.pop()
            return ""
        if text.startswith("do "):
            return self._command(grammar.match(PRIVILEGED, text[3:].strip())[1])
        try:
            self._router.running.configure(text, self._stack, self._router.live)
        except Question as question:
            self._answers = partial(self._answered, question)
            return question.text
        return ""

    def _in_tcl(self, tcl: Tcl, line: str) -> str:
        said = tcl.take(line)
        if said is not None:
            return said
        if line.strip() in ("tclquit", "exit"):
            self._tcl = None
            tcl.leave()
            return ""
        return self._command(grammar.match(PRIVILEGED, line.strip())[1])

    def _answered(self, question: Question, answer: str) -> str:
        if not answer.lower().startswith("y"):
            return question.refusal
        self._router.running.configure(
            f"no {question.line}", [self._stack[0]], self._router.live, forced=True
        )
        return ""

    def _filtered(self, text: str) -> str:
        command, _, rest = text.partition("|")
        word, _, pattern = rest.strip().partition(" ")
        if not word or not any(
            name.startswith(word) for name in ("include", "exclude", "section", "begin")
        ):
            raise Refusal(grammar.caret(text.find("|") + 2))
        output = self._command(grammar.match(PRIVILEGED, command.strip())[1])
        return answers.filtered(output, word, pattern)

    def _command(self, full: str) -> str:
        router = self._router
        words = full.split()
        if words[0] == "show":
            return answers.show(router, self, full)
        if words[0] in ("dir", "more", "verify"):
            return answers.file(router, words)
        match words:
            case ["exit"] | ["quit"] | ["logout"]:
                self._closed = True
            case ["enable"]:
                return self._enable()
            case ["disable"]:
                self._privileged = False
            case ["terminal", "length", number]:
                self.length = int(number)
            case ["configure", *rest]:
                return self._configuring(rest)
            case ["write"] | ["write", "memory"]:
                router.save()
                return "Building configuration...\n[OK]\n"
            case _:
                return self._asking(words)
        return ""

    def _asking(self, words: list[str]) -> str:
        match words:
            case ["copy", source, target]:
                return Copying(self._router, self, source, target).begin()
            case ["reload", *rest]:
                return Restarting(self._router, self).begin(rest)
            case ["delete", *options, url]:
                return deleting(self._router, self, url, forced=bool(options))
            case ["clear", "ip", "nat", "translation", *rest]:
                self._router.flows = flows.clear(self._router.flows, rest)
            case ["tclsh"]:
                return self._enter_tcl()
        return ""

    def _enter_tcl(self) -> str:
        if not self._router.tcl:
            raise Refusal(
                'Translating "tclsh"...domain server (255.255.255.255)\n'
                "% Unknown command or computer name, or unable to find computer address\n"
            )
        self._tcl = Tcl(self._router.files)
        return ""

    def _configuring(self, rest: list[str]) -> str:
        router = self._router
        said = ""
        if rest[0] == "terminal" and (locked := router.locked_against(self)):
            return locked
        match rest:
            case ["confirm"]:
                return router.confirm(self.user)
            case ["revert", "now"]:
                return router.revert_now(self.user)
            case ["revert", "timer", minutes]:
                router.extend(int(minutes), self.user)
                return ""
            case ["replace", url, *options]:
                return Replacing(router, self, url, options).begin()
            case ["terminal", "revert", "timer", minutes]:
                said = router.arm(int(minutes), self.user)
        self._stack = [Place("config", router.running.root)]
        return said + _CONFIGURING

    def _enable(self, tries: int = 3) -> str:
        if self._privileged:
            return ""
        if self._router.enable_secret is None:
            return "% No password set\n\n"

        def answered(answer: str) -> str:
            self._unseen = False
            self._privileged = answer == self._router.enable_secret
            if self._privileged:
                return ""
            return self._enable(tries - 1) if tries > 1 else "% Bad secrets\n\n"

        self._answers = answered
        self._unseen = True
        return "Password: "
