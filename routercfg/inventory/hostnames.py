"""Names of routers as hosts files write them: `r[01:20]`, `edge[a:c].example.net:2222`."""

from __future__ import annotations

import re
from string import ascii_letters

from routercfg.errors import InventoryError, UnsafeValueError, Where

#: One line of a hosts file may name this many routers.
MAX_RANGE = 100_000

_BRACKETED = re.compile(r"^\[([0-9A-Fa-f:.]+)\]:([0-9]{1,5})$")
_WITH_PORT = re.compile(r"^((?:[^\s:\[\]]|\[[^\]\s]*\])+):([0-9]{1,5})$")
_RANGE = re.compile(r"\[([^\]]*)\]")
# Host names become file names in the journal and comments on routers.
_SAFE = re.compile(r"^[^\W_](?:[\w.:@+-]*[\w])?$")


def expand(text: str, where: Where) -> tuple[tuple[str, ...], int | None]:
    """All names one entry stands for, in order, and the port behind it.

    Ranges are inclusive; `[1:9:2]` has a step, a leading zero keeps the width, letters count too.
    Raises InventoryError on a range that cannot be counted, UnsafeValueError on an unusable name.
    """
    base, port = _split_port(text, where)
    names = tuple(_ranged(base, where)) if "[" in base or "]" in base else (base,)
    for name in names:
        check_name(name, where, what="router")
    return names, port


def check_name(name: str, where: Where, *, what: str) -> None:
    """Raise UnsafeValueError unless the name can stand in a file name and on a command line."""
    if not _SAFE.match(name) or len(name) > 255:
        raise UnsafeValueError(
            f"{name[:60]!r} cannot be the name of a {what}",
            where=where,
            hint="Use letters, digits, dots, dashes and underscores",
        )


def _split_port(text: str, where: Where) -> tuple[str, int | None]:
    matched = _BRACKETED.match(text) or _WITH_PORT.match(text)
    if matched is None:
        return text, None
    port = int(matched[2])
    if not 1 <= port <= 65535:
        raise InventoryError(f"{port} is not a port between 1 and 65535", where=where)
    return matched[1], port


def _ranged(text: str, where: Where) -> list[str]:
    names = [""]
    end = 0
    for found in _RANGE.finditer(text):
        steps = _steps(found[1], where)
        if len(names) * len(steps) > MAX_RANGE:
            raise InventoryError(f"{text!r} stands for more than {MAX_RANGE} routers", where=where)
        between = text[end : found.start()]
        names = [f"{name}{between}{step}" for name in names for step in steps]
        end = found.end()
    return [name + text[end:] for name in names]


def _steps(inside: str, where: Where) -> list[str]:
    bounds = inside.split(":")
    if len(bounds) not in (2, 3) or not bounds[1]:
        raise InventoryError(
            f"[{inside}] is not a range", where=where, hint="Write [01:20], [a:c] or [1:9:2]"
        )
    first, last = bounds[0] or "0", bounds[1]
    step = bounds[2] if len(bounds) == 3 else "1"
    if not (step.isascii() and step.isdecimal() and int(step[:9]) > 0):
        raise InventoryError(f"the step of [{inside}] is not a number above 0", where=where)
    if first in ascii_letters and last in ascii_letters and len(first) == len(last) == 1:
        low, high = ascii_letters.index(first), ascii_letters.index(last)
        letters = ascii_letters[low : high + 1 : int(step)]
        return list(letters) or _backwards(inside, where)
    return _numbers(inside, first, last, int(step), where)


def _numbers(inside: str, first: str, last: str, step: int, where: Where) -> list[str]:
    both = first + last
    if not (both.isascii() and both.isdecimal()) or len(both) > 18:
        raise InventoryError(
            f"[{inside}] is not a range", where=where, hint="Write [01:20], [a:c] or [1:9:2]"
        )
    width = len(first) if first[0] == "0" and len(first) > 1 else 0
    if width and width != len(last):
        raise InventoryError(f"both ends of [{inside}] must be as long as each other", where=where)
    numbers = range(int(first), int(last) + 1, step)
    if len(numbers) > MAX_RANGE:
        raise InventoryError(f"[{inside}] has more than {MAX_RANGE} steps", where=where)
    return [str(number).zfill(width) for number in numbers] or _backwards(inside, where)


def _backwards(inside: str, where: Where) -> list[str]:
    raise InventoryError(f"the range [{inside}] ends before it begins", where=where)
