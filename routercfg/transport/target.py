"""Target: one router to work on, with all that a worker needs and nothing it could leak."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from routercfg.inventory.secret import Secret
from routercfg.model.intent import Intent


@dataclass(frozen=True, slots=True)
class Target:
    """One router: what must hold there, how to reach it, who logs in.

    `known_hosts` is our own store of host keys, read beside the user's own `~/.ssh/known_hosts`.
    `enable_password`: the second secret, where a login begins without rights.
    `library` is what talks to the router.
    `timeout` in seconds: how long the router may be silent before the conversation is given up.
    """

    router: str
    platform: str
    intent: Intent
    host: str
    port: int = 22
    user: str = ""
    password: Secret | None = field(default=None, repr=False)
    enable_password: Secret | None = field(default=None, repr=False)
    key_file: str | None = None
    known_hosts: Path | None = None
    library: Literal["netmiko", "napalm"] = "netmiko"
    timeout: float = 30.0
