"""IPv6 lists of others on a WAN interface of IOS: edited where they stand."""

from __future__ import annotations

import pytest

from . import ios
from .test_ios_laws import OPENING, REFUSING, six


def entries(configuration: str) -> list[str]:
    """The list of others after the plan."""
    one = ios.router(configuration)
    ios.carry_out(one, ios.plan(one).commands)
    return [text for _, text in one.running.acls["WAN6"].entries]


def test_what_is_lacking_comes_right_before_what_refuses_it() -> None:
    assert entries(REFUSING) == [
        "permit ipv6 2001:DB8:5060::/48 any",
        "permit icmp any any",
        "permit tcp any any established",
        "permit udp FE80::/10 any eq 546",
        "evaluate routercfg-ipv6-flows",
        "deny ipv6 any any log",
    ]


def test_a_refusal_of_strangers_comes_right_before_what_lets_them_in() -> None:
    assert entries(OPENING) == [
        "permit icmp any any",
        "permit tcp any host 2001:DB8:1:10::5 eq 443",
        "permit udp FE80::/10 any eq 546",
        "permit tcp any any established",
        "evaluate routercfg-ipv6-flows",
        "permit ipv6 2001:DB8:5060::/48 any",
        "permit tcp 2001:DB8:99::/64 any eq 22",
        "deny ipv6 any any",
        "permit ipv6 any any",
    ]


def test_a_list_that_is_an_open_door_is_replaced_on_the_interface_and_stays() -> None:
    one = ios.router(six("permit ipv6 any any", "deny tcp any any eq 445"))
    ios.carry_out(one, ios.plan(one).commands)
    text = one.configuration()
    assert " ipv6 traffic-filter routercfg-ipv6-in in\n" in text
    assert [e for _, e in one.running.acls["WAN6"].entries] == [
        "permit ipv6 any any",
        "deny tcp any any eq 445",
    ]


def test_a_list_without_room_is_left_to_a_person() -> None:
    one = ios.router(six("deny tcp any any eq 445", "permit tcp any any", "permit udp any any"))
    assert any("no room" in problem for problem in ios.plan(one).problems)


@pytest.mark.parametrize("reflects", [True, False])
def test_marks_of_a_list_on_the_way_out_are_used_where_it_leaves_any(reflects: bool) -> None:
    out = " permit udp any any reflect THEIRS\n" if reflects else " permit udp any any\n"
    one = ios.router(
        REFUSING.replace("WAN6 in\n", "WAN6 in\n ipv6 traffic-filter OUT6 out\n").replace(
            "access-list 10", f"ipv6 access-list OUT6\n{out} permit ipv6 any any\naccess-list 10"
        )
    )
    found = ios.plan(one)
    if not reflects:
        assert any("leaves no marks" in problem for problem in found.problems)
        return
    ios.carry_out(one, found.commands)
    assert "evaluate THEIRS" in [text for _, text in one.running.acls["WAN6"].entries]
    assert "routercfg-ipv6-out" not in one.configuration()
