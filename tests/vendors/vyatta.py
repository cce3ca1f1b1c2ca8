"""The simulated routers of the Vyatta family in tests: read one, plan, carry the plan out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import pytest

from routercfg.model.intent import Intent, Ipv6Mode, OnPartial
from routercfg.net import PrefixSet
from routercfg.planning import Plan, make_plan
from routercfg.platforms import Pack, load_pack
from routercfg.platforms.registry import load_simulator
from routercfg.transport.session import refusal

from . import schemas

ENGINEER = "203.0.113.9"
INTENT = Intent(
    provider=PrefixSet.of("198.51.100.0/24", "2001:db8:5060::/48"),
    management_sources=PrefixSet.of("203.0.113.0/24", "2001:db8:ffff::/48"),
    voice_subnets=PrefixSet.of("192.168.1.0/24", "2001:db8:1:1::/64"),
    on_partial=OnPartial.SPLIT,
)
INTENTS = {
    "plain": INTENT,
    "egress": replace(INTENT, egress=True),
    "without IPv6": replace(INTENT, ipv6=Ipv6Mode.OFF),
    "nobody manages": replace(INTENT, management_sources=PrefixSet()),
    "several managers": replace(
        INTENT, management_sources=PrefixSet.of("203.0.113.0/25", "192.0.2.128/26")
    ),
    "removing": replace(INTENT, on_partial=OnPartial.REMOVE),
}


class Clock:
    """A clock that stands still until it is told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Bench:
    """A kind of simulated router, and how to talk to one.

    `configuration`: the name of one that the simulator has, or its text.
    """

    platform: str
    version: str
    configuration: str = "messy"

    @property
    def pack(self) -> Pack:
        return load_pack(self.platform)

    @property
    def user(self) -> str:
        return "ubnt" if self.platform == "ubiquiti_edgeos" else "vyos"

    @property
    def grammar(self) -> str:
        """The published one that judges this router's lines."""
        return "edgeos" if self.platform == "ubiquiti_edgeos" else self.version[:3]

    def router(self, **more: Any) -> Any:
        return load_simulator(self.platform).create(
            self.configuration, version=self.version, hostname="r1", **more
        )

    def login(self, one: Any) -> Any:
        shell = one.login(self.user, ENGINEER)
        assert shell.start().endswith(f"{self.user}@r1:~$ ")
        return shell

    def texts(self, one: Any) -> dict[str, str]:
        shell = self.login(one)
        return {read.id: talk(shell, read.command) for read in self.pack.manifest.reads}

    def plan(self, one: Any, intent: Intent = INTENT) -> Plan:
        return make_plan("r1", self.pack, self.pack.state(self.texts(one)), intent)

    def apply(self, one: Any, commands: tuple[str, ...]) -> None:
        shell = self.login(one)
        for command in ("configure", *commands, "commit", "exit"):
            reply = talk(shell, command)
            assert refusal(self.pack.manifest, reply) is None, (command, reply)

    def configured(self, one: Any, *lines: str) -> list[str]:
        """The replies to these lines and to the commit, refusals and all."""
        shell = self.login(one)
        return [talk(shell, line) for line in ("configure", *lines, "commit")][1:]

    def __str__(self) -> str:
        title = "EdgeOS" if self.platform == "ubiquiti_edgeos" else "VyOS"
        return f"{title} {self.version} {self.configuration}"


def vyos(version: str = "1.4.0", configuration: str = "messy") -> Bench:
    return Bench("vyos", version, configuration)


def edgeos(configuration: str = "messy") -> Bench:
    return Bench("ubiquiti_edgeos", "2.0.9", configuration)


VERSIONS = ("1.2.9", "1.3.8", "1.4.0", "1.5.0")
VYOS = tuple(vyos(version) for version in VERSIONS)
EDGEOS = (edgeos("messy"), edgeos("pppoe"))
FACTORY = (*(vyos(version, "factory") for version in VERSIONS), edgeos("factory"))
every_bench = pytest.mark.parametrize("bench", [*VYOS, *EDGEOS], ids=str)
#: VyOS 1.2 has no published grammar of its own.
published_bench = pytest.mark.parametrize(
    "bench", [one for one in (*VYOS, *EDGEOS, *FACTORY) if one.version > "1.3"], ids=str
)


def talk(shell: Any, command: str) -> str:
    """One command; the reply without echo and prompt, as the transport would give it."""
    text = shell.feed(command + "\n").replace("\r\n", "\n")
    return text.split("\n", 1)[1].rsplit("\n", 1)[0] if text.count("\n") > 1 else ""


def checker() -> ModuleType:
    """What judges lines by the vendors' published grammars, from 1.3 on; skips where it is not."""
    return schemas.checker("vyos_check")
