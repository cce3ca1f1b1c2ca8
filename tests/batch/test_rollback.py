"""Rolling back a run: in the journal, with leases and canaries, over real SSH."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import signal
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from routercfg.batch import Pace, carry_out, records, roll_back
from routercfg.batch.journal import Journal
from routercfg.batch.note import Note
from routercfg.batch.records import RouterRecord
from routercfg.batch.rollback import Rollback, _Undoing, find, undo_run
from routercfg.errors import JournalError
from routercfg.inventory import Secret
from routercfg.lab import Fault, Lab, Trouble
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.platforms.registry import load_simulator
from routercfg.push import Options, Result, push
from routercfg.push.reading import open_session
from routercfg.transport import Target
from routercfg.transport.hostkeys import entry_name

ENGINEER = "203.0.113.9"
INTENT = Intent(
    provider=PrefixSet.of("198.51.100.0/24"), management_sources=PrefixSet.of("203.0.113.0/24")
)
NAMES = ("r1", "r2", "r3")


class Site:
    """Three simulated VyOS routers, a journal, and a folder of backups."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        self.path = folder / "state" / "journal.db"
        self.options = Options(backup_folder=folder / "backups", revert_seconds=60)
        known = folder / "known_hosts"
        places = [lab.address(name) for name in NAMES]
        known.write_text("".join(f"{entry_name(h, p)} {lab.host_key}\n" for h, p in places))
        self.targets = tuple(
            Target(
                router=name,
                platform="vyos",
                intent=INTENT,
                host=host,
                port=port,
                user="vyos",
                password=Secret.of("correct horse"),
                known_hosts=known,
                timeout=5.0,
            )
            for name, (host, port) in zip(NAMES, places, strict=True)
        )

    def configurations(self) -> list[str]:
        return [self.lab.routers[name].configuration() for name in NAMES]

    def push(self, targets: tuple[Target, ...] = (), options: Options | None = None) -> list[str]:
        with Journal.open(self.path) as journal:
            work = partial(push, options=options or self.options)
            found = list(carry_out(work, targets or self.targets, journal=journal))
        return [one.outcome.value for one in found]

    def back(
        self, run: str = "last", targets: tuple[Target, ...] = (), **more: Any
    ) -> list[Result]:
        with Journal.open(self.path) as journal:
            more = {"options": self.options, **more}
            return list(roll_back(run, targets or self.targets, journal, **more))

    def change(self, name: str, *lines: str) -> None:
        router = self.lab.routers[name]
        shell = router.login("vyos", ENGINEER)
        shell.start()
        for line in ("configure", *lines, "commit", "save", "exit"):
            assert "failed" not in shell.feed(f"{line}\n")

    @property
    def ours(self) -> str:
        """A group that the push made, as `set` would name it."""
        text = self.lab.routers["r1"].configuration()
        line = next(one for one in text.splitlines() if "network-group ROUTERCFG" in one)
        return " ".join(line.split()[1:5])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    create = load_simulator("vyos").create
    routers = {name: create("messy", version="1.4.0", hostname=name) for name in NAMES}
    with Lab(routers, users={"vyos": "correct horse"}, seen_from=ENGINEER) as lab:
        yield Site(lab, tmp_path)


def outcomes(results: list[Result]) -> list[str]:
    return [one.outcome.value for one in results]


def test_a_run_is_undone_to_the_letter_saved_and_written_down(site: Site) -> None:
    was = site.configurations()
    assert site.push() == ["pushed"] * 3
    undone = records.run(site.path, "last").run
    results = site.back()
    assert outcomes(results) == ["undone"] * 3, [str(one.error) for one in results]
    assert site.configurations() == was
    assert [site.lab.routers[name].persisted() for name in NAMES] == was
    run = records.run(site.path, "last")
    assert (run.kind, run.settings["undoes"]) == ("rollback", undone)
    assert {one.outcome for one in run.routers} == {"undone"}
    steps = [
        (entry.kind, json.loads(entry.data).get("step"))
        for entry in records.story(site.path, "last", "r1")
        if entry.kind in ("starts", "begins", "reached", "result")
    ]
    assert steps == [
        ("starts", None),
        ("reached", "planned"),
        ("reached", "backed up"),
        ("begins", "armed"),
        ("reached", "armed"),
        ("begins", "applied"),
        ("reached", "applied"),
        ("begins", "reconnected"),
        ("reached", "reconnected"),
        ("reached", "verified"),
        ("begins", "confirmed"),
        ("reached", "confirmed"),
        ("begins", "saved"),
        ("reached", "saved"),
        ("result", None),
    ]
    assert records.check(site.path).broken is None


