"""How rules are named: by their own properties, since an export holds no ids."""

from __future__ import annotations

import re

from .export import Statement

_TAG = re.compile(r"routercfg:([a-z0-9-]+)")
_PLAIN = re.compile(r'[^\s"\\=]+')
_LAST = ("comment",)
_NO_PART = ("disabled", "log", "log-prefix", "dynamic")


def describe(one: Statement) -> str:
    """A rule in one line, as `key=value` words; chain and action first, comment last."""
    first = (("chain", one.get("chain")), ("action", one.get("action", "accept")))
    middle = (
        (key, value)
        for key, value in one.values.items()
        if key not in ("chain", "action", *_LAST, *_NO_PART)
    )
    last = ((key, one.get(key)) for key in _LAST if one.get(key))
    return " ".join(f"{key}={_word(value)}" for key, value in (*first, *middle, *last))


def _word(value: str) -> str:
    return (
        value
        if _PLAIN.fullmatch(value)
        else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    )


def tag_of(one: Statement) -> str | None:
    """The requirement whose tag the comment bears, as `routercfg:<requirement>`."""
    comment = one.get("comment")
    match = _TAG.search(comment) if "routercfg:" in comment else None
    return match[0] if match else None
