from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from routercfg.batch import Pace, carry_out, history, lease, records
from routercfg.batch import journal as journal_module
from routercfg.batch.chain import Break
from routercfg.batch.coordinator import Coordinator
from routercfg.batch.journal import Journal
from routercfg.batch.note import Note
from routercfg.batch.stop import Stop
from routercfg.batch.store import Book, Store
from routercfg.batch.told import told, whole
from routercfg.errors import JournalError, LeaseError
from routercfg.model.intent import Intent
from routercfg.push import Options, Outcome, Result, inspect, push
from routercfg.transport import Target

from .office import PASSWORD, Office, stored

ONLY = ("sip-alg", "upnp")


def go(office: Office, journal: Journal, *names: str, **more: object) -> list[Result]:
    work = partial(push, options=Options(ids=ONLY), connect=office.connect)
    look = partial(inspect, ids=ONLY, connect=office.connect)
    return list(carry_out(work, office.targets(*names), journal=journal, look=look, **more))  # type: ignore[arg-type]  # passed on


def changed(path: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement, values)


def test_only_its_owner_can_read_the_journal(office: Office, path: Path) -> None:
    with Journal.open(path) as journal:
        go(office, journal, "r1")
        for one in path.parent.glob("journal.db*"):
            assert stat.S_IMODE(one.stat().st_mode) == 0o600, one
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_each_step_is_in_the_journal_before_and_after_it_happens(
    office: Office, journal: Journal
) -> None:
    go(office, journal, "r1")
    told = [(one.kind, one.data) for one in records.story(journal.path, "last", "r1")]
    steps = [(kind, step) for kind, data in told if (step := _step(data))]
    assert steps == [
        ("reached", "planned"),
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
    ]
    assert told[0][0] == "starts"
    assert told[-1][0] == "result"
    assert "/ip firewall service-port set sip disabled=yes" in "".join(data for _, data in told)


def _step(data: str) -> str:
    return str(json.loads(data).get("step", ""))


def test_the_backup_is_named_with_its_hash(
    office: Office, journal: Journal, tmp_path: Path
) -> None:
    options = Options(ids=ONLY, backup_folder=tmp_path / "backups")
    work = partial(push, options=options, connect=office.connect)
    list(carry_out(work, office.targets("r1"), journal=journal))
    router = records.run(journal.path, "last").router("r1")
    assert hashlib.sha256(Path(router.backup).read_bytes()).hexdigest() == router.backup_sha256


def test_the_password_is_in_no_byte_of_the_journal(office: Office, path: Path) -> None:
    with Journal.open(path) as journal:
        go(office, journal, "r1")
        run = journal.begin_run("push", ())
        journal.write(
            run, Note("replied", "r1", {"reply": f'password="{PASSWORD}" secret 5 $1$abcd'})
        )
        assert PASSWORD.encode() not in stored(path)
        assert b"$1$abcd" not in stored(path)


def test_an_untouched_journal_checks_out(office: Office, journal: Journal) -> None:
    go(office, journal, "r1", "r2")
    checked = records.check(journal.path)
    assert checked.broken is None
    assert checked.entries == len(list(records.export(journal.path))) > 20


@pytest.mark.parametrize(
    ("statement", "values", "number"),
    [
        (
            "UPDATE entries SET data = replace(data, 'pushed', 'refused') WHERE number = ?",
            (20,),
            20,
        ),
        ("UPDATE entries SET router = 'other' WHERE number = ?", (5,), 5),
        ("UPDATE entries SET at = '2020-01-01T00:00:00+00:00' WHERE number = ?", (7,), 7),
        ("DELETE FROM entries WHERE number = ?", (9,), 9),
        ("DELETE FROM entries WHERE number > ?", (12,), 13),
        ("UPDATE entries SET hash = 'f' || substr(hash, 2) || 'x' WHERE number = ?", (3,), 3),
        ("UPDATE entries SET data = ? WHERE number = 6", (b"\0\xff",), 6),
    ],
)
def test_tampering_shows_and_where(
    office: Office, path: Path, statement: str, values: tuple[object, ...], number: int
) -> None:
    with Journal.open(path) as journal:
        go(office, journal, "r1", "r2")
    if "replace" in statement:
        rows = [one.number for one in records.export(path) if '"pushed"' in one.data]
        values, number = (rows[0],), rows[0]
    changed(path, statement, *values)
    broken = records.check(path).broken
    assert broken is not None
    assert broken.number == number