def test_a_second_rollback_of_the_run_has_nothing_to_do(site: Site) -> None:
    site.push()
    run = records.run(site.path, "last").run
    site.back(run)
    sent = len(site.lab.sent("r1"))
    assert outcomes(site.back(run)) == ["unchanged"] * 3
    assert "configure" not in site.lab.sent("r1")[sent:]


def test_a_rollback_can_be_rolled_back(site: Site) -> None:
    was = site.configurations()
    site.push()
    pushed = site.configurations()
    site.back()
    assert site.configurations() == was
    assert outcomes(site.back()) == ["undone"] * 3
    assert site.configurations() == pushed
    assert site.push() == ["unchanged"] * 3


def test_what_others_changed_elsewhere_stays(site: Site) -> None:
    site.push()
    site.change("r1", "set system name-server 192.0.2.99", "delete nat source rule 100")
    assert outcomes(site.back()) == ["undone"] * 3
    text = site.lab.routers["r1"].configuration()
    assert "name-server '192.0.2.99'" in text
    assert "nat source rule 100" not in text
    assert "ROUTERCFG" not in text


def test_what_others_changed_in_it_refuses_that_router_and_force_overrides(site: Site) -> None:
    was = site.configurations()
    site.push()
    run = records.run(site.path, "last").run
    site.change("r1", f"set {site.ours} network 192.0.2.64/26")
    theirs = site.lab.routers["r1"].configuration()
    first, *others = site.back(run)
    assert outcomes([first, *others]) == ["refused", "undone", "undone"]
    assert first.error is not None
    assert first.error.code == "RC156"
    assert first.undo is not None
    [conflict] = first.undo.conflicts
    assert conflict.found == (f"set {site.ours} network 192.0.2.64/26",)
    assert site.lab.routers["r1"].configuration() == theirs
    planned = json.loads(
        next(e.data for e in records.story(site.path, "last", "r1") if '"planned"' in e.data)
    )
    assert planned["conflicts"] == [{"left": [], "found": list(conflict.found)}]
    forced = site.back(run, force=True)
    assert outcomes(forced) == ["undone", "unchanged", "unchanged"]
    assert site.configurations() == was


def test_a_canary_that_fails_stops_the_rollback(site: Site) -> None:
    site.push()
    pushed = site.configurations()
    site.lab.faults["r1"].append(Fault(Trouble.REFUSE_LOGIN, 4))
    site.change("r1", f"set {site.ours} network 192.0.2.64/26")
    results = site.back(pace=Pace(serial=("1", "100%")))
    assert outcomes(results) == ["refused", "not begun", "not begun"]
    assert results[1].error is not None
    assert "routercfg rollback " in results[1].error.hint
    assert site.configurations()[1:] == pushed[1:]


def test_only_routers_that_the_run_changed_are_touched(site: Site) -> None:
    site.push(site.targets[:1])
    site.push()
    was = site.configurations()
    rollback = find(site.path, "last")
    assert set(rollback.records) == {"r2", "r3"}
    assert [one.router for one in site.back()] == ["r2", "r3"]
    assert site.configurations()[0] == was[0]


def test_a_run_that_rolled_back_left_nothing(site: Site) -> None:
    site.lab.faults["r1"].append(Fault(Trouble.REFUSE_LOGIN, 2))
    assert site.push(site.targets[:1]) == ["rolled back"]
    assert find(site.path, "last").records == {}


def test_a_run_that_is_not_there_is_one_clear_error(site: Site) -> None:
    site.push(site.targets[:1])
    with pytest.raises(JournalError, match="names no runs"):
        site.back("2001")


@pytest.mark.parametrize("how", ["missing", "changed", "other format", "other platform", "never"])
def test_without_the_readings_of_then_nothing_is_sent(site: Site, how: str) -> None:
    options = replace(site.options, backup_folder=None) if how == "never" else site.options
    site.push(site.targets[:1], options)
    pushed = site.configurations()
    run = records.run(site.path, "last").run
    target = site.targets[0]
    rollback = find(site.path, run)
    if how in ("missing", "changed"):
        [file] = (site.folder / "backups").glob("*.readings.json")
        file.unlink()
        if how == "changed":
            file.write_text("{}")
    if how == "other format":
        rollback = rewritten(site, rollback, format=2)
    if how == "other platform":
        rollback = rewritten(site, rollback, platform="mikrotik_routeros")
    attempts = site.lab.attempts("r1")
    result = undo_run(target, rollback, site.options)
    assert result.outcome.value == "refused"
    assert result.error is not None
    assert result.error.code == "RC155"
    assert site.configurations() == pushed
    assert site.lab.attempts("r1") == attempts
    backup = "kept no backup" if how == "never" else "backups/r1-"
    assert how.startswith("other") or backup in str(result.error.hint)


