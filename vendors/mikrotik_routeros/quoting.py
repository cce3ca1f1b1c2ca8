"""Values as RouterOS's command line takes them."""

from __future__ import annotations

from routercfg.errors import UnsafeValueError

#: In quotation marks RouterOS substitutes variables and escapes, silently; `?` asks for help.
_ESCAPED = {"\\": "\\\\", '"': '\\"', "$": "\\$", "?": "\\?"}


def quote(value: str) -> str:
    """The value in quotation marks. Raises UnsafeValueError on control characters.

    Characters outside ASCII are refused: what RouterOS makes of them depends on the terminal.
    """
    text = str(value)
    bad = next((c for c in text if ord(c) < 32 or ord(c) > 126), None)
    if bad is not None:
        raise UnsafeValueError(f"{text!r} holds {bad!r}, which RouterOS cannot be given safely")
    return '"' + "".join(_ESCAPED.get(c, c) for c in text) + '"'
