"""The memory of a playbook does not grow with its routers, and its report still tells all of it."""

from __future__ import annotations

import gc
import pickle
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from routercfg.batch import playbook_run
from routercfg.batch.archive import Archive
from routercfg.batch.note import Report as Watch
from routercfg.batch.playbook_actions import Report, Whitelist
from routercfg.batch.playbook_reading import parse_playbook
from routercfg.batch.playbook_record import Record
from routercfg.batch.playbook_run import perform
from routercfg.batch.playbook_stage import Cast, Settings
from routercfg.batch.whitelist import Admission, Site
from routercfg.cli.playbook_output import Terminal
from routercfg.errors import UnreachableError, Where
from routercfg.push import Options, Outcome, Result, inspect, push
from routercfg.report import console, contract
from routercfg.report.entry import changed, looked
from routercfg.transport import Target

from .office import PLATFORM, Office
from .test_flat import targets

_BOOK = """\
- hosts: all
  serial: [1, 100%]
  max_fail_percentage: 100
  tasks: [require: all, verify: all, report: json, whitelist: ]
"""
_SITE = Site("gw")


class Nobody:
    """Takes what a playbook writes, and keeps none of it."""

    def __init__(self) -> None:
        self._terminal = Terminal(quiet=False, yes=True)

    def agreed(self, prompt: str) -> bool:
        return True

    @contextmanager
    def watched(self, total: int) -> Iterator[Watch]:
        yield lambda _note: None

    def report(self, report: Report, record: Record, routers: Sequence[str]) -> str:
        return self._terminal.report(report.model_copy(update={"to": "/dev/null"}), record, routers)

    def whitelist(self, whitelist: Whitelist, rows: Sequence[Admission]) -> str:
        return ""


@pytest.fixture
def pushed(office: Office, tmp_path: Path) -> Result:
    [target] = office.targets("gw")
    made = push(target, Options(backup_folder=tmp_path), connect=office.connect)
    assert made.outcome is Outcome.PUSHED
    return made


def kept(count: int) -> int:
    """Octets that are held when a playbook has done its last task on so many routers."""
    found = targets(count)
    sites = {target.router: Site(target.router) for target in found}
    cast = Cast(parse_playbook(_BOOK, Path("site.yml")).plays[0], tuple(found), sites)
    gc.collect()
    tracemalloc.start()
    try:
        held = 0
        for done in perform([cast], Settings(workers=2), Nobody(), Record()):
            if done.task is not None and done.task.word == "whitelist" and not done.router:
                gc.collect()
                held = tracemalloc.get_traced_memory()[0]
        return held
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("reached", [True, False])
def test_of_each_router_a_playbook_keeps_words_and_no_plans(
    pushed: Result, monkeypatch: pytest.MonkeyPatch, reached: bool
) -> None:
    packed = pickle.dumps(pushed)

    def work(target: Target, **_given: object) -> Result:
        if reached:
            # Every reading has plans and a state of its own.
            own: Result = pickle.loads(packed)
            return replace(own, router=target.router)
        error = UnreachableError("no way " * 2000, where=Where(router=target.router))
        return Result(target.router, PLATFORM, Outcome.UNREACHABLE, error=error)

    monkeypatch.setattr(playbook_run, "push", work)
    monkeypatch.setattr(playbook_run, "inspect", work)
    kept(2)  # what is loaded once
    few, many = kept(5), kept(30)
    assert (many - few) / 25 < 3000, (few, many)


# What is kept of a result ------------------------------------------------------------------------


def test_an_archive_gives_back_what_a_report_tells(office: Office, pushed: Result) -> None:
    archive = Archive()
    results = [replace(pushed, router=f"r{number}") for number in range(20)]
    for one in results:
        archive.put(one)
    assert list(archive) == [one.router for one in results]
    assert archive.get("r20") is None
    for one in results:
        back = archive[one.router]
        assert contract.router_text(changed(back)) == contract.router_text(changed(one))
        assert console.details([changed(back)]) == console.details([changed(one)])


def test_an_error_in_an_archive_keeps_its_kind_and_what_cannot_be_packed_is_kept_whole() -> None:
    archive = Archive()
    error = UnreachableError("no way", where=Where(router="r1"), hint="Look at the cable")
    archive.put(Result("r1", PLATFORM, Outcome.UNREACHABLE, error=error))
    told = Result("r2", PLATFORM, Outcome.UNKNOWN, moments=(lambda: None,))  # type: ignore[arg-type]  # no pickle takes it
    archive.put(told)
    assert type(archive["r1"].error) is UnreachableError
    assert str(archive["r1"].error) == str(error)
    assert archive["r2"] == told


def test_what_a_reading_is_not_about_stays_as_the_one_before_it_said(office: Office) -> None:
    [target] = office.targets("gw")
    record = Record()
    for ids in (("sip-alg", "upnp"), ("udp-timeouts",), ("sip-alg",)):
        record.judged(inspect(target, ids, office.connect), _SITE)
    kept = record.latest["gw"]
    whole = inspect(target, ("sip-alg", "udp-timeouts", "upnp"), connect=office.connect)
    assert contract.router_text(looked(replace(kept, before=kept.plan))) == contract.router_text(
        looked(whole)
    )


def test_a_report_tells_what_all_pushes_sent(office: Office, tmp_path: Path) -> None:
    [target] = office.targets("gw")
    record = Record()
    sent: list[str] = []
    for name in ("sip-alg", "udp-timeouts", "sip-alg"):
        given = Options(ids=(name,), backup_folder=tmp_path)
        result = push(target, given, connect=office.connect)
        assert result.before is not None
        sent += result.before.commands
        record.sent(result, _SITE)
    kept = record.pushed["gw"]
    assert kept.outcome is Outcome.PUSHED
    assert kept.before is not None
    assert list(kept.before.commands) == sent
    assert [one.step.value for one in kept.moments].count("saved") == 2