def test_entries_that_are_gone_are_missed_where_their_count_was_deleted_too(
    office: Office, path: Path
) -> None:
    with Journal.open(path) as journal:
        go(office, journal, "r1")
    changed(path, "DELETE FROM entries WHERE number > 12")
    changed(path, "DELETE FROM sqlite_sequence")
    assert records.check(path).broken == Break(13, "the entries from here to the end are missing")


@pytest.mark.parametrize("nonsense", ["nonsense", "{}", "[]", b"\0\xff"])
def test_what_somebody_made_nonsense_of_is_one_clear_error_and_nothing_is_sent(
    office: Office, path: Path, nonsense: str | bytes
) -> None:
    with Journal.open(path) as journal:
        go(office, journal, "r1")
    changed(path, "UPDATE entries SET data = ? WHERE kind IN ('run', 'result')", nonsense)
    reads = (
        history.runs,
        partial(records.run, name="last"),
        partial(records.story, name="last", router="r1"),
    )
    for read in reads:
        with pytest.raises(JournalError, match=r"as it was written|malformed"):
            read(path)
    assert len(list(records.export(path))) > 10
    attempts = office.attempts["r1"]
    changed(path, "DELETE FROM entries WHERE kind = 'result'")
    changed(path, "UPDATE entries SET data = ? WHERE kind = 'reached'", nonsense)
    with Journal.open(path) as journal, pytest.raises(JournalError, match="as it was written"):
        go(office, journal, "r1")
    assert office.attempts["r1"] == attempts


def test_runs_are_counted_as_their_routers_ended(office: Office, path: Path) -> None:
    office.trouble = {"r2": "unreachable", "r3": "refuses"}
    with Journal.open(path) as journal:
        go(office, journal, "r1", "r2", "r3")
        go(office, journal, "r1", "r2", "r3", pace=Pace(serial=("1", "100%")))
        go(office, journal, "r3", "r1", pace=Pace(serial=("1",)))
        [target] = office.targets("r4")
        journal.take(journal.begin_run("push", (target,)), target)
    listed = history.runs(path)
    assert [(one.counts, bool(one.ended), one.stopped) for one in listed] == [
        (found.counts, bool(found.ended), found.stopped)
        for one in listed
        for found in [records.run(path, one.run)]
    ]
    assert [one.counts for one in listed] == [
        {"under way": 1},
        {"rolled back": 1, "not begun": 1},
        {"unchanged": 1, "unreachable": 1, "rolled back": 1},
        {"pushed": 1, "unreachable": 1, "rolled back": 1},
    ]
    assert listed[1].stopped == "1 of 1 routers of the batch before failed"


def test_two_processes_that_write_at_once_keep_one_chain(path: Path) -> None:
    Journal.open(path).close()
    script = (
        "import sys; from pathlib import Path; from routercfg.batch.journal import Journal;"
        "from routercfg.batch.note import Note\n"
        "with Journal.open(Path(sys.argv[1])) as j:\n"
        "    run = j.begin_run('push', ())\n"
        "    for n in range(100): j.write(run, Note('replied', 'r', {'n': n}))"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, str(path)]) for _ in range(2)]
    assert [one.wait(60) for one in running] == [0, 0]
    checked = records.check(path)
    assert checked.entries == 202
    assert checked.broken is None


