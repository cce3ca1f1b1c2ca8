"""The Tcl shell of the simulated router, as far as it writes files."""

from __future__ import annotations

import re

from .files import Files
from .grammar import Refusal

_PUTS = re.compile(
    r'puts \[open "(?P<url>[^"\s]+)" (?P<mode>w\+?)\] \{(?P<text>.*)\}', flags=re.DOTALL
)


class Tcl:
    """One Tcl shell. What it writes is only on flash once it is left, as on a router."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._typed = ""
        self._waiting: dict[str, str] = {}

    @property
    def open(self) -> bool:
        """Does a brace wait to be closed?"""
        return bool(self._typed)

    def take(self, line: str) -> str | None:
        """What Tcl says to a line; None for a line that is no Tcl but a command of the router.

        Raises Refusal.
        """
        text = f"{self._typed}\n{line}" if self._typed else line
        depth = _depth(text)
        if depth > 0:
            self._typed = text
            return ""
        self._typed = ""
        if depth < 0:
            raise Refusal("extra characters after close-brace\n")
        if not text.startswith("puts"):
            return None
        return self._puts(text)

    def leave(self) -> None:
        """What was written reaches flash. Raises Refusal where there is no room."""
        waiting, self._waiting = self._waiting, {}
        for url, text in waiting.items():
            self._files.write(url, text)

    def _puts(self, text: str) -> str:
        found = _PUTS.fullmatch(text.strip())
        if found is None:
            raise Refusal('wrong # args: should be "puts ?-nonewline? ?channelId? string"\n')
        if not self._files.named(found["url"]):
            raise Refusal(f'couldn\'t open "{found["url"]}": no such file or directory\n')
        # A backslash at the end of a line joins it to the next one, even between braces.
        self._waiting[found["url"]] = re.sub(r"\\\n[ \t]*", " ", found["text"]) + "\n"
        return ""


def _depth(text: str) -> int:
    """How many braces are open; one behind a backslash does not count."""
    bare = re.sub(r"\\.", "", text)
    return bare.count("{") - bare.count("}")
