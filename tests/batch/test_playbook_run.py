"""When a playbook goes on and when it stops, with routers that end as they are told."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from routercfg.batch import playbook_run
from routercfg.batch.note import Report as Watch
from routercfg.batch.playbook_actions import Report, Whitelist
from routercfg.batch.playbook_reading import parse_playbook
from routercfg.batch.playbook_record import Done, Ended, Record
from routercfg.batch.playbook_run import perform
from routercfg.batch.playbook_stage import Cast, Settings
from routercfg.batch.playbook_work import Talk
from routercfg.batch.whitelist import Admission, Site
from routercfg.errors import InputError, UnreachableError
from routercfg.model.finding import Finding, Status
from routercfg.model.intent import Intent
from routercfg.model.state import Interface, Wan, unread
from routercfg.planning import Plan
from routercfg.push import Options, Outcome, Result
from routercfg.transport import Target

PLATFORM = "mikrotik_routeros"
STATE = replace(
    unread(PLATFORM, "not asked"),
    interfaces=(Interface("wan", ("198.51.100.7/24",)),),
    wans=(Wan("wan", "default route"),),
)


@dataclass
class Stage:
    """Answers yes or no, and keeps what it was given."""

    answer: bool = True
    full: bool = False
    reports: list[list[str]] = field(default_factory=list)
    addresses: list[list[str]] = field(default_factory=list)
    watching: list[int] = field(default_factory=list)

    def agreed(self, prompt: str) -> bool:
        return self.answer

    @contextmanager
    def watched(self, total: int) -> Iterator[Watch]:
        self.watching.append(total)
        try:
            yield lambda _note: None
        finally:
            self.watching.pop()

    def report(self, report: Report, record: Record, routers: Sequence[str]) -> str:
        if self.full:
            raise InputError("cannot be written: no space left on device")
        self.reports.append([name for name in routers if name in record.latest])
        return "report"

    def whitelist(self, whitelist: Whitelist, rows: Sequence[Admission]) -> str:
        self.addresses.append([row.address for row in rows])
        return "whitelist"


@dataclass
class World:
    """What becomes of each router: well, unless it is told otherwise."""

    ends: Mapping[str, str] = field(default_factory=dict)
    pushed: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)

    def push(self, target: Target, options: Options) -> Result:
        self.pushed.append(target.router)
        return self._result(target, options.ids or (), Outcome.PUSHED)

    def inspect(self, target: Target, ids: Collection[str]) -> Result:
        self.read.append(target.router)
        return self._result(target, tuple(ids), Outcome.UNCHANGED)

    def _result(self, target: Target, ids: Collection[str], good: Outcome) -> Result:
        end = self.ends.get(target.router, "")
        if end == "unreachable":
            error = UnreachableError("no route")
            return Result(target.router, PLATFORM, Outcome.UNREACHABLE, error=error)
        status = Status(end) if end in ("violation", "decision", "unknown") else Status.OK
        findings = tuple(Finding(name, status, "as told") for name in ids)
        plan = Plan(target.router, target.intent, STATE, findings, ())
        outcome = Outcome.ROLLED_BACK if end == "rolled back" else good
        return Result(target.router, PLATFORM, outcome, before=plan, after=plan)


Perform = Callable[..., tuple[list[Done], Record]]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(playbook_run, "push", made.push)
    monkeypatch.setattr(playbook_run, "inspect", made.inspect)
    monkeypatch.setattr(playbook_run.time, "sleep", lambda _seconds: None)
    return made


def performed(
    text: str, routers: int = 4, stage: Stage | None = None, settings: Settings | None = None
) -> tuple[list[Done], Record]:
    book = parse_playbook(text, Path("site.yml"))
    targets = tuple(
        Target(f"r{n}", PLATFORM, Intent(), f"192.0.2.{n}") for n in range(1, routers + 1)
    )
    sites = {target.router: Site(target.router) for target in targets}
    casts = [Cast(play, targets, sites) for play in book.plays]
    record = Record()
    done = list(perform(casts, settings or Settings(workers=1), stage or Stage(), record))
    return done, record


def play(head: str = "", tasks: str = "[{require: tftp}]") -> str:
    return f"- hosts: all\n{head}  tasks: {tasks}\n"


def test_batches_follow_each_other_where_all_end_well(world: World) -> None:
    done, record = performed(play("  serial: [1, 50%]\n", "[{require: tftp}, {verify: tftp}]"))
    assert record.status == 0
    assert [(one.task.word, one.router) for one in done if one.task] == [
        *[("require", "r1"), ("verify", "r1")],
        *[("require", "r2"), ("require", "r3"), ("verify", "r2"), ("verify", "r3")],
        *[("require", "r4"), ("verify", "r4")],
    ]


@pytest.mark.parametrize(
    ("percentage", "ends", "pushed"),
    [
        (0, {"r1": "rolled back"}, 2),
        (0, {"r1": "decision"}, 2),
        (0, {"r1": "unknown"}, 2),
        (49, {"r1": "rolled back"}, 2),
        (50, {"r1": "rolled back"}, 4),
        (100, {"r1": "rolled back", "r2": "rolled back"}, 2),  # nobody of the batch is left
        (100, {"r1": "unknown", "r2": "violation"}, 2),
        (100, {"r1": "decision", "r2": "decision"}, 4),  # that is for a person, and no failed push
        (99, {"r1": "decision", "r2": "decision"}, 2),
        (0, {"r1": "unreachable"}, 4),  # counts apart
        (100, {"r1": "unreachable", "r2": "unreachable"}, 2),
    ],
)
def test_too_many_failures_in_a_batch_stop_the_next(
    world: World, percentage: int, ends: dict[str, str], pushed: int
) -> None:
    world.ends = ends
    done, record = performed(play(f"  serial: 2\n  max_fail_percentage: {percentage}\n"))
    assert len(world.pushed) == pushed
    assert record.stopped is (pushed == 2)
    assert record.status != 0
    skipped = [one.router for one in done if one.task is None]
    assert skipped == ([] if pushed == 4 else ["r3", "r4"])


def test_a_play_that_changes_nothing_looks_at_every_router(world: World) -> None:
    world.ends = {"r1": "violation"}
    _, record = performed(play("  serial: 1\n", "[{verify: tftp}]"))
    assert world.read == ["r1", "r2", "r3", "r4"]
    assert record.status == 1


def test_check_mode_never_pushes_and_never_stops(world: World) -> None:
    world.ends = {"r1": "violation"}
    _, record = performed(play("  serial: 1\n"), settings=Settings(1, check=True))
    assert not world.pushed
    assert len(world.read) == 4
    assert record.status == 1


def test_a_task_may_be_in_check_mode_by_itself(world: World) -> None:
    performed(play("", "[{require: tftp, check_mode: true}, {require: upnp}]"), routers=1)
    assert (world.read, world.pushed) == (["r1"], ["r1"])


def test_a_router_that_rolled_back_gets_no_further_task(world: World) -> None:
    world.ends = {"r2": "rolled back"}
    performed(play("", "[{require: tftp}, {verify: tftp}]"), routers=3)
    assert world.read == ["r1", "r3"]


def test_findings_that_a_push_mends_no_longer_count(world: World) -> None:
    world.ends = {"r1": "violation"}
    text = play("", "[{verify: tftp}, {pause: 1}, {require: tftp}]")
    book = parse_playbook(text, Path("site.yml"))
    record = Record()
    target = Target("r1", PLATFORM, Intent(), "192.0.2.1")
    for done in perform(
        [Cast(book.plays[0], (target,), {"r1": Site("r1")})], Settings(1), Stage(), record
    ):
        if done.task is not None and done.task.word == "pause":
            world.ends = {}
    assert record.status == 0


def test_findings_on_one_requirement_stay_when_another_is_well(world: World) -> None:
    world.ends = {"r1": "violation"}
    record = Record()
    target = Target("r1", PLATFORM, Intent(), "192.0.2.1")
    record.judged(world.inspect(target, ["tftp"]), Site("r1"))
    world.ends = {}
    record.judged(world.inspect(target, ["upnp"]), Site("r1"))
    assert record.status == 1
    assert not record.well("r1")


def test_no_other_play_begins_after_one_that_stopped(world: World) -> None:
    world.ends = {"r1": "rolled back"}
    performed(play("  serial: 1\n") + play("", "[{verify: upnp}]"))
    assert world.read == []


def test_a_person_who_says_no_stops_it(world: World) -> None:
    text = play("  serial: 1\n", "[{require: tftp}, {pause: Do they ring?}, {verify: tftp}]")
    done, record = performed(text, stage=Stage(answer=False))
    assert world.pushed == ["r1"]
    assert world.read == []
    assert record.status == 1
    assert [one.router for one in done if one.task is None] == ["r2", "r3", "r4"]


def test_ctrl_c_finishes_the_router_under_way_and_begins_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def push(target: Target, options: Options) -> Result:
        os.kill(os.getpid(), signal.SIGINT)
        threading.Event().wait(0.5)
        return world.push(target, options)

    monkeypatch.setattr(playbook_run, "push", push)
    done, record = performed(play("", "[{require: tftp}, {verify: tftp}]") + play())
    assert world.pushed == ["r1"]
    assert world.read == []
    assert [(one.router, one.ended) for one in done] == [
        ("r1", Ended.CHANGED),
        *((name, Ended.FAILED) for name in ("r2", "r3", "r4")),
        ("", Ended.SKIPPED),
    ]
    assert done[1].detail == "not begun: it was interrupted"
    assert record.status == 130


def test_addresses_come_from_the_reading_there_is(world: World) -> None:
    stage = Stage()
    performed(play("", "[{verify: tftp}, {whitelist: }]"), routers=2, stage=stage)
    assert world.read == ["r1", "r2"]
    assert stage.addresses == [["198.51.100.7", "198.51.100.7"]]


def test_routers_that_nothing_has_read_are_read_for_their_addresses(world: World) -> None:
    world.ends = {"r2": "unreachable"}
    stage = Stage()
    _, record = performed(play("", "[{whitelist: }]"), routers=2, stage=stage)
    assert stage.addresses == [["198.51.100.7", ""]]
    assert record.status == 3


def test_a_report_that_cannot_be_written_is_said_and_the_run_goes_on(world: World) -> None:
    text = play("  serial: 2\n", "[{require: tftp}, {report: json}]")
    done, record = performed(text, stage=Stage(full=True))
    assert len(world.pushed) == 4
    assert record.status == 1
    assert [one.detail for one in done if one.task and one.task.word == "report"] == [
        "cannot be written: no space left on device"
    ] * 2


def test_ctrl_c_in_a_pause_ends_it_in_good_order(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(playbook_run.time, "sleep", interrupted)
    text = play("  serial: 1\n", "[{require: tftp}, {pause: 60}, {verify: tftp}]")
    done, record = performed(text + play(), routers=2)
    assert (world.pushed, world.read) == (["r1"], [])
    assert [(one.router, one.ended) for one in done] == [
        ("r1", Ended.CHANGED),
        ("", Ended.FAILED),
        ("r2", Ended.SKIPPED),
        ("", Ended.SKIPPED),
    ]
    assert "Ctrl-C" in done[1].detail
    assert record.status == 130


_TOLD = "[{verify: tftp}, {report: {format: json, to: r.json}}, {whitelist: {to: w.txt}}]"


def test_what_a_play_writes_is_in_proportion_to_its_routers_however_small_its_batches(
    world: World,
) -> None:
    def rows(routers: int) -> tuple[int, int]:
        stage = Stage()
        performed(play("  serial: 1\n", _TOLD), routers=routers, stage=stage)
        assert len(stage.reports[-1]) == len(stage.addresses[-1]) == routers
        return sum(map(len, stage.reports)), sum(map(len, stage.addresses))

    # All that each batch knows would be 40 * 41 / 2 = 820 rows.
    assert max(rows(40)) <= 3 * 40
    assert max(rows(80)) <= 3 * 80


def test_on_the_terminal_each_batch_tells_of_its_own_routers(world: World) -> None:
    stage = Stage()
    tasks = "[{verify: tftp}, {report: console}, {whitelist: csv}]"
    performed(play("  serial: [1, 3]\n", tasks), stage=stage)
    assert stage.reports == [["r1"], ["r2", "r3", "r4"]]
    assert [len(rows) for rows in stage.addresses] == [1, 3]


@pytest.mark.parametrize("how", ["failure", "nobody listens"])
def test_a_file_holds_every_router_that_was_looked_at_however_a_play_ends(
    world: World, how: str
) -> None:
    stage = Stage()
    world.ends = {"r7": "rolled back"} if how == "failure" else {}
    tasks = "[{report: {format: json, to: r.json}}, {require: tftp}]"
    book = parse_playbook(play("  serial: 1\n", tasks), Path("site.yml"))
    targets = tuple(Target(f"r{n}", PLATFORM, Intent(), f"192.0.2.{n}") for n in range(1, 10))
    sites = {target.router: Site(target.router) for target in targets}
    cast = Cast(book.plays[0], targets, sites)
    doing = perform([cast], Settings(workers=1), stage, Record())
    for done in doing:
        if done.router == "r7" and how != "failure":
            doing.close()
    assert stage.reports[-1] == [f"r{n}" for n in range(1, 8)]


def test_what_was_pushed_is_in_a_report_that_the_play_did_not_come_to(world: World) -> None:
    stage = Stage(answer=False)
    pushing = "{require: tftp}, {pause: Do they ring?}, {report: {format: json, to: r.json}}"
    performed(play("  serial: 2\n", f"[{pushing}, {{whitelist: {{to: w}}}}]"), stage=stage)
    assert stage.reports == [["r1", "r2"]]
    assert stage.addresses == []


def test_a_report_is_about_the_routers_of_its_play_in_their_order(world: World) -> None:
    stage = Stage()
    book = parse_playbook(
        play("", "[{verify: tftp}]") + play("", "[{report: }, {verify: tftp}, {report: }]"),
        Path("site.yml"),
    )
    made = {n: Target(n, PLATFORM, Intent(), "192.0.2.1") for n in ("r1", "r2", "r3")}
    sites = {name: Site(name) for name in made}
    casts = [
        Cast(one, tuple(made[name] for name in names), sites)
        for one, names in zip(book.plays, (("r1", "r2"), ("r3", "r2")), strict=True)
    ]
    list(perform(casts, Settings(1), stage, Record()))
    assert stage.reports == [["r2"], ["r3", "r2"]]


def test_no_second_push_to_a_batch_of_which_too_many_failed(world: World) -> None:
    world.ends = {"r1": "rolled back", "r2": "rolled back"}
    tasks = "[{require: tftp}, {require: upnp}, {verify: tftp}, {report: }]"
    stage = Stage()
    done, _ = performed(play("  max_fail_percentage: 40\n", tasks), stage=stage)
    assert world.pushed == ["r1", "r2", "r3", "r4"]
    assert world.read == ["r3", "r4"]
    assert [one.detail for one in done if one.ended is Ended.SKIPPED] == [
        "too many routers of this batch failed"
    ]
    assert stage.reports
    world.pushed.clear()
    performed(play("  max_fail_percentage: 50\n", tasks))
    assert world.pushed == ["r1", "r2", "r3", "r4", "r3", "r4"]


@pytest.mark.parametrize("word", ["backup", "command: show version"])
def test_a_router_that_is_not_reached_counts_apart_whichever_task_finds_it(
    world: World, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    def talk(target: Target, **_given: object) -> Talk:
        lost = target.router == "r1"
        return Talk(target.router, "", error=UnreachableError("no route") if lost else None)

    monkeypatch.setattr(playbook_run, "backed_up", talk)
    monkeypatch.setattr(playbook_run, "shown", talk)
    stage = Stage()
    tasks = f"[{{{word}: }}, {{require: tftp}}, {{whitelist: }}]".replace("version: ", "version")
    _, record = performed(play("  serial: 2\n", tasks), stage=stage)
    assert world.pushed == ["r2", "r3", "r4"]
    assert record.status == 3
    assert record.rows["r1"][0].why == "no route"


def test_a_play_that_is_left_without_routers_says_so(world: World) -> None:
    book = parse_playbook(play("  name: One first\n"), Path("site.yml"))
    [done] = perform([Cast(book.plays[0], (), {})], Settings(1), Stage(), Record())
    assert (done.play, done.ended) == ("One first", Ended.SKIPPED)
    assert "--limit" in done.detail


def test_who_stops_listening_does_so_after_the_push_under_way(world: World) -> None:
    """The journal is closed after this: what is under way must have been written by then."""
    book = parse_playbook(play(), Path("site.yml"))
    found = tuple(Target(f"r{n}", PLATFORM, Intent(), "192.0.2.1") for n in (1, 2, 3))
    sites = {one.router: Site(one.router) for one in found}
    stage = Stage()
    doing = perform([Cast(book.plays[0], found, sites)], Settings(3), stage, Record())
    next(doing)
    doing.close()
    assert sorted(world.pushed) == ["r1", "r2", "r3"]
    assert stage.watching == []


def test_addresses_are_read_anew_where_a_play_says_otherwise_which_interface_is_the_wan(
    world: World,
) -> None:
    book = parse_playbook(play("", "[{verify: tftp}]") + play("", "[{whitelist: }]"), Path("s"))
    stage = Stage()
    for other, read in ((Intent(), 1), (Intent(wan_interfaces=("b",)), 2)):
        world.read.clear()
        casts = [
            Cast(one, (Target("r1", PLATFORM, intent, "192.0.2.1"),), {"r1": Site("r1")})
            for one, intent in zip(book.plays, (Intent(), other), strict=True)
        ]
        list(perform(casts, Settings(1), stage, Record()))
        assert len(world.read) == read


def test_a_site_without_an_address_of_its_own_is_no_failed_push(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = replace(STATE, interfaces=(Interface("wan", ("100.64.0.7/10",)),))
    monkeypatch.setitem(globals(), "STATE", shared)
    done, record = performed(play("  serial: 1\n", "[{require: tftp}, {whitelist: }]"))
    assert len(world.pushed) == 4
    assert (record.stopped, record.status) == (False, 1)
    assert [one.ended for one in done if one.task and one.task.word == "whitelist"][:2] == [
        Ended.FINDINGS,
        Ended.OK,
    ]


def test_a_push_that_leaves_something_says_that_it_changed_the_router(
    world: World,
) -> None:
    world.ends = {"r1": "decision"}
    done, _ = performed(play(), routers=1)
    assert done[0].detail == "changed; left: tftp: decision"


def test_plays_that_are_not_begun_any_more_are_named(world: World) -> None:
    world.ends = {"r1": "rolled back"}
    done, _ = performed(play("  serial: 1\n") + play("  name: Addresses\n"), routers=1)
    assert (done[-1].play, done[-1].ended) == ("Addresses", Ended.SKIPPED)
    assert done[-1].detail.startswith("not begun")


@pytest.mark.parametrize(
    ("end", "pushed"), [("", 8), ("decision", 8), ("unknown", 4), ("rolled back", 4)]
)
def test_an_emergency_is_held_up_by_failures_and_not_by_decisions(
    world: World, monkeypatch: pytest.MonkeyPatch, end: str, pushed: int
) -> None:
    monkeypatch.setattr(playbook_run, "backed_up", lambda target, **_given: Talk(target.router))
    file = Path(__file__).resolve().parents[2] / "playbooks" / "emergency-close-management.yml"
    world.ends = dict.fromkeys(("r1", "r2", "r3", "r4"), end)
    performed(file.read_text(encoding="utf-8"))
    assert len(world.pushed) == pushed