def test_a_file_that_is_no_journal_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    changed(path, "CREATE TABLE mine (a)")
    with pytest.raises(JournalError, match="no journal of routercfg"):
        Journal.open(path)
    path.write_text("my shopping list, which is no database at all\n" * 50)
    with pytest.raises(JournalError, match="not a database"):
        Journal.open(path)
    assert path.read_text().startswith("my shopping list")
    path.chmod(0o644)
    with pytest.raises(JournalError):
        Journal.open(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_journal_that_others_could_read_is_theirs_no_more(path: Path) -> None:
    Journal.open(path).close()
    path.chmod(0o644)
    with Journal.open(path):
        for one in path.parent.glob("journal.db*"):
            assert stat.S_IMODE(one.stat().st_mode) == 0o600, one


def test_a_journal_on_a_disk_that_takes_no_file_is_read_as_it_lies_there(
    office: Office, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal.open(path) as journal:
        go(office, journal, "r1")
    monkeypatch.setattr("routercfg.batch.store.os.access", lambda *_: False)
    assert records.check(path).broken is None
    assert records.run(path, "last").counts == {"pushed": 1}
    assert [one.name for one in path.parent.glob("journal.db*")] == ["journal.db"]


def test_a_journal_of_another_schema_is_refused(path: Path) -> None:
    Journal.open(path).close()
    changed(path, "PRAGMA user_version = 9")
    with pytest.raises(JournalError, match="schema 9"):
        Journal.open(path)


# Disk full, read-only -----------------------------------------------------------------------------


def test_a_journal_that_cannot_be_made_stops_the_push_before_it_begins(
    office: Office, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError):
        Journal.open(tmp_path / "file" / "journal.db")


_CHILD = """
import os, resource, sys
from functools import partial
from pathlib import Path
from routercfg.batch import carry_out
from routercfg.batch.journal import Journal
from routercfg.errors import JournalError
from routercfg.push import Options, push
from tests.batch.office import Office

path, room, step = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
office = Office()
targets = office.targets("r1", "r2", "r3")
before = {name: one.configuration() for name, one in office.routers.items()}

def limit():
    # As large as it is now: from here on the disk is full.
    largest = max(one.stat().st_size for one in path.parent.glob("journal.db*"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + room, resource.RLIM_INFINITY))

def watch(note):
    if step and note.kind == "begins" and note.data["step"] == step:
        limit()

work = partial(push, options=Options(ids=("sip-alg", "upnp")), connect=office.connect)
if not step:
    Journal.open(path).close()
    limit()
try:
    with Journal.open(path) as journal:
        for result in carry_out(work, targets, journal=journal, watch=watch, pace=None):
            same = office.routers[result.router].configuration() == before[result.router]
            print(result.outcome.value, same, result.error.code if result.error else "-", sep="\\t")
except JournalError as error:
    print("JournalError", sum(map(len, office.lines.values())), error, sep="\\t")
"""


def child(path: Path, step: str, room: int = 0) -> list[list[str]]:
    ended = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path), str(room), step],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert ended.returncode == 0, ended.stderr
    return [line.split("\t") for line in ended.stdout.splitlines()]


def test_a_full_disk_stops_the_push_before_anything_is_sent(path: Path) -> None:
    [line] = child(path, "")
    assert line[:2] == ["JournalError", "0"], line


def test_a_disk_that_fills_up_rolls_back_what_is_under_way_and_begins_no_other(
    path: Path,
) -> None:
    lines = child(path, "applied")
    assert lines
    assert all(same == "True" for _, same, _ in lines), lines
    assert {outcome for outcome, _, _ in lines} <= {"rolled back", "not begun", "refused"}
    assert "rolled back" in {outcome for outcome, _, _ in lines}


def test_a_disk_that_fills_up_after_the_proof_undoes_nothing(path: Path) -> None:
    lines = child(path, "confirmed")
    assert ["pushed", "False", "RC160"] in lines


def test_a_read_only_journal_stops_the_push_before_anything_is_sent(
    office: Office, journal: Journal, path: Path
) -> None:
    journal.close()
    if os.geteuid() == 0:
        # Root writes whatever the mode says; a read-only mount does hold it back.
        here = path.parent
        script = (
            f"mount --bind {here} {here}; mount -o remount,ro,bind {here};"
            f'exec {sys.executable} -c "$0" {path} 0 applied'
        )
        mounted = subprocess.run(
            ["unshare", "-m", "sh", "-ec", script, _CHILD],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=Path(__file__).resolve().parents[2],
        )
        if "mount" in mounted.stderr or "unshare" in mounted.stderr:
            pytest.skip(f"no mounts here: {mounted.stderr.strip()}")
        assert mounted.stdout.startswith("JournalError\t0"), mounted.stdout + mounted.stderr
        return
    path.chmod(0o400)
    path.parent.chmod(0o500)
    with pytest.raises(JournalError):
        Journal.open(path)


