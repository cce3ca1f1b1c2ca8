"""What routers ask at a login (RFC 4256), and the one question that a password answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

import paramiko

#: In answer to these a password that is still good would be wrong, and may count as a try.
_OTHERS = re.compile(
    r"(?i)new password|retype|verification|passcode|one.?time|\botp\b|token|\bpin\b|challenge"
)
_MARK = "the router asks for more than a password: "


class Questions:
    """Answers the first question with the password, and no other."""

    def __init__(self, password: str | None) -> None:
        self._password = password
        #: Why the login was given up; empty where it was not.
        self.unanswered = ""

    def answer(self, title: str, text: str, prompts: Sequence[tuple[str, bool]]) -> list[str]:
        """The answers to one round of questions. Raises AuthenticationException."""
        if not prompts:
            return []
        password, self._password = self._password, None
        [(prompt, echoes), *more] = prompts
        if password is None or echoes or more or _OTHERS.search(f"{title} {text} {prompt}"):
            asked = " ".join(f"{title} {text} {' '.join(one for one, _ in prompts)}".split())
            self.unanswered = f"{_MARK}{asked[:200]!r}"
            raise paramiko.AuthenticationException(self.unanswered)
        return [password]


def what_was_asked(text: str) -> str:
    """The questions that ended a login, out of an error's text; empty where none did."""
    found = text.rfind(_MARK)
    return text[found:].strip() if found >= 0 else ""
