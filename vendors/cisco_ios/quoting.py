"""Values as IOS takes them. It has no quotation marks: what does not fit is refused."""

from __future__ import annotations

import re

from routercfg.errors import UnsafeValueError

#: `?` is help at any place, `!` starts a comment, `|` filters, `"` and `\` mean different things
#: in different commands, a space ends the value.
_SAFE = re.compile(r"[A-Za-z0-9._:/@%+=,*()\[\]{}<>#&$^~;'-]+")


def quote(value: object) -> str:
    """The value as one word. Raises UnsafeValueError on what IOS would read otherwise."""
    text = str(value)
    if _SAFE.fullmatch(text) is None:
        raise UnsafeValueError(f"{text!r} cannot be one word on a Cisco command line")
    return text


def line(value: str) -> str:
    """A line of the router's own configuration that is sent back to it, word by word as it was.

    Raises UnsafeValueError where a word of it would not arrive as it is.
    """
    return " ".join(quote(word) for word in str(value).split())
