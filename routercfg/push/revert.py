"""Which way back the router itself offers, chosen from what its pack declares."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from routercfg.platforms import Pack
from routercfg.platforms.manifest import Requires, Revert, Step

#: Seconds from a router's reboot to its next login, at most: small boards take a minute or two.
_BOOTS = 180


@dataclass(frozen=True, slots=True)
class Armed:
    """One transaction's revert: the strategy with its own token and time."""

    pack: Pack
    revert: Revert
    token: str
    seconds: int

    @property
    def id(self) -> str:
        """The strategy's name."""
        return self.revert.id

    @property
    def title(self) -> str:
        """The strategy, in words."""
        return self.revert.title

    @property
    def held_by_session(self) -> bool:
        """Is it tied to the session that pushes?"""
        return self.revert.held_by_session

    @property
    def longest(self) -> int:
        """Seconds until the old state is back at the latest, with the time to boot."""
        return self.seconds + (_BOOTS if self.revert.reboots else 0)

    def text(self, step: Step) -> str:
        """A step with its variables filled in."""
        return self.pack.step(
            step, token=self.token, seconds=self.seconds, minutes=-(-self.seconds // 60)
        )


def most_commands(pack: Pack, revert: Revert | None) -> int:
    """How many commands are sure to be undone."""
    limit = revert.most_commands if revert is not None else None
    return pack.manifest.most_commands if limit is None else limit


def offers(needs: Sequence[Requires], texts: Mapping[str, str]) -> bool:
    """Does this router's own output show all that is needed?"""
    return all(re.search(need.matches, texts.get(need.read, "")) for need in needs)


def choose_revert(pack: Pack, texts: Mapping[str, str], commands: int = 0) -> Revert | None:
    """The best strategy whose demands this router's own output meets, and that can undo so many
    commands; the best that can undo fewer, where none can.
    """
    possible = [one for one in pack.manifest.reverts if offers(one.requires, texts)]
    enough = [revert for revert in possible if commands <= most_commands(pack, revert)]
    return next(iter(enough or possible), None)


def arm(pack: Pack, revert: Revert, seconds: int | None) -> Armed:
    """A fresh revert. `seconds` shortens the time after which the router reverts."""
    return Armed(pack, revert, secrets.token_hex(6), seconds or revert.within)
