"""Many routers at once without a journal: what only reads them needs none."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from routercfg.batch.gates import DEFAULT as PER_JUMP_HOST
from routercfg.batch.gates import Gates
from routercfg.batch.shelf import Shelf
from routercfg.batch.working import A, without_frames
from routercfg.transport import Target


def run(
    work: Callable[[Target], A], targets: Sequence[Target], *, workers: int = 20
) -> Iterator[A]:
    """Work on every router, `workers` at a time, ten through one jump host.

    A transaction under way is never cut off.
    """
    if not targets:
        return
    shelf: Shelf[A] = Shelf(2 * workers)
    running: dict[Future[A], int] = {}
    waiting = deque(range(len(targets)))
    gates = Gates(PER_JUMP_HOST)
    with ThreadPoolExecutor(max_workers=min(workers, len(targets))) as executor:
        for place in range(len(targets)):
            while place not in shelf:
                while waiting and len(running) < workers:
                    index = waiting.popleft()
                    if gates.enter(index, targets[index]):
                        running[executor.submit(work, targets[index])] = index
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    index = running.pop(future)
                    if (following := gates.leave(index)) is not None:
                        waiting.appendleft(following)
                    shelf.put(index, without_frames(future.result()))
            yield shelf.take(place)
