"""The words of RouterOS's script language, as far as exports use it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from routercfg.errors import ParseError

#: Longest line of a real export seen is under 1,000 characters; scripts on one terse line are more.
_MAX_LINE = 200_000

TOKEN = re.compile(
    r"""\s*(?:
      (?P<find>\[[^\]"]*(?:"(?:[^"\\]|\\.)*"[^\]"]*)*\])
    | (?P<unset>![A-Za-z.][\w./-]*)(?=\s|$)
    | (?P<key>\.?[A-Za-z][\w./-]*)=
      (?: "(?P<quoted>(?:[^"\\]|\\.)*)"(?=\s|$) | (?P<bare>[^\s"]*)(?=\s|$) )
    | (?P<word>"(?:[^"\\]|\\.)*"|[^\s="]+)(?=\s|$)
    )""",
    re.VERBOSE,
)
#: Values that stand in no need of `TOKEN`, one and many.
PAIR = re.compile(r"""(\.?[A-Za-z][\w./-]*)=(?:"((?:[^"\\]|\\.)*)"|([^\s"=\\]*))(?:\s+|$)""")
PAIRS = re.compile(r"""(?:\.?[A-Za-z][\w./-]*=(?:"(?:[^"\\]|\\.)*"|[^\s"=\\]*)(?:\s+|$))*""")
_ESCAPE = re.compile(r"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "_": " "}


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines joined where they end in `\\`, with the number of the first one.

    Raises ParseError where the last line promises another one, or a quotation does not end.
    """
    if "\\\n" not in text and "\\\r" not in text and not text.endswith("\\"):
        yield from _lines(text)
        return
    start, length, number = 0, 0, 0
    parts: list[str] = []
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.rstrip("\r")
        body = line.lstrip(" \t") if parts else line
        if parts and not body:
            raise ParseError(f"the export is cut off: line {number - 1} should go on")
        slashes = len(body) - len(body.rstrip("\\"))
        length += len(body)
        if length > _MAX_LINE:
            raise ParseError(f"not an export of RouterOS: line {number} does not end")
        if slashes % 2 and not body.startswith("#"):
            if not parts:
                start = number
            parts.append(body[:-1])
            continue
        if parts:
            yield start, "".join((*parts, body))
        elif body:
            yield number, body
        parts, length = [], 0
    if parts:
        raise ParseError(f"the export is cut off: line {number} should go on")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines none of which goes on."""
    for number, raw in enumerate(text.split("\n"), start=1):
        if len(raw) > _MAX_LINE:
            raise ParseError(f"not an export of RouterOS: line {number} does not end")
        if line := raw.rstrip("\r"):
            yield number, line


def words(text: str) -> Iterator[tuple[str, str]]:
    """The `key=value` words of a rule as `naming.describe` writes it."""
    for match in TOKEN.finditer(text):
        if match.lastgroup in ("quoted", "bare"):
            yield match["key"], unescape(match[match.lastgroup])


def unescape(text: str) -> str:
    """A quoted value as it is meant."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(
        lambda match: (
            chr(int(match[1], 16)) if len(match[1]) == 2 else _ESCAPES.get(match[1], match[1])
        ),
        text,
    )
