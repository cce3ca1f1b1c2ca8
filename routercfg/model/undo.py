"""The way back from a change that was confirmed long ago: what to send, and what stands in the way.

A whole backup would also undo what others changed since, so only what differs between the readings
before and after our change goes back; the rest of the router stays as it is now.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conflict:
    """One thing of ours that somebody has changed since, in the platform's own lines.

    `left`: as our change left it, `found`: as it is now. Either is empty where it was, or is, not
    there at all.
    """

    left: tuple[str, ...]
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Undo:
    """How to bring what a change touched back to before it, on the router as it is now.

    `commands` do so whatever the conflicts say; nothing is left to do where both are empty.
    """

    commands: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    @property
    def done(self) -> bool:
        """Is everything the change touched as it was before it?"""
        return not self.commands and not self.conflicts
