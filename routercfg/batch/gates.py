"""Jump hosts: only so many routers at a time through each of them.

An OpenSSH server refuses connections at random once ten are not logged in yet (`MaxStartups
10:30:100` in sshd_config(5)), and a hundred routers behind one jump host all begin at once.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable

from routercfg.errors import RoutercfgError
from routercfg.transport import Target
from routercfg.transport.route import route_to

#: Routers at a time through one jump host, unless somebody says otherwise.
DEFAULT = 10


def jump_host(target: Target) -> str:
    """The first host on the way to a router, by the SSH configuration; empty without one."""
    try:
        return route_to(target.host, target.port, target.user).jump
    except RoutercfgError:
        return ""  # The login says what is wrong with the configuration.


class Gates:
    """Who may begin. `limit`: routers at a time through one jump host; 0 is without limit."""

    def __init__(self, limit: int, jump_of: Callable[[Target], str] = jump_host) -> None:
        self._limit = limit
        self._jump_of = jump_of
        self._through: Counter[str] = Counter()
        self._parked: dict[str, deque[int]] = {}
        self._via: dict[int, str] = {}

    def enter(self, place: int, target: Target) -> bool:
        """May this router begin? If not, its place is parked until another leaves."""
        via = self._jump_of(target) if self._limit else ""
        if via and self._through[via] >= self._limit:
            self._parked.setdefault(via, deque()).append(place)
            return False
        self._through[via] += 1
        self._via[place] = via
        return True

    def leave(self, place: int) -> int | None:
        """A router is done. The place of one that may try now, if one waits for this."""
        via = self._via.pop(place, None)
        if via is None:
            return None
        self._through[via] -= 1
        parked = self._parked.get(via)
        return parked.popleft() if parked else None

    def give_up(self) -> list[int]:
        """Nobody begins any more: the places that waited."""
        places = [place for parked in self._parked.values() for place in parked]
        self._parked.clear()
        return places
