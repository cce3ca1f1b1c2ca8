"""Where results wait for their turn: results are given in order, and come in any."""

from __future__ import annotations

import pickle
import zlib
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Shelf(Generic[T]):
    """Results by their place in the order.

    While one router takes its time to revert, thousands of others may come in behind it. Beyond
    `most` they wait packed, at a tenth of the size.
    """

    most: int
    _whole: dict[int, T] = field(default_factory=dict)
    _packed: dict[int, bytes] = field(default_factory=dict)

    def __contains__(self, place: int) -> bool:
        return place in self._whole or place in self._packed

    def put(self, place: int, result: T) -> None:
        """Keep a result until its turn comes."""
        if len(self._whole) >= self.most and (packed := _pack(result)) is not None:
            self._packed[place] = packed
        else:
            self._whole[place] = result

    def take(self, place: int) -> T:
        """The result, which is not kept any more."""
        if place in self._whole:
            return self._whole.pop(place)
        # Packed by this process a while ago, and never out of it.
        result: T = pickle.loads(zlib.decompress(self._packed.pop(place)))  # noqa: S301
        return result


def _pack(result: object) -> bytes | None:
    try:
        return zlib.compress(pickle.dumps(result, pickle.HIGHEST_PROTOCOL), 1)
    except (pickle.PicklingError, TypeError, AttributeError):
        # Whoever wrote the work may have put something into its error that only lives here.
        return None
