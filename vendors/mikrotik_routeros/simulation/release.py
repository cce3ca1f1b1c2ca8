"""What differs between RouterOS releases, asked by name instead of by number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Release:
    """A RouterOS version such as 6.49.17 or 7.18.2."""

    text: str

    @property
    def number(self) -> tuple[int, int]:
        """Major and minor; patch releases do not change the grammar."""
        return _number(self.text)

    @property
    def is_six(self) -> bool:
        return self.number[0] == 6

    @property
    def hides_secrets(self) -> bool:
        """Version 7 hides secrets in exports unless told; version 6 shows them unless told."""
        return not self.is_six

    @property
    def dates_are_iso(self) -> bool:
        """`2025-09-16` since 7.10, `sep/16/2025` before."""
        return self.number >= (7, 10)

    @property
    def has_safe_mode_menu(self) -> bool:
        """`/safe-mode` is a menu since 7.18."""
        return self.number >= (7, 18)

    @property
    def names_the_command_in_failures(self) -> bool:
        """`failure: … (/system/scheduler/add; line 1)`: recorded on 7.20.8, on an exec channel."""
        return self.number >= (7, 20)

    @property
    def udp_timeout(self) -> str:
        """Default of udp-timeout. 30s in newer releases is inferred: they export 10s as changed."""
        return "30s" if self.number >= (7, 16) else "10s"

    @property
    def ships_in_home_mode(self) -> bool:
        """Home boards come in device-mode `home`. UNVERIFIED since which release; 7.17 is taken."""
        return self.number >= (7, 17)

    @property
    def channel(self) -> str:
        return "long-term" if self.is_six else "stable"


@cache
def _number(text: str) -> tuple[int, int]:
    major, minor = re.findall(r"\d+", text)[:2]
    return int(major), int(minor)
