"""When a play goes no further because of how the routers of a batch ended."""

from __future__ import annotations

from collections.abc import Sequence

from routercfg.batch.playbook_record import Record
from routercfg.push import Outcome

_UNREACHED = Outcome.UNREACHABLE.value
#: Names that a reason has room for.
_FEW = 10


def lost(record: Record, batch: Sequence[str], percentage: int) -> bool:
    """Were more of these routers refused or rolled back than may be?"""
    return _too_many(record, [name for name in batch if name in record.lost], batch, percentage)


def failed(record: Record, batch: Sequence[str], percentage: int) -> str:
    """Why no other batch may begin; empty where one may.

    Routers that were not reached do not count, but a batch of which none ended well does.
    """
    bad = [name for name in batch if not record.well(name)]
    if any(map(record.as_well_as_pushed, batch)) and not _too_many(record, bad, batch, percentage):
        return ""
    how_many = f"{len(bad)} of {len(batch)} routers of a batch" if len(batch) > 1 else "a router"
    return (
        f"{how_many} did not end well, and max_fail_percentage is {percentage}: "
        f"{few(bad)}; see what is left of them above"
    )


def few(names: Sequence[str]) -> str:
    """Names for one line."""
    more = len(names) - _FEW
    return ", ".join(names[:_FEW]) + (f" and {more} more" if more > 0 else "")


def _too_many(record: Record, bad: Sequence[str], batch: Sequence[str], percentage: int) -> bool:
    counted = sum(record.lost.get(name) != _UNREACHED for name in bad)
    return counted * 100 > percentage * len(batch)
