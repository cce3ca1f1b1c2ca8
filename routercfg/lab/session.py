"""One SSH session on a simulated router: records what was typed and carries the faults out."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import asyncssh

from routercfg.lab.faults import Fault, Trouble, distort, noise
from routercfg.lab.simulator import Shell, Simulator

_PIECES = re.compile(r"[^\r\n\x03\x04\x18]*(?:\r\n|\r|\n|[\x03\x04\x18])|[^\r\n\x03\x04\x18]+")
_ENDS = ("\r\n", "\r", "\n")
_CONTROLS = ("\x03", "\x04", "\x18")
_BLOCK = 32_768
#: Blocks that are printed before anything else may happen.
_AT_ONCE = 4


@dataclass(slots=True)
class Ledger:
    """What happened to one router: attempts, logins, passwords tried, every line and control key
    received with the ordinals of its login and within it, and how many characters were printed.
    """

    attempts: int = 0
    logins: int = 0
    passwords: int = 0
    printed: int = 0
    heard: list[tuple[int, int, str]] = field(default_factory=list)


@dataclass(slots=True)
class Visit:
    """One authenticated login: who, from where, which attempt it was, and its faults."""

    router: Simulator
    ledger: Ledger
    user: str
    source: str
    attempt: int
    faults: Sequence[Fault]
    abort: Callable[[], None]
    lines: int = 0

    def note(self, line: str) -> list[Fault]:
        """Record a line as received; the faults that strike it."""
        self.lines += 1
        self.ledger.heard.append((self.attempt, self.lines, line))
        return [f for f in self.faults if f.strikes_line(self.attempt, self.lines, line)]


class RouterSession(asyncssh.SSHServerSession[str]):  # type: ignore[misc]  # not followed by mypy
    """A shell or exec channel of one visit."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._shell: Shell | None = None
        self._command: str | None = None
        self._typed = ""
        self._after_return = False
        self._stalled = False
        #: What is still to be printed, and to be done after that; a client may be slow to take it.
        self._waiting: deque[Iterator[str] | Callable[[], object]] = deque()
        self._paused = False
        self._channel: asyncssh.SSHServerChannel[str]

    def connection_made(self, chan: asyncssh.SSHServerChannel[str]) -> None:
        self._channel = chan

    def pty_requested(
        self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object
    ) -> bool:
        del term_type, term_size, term_modes
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return True

    def session_started(self) -> None:
        if self._command is not None:
            self._execute(self._command)
            return
        self._shell = self._visit.router.login(self._visit.user, self._visit.source)
        self._write(self._shell.start())

    def data_received(self, data: str, datatype: int | None) -> None:
        del datatype
        for piece in self._pieces(data):
            if self._shell is None or self._stalled or self._shell.closed:
                return
            self._type(self._shell, piece)

    def eof_received(self) -> bool:
        # A client that closes its side of a terminal has typed end of file.
        if self._shell is not None and not self._stalled and not self._shell.closed:
            self._type(self._shell, "\x04")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._waiting.clear()
        if self._shell is not None and not self._shell.closed:
            self._shell.hangup()

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._pump()

    def _pieces(self, data: str) -> Iterator[str]:
        # "\r\n" is one key press even when it arrives in two packets.
        if self._after_return and data.startswith("\n"):
            data = data[1:]
        self._after_return = data.endswith("\r")
        return iter(_PIECES.findall(data))

    def _type(self, shell: Shell, piece: str) -> None:
        struck = self._recognise(piece)
        ignored = [fault for fault in struck if fault.trouble is Trouble.NOT_CARRIED_OUT]
        reply = _ignoring(shell, piece, ignored[0].text) if ignored else shell.feed(piece)
        if any(fault.trouble is Trouble.STALL for fault in struck):
            self._stalled = True
            return
        if any(fault.trouble is Trouble.DROP_BEFORE_REPLY for fault in struck):
            self._visit.abort()
            return
        self._print(reply, struck)
        if any(fault.trouble is Trouble.DROP_AFTER_REPLY for fault in struck):
            self._then(self._visit.abort)
            return
        if shell.closed:
            self._then(lambda: self._channel.exit(0))

    def _recognise(self, piece: str) -> list[Fault]:
        end = next((end for end in (*_ENDS, *_CONTROLS) if piece.endswith(end)), "")
        self._typed += piece[: len(piece) - len(end)]
        if not end:
            return []
        line, self._typed = self._typed, ""
        struck = self._visit.note(line) if line.strip() else []
        return struck + self._visit.note(end) if end in _CONTROLS else struck

    def _execute(self, command: str) -> None:
        struck = self._visit.note(command)
        output, status = self._visit.router.execute(command, self._visit.user, self._visit.source)
        troubles = {fault.trouble for fault in struck}
        if Trouble.STALL in troubles:
            return
        if Trouble.DROP_BEFORE_REPLY in troubles:
            self._visit.abort()
            return
        self._print(output, struck)
        if Trouble.DROP_AFTER_REPLY in troubles:
            self._then(self._visit.abort)
            return
        self._then(lambda: self._channel.exit(status))

    def _print(self, reply: str, struck: Sequence[Fault]) -> None:
        for fault in struck:
            if fault.trouble is Trouble.JUNK:
                self._waiting.append(noise(fault.megabytes))
        self._write(distort(reply, struck))

    def _write(self, text: str) -> None:
        self._waiting.append(text[at : at + _BLOCK] for at in range(0, len(text), _BLOCK))
        self._pump()

    def _then(self, act: Callable[[], object]) -> None:
        self._waiting.append(act)
        self._pump()

    def _pump(self) -> None:
        """Print what waits for as long as the client takes it, and look now and then if it left."""
        for _ in range(_AT_ONCE):
            if self._paused or not self._waiting:
                return
            self._print_next()
        asyncio.get_running_loop().call_soon(self._pump)

    def _print_next(self) -> None:
        first = self._waiting[0]
        block = None if callable(first) else next(first, None)
        if block is None:
            self._waiting.popleft()
            if callable(first):
                first()
            return
        self._visit.ledger.printed += len(block)
        try:
            self._channel.write(block)
        except BrokenPipeError:  # the client has gone meanwhile
            self._waiting.clear()


def _ignoring(shell: Shell, piece: str, words: str) -> str:
    """What is printed for a line that the router shows, answers with these words, and forgets."""
    end = next(end for end in (*_ENDS, *_CONTROLS) if piece.endswith(end))
    prompt = shell.feed(end) if end in _ENDS else "\r\n"
    return f"{piece.removesuffix(end)}\r\n{words}{prompt}" if words else piece + prompt
