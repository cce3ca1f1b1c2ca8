"""Pace: how fast a run goes, and what makes it stop."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil

from routercfg.batch import cluster
from routercfg.batch.gates import DEFAULT
from routercfg.errors import InputError, Where

_AMOUNT = re.compile(r"(\d{1,7})(%?)")


@dataclass(frozen=True, slots=True)
class Pace:
    """How a run goes over its routers.

    `serial`: sizes of the batches, each a number or a percentage of all routers; the last one
    repeats until all are done. `max_failures`: how many routers, or what percentage of the run and
    of each batch, may fail before it stops; None: one failure in any batch but the last stops it.
    Routers that cannot be reached are no failures, but a batch in which none verified is one.
    `workers`: routers at a time, whatever the engine (`read_engine`); `per_jump_host`: of those,
    through one jump host; 0: any number.
    Times in seconds; 0 is none. `splay`: each router waits a random time up to this before the
    first connection. `retries`: more attempts where no connection came about, after `backoff`,
    twice that, four times that; never after a refused login or a wrong host key.
    `router_timeout`: after this a router's transaction rolls back at its next step.
    `run_timeout`: after this no router is begun.
    """

    serial: tuple[str, ...] = ("100%",)
    max_failures: str | None = None
    workers: int = 20
    per_jump_host: int = DEFAULT
    engine: str = "threads"
    splay: float = 0.0
    retries: int = 0
    backoff: float = 2.0
    router_timeout: float = 0.0
    run_timeout: float = 0.0

    def __post_init__(self) -> None:
        if not self.serial:
            raise InputError("no batch size is given", where=Where(field="--serial"))
        for size in self.serial:
            if _amount(size, "--serial")[0] == 0:
                raise InputError("a batch needs at least one router", where=Where(field="--serial"))
        if self.max_failures is not None:
            _amount(self.max_failures, "--max-failures")
        for name in (
            "per_jump_host",
            "splay",
            "retries",
            "backoff",
            "router_timeout",
            "run_timeout",
        ):
            if getattr(self, name) < 0:
                raise InputError("it cannot be negative", where=Where(field=_option(name)))
        read_engine(self.engine)
        if self.workers < 1:
            raise InputError("at least one worker is needed", where=Where(field="--workers"))

    def batches(self, total: int) -> tuple[int, ...]:
        """Sizes of the batches that `total` routers are divided into. Their sum is `total`."""
        sizes: list[int] = []
        left = total
        while left:
            size = self.serial[min(len(sizes), len(self.serial) - 1)]
            number, percent = _amount(size, "--serial")
            wanted = max(1, ceil(total * number / 100)) if percent else number
            sizes.append(min(wanted, left))
            left -= sizes[-1]
        return tuple(sizes)

    def allowed(self, total: int) -> int | None:
        """How many of `total` routers may fail; None where nothing limits it."""
        if self.max_failures is None:
            return None
        number, percent = _amount(self.max_failures, "--max-failures")
        return total * number // 100 if percent else number


def read_engine(text: str) -> str:
    """`threads`, `processes` or a Dask scheduler's `dask://HOST:PORT`. Raises InputError."""
    if text in ("threads", "processes"):
        return text
    if text.startswith(cluster.SCHEME):
        cluster.read_address(text)
        return text
    raise InputError(
        f"there is no engine {text!r}",
        where=Where(field="--engine"),
        hint="It is threads, processes, or dask://HOST:PORT",
    )


def _option(name: str) -> str:
    """What people call it: the command line has one for each but the pace of retries."""
    return name if name == "backoff" else f"--{name.replace('_', '-')}"


def _amount(text: str, field: str) -> tuple[int, bool]:
    match = _AMOUNT.fullmatch(text.strip())
    if match is None or (match[2] and int(match[1]) > 100):
        raise InputError(
            f"{text!r} is neither a number nor a percentage",
            where=Where(field=field),
            hint="For example 1, 25 or 10%",
        )
    return int(match[1]), bool(match[2])
