from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from routercfg.batch import Pace, carry_out, digested, records
from routercfg.batch.crew import Crew
from routercfg.batch.journal import Journal
from routercfg.batch.note import Note
from routercfg.batch.runner import _Batch
from routercfg.batch.stop import Stop
from routercfg.errors import AuthenticationError, StoppedError, UnreachableError
from routercfg.inventory.secret import FromEnvironment, Secret
from routercfg.platforms.manifest import Manifest
from routercfg.push import Options, Outcome, Result, inspect, push
from routercfg.transport import Session, Target

from .office import Office

NAMES = tuple(f"r{number:02d}" for number in range(10))


def go(
    office: Office,
    names: tuple[str, ...] = NAMES,
    pace: Pace | None = None,
    journal: Journal | None = None,
    **more: object,
) -> list[Result]:
    work = partial(push, options=Options(ids=("sip-alg", "upnp")), connect=office.connect)
    look = partial(inspect, ids=("sip-alg", "upnp"), connect=office.connect)
    return list(
        carry_out(work, office.targets(*names), pace, journal=journal, look=look, **more)  # type: ignore[arg-type]  # passed on
    )


def outcomes(results: list[Result]) -> list[str]:
    return [result.outcome.value for result in results]


def test_results_come_in_the_order_of_the_inventory(office: Office) -> None:
    office.slow = 0.02
    results = go(office, tuple(reversed(NAMES)), Pace(workers=4))
    assert [result.router for result in results] == list(reversed(NAMES))
    assert outcomes(results) == ["pushed"] * 10


def test_a_canary_that_rolls_back_stops_the_run_before_the_second_router(office: Office) -> None:
    office.targets(*NAMES)
    office.trouble["r00"] = "refuses"
    results = go(office, pace=Pace(serial=("1", "10%", "100%")))
    assert outcomes(results) == ["rolled back"] + ["not begun"] * 9
    assert all(office.attempts[name] == 0 for name in NAMES[1:])
    assert isinstance(results[1].error, StoppedError)
    assert "1 of 1 routers of the batch before failed" in str(results[1].error)


def test_a_canary_that_cannot_be_reached_proves_nothing(office: Office) -> None:
    office.trouble["r00"] = "unreachable"
    results = go(office, pace=Pace(serial=("1", "100%")))
    assert outcomes(results) == ["unreachable"] + ["not begun"] * 9


def test_a_batch_begins_only_after_the_one_before_it_is_proved(office: Office) -> None:
    order: list[tuple[str, str]] = []

    def watch(note: Note) -> None:
        if note.kind in ("starts", "result"):
            order.append((note.kind, note.router))

    results = go(office, pace=Pace(serial=("1", "3", "100%")), watch=watch)
    assert outcomes(results) == ["pushed"] * 10
    assert order[:2] == [("starts", "r00"), ("result", "r00")]
    assert {name for _, name in order[2:8]} == {"r01", "r02", "r03"}


@pytest.mark.parametrize(("limit", "begun"), [("0", 1), ("1", 2), ("20%", 3), ("100%", 10)])
def test_a_run_stops_at_one_failure_more_than_is_allowed(
    office: Office, limit: str, begun: int
) -> None:
    office.trouble.update(dict.fromkeys(NAMES, "refuses"))
    results = go(office, pace=Pace(max_failures=limit, workers=1))
    assert outcomes(results) == ["rolled back"] * begun + ["not begun"] * (10 - begun)


def test_failures_of_batches_add_up_over_the_run(office: Office) -> None:
    office.trouble.update({"r00": "refuses", "r02": "refuses"})
    results = go(office, pace=Pace(serial=("2",), max_failures="1", workers=1))
    assert outcomes(results)[:4] == ["rolled back", "pushed", "rolled back", "not begun"]


def test_unreachable_routers_are_not_failures(office: Office) -> None:
    office.trouble.update(dict.fromkeys(NAMES[:9], "unreachable"))
    results = go(office, pace=Pace(max_failures="0", workers=1))
    assert outcomes(results) == ["unreachable"] * 9 + ["pushed"]


def test_a_connection_that_fails_is_tried_again_and_a_password_never_is(office: Office) -> None:
    office.trouble.update({"r00": "unreachable once", "r01": "password", "r02": "unreachable"})
    notes: list[Note] = []
    results = go(office, NAMES[:3], Pace(retries=2, backoff=0.02), watch=notes.append)
    assert outcomes(results) == ["pushed", "unreachable", "unreachable"]
    assert isinstance(results[1].error, AuthenticationError)
    assert isinstance(results[2].error, UnreachableError)
    # The first router is read, then proved by a second login.
    assert [office.attempts[name] for name in NAMES[:3]] == [3, 1, 3]
    # Whoever tells of it names the router.
    again = {note.data["after"] for note in notes if note.kind == "retries"}
    assert again == {"RC141: no TCP connection"}


def test_a_router_that_takes_too_long_rolls_back(office: Office) -> None:
    office.slow = 0.15
    before = office.targets("r00") and office.routers["r00"].configuration()
    [result] = go(office, ("r00",), Pace(router_timeout=0.2))
    assert result.outcome is Outcome.ROLLED_BACK
    assert "longer than 0.2 s" in str(result.error)
    assert "--router-timeout" in str(result.error)
    assert office.routers["r00"].configuration() == before


def test_a_run_out_of_time_begins_no_other_router(office: Office) -> None:
    office.slow = 0.2
    results = go(office, pace=Pace(run_timeout=0.1, workers=1))
    assert outcomes(results) == ["pushed"] + ["not begun"] * 9


def test_any_executor_will_do(office: Office) -> None:
    with ThreadPoolExecutor(2) as executor:
        assert outcomes(go(office, NAMES[:3], executor=executor)) == ["pushed"] * 3


