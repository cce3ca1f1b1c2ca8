"""What is ours is named `routercfg-<requirement>…`: IOS has no comment that every object takes."""

from __future__ import annotations

import re

_NAME = re.compile(
    r"(?:^|\s)routercfg-(sip-alg|sip-forwards|management|ipv6|udp-timeouts|provider-access|tftp|egress)"
)


def owner(text: str) -> str | None:
    """The requirement whose object this text names."""
    match = _NAME.search(text)
    return match[1] if match else None


def tag_of(text: str) -> str | None:
    """Our tag, where the text names an object of ours."""
    found = owner(text)
    return f"routercfg:{found}" if found else None
