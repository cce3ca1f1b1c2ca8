"""What options that many commands share come to."""

from __future__ import annotations

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


def ids_of(only: list[str] | None, skip: list[str] | None) -> tuple[str, ...]:
    """The requirements that --only and --skip leave."""
    from routercfg.requirements import choose  # noqa: PLC0415 - commands import late

    return choose(only or (), skip or ())
