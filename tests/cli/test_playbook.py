"""The playbook commands, against simulated routers behind a real SSH server."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from routercfg.batch import history, playbook_run, records
from routercfg.cli import playbook_output
from routercfg.lab import Lab
from routercfg.platforms.registry import load_simulator
from routercfg.push import Options, Result, inspect
from routercfg.transport import Target

from .conftest import ROOT, Command

_NAMES = ("r1", "r2", "r3")
_READY = ROOT / "playbooks" / "voip-ready.yml"
Write = Callable[[str], Path]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "routercfg" / "journal.db"


@pytest.fixture
def lab() -> Iterator[Lab]:
    create = load_simulator("mikrotik_routeros").create
    routers = {name: create(hostname=name) for name in _NAMES}
    with Lab(routers, users={"admin": "secret"}, seen_from="192.168.88.10") as running:
        yield running


@pytest.fixture
def options(lab: Lab, tmp_path: Path, routercfg: Command) -> tuple[object, ...]:
    hosts = "".join(
        f"    {name}: {{ansible_host: {host}, ansible_port: {port}}}\n"
        for name, (host, port) in ((name, lab.address(name)) for name in _NAMES)
    )
    path = tmp_path / "hosts.yml"
    path.write_text(
        f"all:\n  hosts:\n{hosts}"
        "  vars:\n    service: xelion\n    platform: mikrotik_routeros\n"
        "    ansible_user: admin\n    ansible_password: secret\n"
        "    management_sources: [192.0.2.0/28]\n    provider_prefixes: [198.51.100.128/26]\n"
    )
    found = ("-i", path, "--known-hosts", tmp_path / "known_hosts")
    routercfg("trust", *found, "--yes")
    return found


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)

    def written(text: str) -> Path:
        path = tmp_path / "site.yml"
        path.write_text(text)
        return path

    return written


def ended(data: dict[str, object], does: str) -> list[tuple[str, str]]:
    done = data["done"]
    assert isinstance(done, list)
    return [(one["router"], one["ended"]) for one in done if one["does"] == does]


def test_our_playbooks_are_checked_without_an_inventory(routercfg: Command) -> None:
    files = sorted((ROOT / "playbooks").glob("*.yml"))
    found = routercfg("playbook", "check", *files)
    assert found.status == 0
    assert found.out.count("no mistakes") == len(files) == 4


def test_a_mistake_is_status_2_with_file_and_line(routercfg: Command, write: Write) -> None:
    path = write("- hosts: all\n  tasks:\n    - requires: tftp\n")
    found = routercfg("playbook", "check", path)
    assert found.status == 2
    assert f"RC116: {path}:3: " in found.err
    assert "Did you mean require?" in found.err
    assert routercfg("playbook", "check", path, "--json").data["error"]["code"] == "RC116"


def test_check_mode_changes_no_router(
    routercfg: Command, lab: Lab, options: tuple[object, ...], write: Write, state: Path
) -> None:
    path = write("- hosts: all\n  tasks:\n    - require: sip-alg\n    - pause: {prompt: Go on?}\n")
    before = [lab.routers[name].configuration() for name in _NAMES]
    found = routercfg("playbook", "run", path, *options, "--check", "--json")
    assert found.status == 1
    assert ended(found.data, "require") == [(name, "findings") for name in _NAMES]
    assert ended(found.data, "pause") == [("", "skipped")]
    assert found.data["routers"][0]["findings"][0]["commands"]
    assert not state.exists()
    assert [lab.routers[name].configuration() for name in _NAMES] == before


def test_a_push_without_a_terminal_needs_yes(
    routercfg: Command, lab: Lab, options: tuple[object, ...], write: Write
) -> None:
    path = write("- hosts: all\n  tasks:\n    - require: sip-alg\n")
    found = routercfg("playbook", "run", path, *options)
    assert found.status == 2
    assert f"{path}:3" in found.err
    assert "--yes" in found.err
    assert not lab.sent("r1")


def test_routers_are_backed_up_pushed_verified_and_reported_batch_by_batch(
    routercfg: Command, lab: Lab, options: tuple[object, ...], write: Write, tmp_path: Path
) -> None:
    path = write(
        "- hosts: all\n  serial: [1, 100%]\n  tasks:\n    - backup: kept\n"
        "    - require: all\n    - verify: all\n    - report: {format: json, to: out/report.json}\n"
    )
    found = routercfg("playbook", "run", path, *options, "--yes", "--json")
    assert found.status == 0, found.out
    assert [one["does"] for one in found.data["done"]][:5] == [
        *("backup", "require", "verify", "report", "backup"),
    ]
    assert ended(found.data, "require") == [(name, "changed") for name in _NAMES]
    assert [router["outcome"] for router in found.data["routers"]] == ["pushed"] * 3
    assert (tmp_path / "out" / "report.json").is_file()
    kept = list((tmp_path / "kept").iterdir())
    # The task's own, and beside it what each push keeps for a way back.
    assert sorted(file.name.partition(".")[2] for file in kept) == [
        *["readings.json"] * 3,
        *["txt"] * 6,
    ]
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in kept)
    again = routercfg("playbook", "run", path, *options, "--yes", "--json")
    assert ended(again.data, "require") == [(name, "ok") for name in _NAMES]


@pytest.mark.parametrize(("before", "folder"), [("", "backups"), ("{backup: kept}, ", "kept")])
def test_no_router_is_changed_before_its_configuration_is_kept(
    routercfg: Command,
    options: tuple[object, ...],
    write: Write,
    tmp_path: Path,
    before: str,
    folder: str,
) -> None:
    path = write(f"- hosts: r1\n  tasks: [{before}{{require: sip-alg}}]\n")
    assert routercfg("playbook", "run", path, *options, "--yes").status == 0
    [*files] = (tmp_path / folder).glob("*.txt")
    assert all("/ip address add" in file.read_text() for file in files)
    assert len(list((tmp_path / folder).glob("*.readings.json"))) == 1
    assert len([one for one in (tmp_path / "backups", tmp_path / "kept") if one.exists()]) == 1


def test_each_push_is_in_the_journal(
    routercfg: Command, options: tuple[object, ...], write: Write, tmp_path: Path
) -> None:
    path = write("- name: Fit\n  hosts: r1\n  tasks:\n    - require: sip-alg\n")
    file = tmp_path / "own.db"
    found = routercfg("playbook", "run", path, *options, "--yes", "--journal", file)
    assert found.status == 0, found.err
    with sqlite3.connect(file) as journal:
        text = "".join(str(row) for row in journal.execute("SELECT * FROM entries"))
    assert "playbook" in text
    assert "Fit" in text
    assert "saved" in text


def test_what_is_under_way_is_written_down_when_the_reader_of_our_output_goes_away(
    routercfg: Command,
    options: tuple[object, ...],
    write: Write,
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(_done: object) -> None:
        raise OSError("nobody reads this any more")

    path = write("- hosts: all\n  tasks:\n    - require: sip-alg\n")
    monkeypatch.setattr(playbook_output, "tell", gone)
    assert routercfg("playbook", "run", path, *options, "--yes").status == 2
    run = records.run(state, "last")
    assert run.ended
    assert {one.router: one.outcome for one in run.routers} == dict.fromkeys(_NAMES, "pushed")


def test_tasks_can_be_skipped_by_their_tags(
    routercfg: Command, options: tuple[object, ...], write: Write
) -> None:
    path = write(
        "- hosts: r1\n  tasks:\n    - {verify: sip-alg, tags: a}\n    - {verify: upnp, tags: b}\n"
    )
    found = routercfg("playbook", "run", path, *options, "--skip-tags", "a", "--json").data
    [router] = found["routers"]
    assert [one["requirement"] for one in router["findings"]] == ["upnp"]
    wrong = routercfg("playbook", "run", path, *options, "--skip-tags", "c")
    assert (wrong.status, "--skip-tags" in wrong.err) == (2, True)
    nothing = routercfg("playbook", "run", path, *options, "--skip-tags", "a,b")
    assert (nothing.status, "no task is left" in nothing.err) == (2, True)


def test_a_report_tells_all_that_is_known_whatever_the_last_task_was_about(
    routercfg: Command, options: tuple[object, ...], write: Write, tmp_path: Path
) -> None:
    path = write(
        "- hosts: r1\n  tasks:\n    - verify: [sip-alg, upnp]\n    - verify: udp-timeouts\n"
        "    - report: {format: json, to: a.json}\n    - report: {to: a.txt}\n"
    )
    found = routercfg("playbook", "run", path, *options, "--json")
    [router] = json.loads((tmp_path / "a.json").read_text())["routers"]
    assert router == found.data["routers"][0]
    assert [one["requirement"] for one in router["findings"]] == ["sip-alg", "udp-timeouts", "upnp"]
    heading = (tmp_path / "a.txt").read_text().splitlines()[0]
    assert heading.split() == ["router", "status", "sip-alg", "udp-timeouts", "upnp"]


def test_no_batch_begins_after_one_that_did_not_end_well(
    routercfg: Command, lab: Lab, options: tuple[object, ...], write: Write
) -> None:
    path = write(
        "- hosts: all\n  serial: [1, 100%]\n  tasks:\n    - require: sip-alg\n    - verify: all\n"
        "- hosts: all\n  tasks:\n    - require: tftp\n"
    )
    found = routercfg("playbook", "run", path, *options, "--yes", "--json")
    assert found.status == 1
    assert found.data["stopped"] is True
    assert ended(found.data, "verify") == [("r1", "findings")]
    # The two routers of the next batch, and the next play.
    assert ended(found.data, "") == [("r2", "skipped"), ("r3", "skipped"), ("", "skipped")]
    assert not any(" set " in line for line in lab.sent("r2"))
    assert "a router did not end well, and max_fail_percentage is 0: r1" in found.data["reason"]
    assert "same command" in found.data["hint"]
    told = routercfg("playbook", "run", path, *options, "--yes")
    assert f"stopped: {found.data['reason']}" in told.err
    assert "give the same command again" in told.err
    assert "play 1: all: 2 routers: skipped: not begun" in told.out
    assert told.out.count("not begun: the play stopped") == 1


def test_what_ctrl_c_stopped_is_ended_by_the_same_command_which_leaves_alone_what_is_done(
    routercfg: Command,
    lab: Lab,
    options: tuple[object, ...],
    write: Write,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def push(target: Target, options: Options) -> Result:
        result = real(target, options)
        if target.router == "r2":
            os.kill(os.getpid(), signal.SIGINT)
            threading.Event().wait(0.3)
        return result

    def changes() -> list[int]:
        return [sum(" set " in line for line in lab.sent(name)) for name in _NAMES]

    path = write(
        "- hosts: all\n  serial: 1\n  tasks:\n    - require: all\n    - verify: all\n"
        "    - report: {format: json, to: report.json}\n"
    )
    real = playbook_run.push
    with monkeypatch.context() as patch:
        patch.setattr(playbook_run, "push", push)
        stopped = routercfg("playbook", "run", path, *options, "--yes")
    assert stopped.status == 130
    assert "routers: 2 well so far\nstopped: it was interrupted" in stopped.err
    assert "give the same command again" in stopped.err
    before = changes()
    assert [bool(count) for count in before] == [True, True, False]
    again = routercfg("playbook", "run", path, *options, "--yes", "--json")
    assert again.status == 0, again.out
    assert ended(again.data, "require") == [("r1", "ok"), ("r2", "ok"), ("r3", "changed")]
    assert changes()[:2] == before[:2]
    report = json.loads((tmp_path / "report.json").read_text())
    assert [(one["router"], one["status"]) for one in report["routers"]] == [
        (name, "ok") for name in _NAMES
    ]


def test_at_its_end_a_playbook_names_the_routers_that_are_not_well(
    routercfg: Command, lab: Lab, options: tuple[object, ...], write: Write, tmp_path: Path
) -> None:
    known = (tmp_path / "known_hosts").read_text().splitlines(keepends=True)
    (tmp_path / "known_hosts").write_text("".join(known[1:]))
    path = write(
        "- hosts: all\n  max_fail_percentage: 100\n  tasks:\n    - require: management\n"
        "- hosts: r2\n  check_mode: true\n  tasks:\n    - require: all\n"
    )
    found = routercfg("playbook", "run", path, *options, "--yes")
    assert found.status == 3
    [told] = [line for line in found.err.splitlines() if line.startswith("routers: ")]
    assert told.startswith("routers: 1 well; 1 unreachable: r1; 1 with ")
    assert told.endswith(" left: r2")
    assert "sip-alg" in told
    assert "management" not in told


def test_a_router_that_is_not_reached_gets_no_further_task_and_is_status_3(
    routercfg: Command, lab: Lab, options: tuple[object, ...], write: Write, tmp_path: Path
) -> None:
    hosts = tmp_path / "hosts.yml"
    _, port = lab.address("r2")
    hosts.write_text(hosts.read_text().replace(str(port), "9"))
    path = write("- hosts: all\n  tasks:\n    - verify: sip-alg\n    - require: sip-alg\n")
    found = routercfg("playbook", "run", path, *options, "--yes", "--json")
    assert found.status == 3
    assert ended(found.data, "verify")[1] == ("r2", "failed")
    assert ended(found.data, "require") == [("r1", "changed"), ("r3", "changed")]


def test_limit_and_tags_leave_out_routers_and_tasks(
    routercfg: Command, options: tuple[object, ...], write: Write
) -> None:
    path = write(
        "- hosts: all\n  tasks:\n    - {verify: sip-alg, tags: a}\n    - {verify: upnp, tags: b}\n"
    )
    chosen = ("--limit", "r2", "--tags", "b")
    found = routercfg("playbook", "run", path, *options, *chosen, "--json").data
    [router] = found["routers"]
    assert router["router"] == "r2"
    assert [one["requirement"] for one in router["findings"]] == ["upnp"]
    wrong = routercfg("playbook", "run", path, *options, "--tags", "c")
    assert wrong.status == 2
    assert "Tags: a, b" in wrong.err


def test_a_variable_of_the_play_wins_over_the_inventory(
    routercfg: Command, options: tuple[object, ...], write: Write
) -> None:
    text = "- hosts: r1\n  vars: {{udp_timeout: {}}}\n  tasks:\n    - require: udp-timeouts\n"
    path = write(text.format(777))
    found = routercfg("playbook", "run", path, *options, "--check", "--json").data
    [finding] = found["routers"][0]["findings"]
    assert any("777" in line or "12m57s" in line for line in finding["commands"])


def test_a_variable_that_one_router_cannot_have_names_the_playbook(
    routercfg: Command, options: tuple[object, ...], write: Write
) -> None:
    path = write("- hosts: r1\n  vars:\n    service: nobody\n  tasks:\n    - verify:\n")
    found = routercfg("playbook", "run", path, *options)
    assert found.status == 2
    assert f"{path}:1, router r1" in found.err
    assert "'nobody'" in found.err


def test_show_commands_are_shown_and_others_never_sent(
    routercfg: Command, lab: Lab, options: tuple[object, ...], write: Write
) -> None:
    path = write("- hosts: r1\n  tasks:\n    - command: /ip address print detail\n")
    found = routercfg("playbook", "run", path, *options, "--json")
    assert found.status == 0, found.err
    [done] = found.data["done"]
    assert "192.168.88.1/24" in done["outputs"][0]["text"]
    logins = lab.attempts("r1")
    foreign = write("- hosts: r1\n  tasks:\n    - command: show version\n")
    refused = routercfg("playbook", "run", foreign, *options)
    assert refused.status == 2
    assert "r1" in refused.err
    assert lab.attempts("r1") == logins


def test_a_show_that_a_release_does_not_know_leaves_the_router_in_the_play(
    routercfg: Command, options: tuple[object, ...], write: Write
) -> None:
    path = write(
        "- hosts: r1\n  tasks:\n    - command: [/ip address print, /ipv6 pool print]\n"
        "    - require: sip-alg\n    - verify: sip-alg\n"
    )
    found = routercfg("playbook", "run", path, *options, "--yes", "--json")
    assert found.status == 1, found.err
    [shown] = [one for one in found.data["done"] if one["does"] == "command"]
    assert shown["ended"] == "findings"
    assert "refused '/ipv6 pool print'" in shown["detail"]
    assert [one["command"] for one in shown["outputs"]] == [
        "/ip address print",
        "/ipv6 pool print",
    ]
    assert ended(found.data, "require") == [("r1", "changed")]
    assert ended(found.data, "verify") == [("r1", "ok")]
    assert found.data["stopped"] is False


def test_a_router_that_nothing_judged_is_never_reported_as_ok(
    routercfg: Command, options: tuple[object, ...], write: Write, lab: Lab, tmp_path: Path
) -> None:
    hosts = tmp_path / "hosts.yml"
    _, port = lab.address("r2")
    hosts.write_text(hosts.read_text().replace(str(port), "9"))
    path = write(
        "- hosts: r1,r2\n  tasks:\n    - whitelist:\n    - backup: kept\n"
        "    - report: {format: json, to: a.json}\n"
    )
    found = routercfg("playbook", "run", path, *options, "--json")
    assert found.status == 3
    first, second = json.loads((tmp_path / "a.json").read_text())["routers"]
    assert first["status"] == "unknown"
    assert second["status"] == "unreachable"
    assert second["error"]["code"]


def test_each_push_names_its_run_in_the_journal(
    routercfg: Command, options: tuple[object, ...], write: Write, state: Path
) -> None:
    path = write("- hosts: r1,r2\n  serial: 1\n  tasks:\n    - require: sip-alg\n")
    found = routercfg("playbook", "run", path, *options, "--yes", "--json").data
    told = [(one["router"], one["run"]) for one in found["done"]]
    kept = [(records.run(state, one.run).routers[0].router, one.run) for one in history.runs(state)]
    assert sorted(told) == sorted(kept)
    back = routercfg("rollback", told[0][1], *options, "--yes", "--json").data["routers"]
    assert [(one["router"], one["outcome"]) for one in back] == [("r1", "undone")]


def test_a_command_for_other_platforms_is_skipped(
    routercfg: Command, options: tuple[object, ...], write: Write
) -> None:
    path = write("- hosts: r1\n  tasks:\n    - command: {cisco_ios: show version}\n")
    found = routercfg("playbook", "run", path, *options, "--json")
    assert ended(found.data, "command") == [("r1", "skipped")]
    assert found.status == 0


def test_addresses_are_written_as_csv(
    routercfg: Command, options: tuple[object, ...], write: Write, tmp_path: Path
) -> None:
    path = write("- hosts: r1\n  tasks:\n    - whitelist: {format: csv, to: w.csv}\n")
    found = routercfg("playbook", "run", path, *options, "--json")
    assert found.status == 0
    assert ended(found.data, "whitelist")[0] == ("r1", "ok")
    [heading, row] = (tmp_path / "w.csv").read_text().splitlines()
    assert heading.startswith("router,site,service,portal")
    assert found.data["addresses"][0]["address"] in row.split(",")


def test_a_pattern_that_means_nothing_is_an_error_of_the_playbook(
    routercfg: Command, options: tuple[object, ...], write: Write
) -> None:
    path = write("- hosts: r9\n  tasks:\n    - verify:\n")
    found = routercfg("playbook", "run", path, *options)
    assert found.status == 2
    assert f"RC113: {path}:1" in found.err


@pytest.mark.parametrize(
    "risks", [("lockout-risk",), ("no-revert",), ("lockout-risk", "no-revert")]
)
def test_who_has_another_way_in_may_say_so_as_the_hints_tell_him_to(
    routercfg: Command,
    options: tuple[object, ...],
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
    risks: tuple[str, ...],
) -> None:
    seen = []

    def push(target: Target, options: Options) -> Result:
        seen.append((options.accept_lockout_risk, options.accept_no_revert))
        return inspect(target, options.ids)

    monkeypatch.setattr(playbook_run, "push", push)
    path = write("- hosts: r1\n  tasks: [{require: upnp}]\n")
    said = (f"--accept-{risk}" for risk in risks)
    routercfg("playbook", "run", path, *options, "--yes", *said)
    assert seen == [("lockout-risk" in risks, "no-revert" in risks)]


def test_our_playbook_makes_a_router_fit(
    routercfg: Command, options: tuple[object, ...], write: Write, tmp_path: Path
) -> None:
    write("")
    chosen = ("--limit", "r1", "--tags", "telephony,security")
    found = routercfg("playbook", "run", _READY, *options, *chosen, "--yes", "--json")
    assert found.status == 0, found.out
    assert found.data["routers"][0]["status"] == "ok"
    assert list((tmp_path / "backups").iterdir())
