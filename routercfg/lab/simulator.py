"""What a simulated router is: the seam between the SSH server and one platform's command line.

A simulator is independent of the vendor pack it tests. It knows the platform's grammar and state
and refuses what the real router refuses; it does not know what the pack means to send.
"""

from __future__ import annotations

from typing import Protocol


class Shell(Protocol):
    """One interactive login."""

    @property
    def closed(self) -> bool:
        """Whether the router ended the session (quit, exit, end of file)."""

    def start(self) -> str:
        """Banner and first prompt, as the router prints them."""

    def feed(self, data: str) -> str:
        """Take raw characters as typed; give the raw characters printed: echo, replies, prompts."""

    def hangup(self) -> None:
        """The connection was lost. What the router does about it (a revert, a timer) starts now."""


class Simulator(Protocol):
    """One router. Its state outlives logins."""

    @property
    def hostname(self) -> str:
        """The name the router shows in its prompt."""

    def login(self, user: str, source: str) -> Shell:
        """Open a shell for `user`, as typed, coming from the address `source`."""

    def execute(self, command: str, user: str, source: str) -> tuple[str, int]:
        """Run one command on an exec channel: its output and exit status."""

    def configuration(self) -> str:
        """The whole running configuration as canonical text; equal texts mean equal states."""

    def persisted(self) -> str:
        """The configuration that would survive a reboot."""

    def may_connect(self, source: str, port: int) -> bool:
        """Whether the router's own present configuration lets a new SSH login from `source` in."""
