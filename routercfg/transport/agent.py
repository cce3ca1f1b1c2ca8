"""The user's SSH agent, as far as the configuration lets its keys be used."""

from __future__ import annotations

import base64
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import paramiko
from paramiko.agent import AgentSSH

from routercfg.transport.route import Route
from routercfg.transport.target import Target


class Agent(AgentSSH):  # type: ignore[misc]
    """The keys of an agent; of all, or of those whose public halves are named.

    One that is not there has no keys.
    """

    def __init__(self, path: str, only: frozenset[bytes] | None) -> None:
        super().__init__()
        self._only = only
        if not path:
            return
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(path)
            self._connect(connection)
        except (OSError, paramiko.SSHException):
            connection.close()

    def get_keys(self) -> tuple[Any, ...]:
        """The keys that may be tried."""
        keys = super().get_keys()
        return tuple(key for key in keys if self._only is None or key.asbytes() in self._only)

    def close(self) -> None:
        """Leave the agent."""
        with suppress(OSError):
            self._close()


def chosen_agent(target: Target, route: Route) -> Agent | None:
    """The agent where the configuration says more of it than the environment; None: paramiko's."""
    named = (target.key_file,) if target.key_file else route.identities
    alone = bool(target.key_file) or route.identities_only
    if not alone and not route.agent:
        return None
    only = frozenset(_halves(named)) if alone else None
    return Agent(_place(route.agent), only)


def _place(named: str) -> str:
    if named.lower() == "none":
        return ""
    if not named or named == "SSH_AUTH_SOCK":
        return os.environ.get("SSH_AUTH_SOCK", "")
    return os.path.expandvars(str(Path(named).expanduser()))


def _halves(names: Any) -> Any:
    """The public keys beside these files, or in them; and their certificates."""
    for name in names:
        for path in (name, f"{name}.pub", f"{name}-cert.pub"):
            with suppress(OSError, ValueError, IndexError):
                kind, text, *_ = Path(path).expanduser().read_text(encoding="utf-8").split()
                if kind.startswith(("ssh-", "ecdsa-", "sk-")):
                    yield base64.b64decode(text)
