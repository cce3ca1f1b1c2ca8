"""`push` as a run, and `journal`, against simulated routers behind a real SSH server."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routercfg.batch.journal import Journal
from routercfg.batch.note import Note
from routercfg.cli import run
from routercfg.lab import Fault, Lab, Trouble
from routercfg.model.intent import Intent
from routercfg.platforms.registry import load_simulator
from routercfg.transport import Target

NAMES = ("r1", "r2", "r3")


@pytest.fixture
def lab() -> Iterator[Lab]:
    create = load_simulator("mikrotik_routeros").create
    routers = {name: create(hostname=name) for name in NAMES}
    with Lab(routers, users={"admin": "secret-enough"}, seen_from="192.168.88.10") as running:
        yield running


class Desk:
    """Somebody at a command line, with an inventory of the lab's routers."""

    def __init__(self, lab: Lab, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        hosts = "".join(
            f"    {name}: {{ansible_host: {lab.address(name)[0]}, "
            f"ansible_port: {lab.address(name)[1]}}}\n"
            for name in NAMES
        )
        self.inventory = folder / "hosts.yml"
        self.inventory.write_text(
            f"all:\n  hosts:\n{hosts}"
            "  vars:\n    service: xelion\n    platform: mikrotik_routeros\n"
            "    ansible_user: admin\n    ansible_password: secret-enough\n"
            "    management_sources: [192.0.2.0/28]\n    provider_prefixes: [198.51.100.128/26]\n"
        )
        known = folder / "known_hosts"
        known.write_text(
            "".join(f"[{host}]:{port} {lab.host_key}\n" for host, port in map(lab.address, NAMES))
        )
        self._reach = ("-i", self.inventory, "--known-hosts", known)
        self._options = (
            *(*self._reach, "--yes"),
            *("--backups", folder / "backups", "--workers", 1),
        )
        self.path = folder / "state" / "journal.db"
        self._capsys = capsys

    def push(self, *more: object) -> tuple[int, dict[str, str], str]:
        status = run([*map(str, ("push", *self._options, *more, *self._journal)), "--json"])
        caught = self._capsys.readouterr()
        data = json.loads(caught.out)
        outcomes = {one["router"]: one.get("outcome") for one in data.get("routers", ())}
        return status, outcomes, caught.err

    def told(self, *arguments: object) -> tuple[int, str]:
        """A command line as people give it; its status and what it told them beside."""
        status = run([*map(str, (*arguments, *self._reach, *self._journal))])
        return status, self._capsys.readouterr().err

    def printed(self, *arguments: object) -> str:
        """What a command line prints for people."""
        run([*map(str, (*arguments, *self._reach, *self._journal))])
        return self._capsys.readouterr().out

    def rollback(self, *more: object) -> tuple[int, dict[str, Any]]:
        status = run([*map(str, ("rollback", *more, *self._reach, *self._journal)), "--json"])
        data = json.loads(self._capsys.readouterr().out)
        return status, {one["router"]: one for one in data["routers"]}

    def journal(self, *more: object) -> tuple[int, str]:
        status = run([str(part) for part in ("journal", *more, *self._journal)])
        return status, self._capsys.readouterr().out

    def data(self, *more: object) -> Any:
        return json.loads(self.journal(*more, "--json")[1])

    @property
    def _journal(self) -> tuple[object, ...]:
        return "--journal", self.path


@pytest.fixture
def desk(lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(lab, tmp_path, capsys)


def test_a_run_that_stopped_at_its_canary_is_resumed_and_then_done_again(
    desk: Desk, lab: Lab
) -> None:
    lab.faults["r1"].append(Fault(Trouble.REFUSE_LOGIN))
    status, outcomes, told = desk.push("--serial", "1,100%")
    assert status == 3
    assert outcomes == {"r1": "unreachable", "r2": "not begun", "r3": "not begun"}
    assert "stopped: no router of the batch before it verified" in told
    assert re.search(r"(?m)^ended after 0:\d\d: 1 unreachable, 2 not begun$", told)
    status, outcomes, _ = desk.push("--resume", "last")
    assert (status, outcomes) == (0, {"r2": "pushed", "r3": "pushed"})
    lab.faults["r1"].clear()
    [_, first] = desk.data("list")["runs"]
    status, outcomes, _ = desk.push("--resume", first["run"], "--only", "failed,unreached")
    assert outcomes == {"r1": "pushed", "r2": "unchanged", "r3": "unchanged"}


def test_a_resumed_run_is_about_what_it_was_about(desk: Desk, lab: Lab) -> None:
    lab.faults["r1"].append(Fault(Trouble.REFUSE_LOGIN))
    desk.push("--serial", "1,100%", "--only", "sip-alg")
    desk.push("--resume", "last")
    runs = desk.data("list")["runs"]
    assert [one["settings"]["requirements"] for one in runs] == [["sip-alg"], ["sip-alg"]]
    sent = lab.sent("r2")
    assert any("sip" in line for line in sent)
    assert not any("/ip upnp set" in line for line in sent)


def test_only_failed_and_unreached_takes_those_of_the_last_run(desk: Desk, lab: Lab) -> None:
    lab.faults["r1"].append(Fault(Trouble.REFUSE_LOGIN))
    lab.faults["r3"].append(Fault(Trouble.NOT_CARRIED_OUT, matching="disabled=yes"))
    _, outcomes, _ = desk.push("--only", "sip-alg")
    assert outcomes == {"r1": "unreachable", "r2": "pushed", "r3": "rolled back"}
    lab.faults["r1"].clear()
    _, outcomes, _ = desk.push("--only", "unreached", "--only", "sip-alg", "--dry-run")
    assert outcomes == {"r1": None}
    lab.faults["r3"].clear()
    _, outcomes, _ = desk.push("--only", "failed,unreached", "--only", "sip-alg,upnp")
    assert outcomes == {"r1": "pushed", "r3": "pushed"}
    assert desk.data("list")["runs"][0]["settings"]["requirements"] == ["sip-alg", "upnp"]


def test_a_run_that_left_nothing_to_do_makes_no_other(desk: Desk) -> None:
    desk.push()
    for arguments in (("--resume", "last"), ("--only", "failed")):
        status, outcomes, told = desk.push(*arguments)
        assert (status, outcomes) == (0, {})
        assert "left none of these routers to do: 3 pushed" in told
    assert len(desk.data("list")["runs"]) == 1
    assert not desk.printed("push", "--resume", "last", "--yes")


def test_a_resumed_run_has_the_canaries_of_the_first(desk: Desk, lab: Lab) -> None:
    lab.faults["r1"].append(Fault(Trouble.REFUSE_LOGIN))
    desk.push("--serial", "1,1,100%", "--max-failures", "10%")
    lab.faults["r2"].append(Fault(Trouble.REFUSE_LOGIN))
    _, outcomes, _ = desk.push("--resume", "last")
    assert outcomes == {"r2": "unreachable", "r3": "not begun"}
    assert desk.data("list")["runs"][0]["settings"]["max_failures"] == "10%"


def test_routers_that_left_the_inventory_are_left_out_of_a_resumed_run_by_limit(
    desk: Desk, lab: Lab
) -> None:
    lab.faults["r1"].append(Fault(Trouble.REFUSE_LOGIN))
    desk.push("--serial", "1,100%")
    lines = desk.inventory.read_text().splitlines(keepends=True)
    desk.inventory.write_text("".join(line for line in lines if " r2:" not in line))
    status, _, told = desk.push("--resume", "last")
    assert status == 2
    assert "that are not here: r2" in told
    assert "--limit" in told
    assert desk.push("--resume", "last", "--limit", "all")[1] == {"r3": "pushed"}


def test_a_router_that_another_run_has_is_refused_in_the_journal_too(desk: Desk, lab: Lab) -> None:
    with Journal.open(desk.path) as journal:
        host, port = lab.address("r1")
        other = Target(router="x", platform="vyos", intent=Intent(), host=host, port=port)
        begun = journal.begin_run("push", (other,))
        journal.take(begun, other)
        _, outcomes, _ = desk.push("--limit", "r1")
        last = desk.data("list")["runs"][0]["run"]
        journal.end_run(begun, Note("end", "", {"counts": {}, "stopped": ""}))
    assert outcomes == {"r1": "refused"}
    [router] = desk.data("show", last)["run"]["routers"]
    assert router["outcome"] == "refused"
    assert router["error"].startswith("RC161")
    assert desk.push("--only", "failed")[1] == {"r1": "pushed"}


def test_the_journal_tells_who_did_what_and_what_the_router_said(desk: Desk) -> None:
    desk.push("--limit", "r1")
    status, listed = desk.journal("list")
    assert status == 0
    assert "1 pushed" in listed
    _, shown = desk.journal("show", "last")
    assert "r1" in shown
    assert "saved" in shown
    _, story = desk.journal("show", "last", "r1")
    assert "begins armed: safe mode" in story
    assert "> /ip firewall service-port set sip disabled=yes" in story
    assert "secret-enough" not in story
    assert re.search(r"reached backed up: .*\.txt \(sha256 [0-9a-f]{64}\)", story)
    assert desk.journal("check")[0] == 0
    exported = desk.data("export")["entries"]
    assert len(exported) > 10
    assert len(desk.journal("export")[1].splitlines()) == len(exported) + 2
    assert desk.journal("show", "last", "r9")[0] == 2


def test_the_journal_tells_how_a_run_went_and_why_it_stopped(desk: Desk, lab: Lab) -> None:
    lab.faults["r1"].append(Fault(Trouble.REFUSE_LOGIN))
    desk.push("--serial", "1,100%", "--max-failures", "10%")
    _, shown = desk.journal("show", "last")
    assert "settings: " in shown
    assert "serial 1,100%; max_failures 10%" in shown
    assert "stopped: no router of the batch before it verified" in shown
    assert "routers: 1 unreachable, 2 not begun" in shown
    assert desk.data("show", "last")["run"]["stopped"] == desk.data("list")["runs"][0]["stopped"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--serial", "0"),
        ("--serial", "a few"),
        ("--serial", "200%"),
        ("--max-failures", "-1"),
        ("--max-failures", "many"),
        ("--engine", "steam"),
        ("--only", "pushed"),
        ("--resume", "no-such-run"),
    ],
)
def test_bad_options_are_one_clear_line(desk: Desk, lab: Lab, arguments: tuple[str, ...]) -> None:
    status, outcomes, told = desk.push(*arguments)
    assert status == 2
    assert outcomes == {}
    assert told.startswith("RC1")
    assert sum(lab.attempts(name) for name in NAMES) == 0


def test_without_a_journal_to_write_nothing_is_pushed(desk: Desk, lab: Lab) -> None:
    desk.path.parent.write_text("a file where the folder should be")
    status, _, told = desk.push()
    assert status == 2
    assert told.startswith("RC160")
    assert sum(lab.attempts(name) for name in NAMES) == 0


def test_a_broken_chain_is_status_1_and_named(desk: Desk) -> None:
    desk.push("--limit", "r1")
    with sqlite3.connect(desk.path) as connection:
        connection.execute("UPDATE entries SET data = '{}' WHERE number = 4")
    status, told = desk.journal("check")
    assert status == 1
    assert "entry 4" in told


def test_processes_push_as_threads_do(desk: Desk) -> None:
    status, outcomes, told = desk.push("--engine", "processes", "--workers", 2)
    assert (status, outcomes) == (0, dict.fromkeys(NAMES, "pushed")), told
    kinds = {one["kind"] for one in desk.data("show", "last", "r2")["entries"]}
    assert kinds == {"starts", "begins", "reached", "replied", "result"}


def test_rollback_brings_back_what_it_was_and_is_a_run_itself(desk: Desk, lab: Lab) -> None:
    was = {name: lab.routers[name].configuration() for name in NAMES}
    desk.push("--limit", "r1,r2")
    status, routers = desk.rollback("last", "--yes", "--serial", "1,100%")
    assert status == 0, routers
    assert {name: one["outcome"] for name, one in routers.items()} == {
        "r1": "undone",
        "r2": "undone",
    }
    assert routers["r1"]["sent"]
    assert routers["r1"]["undo"]["conflicts"] == []
    assert {name: lab.routers[name].configuration() for name in NAMES} == was
    assert [one["kind"] for one in desk.data("list")["runs"]] == ["rollback", "push"]


def test_rollback_shows_what_it_would_send_and_sends_nothing(desk: Desk, lab: Lab) -> None:
    desk.push("--limit", "r1")
    pushed = lab.routers["r1"].configuration()
    status, routers = desk.rollback("last", "--dry-run")
    assert status == 0
    assert any("sip" in line for line in routers["r1"]["undo"]["commands"])
    assert "outcome" not in routers["r1"]
    assert lab.routers["r1"].configuration() == pushed
    assert len(desk.data("list")["runs"]) == 1


def test_rollback_needs_somebody_who_agrees(desk: Desk, lab: Lab) -> None:
    desk.push("--limit", "r1")
    pushed = lab.routers["r1"].configuration()
    status, told = desk.told("rollback", "last")
    assert status == 2
    assert "a rollback needs somebody who agrees" in told
    assert "--dry-run" in told
    assert lab.routers["r1"].configuration() == pushed


def test_rollback_refuses_what_somebody_changed_and_shows_the_difference(
    desk: Desk, lab: Lab
) -> None:
    was = lab.routers["r1"].configuration()
    desk.push("--limit", "r1")
    run = desk.data("list")["runs"][0]["run"]
    theirs = "/ip firewall connection tracking set udp-timeout=7m"
    lab.routers["r1"].execute(theirs, "admin", "192.168.88.10")
    status, routers = desk.rollback(run, "--yes")
    assert (status, routers["r1"]["outcome"]) == (1, "refused")
    assert routers["r1"]["error"]["code"] == "RC156"
    [conflict] = routers["r1"]["undo"]["conflicts"]
    assert "7m" in str(conflict["found"])
    assert "7m" not in str(conflict["left"])
    assert routers["r1"]["sent"] == []
    told = desk.printed("rollback", run, "--yes")
    assert re.search(r"(?m)^ {6}- .*udp-timeout=5m", told)
    assert re.search(r"(?m)^ {6}\+ .*udp-timeout=7m", told)
    assert "--force puts it back all the same" in told
    assert desk.rollback(run, "--yes", "--force")[0] == 0
    assert lab.routers["r1"].configuration() == was


def test_rollback_leaves_out_no_router_unasked(desk: Desk, lab: Lab) -> None:
    was = lab.routers["r1"].configuration()
    desk.push("--limit", "r1,r2")
    lines = desk.inventory.read_text().splitlines(keepends=True)
    desk.inventory.write_text("".join(line for line in lines if " r2:" not in line))
    status, told = desk.told("rollback", "last", "--yes")
    assert status == 2
    assert "that are not here: r2" in told
    assert desk.rollback("last", "--yes", "--limit", "all")[0] == 0
    assert lab.routers["r1"].configuration() == was


def test_rollback_takes_no_other_router_for_the_one_that_the_run_changed(
    desk: Desk, lab: Lab
) -> None:
    was = lab.routers["r2"].configuration()
    desk.push("--limit", "r1,r2")
    run = desk.data("list")["runs"][0]["run"]
    pushed = {name: lab.routers[name].configuration() for name in NAMES}
    text = desk.inventory.read_text()
    one, two = (f"ansible_port: {lab.address(name)[1]}" for name in ("r1", "r2"))
    desk.inventory.write_text(text.replace(one, "X").replace(two, one).replace("X", two))
    status, routers = desk.rollback(run, "--yes", "--limit", "r1")
    assert (status, routers["r1"]["error"]["code"]) == (1, "RC155")
    assert f"port {lab.address('r1')[1]}" in routers["r1"]["error"]["message"]
    assert {name: lab.routers[name].configuration() for name in NAMES} == pushed
    assert desk.rollback(run, "--yes", "--limit", "r1", "--force")[0] == 0
    assert lab.routers["r2"].configuration() == was


def test_rollback_says_where_the_backup_is_when_its_readings_are_gone(
    desk: Desk, tmp_path: Path
) -> None:
    desk.push("--limit", "r1")
    [readings] = (tmp_path / "backups").glob("*.readings.json")
    readings.write_text("{}")
    status, routers = desk.rollback("last", "--yes")
    error = routers["r1"]["error"]
    assert (status, error["code"]) == (1, "RC155")
    assert "not what was written then" in error["message"]
    assert f"{tmp_path}/backups/r1-" in error["hint"]


def test_rollback_of_a_router_that_was_not_changed_has_nothing_to_do(desk: Desk) -> None:
    desk.push("--limit", "r1")
    desk.push("--limit", "r1")
    assert desk.rollback("last", "--yes") == (0, {})
    assert "left nothing on these routers" in desk.told("rollback", "last", "--yes")[1]


def test_a_rollback_is_run_again_and_not_resumed(desk: Desk) -> None:
    desk.push("--limit", "r1")
    desk.rollback("last", "--yes")
    status, _, told = desk.push("--resume", "last")
    assert status == 2
    assert "is no push but a rollback" in told


def test_what_a_way_back_needs_is_kept_beside_the_journal(desk: Desk) -> None:
    desk.told("push", "--yes", "--limit", "r1")
    folder = desk.path.parent / "backups"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.suffix for file in folder.iterdir()} == {".txt", ".json"}
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    [router] = desk.data("show", "last")["run"]["routers"]
    assert router["readings"].startswith(str(folder))
