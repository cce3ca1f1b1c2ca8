"""What the simulated VyOS does in a way of its own, and from which release."""

from __future__ import annotations

import pytest

from .vyatta import VYOS, Bench, Clock, talk, vyos


@pytest.mark.parametrize("bench", VYOS, ids=str)
def test_the_switch_of_the_sip_helper_was_turned_round_in_1_3(bench: Bench) -> None:
    login = bench.login(bench.router())
    talk(login, "configure")
    reply = talk(login, "set system conntrack modules sip disable")
    assert ("Set failed" in reply) is (bench.version >= "1.3")
    reply = talk(login, "set system conntrack modules sip")
    assert "Set failed" not in reply


@pytest.mark.parametrize("bench", VYOS, ids=str)
def test_the_udp_timers_moved_in_1_5(bench: Bench) -> None:
    login = bench.login(bench.router())
    talk(login, "configure")
    reply = talk(login, "set system conntrack timeout udp stream 300")
    assert ("is not valid" in reply) is (bench.version >= "1.5")


def test_a_reference_to_what_is_not_there_fails_the_commit() -> None:
    one = vyos().router()
    login = vyos().login(one)
    before = one.configuration()
    for command in (
        "configure",
        "set firewall ipv4 input filter rule 5 action accept",
        "set firewall ipv4 input filter rule 5 source group network-group NOWHERE",
    ):
        talk(login, command)
    assert "Commit failed" in talk(login, "commit")
    assert one.configuration() == before


def test_where_the_release_can_it_reloads_instead_of_booting() -> None:
    clock = Clock()
    one = vyos("1.5.0").router(clock=clock)
    login = vyos("1.5.0").login(one)
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
