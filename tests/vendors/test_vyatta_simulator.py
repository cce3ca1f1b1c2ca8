"""What the simulated VyOS and EdgeOS do alike: modes, commits, and what nobody confirms."""

from __future__ import annotations

import pytest

from .vyatta import Bench, Clock, checker, edgeos, every_bench, published_bench, talk, vyos

each_platform = pytest.mark.parametrize("bench", [vyos(), edgeos()], ids=str)


@each_platform
def test_the_prompt_tells_the_mode(bench: Bench) -> None:
    login = bench.login(bench.router())
    assert login.feed("configure\n") == f"configure\r\n[edit]\r\n{bench.user}@r1# "
    assert login.feed("exit\n") == f"exit\r\nexit\r\n{bench.user}@r1:~$ "


@each_platform
def test_a_bad_value_and_an_absent_node_are_told_apart(bench: Bench) -> None:
    nat = "service nat" if bench.platform == "ubiquiti_edgeos" else "nat destination"
    replies = bench.configured(
        bench.router(),
        "set firewall group network-group X network 192.168.1/24",
        f"delete {nat} rule 77",
        "delete service elsewhere",
    )
    assert "Set failed" in replies[0]
    assert "Nothing to delete" in replies[1]
    assert "Delete failed" in replies[2]


@each_platform
def test_after_a_failed_set_a_commit_applies_the_rest(bench: Bench) -> None:
    one = bench.router()
    bench.configured(one, "set service ssh port 2222", "set nonsense")
    assert "set service ssh port '2222'" in one.configuration()


@each_platform
def test_leaving_with_changes_is_refused_and_discard_drops_them(bench: Bench) -> None:
    one = bench.router()
    login = bench.login(one)
    before = one.configuration()
    for command in ("configure", "set service ssh port 2222"):
        talk(login, command)
    assert "Cannot exit: configuration modified." in talk(login, "exit")
    talk(login, "exit discard")
    assert one.configuration() == before
    assert not login.closed


@every_bench
def test_without_confirm_it_boots_what_was_saved_and_every_session_is_gone(bench: Bench) -> None:
    clock = Clock()
    one = bench.router(clock=clock)
    login, other = bench.login(one), bench.login(one)
    before = one.configuration()
    talk(login, "configure")
    talk(login, "set service ssh port 2222")
    assert "roceed" in login.feed("commit-confirm 5\n")
    assert "Initialized commit-confirm; 5 minutes" in talk(login, "y")
    assert "Another confirm is pending" in talk(login, "commit-confirm 5")
    assert one.configuration() != before
    clock.now = 299.0
    assert one.configuration() != before
    clock.now = 301.0
    assert one.configuration() == before
    assert one.boots == 1
    for session in (login, other):
        assert session.feed("\n") == ""
        assert session.closed


@every_bench
def test_with_confirm_it_stays_and_only_save_makes_it_last(bench: Bench) -> None:
    clock = Clock()
    one = bench.router(clock=clock)
    login, fresh = bench.login(one), bench.login(one)
    for command in ("configure", "set service ssh port 2222", "commit-confirm 5", "y"):
        talk(login, command)
    talk(fresh, "configure")
    assert "Reboot timer stopped" in talk(fresh, "confirm")
    clock.now = 10_000.0
    assert "2222" in one.configuration()
    assert "2222" not in one.persisted()
    talk(fresh, "save")
    assert one.persisted() == one.configuration()


@published_bench
def test_its_configurations_are_valid_on_the_release_they_claim(bench: Bench) -> None:
    text = bench.router().configuration()
    lines = [
        line
        for line in text.splitlines()
        # Some rolling releases of 1.4 had it.
        if bench.grammar == "edgeos" or not line.startswith("set service upnp ")
    ]
    assert lines
    assert checker().check("\n".join(lines), bench.grammar)[1] == []