# Leases -------------------------------------------------------------------------------------------


def test_a_router_that_another_run_works_on_is_refused_and_nothing_is_sent(
    office: Office, journal: Journal
) -> None:
    [target] = office.targets("r1")
    other = journal.begin_run("push", (target,))
    journal.take(other, target)
    [result] = go(office, journal, "r1")
    assert result.outcome is Outcome.REFUSED
    assert isinstance(result.error, LeaseError)
    assert other in str(result.error)
    assert office.lines["r1"] == []


def test_a_router_by_another_name_at_the_same_address_is_the_same_router(
    office: Office, journal: Journal
) -> None:
    [target] = office.targets("r1")
    other = journal.begin_run("push", (target,))
    journal.take(other, replace(target, router="jansen"))
    [result] = go(office, journal, "r1")
    assert isinstance(result.error, LeaseError)


def test_two_runs_at_once_push_to_a_router_once(office: Office, path: Path) -> None:
    office.slow = 0.1
    office.targets("r1")
    found: list[Result] = []
    both = threading.Barrier(2)

    def one_run() -> None:
        with Journal.open(path) as journal:
            both.wait()
            found.extend(go(office, journal, "r1"))

    threads = [threading.Thread(target=one_run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.outcome.value for one in found) == ["pushed", "refused"]
    assert len(office.changes("r1")) == len(set(office.changes("r1")))
    assert records.check(path).broken is None


def test_a_lease_ends_with_the_router(office: Office, journal: Journal) -> None:
    go(office, journal, "r1")
    assert go(office, journal, "r1")[0].outcome is Outcome.UNCHANGED


@pytest.mark.parametrize("ended", ["its process is gone", "its time is over"])
def test_a_lease_whose_holder_is_gone_is_taken_over(
    office: Office, journal: Journal, path: Path, ended: str
) -> None:
    [target] = office.targets("r1")
    other = journal.begin_run("push", (target,))
    journal.take(other, target)
    if ended == "its time is over":
        # Nobody here can tell whether a process on another machine lives.
        away = "elsewhere.example.net 1 somewhen"
        changed(path, "UPDATE leases SET holder = ?, until = ?", away, time.time() - 1)
    else:
        machine, _, _ = lease.holder().split(" ")
        changed(path, "UPDATE leases SET holder = ?", f"{machine} 1 somewhen")
    assert go(office, journal, "r1")[0].outcome is Outcome.PUSHED


@pytest.mark.parametrize(
    ("holder", "until"), [("nonsense", 9e99), ("elsewhere 1 x", 9e99), ("elsewhere 1 x", "soon")]
)
def test_a_lease_that_somebody_made_nonsense_of_refuses_its_router_alone(
    office: Office, journal: Journal, path: Path, holder: str, until: object
) -> None:
    [target] = office.targets("r1")
    journal.take(journal.begin_run("push", (target,)), target)
    changed(path, "UPDATE leases SET holder = ?, until = ?", holder, until)
    refused, pushed = go(office, journal, "r1", "r2")
    assert (refused.outcome, pushed.outcome) == (Outcome.REFUSED, Outcome.PUSHED)
    assert isinstance(refused.error, LeaseError)
    assert "not as it was written" in refused.error.message


def test_a_run_that_lost_its_lease_rolls_back(office: Office, journal: Journal, path: Path) -> None:
    before = office.targets("r1") and office.routers["r1"].configuration()

    def watch(note: Note) -> None:
        if note.kind == "begins" and note.data["step"] == "applied":
            changed(path, "UPDATE leases SET run = 'another'")

    [result] = go(office, journal, "r1", watch=watch)
    assert result.outcome is Outcome.ROLLED_BACK
    assert office.routers["r1"].configuration() == before


def test_a_reply_that_could_not_be_written_stops_the_router_at_its_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replies are not waited for; but a journal that lost one may not go on as if it had it."""
    one = Target(router="r1", platform="vyos", intent=Intent(), host="192.0.2.1")
    appended = journal_module._append

    def forgetful(connection: sqlite3.Connection, run: str, note: Note) -> None:
        if note.kind == "replied" and note.data["reply"] == "second":
            raise sqlite3.OperationalError("database or disk is full")
        appended(connection, run, note)

    monkeypatch.setattr(journal_module, "_append", forgetful)
    with Journal.open(tmp_path / "journal.db") as journal:
        coordinator = Coordinator([one], Stop(), journal, None)
        coordinator.begin("push", {})
        coordinator.hear(Note("starts", "r1"))
        coordinator.hear(Note("replied", "r1", {"reply": "first"}))
        coordinator.hear(Note("replied", "r1", {"reply": "second"}))
        with pytest.raises(JournalError, match="disk is full"):
            coordinator.hear(Note("begins", "r1", {"step": "confirmed"}))
        assert "the journal failed" in coordinator.stop.reason
        kinds = [entry.kind for entry in records.story(journal.path, coordinator.run, "r1")]
    # Replies that were to go to the disk together with the one that failed went with it.
    assert kinds in (
        ["starts"],
        ["starts", "replied"],
        ["starts", "replied", "begins"],
        ["starts", "begins"],
    )


def test_a_last_entry_that_could_not_be_written_is_told_with_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Target(router="r1", platform="vyos", intent=Intent(), host="192.0.2.1")
    appended = journal_module._append

    def forgetful(connection: sqlite3.Connection, run: str, note: Note) -> None:
        if note.data.get("step") == "saved":
            raise sqlite3.OperationalError("database or disk is full")
        appended(connection, run, note)

    monkeypatch.setattr(journal_module, "_append", forgetful)
    with Journal.open(tmp_path / "journal.db") as journal:
        coordinator = Coordinator([one], Stop(), journal, None)
        coordinator.begin("push", {})
        coordinator.hear(Note("starts", "r1"))
        coordinator.hear(Note("reached", "r1", {"step": "saved"}))
        [writing] = coordinator._writing["r1"]
        assert writing.exception(timeout=5)
        with pytest.raises(JournalError, match="disk is full"):
            coordinator.finish(one, told(Result("r1", "vyos", Outcome.PUSHED), whole))
        assert "the journal failed" in coordinator.stop.reason
        assert records.run(journal.path, "last").router("r1").outcome == "pushed"


def test_a_lease_that_was_given_back_is_not_held_any_more(office: Office, journal: Journal) -> None:
    [one] = office.targets("r1")
    run = journal.begin_run("push", [one])
    journal.take(run, one)
    late = journal_module._leased(run, one, Note("begins", "r1", {"step": "armed"}))

    def together(book: Book) -> None:
        late(book)
        journal_module._finished(run, one, Note("result", "r1"))(book)
        late(book)

    with pytest.raises(LeaseError):
        journal._store.do(together)


def test_what_nobody_waits_for_is_on_the_disk_within_a_moment_and_in_order(tmp_path: Path) -> None:
    store = Store(tmp_path / "journal.db")
    seen: list[str] = []
    store.soon(lambda _connection: seen.append("one")).result(timeout=5)
    futures = [store.soon(partial(lambda n, _: seen.append(n), str(n))) for n in range(50)]
    store.do(lambda _connection: seen.append("step"))
    assert seen == ["one", *map(str, range(50)), "step"]
    assert all(future.done() for future in futures)
    last = store.soon(lambda _connection: seen.append("last"))
    store.close()
    assert last.done()
    assert seen[-1] == "last"


def test_many_threads_lose_nothing_that_nobody_waits_for(tmp_path: Path) -> None:
    store = Store(tmp_path / "journal.db")
    seen: list[tuple[int, int]] = []

    def work(thread: int) -> None:
        for n in range(30):
            store.soon(partial(lambda what, _: seen.append(what), (thread, n)))
            if n % 7 == 0:
                store.do(partial(lambda what, _: seen.append(what), (thread, -n)))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    store.close()
    for thread in range(12):
        mine = [n for who, n in seen if who == thread]
        assert [n for n in mine if n > 0] == list(range(1, 30))
        assert len(mine) == 30 + 5
