"""A simulated IOS router before a push and after it, and what is carried out on it later."""

from __future__ import annotations

import re
from typing import Any

from routercfg.model.intent import Intent
from routercfg.model.undo import Undo
from routercfg.transport.session import refusal

from . import ios
from .cases import cases
from .test_ios_laws import CASES

SAMPLES = {
    f"sample {case.folder.name}": case
    for case in cases()
    if case.platform == "cisco_ios" and case.commands
}
#: Sections whose lines have an order; of others the router prints them in one of its own.
_ORDERED = re.compile(r"(?:ip|ipv6) access-list|(?:class|policy)-map|route-map")


class Journey:
    """A router before a push and after it, with what each reading showed.

    `by_hand`: these lines instead of a push.
    """

    def __init__(self, name: str, by_hand: tuple[str, ...] = ()) -> None:
        self.intent: Intent
        if name in SAMPLES:
            case = SAMPLES[name]
            self.intent = case.intent
            self.router = ios.router(_configuration(case.texts()["config"]), version=_version(case))
        else:
            configuration, version, self.intent = CASES[name]
            self.router = ios.router(configuration, version=version)
        self.before = ios.texts(self.router)
        self.was = canonical(self.router.configuration())
        self.commands = by_hand or ios.plan(self.router, self.intent).commands
        ios.carry_out(self.router, self.commands)
        ios.talk(ios.terminal(self.router), "configure confirm")
        self.after = ios.texts(self.router)

    def meanwhile(self, *lines: str) -> None:
        """What somebody does on the router after the push."""
        shell = ios.terminal(self.router)
        for line in ("configure terminal", *lines, "end"):
            assert "%" not in ios.talk(shell, line), line

    def undo(self) -> Undo:
        return ios.pack().undo(self.before, self.after, ios.texts(self.router))


def _configuration(text: str) -> str:
    return "\n".join(
        line for line in text.splitlines() if not re.match(r"Build|Curr|version |!", line)
    )


def _version(case: Any) -> str:
    return str(case.pack.state(case.texts()).identity.version)


def canonical(text: str) -> list[str]:
    """The configuration, with what has no order of its own in one order."""
    sections: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("!"):
            continue
        if line.startswith(" "):
            sections[-1].append(line)
        else:
            sections.append([line])
    found = []
    for head, *rest in sections:
        found.append("\n".join([head, *(rest if _ORDERED.match(head) else sorted(rest))]))
    lists = [one for one in found if one.startswith("access-list ")]
    return [*sorted(one for one in found if one not in lists), *sorted(lists, key=_list_of)]


def _list_of(line: str) -> str:
    return line.split()[1]


def apply(router: Any, commands: tuple[str, ...]) -> None:
    """Carry the way back out; no list that is bound is ever missing on it."""
    shell = ios.terminal(router)
    for line in ("configure terminal revert timer 5", *commands, "end"):
        reply = ios.talk(shell, line)
        assert refusal(ios.pack().manifest, reply) is None, (line, reply)
        assert dangling(router.configuration()) == set(), line
    ios.talk(shell, "configure confirm")


def dangling(text: str) -> set[str]:
    """Lists that are bound and are not there."""
    there = set(re.findall(r"(?m)^(?:ip|ipv6)? ?access-list (?:standard |extended )?(\S+)", text))
    bound = re.findall(
        r"(?m)^ *(?:ip access-group|ipv6 traffic-filter|(?:ipv6 )?access-class"
        r"|ip http access-class(?: ipv[46])?|match access-group(?: name)?) (\S+)",
        text,
    )
    return {name for name in bound if name.startswith("routercfg-")} - there
