"""A stateful IOS router for lab and tests: command line, configuration, reverts, restarts.

It shares nothing with the pack it tests, and refuses every command form that it does not know.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from .simulation import factories
from .simulation.router import Router

_FACTORIES = {"factory": factories.CLEAN, "messy": factories.MESSY}


def create(
    configuration: str | None = None,
    *,
    version: str | None = None,
    hostname: str | None = None,
    clock: Callable[[], float] = time.monotonic,
    privilege: int = 15,
    live: tuple[str, ...] | None = None,
) -> Router:
    """A router. `configuration`: `factory` (default), `messy`, or a text of configuration lines.

    `live`: lines of translations that are in use, about which the router asks before it removes
    them; by default the SIP forward of `messy`.
    """
    name = configuration or "factory"
    text = _FACTORIES.get(name, name)
    if version is None:
        version = "15.7(3)M3" if name == "messy" else "16.9.5"
    router = Router(text, version, clock, privilege)
    if hostname is not None:
        router.apply(f"hostname {hostname}")
        router.save()
    if live is None:
        live = tuple(
            n.text
            for n in router.running.top("ip nat inside source static udp")
            if " 5060" in n.text
        )
    router.live = set(live)
    return router
