"""The text of a router's show commands, with the line numbers that evidence needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from routercfg.model.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Output:
    """What one show command printed."""

    command: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.splitlines()

    def evidence(self, line: int, text: str | None = None) -> Evidence:
        """Evidence for a line of this output, counted from 1."""
        if text is None:
            lines = self.lines
            text = lines[line - 1] if 0 < line <= len(lines) else ""
        return Evidence(self.command, line, text.strip())

    def absent(self, what: str) -> Evidence:
        """Evidence that something is not in this output."""
        return Evidence(self.command, 0, f"no line {what!r}")


@dataclass(frozen=True, slots=True)
class Outputs(Mapping[str, Output]):
    """Outputs by the id of their read in platform.yml. Reads that were not made are absent."""

    by_id: Mapping[str, Output]

    def __getitem__(self, key: str) -> Output:
        return self.by_id[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_id)

    def __len__(self) -> int:
        return len(self.by_id)
