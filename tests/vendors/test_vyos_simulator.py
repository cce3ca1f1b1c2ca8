"""The simulated VyOS: what it takes, what it refuses, and what it does when nobody confirms."""

from __future__ import annotations

from typing import Any

import pytest

from routercfg.platforms import load_simulator

from .test_vyos_laws import SCHEMAS, VERSIONS, _checker, talk


class Clock:
    """A clock that stands still until it is told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def router(version: str = "1.4.0", clock: Clock | None = None) -> Any:
    return load_simulator("vyos").create(
        "messy", version=version, hostname="r1", clock=clock or Clock()
    )


def shell(one: Any) -> Any:
    found = one.login("vyos", "203.0.113.9")
    assert found.start().endswith("vyos@r1:~$ ")
    return found


def test_the_prompt_tells_the_mode() -> None:
    login = shell(router())
    assert login.feed("configure\n") == "configure\r\n[edit]\r\nvyos@r1# "
    assert login.feed("exit\n") == "exit\r\nexit\r\nvyos@r1:~$ "


@pytest.mark.parametrize("version", VERSIONS)
def test_the_switch_of_the_sip_helper_was_turned_round_in_1_3(version: str) -> None:
    login = shell(router(version))
    talk(login, "configure")
    reply = talk(login, "set system conntrack modules sip disable")
    assert ("Set failed" in reply) is (version >= "1.3")
    reply = talk(login, "set system conntrack modules sip")
    assert "Set failed" not in reply


@pytest.mark.parametrize("version", VERSIONS)
def test_the_udp_timers_moved_in_1_5(version: str) -> None:
    login = shell(router(version))
    talk(login, "configure")
    reply = talk(login, "set system conntrack timeout udp stream 300")
    assert ("is not valid" in reply) is (version >= "1.5")


def test_a_bad_value_and_an_absent_node_are_told_apart() -> None:
    login = shell(router())
    talk(login, "configure")
    assert "Set failed" in talk(login, "set firewall group network-group X network 192.168.1/24")
    assert "Nothing to delete" in talk(login, "delete nat destination rule 77")
    assert "Delete failed" in talk(login, "delete nat elsewhere")


def test_after_a_failed_set_a_commit_applies_the_rest() -> None:
    one = router()
    login = shell(one)
    for command in ("configure", "set service ssh port 2222", "set nonsense", "commit"):
        talk(login, command)
    assert "set service ssh port '2222'" in one.configuration()


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


def test_a_reference_to_what_is_not_there_fails_the_commit() -> None:
    one = router()
    login = shell(one)
    before = one.configuration()
    for command in (
        "configure",
        "set firewall ipv4 input filter rule 5 action accept",
        "set firewall ipv4 input filter rule 5 source group network-group NOWHERE",
    ):
        talk(login, command)
    assert "Commit failed" in talk(login, "commit")
    assert one.configuration() == before


@pytest.mark.parametrize("version", ["1.2.9", "1.3.8", "1.4.0"])
def test_without_confirm_it_boots_what_was_saved_and_every_session_is_gone(version: str) -> None:
    clock = Clock()
    one = router(version, clock)
    login, other = shell(one), shell(one)
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
    assert login.feed("\n") == ""
    assert login.closed
    assert other.feed("\n") == ""
    assert other.closed


def test_with_confirm_it_stays_and_only_save_makes_it_last() -> None:
    clock = Clock()
    one = router(clock=clock)
    login, fresh = shell(one), shell(one)
    for command in ("configure", "set service ssh port 2222", "commit-confirm 5", "y"):
        talk(login, command)
    talk(fresh, "configure")
    assert "Reboot timer stopped" in talk(fresh, "confirm")
    clock.now = 10_000.0
    assert "2222" in one.configuration()
    assert "2222" not in one.persisted()
    talk(fresh, "save")
    assert one.persisted() == one.configuration()


def test_where_the_release_can_it_reloads_instead_of_booting() -> None:
    clock = Clock()
    one = router("1.5.0", clock)
    login = shell(one)
    for command in (
        "configure",
        "set system config-management commit-confirm action reload",
        "commit",
        "save",
        "set service ssh port 2222",
        "commit-confirm 1",
        "y",
    ):
        talk(login, command)
    clock.now = 61.0
    assert "2222" not in one.configuration()
    assert one.boots == 0
    assert not login.closed


@pytest.mark.parametrize("version", VERSIONS[1:])
@pytest.mark.parametrize("name", ["factory", "messy"])
def test_its_configurations_are_valid_on_the_release_they_claim(version: str, name: str) -> None:
    text = load_simulator("vyos").create(name, version=version).configuration()
    wrong = [
        line for *_, line in _checker().check(text, version[:3])[1] if "service upnp" not in line
    ]
    assert wrong == []
    assert SCHEMAS.is_dir()