def interrupt_when(step: str, times: int) -> Callable[[Note], None]:
    left = [times]

    def watch(note: Note) -> None:
        if note.kind == "begins" and note.data.get("step") == step and left[0]:
            while left[0]:
                left[0] -= 1
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.05)

    return watch


def test_ctrl_c_finishes_what_is_under_way_and_leaves_a_run_to_resume(
    office: Office, journal: Journal
) -> None:
    results = go(office, pace=Pace(workers=1), journal=journal, watch=interrupt_when("applied", 1))
    assert outcomes(results) == ["pushed"] + ["not begun"] * 9
    assert "--resume" in str(results[1].error)
    run = records.run(journal.path, "last")
    assert run.counts == {"pushed": 1, "not begun": 9}
    assert run.ended
    again = go(office, journal=journal)
    assert outcomes(again) == ["unchanged"] + ["pushed"] * 9


def test_a_second_ctrl_c_rolls_back_what_is_under_way(office: Office, journal: Journal) -> None:
    before = office.targets("r00") and office.routers["r00"].configuration()
    results = go(office, pace=Pace(workers=1), journal=journal, watch=interrupt_when("applied", 2))
    assert outcomes(results) == ["rolled back"] + ["not begun"] * 9
    assert office.routers["r00"].configuration() == before
    steps = [one.data for one in records.story(journal.path, "last", "r00")]
    assert '"step": "rolled back"' in steps[-2]


def test_ctrl_c_is_pythons_own_again_after_the_run(office: Office) -> None:
    before = signal.getsignal(signal.SIGINT)
    go(office, NAMES[:1])
    assert signal.getsignal(signal.SIGINT) is before


def test_whoever_stops_reading_results_cuts_nothing_off(office: Office, journal: Journal) -> None:
    office.slow = 0.05
    work = partial(push, options=Options(ids=("sip-alg",)), connect=office.connect)
    results = carry_out(work, office.targets(*NAMES), Pace(workers=3), journal=journal)
    next(results)
    results.close()  # type: ignore[attr-defined]  # it is a generator
    run = records.run(journal.path, "last")
    assert set(run.counts) == {"pushed", "not begun"}
    assert run.ended


@pytest.mark.parametrize("engine", ["threads", "processes"])
def test_a_router_is_done_though_what_is_made_of_its_result_fails(
    office: Office, journal: Journal, engine: str
) -> None:
    targets = office.targets(*NAMES[:4])
    with pytest.raises(KeyError, match="bug of the reader"):
        list(digested(_read, _inspected, targets, Pace(engine=engine), journal=journal))
    run = records.run(journal.path, "last")
    assert run.counts == {"unchanged": 4}
    assert run.ended


def _read(result: Result) -> str:
    if result.router == NAMES[1]:
        raise KeyError("bug of the reader")
    return result.router


def test_a_bug_met_on_one_router_is_that_routers_failure(office: Office) -> None:
    def work(target: Target) -> Result:
        if target.router == "r01":
            raise KeyError("deep inside")
        return push(target, Options(ids=("sip-alg",)), connect=office.connect)

    results = list(carry_out(work, office.targets(*NAMES[:3])))
    assert outcomes(results) == ["pushed", "refused", "pushed"]
    assert "KeyError" in str(results[1].error)


def _inspected(target: Target) -> Result:
    """Importable by worker processes. The name of the router says what becomes of its worker."""
    if target.router == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    return Result(target.router, target.platform, Outcome.UNCHANGED)


def test_a_worker_process_that_dies_takes_no_other_router_with_it(
    office: Office, journal: Journal
) -> None:
    names = ("a", "dies", "b", "c")
    pace = Pace(engine="processes", workers=1)
    results = list(carry_out(_inspected, office.targets(*names), pace, journal=journal))
    assert outcomes(results) == ["unchanged", "refused", "unchanged", "unchanged"]
    assert "worker ended" in str(results[1].error)


def _dying_before_the_first(target: Target) -> Result:
    if target.router != "first":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.5)
    return Result(target.router, target.platform, Outcome.UNCHANGED)


def test_a_router_that_waits_to_be_begun_anew_is_not_forgotten_when_nobody_reads_on(
    office: Office, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Crew, "most_alone", 0)
    monkeypatch.setattr(_Batch, "_dead", lambda batch, _index, future: bool(future.exception()))
    targets = office.targets("first", "r1")
    pace = Pace(engine="processes", workers=2)
    results = carry_out(_dying_before_the_first, targets, pace, journal=journal)
    next(results)
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert records.run(journal.path, "last").router("r1").outcome == "refused"


def test_splay_spreads_the_first_connections(office: Office) -> None:
    begun = time.monotonic()
    go(office, NAMES[:2], Pace(splay=0.05))
    assert time.monotonic() - begun < 5


def test_a_stopped_run_does_not_wait_out_its_splay(office: Office) -> None:
    stop = Stop()
    threading.Timer(0.2, stop.interrupt).start()
    begun = time.monotonic()
    results = go(office, NAMES[:2], Pace(splay=3600), stop=stop)
    assert time.monotonic() - begun < 5
    assert outcomes(results) == ["not begun"] * 2


def test_a_secret_that_cannot_be_had_is_refused_and_not_out_of_reach(office: Office) -> None:
    def connecting(target: Target, manifest: Manifest) -> Session:
        assert target.password is not None
        target.password.reveal()
        return office.connect(target, manifest)

    target = replace(office.targets("r1")[0], password=Secret(FromEnvironment("NO_SUCH_VARIABLE")))
    [result] = carry_out(partial(push, connect=connecting), [target])
    assert result.outcome is Outcome.REFUSED
    assert result.error is not None
    assert result.error.code == "RC114"
    assert office.attempts["r1"] == 0
