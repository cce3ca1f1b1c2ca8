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
class Told(Generic[T]):
    """One router's result. `data`: as the journal keeps it; `value`: what the digest made of it.

    `worker`: who tells it, as in `Note`.
    """

    router: str
    platform: str
    outcome: Outcome
    data: dict[str, Any]
    value: T
    worker: str = ""


def told(result: Result, digest: Digest[T]) -> Told[T]:
    """A result, digested."""
    data = result_data(result)
    router, platform, worker = result.router, result.platform, result.worker
    return Told(router, platform, result.outcome, data, digest(result), worker)


def whole(result: Result) -> Result:
    """The digest of whoever wants the result itself."""
    return result


def with_error(value: T, of: Told[T], error: RoutercfgError, digest: Digest[T]) -> T:
    """What the reader is given where the journal could not take the result."""
    if isinstance(value, Result):
        return cast("T", replace(value, error=value.error or error))
    return digest(Result(of.router, of.platform, of.outcome, error=error))
