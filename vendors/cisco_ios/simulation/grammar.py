"""IOS's command parser: words may be cut short as long as they stay unique.

A pattern is words: `ip`, a choice `(tcp|udp)`, a value `<ip>`, an optional part `[...]`. `<line>`
takes the rest. Matching tells where the first wrong word stands, as the caret on a router does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network

_INTERFACES = (
    "GigabitEthernet", "FastEthernet", "TenGigabitEthernet", "Ethernet", "Dialer", "Loopback",
    "Vlan", "Tunnel", "Cellular", "BVI", "Serial", "NVI", "ATM", "Virtual-Template",
    "Embedded-Service-Engine",
)  # fmt: skip


class Refusal(Exception):  # noqa: N818 - what the router says is no error of ours
    """The router does not take the line; the text is what it prints."""


@dataclass(frozen=True, slots=True)
class Row:
    """One command form. `key`: how many words name the setting, 0 for all of them.

    `opens` is the mode it leads to. `default`: it holds without being printed, and only its
    negation is. `shown`: its negation is printed although it is the default.
    """

    pattern: str
    key: int = 0
    opens: str = ""
    default: bool = False
    shown: bool = False


@cache
def sequences(pattern: str) -> tuple[tuple[str, ...], ...]:
    """A pattern without optional parts, once for each way to leave them out."""
    match = re.search(r"\[([^\[\]]*)\]", pattern)
    if match is None:
        return (tuple(pattern.split()),)
    with_it = pattern[: match.start()] + match[1] + pattern[match.end() :]
    without = pattern[: match.start()] + pattern[match.end() :]
    return tuple(dict.fromkeys(sequences(with_it) + sequences(without)))


@dataclass(slots=True)
class _State:
    row: Row
    sequence: tuple[str, ...]
    place: int
    words: tuple[str, ...]
    exact: int
    rest: bool = False


def match(rows: Sequence[Row], line: str) -> tuple[Row, str]:
    """The row that a line means, and the line in full. Raises Refusal as the router words it."""
    typed = [(m.group(), m.start()) for m in re.finditer(r"\S+", line)]
    states = [_State(row, seq, 0, (), 0) for row in rows for seq in sequences(row.pattern)]
    for word, column in typed:
        following = [after for state in states if (after := _step(state, word)) is not None]
        if not following:
            raise Refusal(caret(column))
        states = following
    done = [state for state in states if state.rest or state.place == len(state.sequence)]
    if not done:
        readings = {s.words for s in states}
        if len(typed) == 1 and len({w[0] for w in readings}) > 1:
            raise Refusal(f'% Ambiguous command:  "{line.strip()}"')
        raise Refusal("% Incomplete command.\n")
    best = max(s.exact for s in done)
    meanings = {s.words: s for s in done if s.exact == best}
    if len(meanings) > 1:
        raise Refusal(f'% Ambiguous command:  "{line.strip()}"')
    words, state = next(iter(meanings.items()))
    return state.row, " ".join(words)


def caret(column: int) -> str:
    """The error with its mark; the shell moves the mark behind the prompt."""
    return f"^{column}\n% Invalid input detected at '^' marker.\n"


def _step(state: _State, word: str) -> _State | None:
    if state.place == len(state.sequence):
        return None
    piece = state.sequence[state.place]
    if piece == "<line>":
        return _State(
            state.row, state.sequence, state.place, (*state.words, word), state.exact, rest=True
        )
    found = _fits(piece, word)
    if found is None:
        return None
    full, exact = found
    return _State(
        state.row, state.sequence, state.place + 1, (*state.words, full), state.exact + exact
    )


# A configuration says the same few words in hundreds of lines, each against hundreds of rows.
@lru_cache(maxsize=65536)
def _fits(piece: str, word: str) -> tuple[str, int] | None:
    if piece.startswith("<"):
        value = _place(piece, word) if piece in ("<place>", "<file>") else _value(piece, word)
        return None if value is None else (value, 0)
    choices = piece.strip("()").split("|") if piece.startswith("(") else [piece]
    lower = word.lower()
    exact = [choice for choice in choices if choice.lower() == lower]
    if exact:
        return exact[0], 2
    found = [choice for choice in choices if choice.lower().startswith(lower)]
    return (found[0], 1) if len(found) == 1 else None


def _place(piece: str, word: str) -> str | None:
    """The address of a file; for `copy` also one of the two configurations."""
    names = [n for n in ("running-config", "startup-config") if n.startswith(word.lower())]
    if piece == "<place>" and len(names) == 1:
        return names[0]
    known = r"(?:flash|bootflash|nvram|system|null):[\w./+-]*"
    return word if re.fullmatch(known, word) else None


def _value(piece: str, word: str) -> str | None:
    try:
        match piece:
            case "<ip>" | "<mask>" | "<wild>":
                return str(IPv4Address(word))
            case "<port>":
                return str(int(word)) if word.isdecimal() and 0 < int(word) < 65536 else None
            case "<num>":
                return str(int(word)) if word.isdecimal() else None
            case "<minutes>":
                return str(int(word)) if word.isdecimal() and 0 < int(word) <= 120 else None
            case "<len>":
                return word if re.fullmatch(r"/?\d{1,2}", word) else None
            case "<ip6>":
                return str(IPv6Address(word)).upper()
            case "<prefix6>":
                IPv6Network(word, strict=False)
                return word.upper()
            case "<if>":
                return interface(word)
            case "<name>":
                return None if "?" in word or len(word) > 200 else word
    except ValueError:
        return None
    return word


def interface(word: str) -> str | None:
    """An interface name in full, from one cut short."""
    found = re.fullmatch(r"([A-Za-z-]+)(\d[\d/.]*)", word)
    if found is None:
        return None
    names = [name for name in _INTERFACES if name.lower().startswith(found[1].lower())]
    exact = [name for name in names if name.lower() == found[1].lower()]
    names = exact or names
    return names[0] + found[2] if names else None
