"""Workers as threads, as processes, and what is lost where they die."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import AuthenticationError
from pathlib import Path

import pytest

from routercfg.batch import Pace, carry_out, records
from routercfg.batch.channel import Remote, Switchboard
from routercfg.batch.cluster import Address, listening_place, read_address
from routercfg.batch.crashes import crashes
from routercfg.batch.journal import Journal
from routercfg.batch.note import Note
from routercfg.batch.processes import Processes, cores
from routercfg.errors import InputError, JournalError, StoppedError
from routercfg.push import Outcome, Result, Step
from routercfg.push.events import Event, What, listener
from routercfg.transport import Target

from .office import Office


def result(target: Target, told: str = "") -> Result:
    return Result(target.router, target.platform, Outcome.UNCHANGED, revert=told)


def slept(target: Target) -> Result:
    begun = time.monotonic()
    time.sleep(1)
    return result(target, f"{os.getpid()} {begun} {time.monotonic()}")


def touching(target: Target, folder: Path) -> Result:
    """`touched…` begins to change its router, and waits; `dies` then kills the process of both."""
    if target.router == "dies":
        while not (folder / "touched").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
    if target.router == "touched":
        armed = {"seconds": 5, "held_by_session": True, "token": ""}
        listener()(Event(target.router, What.BEGINS, Step.ARMED, facts=armed))
        (folder / "touched").touch()
        time.sleep(60)
    if target.router == "untouched" and not (folder / "touched").exists():
        time.sleep(60)
    return result(target)


def one_process(monkeypatch: pytest.MonkeyPatch, count: int = 1) -> None:
    monkeypatch.setattr("routercfg.batch.processes.cores", lambda: count)
    monkeypatch.setattr("routercfg.batch.crew.cores", lambda: count)


def test_many_workers_are_few_processes_with_many_threads(office: Office) -> None:
    names = [f"r{number}" for number in range(20)]
    pace = Pace(engine="processes", workers=20)
    results = list(carry_out(slept, office.targets(*names), pace))
    assert [one.router for one in results] == names
    told = [one.revert.split() for one in results]
    processes = {process for process, _, _ in told}
    assert len(processes) == min(cores(), 20)
    assert str(os.getpid()) not in processes
    for process in processes:
        spans = [(float(begun), float(ended)) for one, begun, ended in told if one == process]
        at_once = max(sum(a <= begun <= b for a, b in spans) for begun, _ in spans)
        assert at_once > 1, spans


def test_a_process_that_dies_loses_what_it_had_begun_to_change_and_nothing_else(
    office: Office, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_process(monkeypatch)
    names = ("touched", "untouched", "dies", "after")
    pace = Pace(engine="processes", workers=3)
    work = partial(touching, folder=tmp_path)
    results = list(carry_out(work, office.targets(*names), pace, journal=journal))
    assert [one.outcome.value for one in results] == [
        "unknown", "unchanged", "refused", "unchanged",
    ]  # fmt: skip
    assert "worker ended" in str(results[0].error)
    assert "Nothing was sent" in str(results[2].error)
    run = records.run(journal.path, "last")
    assert run.counts == {"unknown": 1, "unchanged": 2, "refused": 1}
    # Its lease has ended, and the next run reads it first.
    assert set(crashes(journal.path, names)) == {"touched"}


def test_an_engine_whose_workers_only_die_is_given_up(office: Office) -> None:
    names = [f"r{number}" for number in range(40)]
    pace = Pace(engine="processes", workers=1)
    results = list(carry_out(dying, office.targets(*names), pace))
    outcomes = [one.outcome.value for one in results]
    assert set(outcomes) == {"refused", "not begun"}
    assert outcomes.count("refused") < 10
    assert "workers died" in str(results[-1].error)


def dying(_target: Target) -> Result:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_work_that_cannot_travel_is_refused_with_the_reason(office: Office) -> None:
    lock = threading.Lock()
    work: Callable[[Target], Result] = lambda target: result(target, str(lock))  # noqa: E731
    [told] = carry_out(work, office.targets("r1"), Pace(engine="processes"))
    assert told.outcome is Outcome.REFUSED
    assert "pickle" in str(told.error)


class Unreadable(Exception):  # noqa: N818 - it is what no unpickling brings back
    def __init__(self, _one: int, _other: int) -> None:
        super().__init__("said by the worker")


def raising(_target: Target) -> Result:
    raise Unreadable(1, 2)


def answering_with_a_lock(target: Target) -> Result:
    return result(target, threading.Lock())  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("work", [raising, answering_with_a_lock])
def test_an_answer_that_cannot_travel_ends_one_router(
    office: Office, work: Callable[[Target], Result]
) -> None:
    with Processes(2, 1) as executor:
        results = list(carry_out(work, office.targets("r1", "r2"), executor=executor))
        assert executor.submit(os.getpid).result(10) != os.getpid()
    assert [one.outcome.value for one in results] == ["refused", "refused"]


def test_processes_end_when_they_are_shut_down() -> None:
    executor = Processes(2, 1)
    pid = executor.submit(os.getpid).result(30)
    slow = executor.submit(time.sleep, 0.3)
    executor.shutdown()
    assert slow.done()
    assert slow.exception() is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(RuntimeError):
        executor.submit(os.getpid)


def cores_of_mine(_number: int) -> set[int]:
    time.sleep(0.1)  # so that each process has one of them
    return os.sched_getaffinity(0)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no choice of cores here")
def test_where_there_is_a_process_for_each_core_each_stays_on_its_own() -> None:
    ours = os.sched_getaffinity(0)
    with Processes(len(ours), len(ours)) as executor:
        found = list(executor.map(cores_of_mine, range(len(ours))))
    assert sorted(map(sorted, found)) == [[core] for core in sorted(ours)]
    with Processes(len(ours) + 1, len(ours) + 1) as executor:
        assert executor.submit(cores_of_mine, 0).result(30) == ours


def test_a_process_has_the_environment_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "another"):
        monkeypatch.setenv("ROUTERCFG_TRIED", name)
        with Processes(1, 1) as executor:
            assert executor.submit(os.getenv, "ROUTERCFG_TRIED").result(30) == name
        monkeypatch.delenv("ROUTERCFG_TRIED")
    with Processes(1, 1) as executor:
        assert executor.submit(os.getenv, "ROUTERCFG_TRIED").result(30) is None


def test_who_waits_for_a_process_that_dies_hears_of_it() -> None:
    with Processes(4, 1) as executor:
        pid = executor.submit(os.getpid).result(30)
        waiting = executor.submit(time.sleep, 60)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(BrokenExecutor):
            waiting.result(30)
        assert executor.submit(os.getpid).result(30) != pid


# The line to the coordinator ----------------------------------------------------------------------


def test_every_note_of_a_router_goes_over_one_line_in_order() -> None:
    heard: list[Note] = []
    with Switchboard(heard.append, ("127.0.0.1", 0)) as board, board.remote.line() as tell:
        for number in range(50):
            kind = "begins" if number % 10 == 9 else "replied"
            tell(Note(kind, "r1", {"number": number}, worker="w"))
            if kind == "begins":
                assert len(heard) == number + 1
        assert threading.active_count() < 20
        tell(Note("replied", "r1", {"number": 50}, worker="w"))
    assert [note.data["number"] for note in heard] == list(range(51))
    assert {note.worker for note in heard} == {"w"}


def test_what_has_happened_is_told_within_a_moment() -> None:
    heard: list[Note] = []
    with Switchboard(heard.append) as board, board.remote.line() as tell:
        tell(Note("replied", "r1"))
        tell(Note("reached", "r1", {"step": "applied"}))
        assert eventually(lambda: len(heard) == 2)


def test_a_change_that_was_confirmed_is_told_at_once() -> None:
    heard: list[Note] = []
    with Switchboard(heard.append) as board, board.remote.line() as tell:
        tell(Note("reached", "r1", {"step": "confirmed"}))
        assert len(heard) == 1


def test_a_refusal_of_what_has_happened_is_raised_at_what_comes_next() -> None:
    heard: list[str] = []

    def hear(note: Note) -> None:
        heard.append(note.kind)
        if note.kind == "replied":
            raise StoppedError("enough")

    with Switchboard(hear) as board, board.remote.line() as tell:
        tell(Note("replied", "r1"))
        assert eventually(lambda: heard == ["replied"])
        assert eventually(lambda: tell.__self__._refused is not None)  # type: ignore[attr-defined]
        with pytest.raises(StoppedError, match="enough"):
            tell(Note("replied", "r1"))
        with pytest.raises(StoppedError, match="enough"):
            tell(Note("begins", "r1"))
        assert heard == ["replied", "replied", "begins"]


def test_what_is_told_after_a_refusal_is_heard_too() -> None:
    heard: list[str] = []

    def hear(note: Note) -> None:
        heard.append(note.data["step"])
        raise StoppedError("enough")

    steps = ("rolling back", "confirmed", "rolled back", "unknown")
    with Switchboard(hear) as board, board.remote.line() as tell:
        for step in steps:
            with suppress(StoppedError):
                tell(Note("reached", "r1", {"step": step}))
            assert eventually(lambda: tell.__self__._refused is not None or len(heard) == 2)  # type: ignore[attr-defined]
    assert heard == list(steps)


def test_routers_of_one_process_are_told_of_over_the_same_line_one_after_the_other() -> None:
    with Switchboard(lambda _note: None) as board:
        lines = []
        for router in ("r1", "r2"):
            with board.remote.line() as tell:
                tell(Note("starts", router))
                lines.append(tell.__self__)  # type: ignore[attr-defined]
        assert lines[0] is lines[1]
    with Switchboard(lambda _note: None) as another, another.remote.line() as tell:
        tell(Note("starts", "r1"))
        assert tell.__self__ is not lines[0]  # type: ignore[attr-defined]


def eventually(true: Callable[[], bool]) -> bool:
    """Is it so within two seconds?"""
    end = time.monotonic() + 2
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def test_what_the_coordinator_raises_is_raised_at_the_worker() -> None:
    def hear(_note: Note) -> None:
        raise StoppedError("enough", hint="Go home")

    with Switchboard(hear) as board, board.remote.line() as tell:
        for _ in range(2):
            with pytest.raises(StoppedError, match="enough") as raised:
                tell(Note("starts", "r1"))
            assert raised.value.hint == "Go home"


def test_a_line_that_was_cut_while_idle_is_made_again() -> None:
    heard: list[str] = []
    with (
        Switchboard(lambda note: heard.append(note.kind), ("127.0.0.1", 0)) as board,
        board.remote.line() as tell,
    ):
        tell(Note("starts", "r1"))
        connection = tell.__self__._connection  # type: ignore[attr-defined]  # to cut it
        socket.socket(fileno=os.dup(connection.fileno())).shutdown(socket.SHUT_RDWR)
        tell(Note("begins", "r1"))
    assert heard == ["starts", "begins"]


def test_a_coordinator_that_is_gone_is_a_journal_that_cannot_be_written() -> None:
    with Switchboard(lambda _note: None, ("127.0.0.1", 0)) as board:
        remote = board.remote
    with remote.line() as tell, pytest.raises(JournalError, match="gone"):
        tell(Note("starts", "r1"))


def test_a_coordinator_that_does_not_answer_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("routercfg.batch.channel._PATIENCE", 0.2)
    over = threading.Event()
    with Switchboard(lambda _note: over.wait(10) and None, ("127.0.0.1", 0)) as board:
        with board.remote.line() as tell, pytest.raises(JournalError):
            tell(Note("starts", "r1"))
        over.set()


def test_a_stranger_without_the_key_is_not_heard_and_keeps_nobody_waiting() -> None:
    heard: list[Note] = []
    with Switchboard(heard.append, ("127.0.0.1", 0)) as board:
        remote = board.remote
        silent = socket.create_connection(remote._address)  # type: ignore[arg-type]  # a place
        with Remote(remote._address, b"another key" * 3).line() as tell:
            with pytest.raises(JournalError) as raised:
                tell(Note("starts", "r1"))
            assert isinstance(raised.value.__cause__, AuthenticationError)
        with remote.line() as tell:
            tell(Note("starts", "r2"))
        silent.close()
    assert [note.router for note in heard] == ["r2"]


# Which cluster ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("dask://scheduler.example.net", Address("scheduler.example.net")),
        ("dask://192.0.2.1:9000", Address("192.0.2.1", 9000)),
        ("dask://192.0.2.1?listen=192.0.2.7", Address("192.0.2.1", 8786, "192.0.2.7")),
        ("dask://192.0.2.1?listen=192.0.2.7:9001", Address("192.0.2.1", 8786, "192.0.2.7", 9001)),
    ],
)
def test_an_address_says_where_the_scheduler_is_and_where_we_listen(
    text: str, address: Address
) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "dask://",
        "dask://a:port",
        "dask://a/b",
        "dask://a?listen=",
        "dask://a?hear=b",
        "dask://u@a",
        "dask://a:70000",
        "dask://a?listen=:9000",
    ],
)
def test_an_address_that_says_something_else_is_an_error(text: str) -> None:
    with pytest.raises(InputError, match="names no Dask scheduler"):
        Pace(engine=text)


def test_without_a_choice_we_listen_on_the_way_to_the_scheduler() -> None:
    assert listening_place(Address("127.0.0.1")) == ("127.0.0.1", 0)
    assert listening_place(Address("127.0.0.1", listen="192.0.2.7", listen_port=5)) == (
        "192.0.2.7",
        5,
    )
