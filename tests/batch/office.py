"""Simulated RouterOS routers reached without SSH, some of which misbehave as they are told."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from routercfg.errors import AuthenticationError, ReplyError, UnreachableError, Where
from routercfg.inventory import Secret
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.platforms.manifest import Manifest
from routercfg.platforms.registry import load_simulator
from routercfg.transport import Reply, Target, framing

PLATFORM = "mikrotik_routeros"
PASSWORD = "correct horse battery"
SOURCE = "192.168.88.10"  # a factory router lets people in from its LAN only
INTENT = Intent(
    services=("xelion",),
    provider=PrefixSet.of("198.51.100.128/26"),
    management_sources=PrefixSet.of("192.0.2.0/28"),
)


class Office:
    """Routers by name. `trouble` says what goes wrong with one; `lines` what each was sent."""

    def __init__(self) -> None:
        create = load_simulator(PLATFORM).create
        self._create = create
        self.routers: dict[str, Any] = {}
        self.trouble: dict[str, str] = {}
        self.attempts: dict[str, int] = {}
        self.lines: dict[str, list[str]] = {}
        self.slow = 0.0
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def targets(self, *names: str) -> tuple[Target, ...]:
        made = []
        for name in names:
            if name not in self.routers:
                self.routers[name] = self._create(hostname=name)
                self.lines[name] = []
                self.attempts[name] = 0
            made.append(
                Target(
                    router=name,
                    platform=PLATFORM,
                    intent=INTENT,
                    host=f"{name}.example.net",
                    user="admin",
                    password=Secret.of(PASSWORD),
                )
            )
        return tuple(made)

    def connect(self, target: Target, manifest: Manifest) -> Login:
        with self._lock:
            self.attempts[target.router] += 1
        where = Where(router=target.router)
        match self.trouble.get(target.router, ""):
            case "unreachable":
                raise UnreachableError("no TCP connection", where=where)
            case "unreachable once" if self.attempts[target.router] == 1:
                raise UnreachableError("no TCP connection", where=where)
            case "password":
                raise AuthenticationError("the router refused the login", where=where)
        return Login(self, target, manifest)

    def changes(self, name: str) -> list[str]:
        """Lines that change something."""
        return [line for line in self.lines[name] if re.search(r" (set|add|remove|move) ", line)]


class Login:
    """A session on the simulator's own terminal."""

    def __init__(self, office: Office, target: Target, manifest: Manifest) -> None:
        self._office = office
        self._manifest = manifest
        self._name = target.router
        self._where = Where(router=target.router)
        self._shell = office.routers[self._name].login(
            target.user + manifest.session.login_suffix, SOURCE
        )
        self._shell.start()
        self._open = True

    def read(self, commands: Sequence[str]) -> tuple[Reply, ...]:
        return tuple(self.send(command) for command in commands)

    def send(self, command: str) -> Reply:
        self._office.lines[self._name].append(command)
        change = re.search(r" (set|add|remove|move) ", command) is not None
        trouble = self._office.trouble.get(self._name, "")
        if change and trouble == "refuses":
            return Reply(command, "failure: already have such entry")
        if change and self._office.slow:
            time.sleep(self._office.slow)
        raw = self._shell.feed(command + self._manifest.session.newline)
        text = framing.between_prompts(self._manifest, framing.clean(raw), command)
        if text is None:
            raise ReplyError(f"no end of the reply to {command!r}", where=self._where)
        return Reply(command, framing.quiet(self._manifest, text))

    def press(self, characters: str, expect: str | None) -> str:
        return framing.clean(self._shell.feed(characters))

    def close(self) -> None:
        if self._open:
            self._open = False
            self._shell.hangup()


def stored(path: Path) -> bytes:
    """Every byte that the journal put on the disk."""
    return b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
