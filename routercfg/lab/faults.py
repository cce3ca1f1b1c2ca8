"""What can go wrong between a client and a router, as data.

A fault says what goes wrong and when; the server carries it out. The router behind it stays
healthy: a line whose reply is lost was still carried out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Trouble(StrEnum):
    """The ways a session can go wrong."""

    REFUSE_LOGIN = "refuse login"  # the connection is reset when authentication begins
    REFUSE_PASSWORD = "refuse password"  # noqa: S105  - no password, the name of a trouble
    CHANGED_HOST_KEY = "changed host key"  # the server shows another key than `Lab.host_key`
    DROP_AFTER_REPLY = "drop after reply"
    DROP_BEFORE_REPLY = "drop before reply"  # the router has carried the line out
    STALL = "stall"  # the line is carried out, and nothing is ever printed again
    CUT_REPLY = "cut reply"  # the second half of the reply is missing; the prompt is there
    JUNK = "junk"  # `megabytes` of noise before the reply
    WRONG_PROMPT = "wrong prompt"  # the reply ends in `text` instead of the prompt
    LOG_LINE = "log line"  # `text` is printed as a line of its own in the middle of the reply
    COLOUR = "colour"  # every line of the reply is wrapped in ANSI escape sequences
    NOT_CARRIED_OUT = "not carried out"  # the line has no effect; `text`, or nothing, is the reply


@dataclass(frozen=True, slots=True)
class Fault:
    """One trouble and when it strikes.

    `login` is the ordinal of the login attempt (1 is the first), None means every one. `line` is
    the ordinal of the non-empty command line within that login; `matching` is a regular expression
    searched in the line. With neither of the two, every line is struck. Troubles of the login
    itself ignore both.
    """

    trouble: Trouble
    login: int | None = None
    line: int | None = None
    matching: str = ""
    text: str = ""
    megabytes: float = 1.0

    def strikes_login(self, login: int) -> bool:
        """Whether this fault belongs to the login attempt of this ordinal."""
        return self.login is None or self.login == login

    def strikes_line(self, login: int, number: int, line: str) -> bool:
        """Whether this fault strikes a command line, given its ordinal within its login."""
        if not self.strikes_login(login) or self.trouble in LOGIN_TROUBLES:
            return False
        if self.line is not None and self.line != number:
            return False
        return not self.matching or re.search(self.matching, line) is not None


LOGIN_TROUBLES = frozenset(
    {Trouble.REFUSE_LOGIN, Trouble.REFUSE_PASSWORD, Trouble.CHANGED_HOST_KEY}
)

_COLOURS = ("\x1b[m\x1b[32m", "\x1b[m\x1b[33;1m", "\x1b[36m")
_NOISE = "~}#%{ 0123456789 abcdef \x07 \x1b[K {%#}~ ....... " * 512


def noise(megabytes: float) -> Iterator[str]:
    """So much of what no router prints, piece by piece: all of it at once would fill the memory."""
    left = int(megabytes * 1_000_000)
    while left > 0:
        yield _NOISE[:left]
        left -= len(_NOISE)
    yield "\r\n"


def distort(reply: str, faults: Iterable[Fault]) -> str:
    """What the client gets to see of a reply when these faults strike it, in the order given."""
    for fault in faults:
        reply = _distort_once(reply, fault)
    return reply


def _distort_once(reply: str, fault: Fault) -> str:
    body, newline, last = reply.rpartition("\n")
    match fault.trouble:
        case Trouble.CUT_REPLY:
            return f"{body[: len(body) // 2]}\r\n{last}" if newline else reply[: len(reply) // 2]
        case Trouble.WRONG_PROMPT:
            return f"{body}{newline}{fault.text}"
        case Trouble.LOG_LINE:
            lines = reply.split("\n")
            middle = max(1, len(lines) // 2)
            return "\n".join([*lines[:middle], f"{fault.text}\r", *lines[middle:]])
        case Trouble.COLOUR:
            return "\n".join(
                f"{_COLOURS[number % len(_COLOURS)]}{line}\x1b[m"
                for number, line in enumerate(reply.split("\n"))
            )
        case _:
            return reply
