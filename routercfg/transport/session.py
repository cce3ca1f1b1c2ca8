"""A conversation with one router's command line: the seam between push and SSH."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from routercfg.errors import RefusedLineError, Where
from routercfg.platforms.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Reply:
    """What the router printed for one command, without echo and prompt."""

    command: str
    text: str


class Session(Protocol):
    """One login. Every method raises TransportError when the conversation breaks."""

    def read(self, commands: Sequence[str]) -> tuple[Reply, ...]:
        """Replies to read-only commands, all of them and each whole, or an error."""
        ...

    def send(self, command: str) -> Reply:
        """The reply to one command, dialogues answered. It is not checked here."""
        ...

    def press(self, characters: str, expect: str | None) -> str:
        """Send bare characters; what is printed until `expect` matches or the session ends."""
        ...

    def close(self) -> None:
        """End the login."""
        ...


def refusal(manifest: Manifest, text: str) -> str | None:
    """The line with which a router refused a command, or None.

    netmiko reports success for refused lines, so every reply goes through the pack's own table.
    """
    if any(pattern.search(text) for pattern in _compiled(manifest.harmless)):
        return None
    for pattern in _compiled(manifest.errors):
        match = pattern.search(text)
        if match is not None:
            start = text.rfind("\n", 0, match.start()) + 1
            return text[start:].split("\n", 1)[0].strip()
    return None


@lru_cache(maxsize=64)
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, patterns))


def checked(manifest: Manifest, router: str, reply: Reply) -> Reply:
    """The reply, if the router took the command. Raises RefusedLineError with its own words."""
    refused = refusal(manifest, reply.text)
    if refused is not None:
        first = reply.command.strip().split("\n", 1)[0]
        raise RefusedLineError(
            f"the router refused {first!r}: {refused}", where=Where(router=router)
        )
    return reply
