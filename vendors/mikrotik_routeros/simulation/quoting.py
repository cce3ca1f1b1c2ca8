"""How RouterOS writes values in exports and detailed prints."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[A-Za-z0-9_.,:/*!+@%&|<>^-]+")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def written(value: str, *, is_six: bool) -> str:
    """A value as an export writes it: bare where that is enough, else quoted and escaped."""
    if _PLAIN.fullmatch(value):
        return value
    return f'"{"".join(_escaped(char, is_six=is_six) for char in value)}"'


def shown(value: str) -> str:
    """A text as `print` shows it: always in quotes."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _escaped(char: str, *, is_six: bool) -> str:
    if char in '"\\$' or (char == "?" and is_six):
        return f"\\{char}"
    if char in _NAMED:
        return _NAMED[char]
    if ord(char) < 32 or ord(char) > 126:
        return "".join(f"\\{byte:02X}" for byte in _bytes(char))
    return char


def _bytes(char: str) -> bytes:
    # The console keeps bytes: what an escape made stays one byte, what was typed is UTF-8.
    return char.encode("latin-1") if ord(char) < 256 else char.encode()
