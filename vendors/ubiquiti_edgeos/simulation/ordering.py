"""The order in which the router keeps and prints its configuration."""

from __future__ import annotations

import re

from .grammar import Path


def ordered(paths: list[Path]) -> list[Path]:
    """Every path once, with numbers in words compared as numbers."""

    def natural(path: Path) -> list[list[tuple[int, int, str]]]:
        return [
            [(0, int(w), "") if w.isdecimal() else (1, 0, w) for w in re.findall(r"\d+|\D+", word)]
            for word in path
        ]

    return sorted(dict.fromkeys(paths), key=natural)
