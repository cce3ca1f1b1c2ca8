"""The memory of a run does not grow with its routers."""

from __future__ import annotations

import gc
import random
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import pytest

from routercfg.batch import Pace, carry_out, run
from routercfg.batch.shelf import Shelf
from routercfg.cli.sheet import Sheet, Texts, page
from routercfg.errors import TransportError, UnreachableError, Where
from routercfg.push import Moment, Outcome, Result, Step, inspect
from routercfg.report import console, contract
from routercfg.report.entry import changed
from routercfg.transport import Target

from .office import INTENT, PLATFORM, Office

#: Characters in one result; as a real one's plans, and beyond any packing.
_HEAVY = 60_000


def heavy(target: Target) -> Result:
    text = random.Random(target.router).randbytes(_HEAVY // 2).hex()
    return Result(
        target.router, target.platform, Outcome.UNCHANGED, moments=(Moment(Step.PLANNED, text),)
    )


def broken(target: Target) -> None:
    read = random.Random(target.router).randbytes(_HEAVY)
    raise TransportError(f"broke after {len(read)}", where=Where(router=target.router))


def failing(target: Target) -> Result:
    """What it read stays in the frames that its error was raised through."""
    try:
        broken(target)
    except TransportError as error:
        return Result(target.router, target.platform, Outcome.UNREACHABLE, error=error)
    raise AssertionError


def targets(count: int) -> list[Target]:
    return [
        Target(router=f"r{number}", platform=PLATFORM, intent=INTENT, host=f"r{number}.example.net")
        for number in range(count)
    ]


def peak(results: Iterator[Result]) -> int:
    """Octets at most while the results go by."""
    gc.collect()
    tracemalloc.start()
    try:
        for _ in results:
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("work", [heavy, failing])
@pytest.mark.parametrize("paced", [True, False])
def test_ten_times_the_routers_take_the_same_memory(work: object, paced: bool) -> None:
    def results(count: int) -> Iterator[Result]:
        found = targets(count)
        if paced:
            return carry_out(work, found, Pace(workers=8))  # type: ignore[arg-type]  # as above
        return run(work, found, workers=8)  # type: ignore[arg-type]  # as above

    few, many = peak(results(150)), peak(results(1500))
    # What is left of each router is its name here and there.
    assert many - few < 1350 * 1500, (few, many)
    assert many < 60 * 8 * _HEAVY


def test_one_slow_router_does_not_make_the_run_hold_all_others(office: Office) -> None:
    plan = read(office)

    def work(target: Target) -> Result:
        if target.router == "r0":
            time.sleep(2.5)
        return replace(plan, router=target.router)

    results = list(carry_out(work, targets(300), Pace(workers=8)))
    assert [one.router for one in results] == [f"r{number}" for number in range(300)]
    assert all(one.before == plan.before for one in results)


def read(office: Office) -> Result:
    [target] = office.targets("gw")
    looked = inspect(target, None, office.connect)
    assert looked.before is not None
    return looked


def test_a_result_on_the_shelf_is_a_tenth_of_itself_and_comes_back_whole(office: Office) -> None:
    shelf = Shelf(most=1)
    shelf.put(0, read(office))
    gc.collect()
    tracemalloc.start()
    try:
        for place in range(1, 11):
            shelf.put(place, read(office))
        gc.collect()
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert kept / 10 < 20_000
    assert shelf.take(7) == read(office)
    assert 7 not in shelf
    assert 8 in shelf


def test_an_error_on_the_shelf_comes_back_with_all_it_says() -> None:
    shelf = Shelf(most=0)
    error = UnreachableError("no way", where=Where(router="r1"), hint="Look at the cable")
    shelf.put(0, Result("r1", PLATFORM, Outcome.UNREACHABLE, error=error))
    back = shelf.take(0).error
    assert type(back) is UnreachableError
    assert str(back) == str(error)


def test_what_cannot_be_packed_waits_as_it_is() -> None:
    shelf = Shelf(most=0)
    told = Result("r1", PLATFORM, Outcome.UNKNOWN, moments=(lambda: None,))  # type: ignore[arg-type]  # no pickle takes it
    shelf.put(0, told)
    assert shelf.take(0) is told


# The report ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_json", [True, False])
def test_a_report_keeps_words_and_no_plans(office: Office, as_json: bool) -> None:
    entry = changed(read(office))

    def made(count: int) -> int:
        sheet = Sheet(as_json)
        gc.collect()
        tracemalloc.start()
        try:
            for number in range(count):
                one = replace(entry, router=f"r{number}")
                sheet.add(page(one, as_json=as_json, with_plan=True))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    made(2)  # what is loaded once
    few, many = made(50), made(350)
    assert (many - few) / 300 < 4000, (few, many)


def test_a_report_made_router_by_router_is_the_whole_report(office: Office) -> None:
    entry = changed(read(office))
    entries = [replace(entry, router=f"r{number}") for number in range(60)]
    whole, printed = Sheet(as_json=True), Sheet(as_json=False)
    for one in entries:
        whole.add(page(one, as_json=True))
        printed.add(page(one, as_json=False, with_plan=True))
    assert "".join(whole.parts()) == contract.as_text(entries) + "\n"
    below = f"{console.details(entries)}\n{console.planned(entries)}\n"
    assert "".join(printed.parts()) == below
    assert console.cells_of(printed.rows) == console.cells(entries)
    assert printed.status == 1


def test_texts_come_back_in_their_order_whatever_they_hold() -> None:
    texts = Texts()
    given = [f"{number} \ud800 é \n" + "x" * number * 40 for number in range(200)]
    for one in given:
        texts.add(one)
    assert list(texts) == given
    assert list(texts) == given
