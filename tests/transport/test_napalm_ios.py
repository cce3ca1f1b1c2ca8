"""NAPALM's IOS driver, as routercfg uses it, over SSH, against the simulated Cisco."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from routercfg.errors import PushError, RefusedLineError, RoutercfgError
from routercfg.inventory.secret import Secret
from routercfg.lab import Lab
from routercfg.lab.faults import Fault, Trouble
from routercfg.platforms import load_pack
from routercfg.push import Options, Outcome, Step, inspect, push
from routercfg.push.result import Moment
from routercfg.transport import Target
from routercfg.transport.hostkeys import fetch, pin
from routercfg.transport.napalm_login import open_napalm
from routercfg.transport.napalm_session import NapalmSession
from tests.vendors import ios

ENGINEER = "192.0.2.130"
# Loading a pack is what makes its modules importable.
load_pack("cisco_ios")
CANDIDATE = import_module("routercfg_vendors.cisco_ios.napalm_driver").CANDIDATE
FILE = f"flash:/{CANDIDATE}"
COPY = "^copy "
MANIFEST = load_pack("cisco_ios").manifest


class Bench:
    """One simulated router behind SSH. Its clock only moves when told to."""

    def __init__(self, folder: Path, router: Any = None) -> None:
        self.clock = ios.Clock()
        self.router = router or ios.router("messy", hostname="gw", clock=self.clock)
        self.before = self.router.configuration()
        self.lab = Lab({"gw": self.router}, users={"admin": "correct horse"}, seen_from=ENGINEER)
        self.folder = folder

    def target(self) -> Target:
        host, port = self.lab.address("gw")
        return Target(
            router="gw",
            platform="cisco_ios",
            intent=ios.INTENT,
            host=host,
            port=port,
            user="admin",
            password=Secret.of("correct horse"),
            known_hosts=self.folder / "known_hosts",
            library="napalm",
            timeout=5,
        )

    def trusted(self) -> Target:
        found = self.target()
        pin(self.folder / "known_hosts", found.host, found.port, fetch(found.host, found.port))
        return found

    def session(self) -> NapalmSession:
        found = open_napalm(self.trusted(), MANIFEST)
        assert isinstance(found, NapalmSession)
        return found

    def fault(self, trouble: Trouble, login: int, **more: Any) -> None:
        self.lab.faults["gw"].append(Fault(trouble, login, **more))

    @property
    def untouched(self) -> bool:
        """Does it run and keep what it did, with nothing of ours pending or lying about?"""
        return (
            self.router.configuration() == self.router.persisted() == self.before
            and "%No" in self.router.pending()
            and not self.router.files.holds(FILE)
        )


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    with made.lab:
        yield made


def at(step: Step, act: Callable[[], object]) -> Callable[[str, Moment], None]:
    def watch(_router: str, moment: Moment) -> None:
        if moment.step is step:
            act()

    return watch


# -- reading -------------------------------------------------------------------------------------


def test_napalm_and_ssh_come_to_the_same_findings(bench: Bench) -> None:
    through = bench.trusted()
    one, other = inspect(replace(through, library="netmiko")), inspect(through)
    assert one.before is not None
    assert other.before is not None, other.error
    assert other.before.findings == one.before.findings
    assert one.before.commands


def test_the_plan_names_the_revert_that_napalm_would_use(bench: Bench, tmp_path: Path) -> None:
    assert inspect(bench.trusted()).revert == "commit with confirmation, within 300 s"
    bench.router.apply("no archive")
    assert inspect(bench.trusted()).revert == "none"


def test_colours_in_every_reply_change_nothing(bench: Bench) -> None:
    bench.lab.faults["gw"].append(Fault(Trouble.COLOUR))
    assert push(bench.trusted()).outcome is Outcome.PUSHED


@pytest.mark.parametrize(
    ("trouble", "more"),
    [
        (Trouble.STALL, {}),
        (Trouble.DROP_BEFORE_REPLY, {}),
        (Trouble.WRONG_PROMPT, {"text": "login: "}),
    ],
)
def test_a_reading_that_does_not_end_is_no_reading(
    bench: Bench, trouble: Trouble, more: dict[str, Any]
) -> None:
    bench.fault(trouble, 1, matching="^show running-config", **more)
    result = push(replace(bench.trusted(), timeout=2))
    assert result.outcome is Outcome.UNREACHABLE
    assert result.before is None
    assert bench.untouched


def test_an_unknown_host_key_gets_no_credential(bench: Bench) -> None:
    result = inspect(bench.target())
    assert result.error is not None
    assert result.error.code == "RC143"
    assert bench.lab.attempts("gw") == 0


def test_a_revoked_host_key_gets_no_credential_whatever_names_it(bench: Bench) -> None:
    known = bench.folder / "known_hosts"
    to = bench.trusted()
    key = known.read_text().split(maxsplit=1)[1]
    known.write_text(f"*,!other {key}")
    assert inspect(to).before is not None
    attempts = bench.lab.attempts("gw")
    known.write_text(f"* {key}@revoked * {key}")
    error = inspect(to).error
    assert error is not None
    assert error.code == "RC143"
    assert bench.lab.attempts("gw") == attempts


def test_a_wrong_password_is_tried_once(bench: Bench) -> None:
    result = inspect(replace(bench.trusted(), password=Secret.of("wrong")))
    assert result.error is not None
    assert result.error.code == "RC142"
    assert bench.lab.attempts("gw") == 1


def test_a_name_of_the_ssh_configuration_is_followed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    through = bench.trusted()
    home = bench.folder / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "config").write_text(
        f"Host office\n HostName {through.host}\n Port {through.port}\n User admin\n"
    )
    monkeypatch.setenv("HOME", str(home))
    result = inspect(replace(through, host="office", port=22, user=""))
    assert result.before is not None, result.error


# -- pushing -------------------------------------------------------------------------------------


def test_a_push_is_proved_confirmed_and_saved_and_a_second_one_sends_nothing(bench: Bench) -> None:
    to = bench.trusted()
    result = push(to)
    assert result.outcome is Outcome.PUSHED, result.error
    assert [moment.step for moment in result.moments] == [
        Step.PLANNED, Step.ARMED, Step.APPLIED, Step.RECONNECTED,
        Step.VERIFIED, Step.CONFIRMED, Step.SAVED,
    ]  # fmt: skip
    router = bench.router
    assert router.persisted() == router.configuration() != bench.before
    assert "%No" in router.pending()
    assert not router.files.holds(FILE)
    sent = len(bench.lab.sent("gw"))
    assert push(to).outcome is Outcome.UNCHANGED
    again = bench.lab.sent("gw")[sent:]
    assert not [line for line in again if line.startswith(("configure", "copy", "tclsh", "write"))]


def test_napalm_leaves_the_very_configuration_that_ssh_does(bench: Bench, tmp_path: Path) -> None:
    push(bench.trusted())
    other = ios.router("messy", hostname="gw")
    second = Bench(tmp_path / "other", other)
    (tmp_path / "other").mkdir()
    with second.lab:
        assert push(replace(second.trusted(), library="netmiko")).outcome is Outcome.PUSHED
    assert bench.router.configuration() == other.configuration()


def test_nothing_is_saved_before_the_new_login_has_proved_it(bench: Bench) -> None:
    seen = []
    keep = at(Step.VERIFIED, lambda: seen.append(bench.router.persisted()))
    assert push(bench.trusted(), watch=keep).outcome is Outcome.PUSHED
    assert seen == [bench.before]


def test_the_revert_is_armed_and_seen_to_be_before_the_first_line_is_carried_out(
    bench: Bench,
) -> None:
    push(bench.trusted())
    sent = list(bench.lab.sent("gw"))
    copied = next(n for n, line in enumerate(sent) if line.startswith("copy "))
    assert sent[copied - 3 : copied] == [
        "configure terminal revert timer 5", "end", "show archive config rollback timer",
    ]  # fmt: skip
    assert not [line for line in sent if "file prompt" in line or "replace" in line]
    assert [line for line in sent if line.startswith("write")] == ["write memory"]
    assert sent.index("write memory") > sent.index("configure confirm")


def test_the_backup_is_the_configuration_before(bench: Bench) -> None:
    folder = bench.folder / "backups"
    assert push(bench.trusted(), Options(backup_folder=folder)).outcome is Outcome.PUSHED
    backups = [path.read_text() for path in folder.iterdir()]
    assert any("ip nat pool voip-rtp" in text for text in backups)


@pytest.mark.parametrize(
    "line",
    [
        "ip nat nonsense",
        "ip nat translation udp-timeout",  # "Incomplete": NAPALM itself takes it for success
        "zone-pair security X source A destination B",
    ],
)
def test_a_line_that_the_router_refuses_leaves_nothing_live(bench: Bench, line: str) -> None:
    session = bench.session()
    session.prepare()
    session.load(["no ip http server", line, "no ip http secure-server"])
    assert bench.router.configuration() == bench.before, "loading changes nothing"
    with pytest.raises(RefusedLineError, match=f"refused '{line}'"):
        session.commit(60)
    assert bench.router.configuration() != bench.before
    session.undo()
    session.close()
    assert bench.untouched


def test_a_refused_line_ends_a_push_in_the_old_state(bench: Bench) -> None:
    bench.fault(Trouble.LOG_LINE, 1, matching=COPY, text="% Incomplete command.")
    result = push(bench.trusted())
    assert result.outcome is Outcome.ROLLED_BACK
    assert "% Incomplete command." in str(result.error)
    assert bench.untouched


def test_a_second_login_that_is_refused_rolls_back(bench: Bench) -> None:
    bench.fault(Trouble.REFUSE_LOGIN, 2)
    result = push(bench.trusted())
    assert result.outcome is Outcome.ROLLED_BACK, result.error
    assert bench.untouched


def test_a_session_that_is_lost_after_the_commit_is_reverted_by_the_router_alone(
    bench: Bench,
) -> None:
    session = bench.session()
    session.prepare()
    session.load(["no ip http server", "no ip http secure-server"])
    session.commit(60)
    session.close()
    assert bench.router.configuration() != bench.before
    bench.clock.now += 61
    assert bench.router.configuration() == bench.router.persisted() == bench.before


@pytest.mark.parametrize("step", [Step.ARMED, Step.APPLIED, Step.RECONNECTED, Step.VERIFIED])
def test_a_push_that_is_killed_is_undone_by_the_router_alone(bench: Bench, step: Step) -> None:
    to = bench.trusted()
    die = at(step, lambda: os.kill(os.getpid(), signal.SIGKILL))
    child = multiprocessing.get_context("fork").Process(target=push, args=(to, Options(), die))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    assert (bench.router.configuration() == bench.before) is (step is Step.ARMED)
    assert bench.router.persisted() == bench.before
    bench.clock.now += 301
    assert bench.router.configuration() == bench.router.persisted() == bench.before
    assert push(to).outcome is Outcome.PUSHED, "what lies on flash from before is in nobody's way"


def test_seconds_become_whole_minutes_and_never_none(bench: Bench) -> None:
    session = bench.session()
    session.prepare()
    session.load(["no ip http server"])
    session.commit(61)
    session.close()
    assert "Timer value: 2 min" in bench.router.pending()


def test_a_revert_that_has_run_out_is_not_confirmed_and_saves_nothing(bench: Bench) -> None:
    def late() -> None:
        bench.clock.now += 1000

    result = push(bench.trusted(), watch=at(Step.VERIFIED, late))
    assert result.outcome is Outcome.ROLLED_BACK, result.error
    assert "no revert is pending any more" in str(result.error)
    assert "write memory" not in bench.lab.sent("gw")
    assert bench.untouched


def test_a_confirmed_change_that_cannot_be_saved_says_so(bench: Bench) -> None:
    for login in (2, 3):
        bench.fault(Trouble.CUT_REPLY, login, matching="^write memory")
    result = push(bench.trusted())
    assert result.outcome is Outcome.UNKNOWN
    assert "did not say that it saved" in str(result.error)
    assert [moment.step for moment in result.moments][-2:] == [Step.CONFIRMED, Step.UNKNOWN]
    assert "%No" in bench.router.pending()


def test_a_save_that_is_in_doubt_is_done_over_another_login(bench: Bench) -> None:
    bench.fault(Trouble.DROP_BEFORE_REPLY, 2, matching="^write memory")
    result = push(bench.trusted())
    assert result.outcome is Outcome.PUSHED, result.error
    assert bench.router.persisted() == bench.router.configuration() != bench.before
    assert bench.lab.sent("gw").count("write memory") == 2


def test_what_others_have_not_saved_is_not_saved_by_a_rollback(bench: Bench) -> None:
    bench.router.apply("ip http port 8080")
    bench.fault(Trouble.REFUSE_LOGIN, 2)
    now = bench.router.configuration()
    assert push(bench.trusted()).outcome is Outcome.ROLLED_BACK
    assert bench.router.configuration() == now
    assert bench.router.persisted() == bench.before


def test_a_change_of_somebody_else_that_waits_is_not_touched(bench: Bench) -> None:
    other = ios.terminal(bench.router, user="anna")
    for line in ("configure terminal revert timer 9", "ip http port 8080", "end"):
        ios.talk(other, line)
    now = bench.router.configuration()
    result = push(bench.trusted())
    assert result.outcome is Outcome.REFUSED
    assert "another commit waits" in str(result.error)
    assert bench.router.configuration() == now
    assert "User: anna" in bench.router.pending()


def test_a_revert_of_somebody_else_is_neither_confirmed_nor_rolled_back(bench: Bench) -> None:
    ios.talk(ios.terminal(bench.router, user="anna"), "configure terminal revert timer 9")
    session = bench.session()
    for act in (session.confirm, session.undo):
        with pytest.raises(PushError, match="belongs to anna"):
            act()
    session.close()
    assert "User: anna" in bench.router.pending()


def test_a_timer_that_is_not_understood_is_not_taken_for_none(bench: Bench) -> None:
    bench.fault(Trouble.CUT_REPLY, 1, matching="rollback timer")
    result = push(bench.trusted())
    assert result.outcome is Outcome.REFUSED
    assert "does not tell whether a revert is pending" in str(result.error)
    assert bench.untouched


def test_a_router_that_did_not_arm_gets_no_line(bench: Bench) -> None:
    session = bench.session()
    session.prepare()
    session.load(["no ip http server"])
    bench.router.arm = lambda _minutes, _user: ""
    with pytest.raises(PushError, match="armed no revert"):
        session.commit(60)
    session.undo()
    session.close()
    assert bench.untouched


def test_without_an_archive_a_push_is_refused_and_nothing_is_sent(tmp_path: Path) -> None:
    router = ios.router("messy", hostname="gw")
    router.apply("no archive")
    router.save()
    made = Bench(tmp_path, router)
    with made.lab:
        result = push(made.trusted(), Options(accept_lockout_risk=True, accept_no_revert=True))
    assert result.outcome is Outcome.REFUSED
    assert result.error is not None
    assert result.error.code == "RC152"
    assert "Set connection: netmiko" in str(result.error)
    assert made.untouched


def _no_tcl(router: Any) -> None:
    router.tcl = False


def _full(router: Any) -> None:
    router.files.size = 100


@pytest.mark.parametrize("lacking", [_no_tcl, _full])
def test_where_the_candidate_does_not_reach_flash_nothing_changes(
    bench: Bench, lacking: Callable[[Any], None]
) -> None:
    lacking(bench.router)
    result = push(bench.trusted())
    assert result.outcome is Outcome.ROLLED_BACK, result.error
    assert "load_merge_candidate failed" in str(result.error)
    assert bench.untouched


def test_a_candidate_that_is_cut_on_its_way_is_found_out(bench: Bench) -> None:
    session = bench.session()
    session.prepare()
    write = bench.router.files.write
    bench.router.files.write = lambda url, text: write(url, text[:20])
    with pytest.raises(PushError, match="File transfer to remote device failed"):
        session.load(["no ip http server", "no ip http secure-server"])
    session.undo()
    session.close()
    assert bench.untouched


def test_a_brace_would_break_the_transfer_and_is_refused_beforehand(bench: Bench) -> None:
    session = bench.session()
    with pytest.raises(PushError, match="Curly brace"):
        session.load(["interface Vlan1", "description {x}"])
    session.close()
    assert bench.untouched


@pytest.mark.parametrize(
    ("trouble", "matching"),
    [
        *(
            (Trouble.DROP_BEFORE_REPLY, place)
            for place in ("^tclsh", "^no ip nat service sip udp", "^end}", "^tclquit", COPY)
        ),
        *((Trouble.STALL, place) for place in ("^no ip nat service sip udp", "^tclquit", COPY)),
    ],
)
def test_a_conversation_that_breaks_anywhere_leaves_the_old_state(
    bench: Bench, trouble: Trouble, matching: str
) -> None:
    bench.fault(trouble, 1, matching=matching)
    to = replace(bench.trusted(), timeout=2)
    result = push(to)
    assert result.outcome is Outcome.ROLLED_BACK, result.error
    assert bench.router.configuration() == bench.router.persisted() == bench.before
    assert "%No" in bench.router.pending()
    bench.lab.faults["gw"].clear()
    assert push(to).outcome is Outcome.PUSHED


def test_a_second_secret_is_given_and_its_lack_is_said(tmp_path: Path) -> None:
    router = ios.router("messy", hostname="gw", privilege=1)
    made = Bench(tmp_path, router)
    with made.lab:
        to = made.trusted()
        for secret, said in ((None, "no secret is known"), (Secret.of("wrong"), "refused")):
            result = inspect(replace(to, enable_password=secret))
            assert result.error is not None
            assert result.error.code == "RC142"
            assert said in str(result.error)
            assert isinstance(result.error, RoutercfgError)
        given = replace(to, enable_password=Secret.of(router.enable_secret))
        assert push(given).outcome is Outcome.PUSHED
