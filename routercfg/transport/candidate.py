"""A login that changes a router by one candidate configuration, not line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from routercfg.transport.session import Session


@runtime_checkable
class CandidateSession(Session, Protocol):
    """A login that changes a router by one candidate instead of by lines."""

    def prepare(self) -> int:
        """Longest time in seconds until the router reverts. Raises NoRevertError without one."""
        ...

    def load(self, commands: Sequence[str]) -> str:
        """Load a candidate that is not live yet; the difference it would make."""
        ...

    def commit(self, seconds: int) -> None:
        """Make the candidate live. Without `confirm` the router reverts after this many seconds."""
        ...

    def confirm(self) -> None:
        """Keep what was committed, by this login or an earlier one; some drivers save it too."""
        ...

    def save(self) -> None:
        """Save what was confirmed, where confirming has not done so."""
        ...

    def undo(self) -> None:
        """Drop the candidate, or revert what was committed and not confirmed."""
        ...
