"""How to write a filter on this router, and what may refuse the provider there."""

from __future__ import annotations

import re

from routercfg.errors import UnsafeValueError
from routercfg.model.firewall import Chain, Hook, Ruleset
from routercfg.model.state import RouterState

from ..vyatta.places import configured, jumps, refuser, ruleset
from .reading import Dialect

_RELEASE = re.compile(r"(\d+)\.(\d+)")


def release(state: RouterState) -> tuple[int, int] | None:
    """Major and minor version, where the router names it."""
    match = _RELEASE.search(state.identity.version)
    return (int(match[1]), int(match[2])) if match else None


def dialect(state: RouterState) -> Dialect:
    """How to write a filter on this router. Raises UnsafeValueError where nothing tells."""
    found = release(state)
    if found is not None:
        return Dialect.MODERN if found >= (1, 4) else Dialect.LEGACY
    for family in (4, 6):
        for hook in Hook:
            found_there = ruleset(state, hook, family)
            for name in (*(chain.name for chain in found_there.base), *found_there.chains):
                if re.match(r"firewall ipv[46] |firewall zone ", name):
                    return Dialect.MODERN
                if re.match(r"interfaces firewall |firewall (?:ipv6-)?name |zone-policy ", name):
                    return Dialect.LEGACY
    raise UnsafeValueError("the version is not known: give the output of `show version` as well")


def barriers(found: Ruleset) -> list[Chain]:
    """Configured chains that may refuse a packet that passes through."""
    mine = [
        chain for chain in found.base if configured(chain.name) and "prerouting" not in chain.name
    ]
    joined = {chain.name: chain for _, chain in jumps(found) if " ROUTERCFG-" not in chain.name}
    return [chain for chain in (*mine, *joined.values()) if refuser(chain) is not None]
