"""How a transaction is carried out, whatever it is to bring about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from routercfg.push.result import Moment

#: Hears of each step of a router, once it is reached.
Watch = Callable[[str, Moment], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to push, or to put back. `ids`: only these requirements are judged.

    `backup_folder` gets the configuration before the change, and all readings before and after it,
    in files only their owner can read; without it a confirmed change cannot be put back.
    `revert_seconds` shortens the router's revert.
    """

    ids: tuple[str, ...] | None = None
    accept_lockout_risk: bool = False
    accept_no_revert: bool = False
    backup_folder: Path | None = None
    revert_seconds: int | None = None


def nobody(_router: str, _moment: Moment) -> None:
    """Watches nothing."""
