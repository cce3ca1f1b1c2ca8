"""SIP flows that live through the ALG on IOS: ended one by one, and every other left alone."""

from __future__ import annotations

from typing import Any

import pytest

from routercfg.transport.session import refusal

from . import ios

CLEAR = "do clear ip nat translation udp inside"
PHONE = ("udp", "198.51.100.10:5060", "192.168.1.20:5060", "203.0.113.5:5060", "203.0.113.5:5060")
OTHER = ("udp", "198.51.100.10:1044", "192.168.1.21:1044", "203.0.113.9:5060", "203.0.113.9:5060")
CALL = (
    "udp",
    "198.51.100.10:10022",
    "192.168.1.20:10022",
    "203.0.113.6:22444",
    "203.0.113.6:22444",
)
WEB = ("tcp", "198.51.100.10:5060", "192.168.1.33:5060", "192.0.2.80:443", "192.0.2.80:443")


def busy(version: str, *flows: tuple[str, ...]) -> Any:
    one = ios.router("messy", version=version)
    one.under_way(*flows)
    return one


def clears(one: Any) -> list[str]:
    return [text for text in ios.plan(one).commands if "clear ip nat" in text]


@pytest.mark.parametrize("version", ["15.7(3)M3", "16.12.3"])
def test_each_sip_flow_is_ended_by_its_four_ends_and_no_other(version: str) -> None:
    one = busy(version, PHONE, CALL, WEB, OTHER)
    assert clears(one) == [
        f"{CLEAR} 198.51.100.10 5060 192.168.1.20 5060 outside 203.0.113.5 5060 203.0.113.5 5060",
        f"{CLEAR} 198.51.100.10 1044 192.168.1.21 1044 outside 203.0.113.9 5060 203.0.113.9 5060",
    ]
    ios.carry_out(one, ios.plan(one).commands)
    assert [flow.ends[0] for flow in one.flows] == [CALL[1], WEB[1]]
    assert ios.plan(one).commands == ()


def test_flows_end_after_the_switches_are_off() -> None:
    commands = ios.plan(busy("16.12.3", PHONE)).commands
    assert commands[-1].startswith("do clear")


def test_a_static_row_without_an_outside_is_no_flow() -> None:
    one = busy("15.7(3)M3")
    assert "---" in ios.texts(one)["nat"]
    assert clears(one) == []
    assert ios.plan(one).problems == ()


def test_a_flow_that_ended_by_itself_is_no_failure() -> None:
    one = busy("15.7(3)M3", PHONE)
    (line,) = clears(one)
    one.flows = []
    shell = ios.terminal(one)
    ios.talk(shell, "configure terminal")
    reply = ios.talk(shell, line)
    assert "%Translation not found" in reply
    assert refusal(ios.pack().manifest, reply) is None


@pytest.mark.parametrize(
    "text", [None, "                ^\n% Invalid input detected at '^' marker.\n"]
)
def test_where_the_table_was_not_read_a_person_is_told(text: str | None) -> None:
    texts = ios.texts(busy("15.7(3)M3", PHONE))
    del texts["nat"]
    if text is not None:
        texts["nat"] = text
    plan = ios.make_plan("r1", ios.pack(), ios.pack().state(texts), ios.INTENT)
    assert any("was not read" in problem for problem in plan.problems)


def test_more_flows_than_anybody_types_are_left_to_the_phones() -> None:
    many = [(*PHONE[:2], f"192.168.1.20:{20000 + n}", *PHONE[3:]) for n in range(41)]
    plan = ios.plan(busy("16.12.3", *many))
    assert any("too many" in problem for problem in plan.problems)
    assert not any("clear ip nat" in text for text in plan.commands)
