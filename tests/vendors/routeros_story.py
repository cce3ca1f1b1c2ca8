"""A simulated RouterOS router before a change and after it, and what happens to it then."""

from __future__ import annotations

import re
from typing import Any

from routercfg.model.intent import Intent
from routercfg.model.undo import Conflict, Undo

from .routeros import export
from .test_routeros_render import (
    BUSY,
    INTENT,
    PACK,
    SIMULATOR,
    complaints,
    plan_for,
    readings,
    send,
)

FILTER, NAT, LIST = "/ip firewall filter", "/ip firewall nat", "/ip firewall address-list"
LIMIT = PACK.manifest.session.line_limit or 0


class Story:
    """One router: a reading before a change, one after it, and what happens then."""

    def __init__(self, text: str | None, version: str = "7.18.2", intent: Intent = INTENT) -> None:
        self.router: Any = SIMULATOR.create(text, version=version)
        self.version = version
        self.whole = self.router.configuration()
        self.before = readings(self.router)
        send(self.router, plan_for(self.router, intent).commands)
        self.after = readings(self.router)

    def __call__(self, *commands: str) -> None:
        send(self.router, commands)

    def undo(self) -> Undo:
        back = PACK.undo(self.before, self.after, readings(self.router))
        assert all(len(command) <= LIMIT for command in back.commands)
        assert complaints(back.commands, self.version) == []
        return back

    def take_back(self) -> None:
        back = self.undo()
        assert back.conflicts == ()
        self(*back.commands)
        again = self.undo()
        assert again.done, again

    def force(self) -> tuple[Conflict, ...]:
        back = self.undo()
        assert back.conflicts
        self(*back.commands)
        again = self.undo()
        assert again.done, again
        return back.conflicts


def busy(version: str = "7.18.2") -> Story:
    return Story(export(BUSY, version=version), version)


def ports(router: Any) -> list[int]:
    """The ports of its NAT rules, in their order."""
    lines = [one for one in readings(router)["export"].splitlines() if one.startswith(NAT)]
    return [int(re.split(r"[ ,]", line.split("dst-port=")[1])[0]) for line in lines]
