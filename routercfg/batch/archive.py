"""The last result of each router, small: its findings and what was sent, and no reading."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterator
from dataclasses import replace

from routercfg.model.intent import Intent
from routercfg.model.state import RouterState, unread
from routercfg.planning import Plan
from routercfg.push import Result

#: How far back zlib looks (RFC 1950).
_WINDOW = 1 << 15


class Archive:
    """Results by router, in the order in which routers first came.

    What a report tells is kept, and the state it was read from is not. The first result of each
    platform is what the others are packed against: routers of one platform resemble each other, so
    that a few hundred octets are left of each.
    """

    def __init__(self) -> None:
        self._packed: dict[str, tuple[str, bytes] | Result] = {}
        self._likeness: dict[str, bytes] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __contains__(self, router: str) -> bool:
        return router in self._packed

    def put(self, result: Result) -> None:
        """Keep the result of a router instead of the one before it."""
        small = replace(result, before=_small(result.before), after=_small(result.after))
        try:
            text = pickle.dumps(small, pickle.HIGHEST_PROTOCOL)
        except (pickle.PicklingError, TypeError, AttributeError):
            # Whoever wrote the work may have put something into its error that only lives here.
            self._packed[result.router] = small
            return
        likeness = self._likeness.setdefault(result.platform, text[-_WINDOW:])
        packer = zlib.compressobj(zdict=likeness)
        self._packed[result.router] = (
            result.platform,
            packer.compress(text) + packer.flush(),
        )

    def get(self, router: str) -> Result | None:
        """A router's last result, if it has one."""
        return self[router] if router in self._packed else None

    def __getitem__(self, router: str) -> Result:
        """A router's last result, its plans without intent and state."""
        found = self._packed[router]
        if not isinstance(found, tuple):
            return found
        platform, packed = found
        unpacker = zlib.decompressobj(zdict=self._likeness[platform])
        # Packed by this process a while ago, and never out of it.
        result: Result = pickle.loads(unpacker.decompress(packed))  # noqa: S301
        return result


def _small(plan: Plan | None) -> Plan | None:
    return None if plan is None else replace(plan, intent=Intent(), state=_named(plan.state))


def _named(state: RouterState) -> RouterState:
    """Of the state, who the router says it is."""
    return replace(unread(state.platform, "it was not kept"), identity=state.identity)
