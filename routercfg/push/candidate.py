"""A push by one candidate: loaded, compared, committed with a revert, confirmed by a new login."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from routercfg.errors import PushError
from routercfg.transport.candidate import CandidateSession
from routercfg.transport.session import Session

#: What the plan calls this revert.
TITLE = "commit with confirmation"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One transaction's candidate. `seconds`: when the router reverts what is not confirmed."""

    commands: tuple[str, ...]
    seconds: int
    id: str = "commit-confirm"
    title: str = TITLE
    token: str = ""
    held_by_session: bool = False

    @property
    def longest(self) -> int:
        """Seconds until the old state is back at the latest."""
        return self.seconds

    def load(self, session: Session) -> str:
        """Nothing is live yet; the difference it would make."""
        return _candidate(session).load(self.commands)

    def commit(self, session: Session) -> None:
        """Live, and reverting by itself."""
        _candidate(session).commit(self.seconds)

    def confirm(self, session: Session) -> None:
        """Kept."""
        _candidate(session).confirm()

    def undo(self, session: Session) -> None:
        """Discarded, or reverted."""
        _candidate(session).undo()


def arm_candidate(
    session: CandidateSession, commands: Sequence[str], seconds: int | None
) -> Candidate:
    """A fresh candidate. Raises NoRevertError where no revert is proved; nothing is sent then."""
    within = session.prepare()
    return Candidate(tuple(commands), seconds or within)


def _candidate(session: Session) -> CandidateSession:
    if not isinstance(session, CandidateSession):
        raise PushError("this login takes lines, not a candidate")
    return session
