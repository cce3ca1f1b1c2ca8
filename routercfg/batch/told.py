"""What a worker tells of a router once it is done: for the counts, the journal, and the reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

from routercfg.batch.journal import result_data
from routercfg.errors import RoutercfgError
from routercfg.push import Outcome, Result

T = TypeVar("T")

#: Makes of a result what its reader wants to have, where the work was done.
Digest = Callable[[Result], T]


@dataclass(frozen=True, slots=True)
class Undigested:
    """In place of what a digest makes: why it made nothing."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """One router's result. `data`: as the journal keeps it; `made`: what the digest made of it.

    `worker`: who tells it, as in `Note`.
    """

    router: str
    platform: str
    outcome: Outcome
    data: dict[str, Any]
    made: T | Undigested
    worker: str = ""

    @property
    def value(self) -> T:
        """What the digest made. Raises what the digest raised."""
        if isinstance(self.made, Undigested):
            raise self.made.error
        return self.made


def told(result: Result, digest: Digest[T]) -> Told[T]:
    """A result, digested. A digest that fails fails its reader: the router is done all the same."""
    data = result_data(result)
    router, platform, worker = result.router, result.platform, result.worker
    return Told(router, platform, result.outcome, data, _made(result, digest), worker)


def _made(result: Result, digest: Digest[T]) -> T | Undigested:
    try:
        return digest(result)
    except Exception as error:  # noqa: BLE001 - it is raised where the value is asked for
        return Undigested(error)


def whole(result: Result) -> Result:
    """The digest of whoever wants the result itself."""
    return result


def with_error(of: Told[T], error: RoutercfgError, digest: Digest[T]) -> Told[T]:
    """What the reader is given where the journal could not take the result."""
    if isinstance(of.made, Result):
        return replace(of, made=cast("T", replace(of.made, error=of.made.error or error)))
    failed = Result(of.router, of.platform, of.outcome, error=error)
    return replace(of, made=_made(failed, digest))