def rewritten(site: Site, rollback: Any, **changes: Any) -> Any:
    import hashlib  # noqa: PLC0415 - only here

    [file] = (site.folder / "backups").glob("*.readings.json")
    text = json.dumps({**json.loads(file.read_text()), **changes})
    file.write_text(text)
    record = rollback.records["r1"]
    changed = replace(record, readings_sha256=hashlib.sha256(text.encode()).hexdigest())
    return replace(rollback, records={"r1": changed})


def test_readings_that_cannot_be_kept_roll_the_push_back(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = site.configurations()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    begun: list[int] = []

    def sync(descriptor: int) -> None:
        begun.append(descriptor)
        if len(begun) > 1:
            full(descriptor)

    monkeypatch.setattr("routercfg.push.keeping.os.fsync", sync)
    result = push(site.targets[0], site.options)
    assert result.outcome.value == "rolled back"
    assert "the file of readings cannot be written: No space left" in str(result.error)
    assert site.configurations() == was
    assert not list((site.folder / "backups").glob("*.readings.json"))


def killed_at(site_path: Path, options: Options, target: Target, kind: str, step: str) -> None:
    """Roll back, and be killed the moment after the journal holds this step. Runs in a child."""

    def watch(note: Note) -> None:
        if note.kind == kind and note.data.get("step") == step:
            os.kill(os.getpid(), signal.SIGKILL)

    with Journal.open(site_path) as journal:
        list(roll_back("last", (target,), journal, options=options, watch=watch))


@pytest.mark.parametrize(
    ("kind", "step", "stands"),
    [
        ("begins", "applied", False),
        ("reached", "applied", False),
        ("reached", "verified", False),
        ("reached", "confirmed", True),
    ],
)
def test_a_rollback_that_is_killed_leaves_after_or_before_and_the_next_run_knows_which(
    site: Site, kind: str, step: str, stands: bool
) -> None:
    was = site.lab.routers["r1"].configuration()
    site.push(site.targets[:1])
    pushed_run = records.run(site.path, "last").run
    pushed = site.lab.routers["r1"].configuration()
    child = multiprocessing.get_context("spawn").Process(
        target=killed_at, args=(site.path, site.options, site.targets[0], kind, step)
    )
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    router = site.lab.routers["r1"]
    ahead = router.clock
    router.clock = lambda: ahead() + 600
    assert router.configuration() == (was if stands else pushed)
    broken = records.run(site.path, "last").run

    # The journal believes that the revert may still fire, until its time has passed.
    if not stands:
        refused = site.back(pushed_run, site.targets[:1])
        assert outcomes(refused) == ["refused"]
        assert router.configuration() == pushed
        return
    notes: list[Note] = []
    results = site.back(pushed_run, site.targets[:1], watch=notes.append)
    assert outcomes(results) == ["unchanged"]
    [found] = [note.data["found"] for note in notes if note.kind == "reconciled"]
    assert found == "the change stands, and is saved now"
    assert router.persisted() == was
    record = records.run(site.path, broken).router("r1")
    assert record.outcome.startswith("reconciled: the change stands")
    assert set(find(site.path, broken).records) == {"r1"}


def test_processes_roll_back_as_threads_do(site: Site) -> None:
    was = site.configurations()
    site.push()
    assert outcomes(site.back(pace=Pace(engine="processes", workers=2))) == ["undone"] * 3
    assert site.configurations() == was


def test_each_worker_is_sent_what_is_known_of_its_own_router_alone() -> None:
    """Else the cost of a rollback grows with the square of its routers."""
    known = {
        f"r{n}": RouterRecord(f"r{n}", "vyos", "192.0.2.1", 22, readings=f"/r{n}.json")
        for n in range(1000)
    }
    sizes = []

    def measure(rollback: Rollback) -> None:
        work = _Undoing(rollback, Options(), open_session)
        target = Target(router="r7", platform="vyos", intent=Intent(), host="192.0.2.1")
        sizes.append(len(pickle.dumps(work.only(target))))

    measure(Rollback("run", {"r7": known["r7"]}))
    measure(Rollback("run", known))
    assert sizes[0] == sizes[1]
