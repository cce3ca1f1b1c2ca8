"""Mappings that cannot change, know the line of each key, and do not print their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class FrozenMapping(Mapping[K, V]):
    """An immutable, picklable mapping.

    Its `repr` names the keys only: an inventory holds passwords, and a mapping ends up in logs and
    tracebacks sooner or later.
    """

    __slots__ = ("_data", "_lines")

    def __init__(self, data: Mapping[K, V], lines: Mapping[K, int] | None = None) -> None:
        self._data = dict(data)
        self._lines = dict(lines) if lines else {}

    @classmethod
    def owning(cls, data: dict[K, V], lines: dict[K, int]) -> FrozenMapping[K, V]:
        """Wrap dictionaries nobody else holds, without copying them."""
        made = cls.__new__(cls)
        made._data = data
        made._lines = lines
        return made

    def line(self, key: K) -> int | None:
        """The line, counted from 1, on which this key was written."""
        return self._lines.get(key)

    def __getitem__(self, key: K) -> V:
        return self._data[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __contains__(self, key: object) -> bool:
        return key in self._data

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FrozenMapping):
            return self._data == other._data
        return self._data == other

    def __hash__(self) -> int:
        return hash(frozenset(self._data))

    def __repr__(self) -> str:
        return f"FrozenMapping({', '.join(str(key) for key in self._data)})"


def plain(value: object) -> object:
    """The same value in dictionaries and lists, as `json.dumps` wants it."""
    match value:
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case str():
            return value
        case Sequence():
            return [plain(item) for item in value]
        case _:
            return value
