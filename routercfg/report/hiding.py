"""What a router printed, without the secrets that its platform writes into configurations."""

from __future__ import annotations

import re
from functools import lru_cache

from routercfg.errors import PackError
from routercfg.platforms.registry import manifest
from routercfg.redaction import redacted


def hidden(text: str, platform: str) -> str:
    """The text with `***` for every secret, by the rules for all platforms and by this one's."""
    return redacted(text, patterns=patterns(platform))


@lru_cache(maxsize=64)
def patterns(platform: str) -> tuple[re.Pattern[str], ...]:
    """The platform's own patterns; none for a platform that is not known."""
    try:
        return tuple(re.compile(one) for one in manifest(platform).secrets)
    except PackError:
        return ()
