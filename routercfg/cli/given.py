"""What options that many commands share come to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routercfg.cli.targets import Source


def source_of(
    inventory: Path | None,
    limit: str,
    vault: Path | None,
    known_hosts: Path | None = None,
) -> Source:
    """The inventory, and which of its routers."""
    from routercfg.cli.targets import Source  # noqa: PLC0415 - commands import late

    return Source(inventory, limit, vault, known_hosts)


#: Words of `--only` that mean routers by how they ended, and no requirement.
ENDED = ("failed", "unreached")


def ids_of(only: list[str] | None, skip: list[str] | None) -> tuple[str, ...]:
    """The requirements that --only and --skip leave."""
    from routercfg.requirements import choose  # noqa: PLC0415 - commands import late

    return choose(_words(only), _words(skip))


def endings_of(only: list[str] | None) -> tuple[list[str], tuple[str, ...]]:
    """The requirements of `push --only`, and apart from them how routers ended."""
    words = _words(only)
    names = [word for word in words if word not in ENDED]
    return names, tuple(word for word in ENDED if word in words)


def _words(given: Iterable[str] | None) -> list[str]:
    return [word.strip() for one in given or () for word in one.split(",")]
