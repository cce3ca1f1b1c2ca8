"""The simulated EdgeOS: what it takes, what it refuses, and what it does when nobody confirms."""

from __future__ import annotations

from typing import Any

import pytest

from routercfg.platforms import load_simulator

from .test_edgeos_laws import talk


class Clock:
    """A clock that stands still until it is told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def router(preset: str = "messy", clock: Clock | None = None) -> Any:
    return load_simulator("ubiquiti_edgeos").create(
        preset, version="2.0.9", hostname="r1", clock=clock or Clock()
    )


def shell(one: Any) -> Any:
    found = one.login("ubnt", "203.0.113.9")
    assert found.start().endswith("ubnt@r1:~$ ")
    return found


def configured(one: Any, *lines: str) -> list[str]:
    found = shell(one)
    return [talk(found, line) for line in ("configure", *lines, "commit")][1:]


def test_the_prompt_tells_the_mode() -> None:
    login = shell(router())
    assert login.feed("configure\n") == "configure\r\n[edit]\r\nubnt@r1# "
    assert login.feed("exit\n") == "exit\r\nexit\r\nubnt@r1:~$ "


@pytest.mark.parametrize(
    "line",
    [
        "set system conntrack modules sip",
        "set nat destination rule 10 translation address 192.168.1.5",
        "set firewall ipv4 input filter rule 5 action accept",
        "set service nat rule 20 source group network-group ANY",
        "set firewall ipv6-name X rule 10 source group ipv6-network-group ANY",
        "set port-forward rule 9 source address 192.0.2.0/24",
        "set firewall group network-group X network 192.168.1/24",
        "set firewall name X rule 10 action return",
        "set system conntrack timeout udp stream long",
    ],
)
def test_what_the_router_does_not_know_is_refused(line: str) -> None:
    one = router()
    before = one.configuration()
    replies = configured(one, line)
    assert "Set failed" in replies[0]
    assert "No configuration changes" in replies[1]
    assert one.configuration() == before


def test_an_absent_node_is_nothing_to_delete() -> None:
    replies = configured(router(), "delete service nat rule 77", "delete service elsewhere")
    assert "Nothing to delete" in replies[0]
    assert "Delete failed" in replies[1]


def test_after_a_failed_set_a_commit_applies_the_rest() -> None:
    one = router()
    configured(one, "set service ssh port 2222", "set nonsense")
    assert "set service ssh port '2222'" in one.configuration()


@pytest.mark.parametrize(
    "lines",
    [
        ("set interfaces ethernet eth0 firewall in name NOWHERE",),
        (
            "set firewall name X rule 10 action accept",
            "set firewall name X rule 10 source group network-group NOWHERE",
        ),
        ("set firewall name X rule 10 protocol tcp",),
        (
            "set firewall name X rule 10 action accept",
            "set firewall name X rule 10 destination port 22",
        ),
        ("set service nat rule 20 inside-address address 192.168.1.5",),
        (
            "set service nat rule 5020 type destination",
            "set service nat rule 5020 inbound-interface eth0",
            "set service nat rule 5020 inside-address address 192.168.1.5",
        ),
        ("set port-forward rule 9 protocol tcp",),
    ],
)
def test_what_lacks_a_part_or_refers_to_nothing_fails_the_commit(lines: tuple[str, ...]) -> None:
    one = router()
    before = one.configuration()
    replies = configured(one, *lines)
    assert not any("failed" in reply for reply in replies[:-1])
    assert "Commit failed" in replies[-1]
    assert one.configuration() == before


def test_leaving_with_changes_is_refused_and_discard_drops_them() -> None:
    one = router()
    login = shell(one)
    before = one.configuration()
    for command in ("configure", "set service ssh port 2222"):
        talk(login, command)
    assert "Cannot exit: configuration modified." in talk(login, "exit")
    talk(login, "exit discard")
    assert one.configuration() == before
    assert not login.closed


def test_without_confirm_it_boots_what_was_saved_and_every_session_is_gone() -> None:
    clock = Clock()
    one = router(clock=clock)
    login, other = shell(one), shell(one)
    before = one.configuration()
    talk(login, "configure")
    talk(login, "set service ssh port 2222")
    assert "roceed" in login.feed("commit-confirm 5\n")
    talk(login, "y")
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


def test_with_confirm_it_stays_and_only_save_makes_it_last() -> None:
    clock = Clock()
    one = router(clock=clock)
    login, fresh = shell(one), shell(one)
    for command in ("configure", "set service ssh port 2222", "commit-confirm 5", "y"):
        talk(login, command)
    talk(fresh, "configure")
    assert "timer stopped" in talk(fresh, "confirm")
    clock.now = 10_000.0
    assert "2222" in one.configuration()
    assert "2222" not in one.persisted()
    talk(fresh, "save")
    assert one.persisted() == one.configuration()


def test_the_ruleset_of_the_pppoe_session_keeps_strangers_out() -> None:
    one = router("pppoe")
    assert one.may_connect("203.0.113.9", 22)
    assert not one.may_connect("203.0.113.9", 2222)
    configured(
        one,
        "set firewall name WAN_LOCAL rule 25 action drop",
        "set firewall name WAN_LOCAL rule 25 source address 203.0.113.0/24",
    )
    assert not one.may_connect("203.0.113.9", 22)
    assert one.may_connect("198.51.100.9", 22)
    assert one.may_connect("192.168.1.20", 22)


def test_the_exec_channel_is_a_plain_shell() -> None:
    assert router().execute("show version", "ubnt", "203.0.113.9")[1] == 127


def test_a_refused_commit_leaves_the_other_nodes_live() -> None:
    one = router()
    replies = configured(one, "set service ssh port 2222", "set firewall name X rule 1 log enable")
    assert "[[firewall]] failed" in replies[-1]
    assert "set service ssh port '2222'" in one.configuration()
    assert "name X" not in one.configuration()
