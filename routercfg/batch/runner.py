"""Many routers at once: results in the order of the inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from routercfg.push import Result
from routercfg.transport import Target


def run(
    work: Callable[[Target], Result], targets: Sequence[Target], *, workers: int = 20
) -> Iterator[Result]:
    """Work on every router, `workers` at a time. A transaction under way is never cut off."""
    if not targets:
        return
    with ThreadPoolExecutor(max_workers=min(workers, len(targets))) as executor:
        futures = [executor.submit(work, target) for target in targets]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()
