"""The requirements: each compares intent with state, and knows nothing of platforms."""

from __future__ import annotations

from collections.abc import Callable, Collection
from difflib import get_close_matches

from routercfg.errors import InputError
from routercfg.model.finding import Finding
from routercfg.model.intent import Intent
from routercfg.model.state import RouterState
from routercfg.requirements import (
    egress,
    firmware,
    ipv6,
    management,
    provider_access,
    sip_alg,
    sip_forwards,
    tftp,
    udp_timeouts,
    upnp,
)

Check = Callable[[Intent, RouterState], Finding]

#: By id, in the order in which people read them.
REQUIREMENTS: dict[str, Check] = {
    module.ID: module.check
    for module in (
        sip_alg,
        sip_forwards,
        management,
        ipv6,
        udp_timeouts,
        provider_access,
        tftp,
        upnp,
        egress,
        firmware,
    )
}


def choose(only: Collection[str] = (), skip: Collection[str] = ()) -> tuple[str, ...]:
    """The ids to check. Raises InputError on a name that no requirement has."""
    for name in (*only, *skip):
        if name not in REQUIREMENTS:
            close = get_close_matches(name, REQUIREMENTS, n=1)
            hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(REQUIREMENTS)}"
            raise InputError(f"there is no requirement {name!r}", hint=hint)
    return tuple(name for name in REQUIREMENTS if (not only or name in only) and name not in skip)


def judge(
    intent: Intent, state: RouterState, ids: Collection[str] | None = None
) -> tuple[Finding, ...]:
    """Every requirement's finding, in order."""
    return tuple(
        check(intent, state) for name, check in REQUIREMENTS.items() if ids is None or name in ids
    )


__all__ = ["REQUIREMENTS", "Check", "choose", "judge"]
