"""Is a version within a range such as `>=6.45,<8`? Versions are compared number by number."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

_COMPARE: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
}


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, most significant first: `7.18.2 (stable)` is (7, 18, 2).

    Raises ValueError where the text does not start with a number.
    """
    match = re.match(r"\D{0,12}?(\d+(?:\.\d+)*)", version)
    if match is None:
        raise ValueError(f"{version!r} is not a version")
    return tuple(int(part) for part in match[1].split("."))


def within(version: str, wanted: str) -> bool:
    """Does the version fulfil every comma-separated condition? Missing numbers count as zero."""
    have = numbers(version)
    for condition in wanted.split(","):
        match = re.fullmatch(r"\s*(>=|<=|==|>|<)\s*([^\s<>=]\S*)\s*", condition)
        if match is None:
            raise ValueError(f"{condition!r} is not a condition on a version")
        bound = numbers(match[2])
        width = max(len(have), len(bound))
        padded = have + (0,) * (width - len(have))
        if not _COMPARE[match[1]](padded, bound + (0,) * (width - len(bound))):
            return False
    return True
