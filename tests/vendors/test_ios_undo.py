"""Undoing what was confirmed long ago, on simulated IOS routers: to the letter, no further."""

from __future__ import annotations

import re

import pytest

from routercfg.errors import PackError, ParseError
from routercfg.model.undo import Conflict, Undo

from . import ios
from .ios_journey import SAMPLES, Journey, apply, canonical
from .test_ios_laws import CASES


@pytest.mark.parametrize("name", [*CASES, *SAMPLES])
def test_undoing_brings_the_router_back_to_the_letter(name: str) -> None:
    made = Journey(name)
    assert made.commands
    assert canonical(made.router.configuration()) != made.was
    found = made.undo()
    assert found.commands
    assert found.conflicts == ()
    apply(made.router, found.commands)
    assert canonical(made.router.configuration()) == made.was
    assert made.undo().done


@pytest.mark.parametrize("name", CASES)
def test_what_others_did_since_survives(name: str) -> None:
    made = Journey(name)
    others = (
        "username monteur privilege 1 secret 9 $9$notreal",
        "ip route 10.99.0.0 255.255.0.0 192.168.1.254",
        "interface Vlan1",
        "description verbouwd",
        "exit",
        "ip access-list extended THEIRS",
        "permit udp any any eq ntp",
        "exit",
        "ip nat inside source static tcp 192.168.1.77 25 198.51.100.10 2525 extendable",
    )
    made.meanwhile(*others)
    found = made.undo()
    assert found.conflicts == ()
    apply(made.router, found.commands)
    text = made.router.configuration()
    wanted = ios.router(CASES[name][0], version=CASES[name][1])
    wanted.apply(*(line for line in others if line != "exit"))
    assert canonical(text) == canonical(wanted.configuration())


def test_a_value_that_somebody_changed_is_a_conflict_and_goes_back_when_forced() -> None:
    made = Journey("messy 15.7")
    made.meanwhile("ip nat translation udp-timeout 240")
    found = made.undo()
    assert found.conflicts == (
        Conflict(("ip nat translation udp-timeout 300",), ("ip nat translation udp-timeout 240",)),
    )
    apply(made.router, found.commands)
    assert canonical(made.router.configuration()) == made.was


def test_a_strangers_entry_in_a_list_of_ours_is_a_conflict_that_shows_both_lists() -> None:
    made = Journey("messy 15.7")
    made.meanwhile("ip access-list standard routercfg-management-ssh-v4", "permit 198.51.100.77")
    (conflict,) = made.undo().conflicts
    header = "ip access-list standard routercfg-management-ssh-v4"
    assert conflict.left[0] == conflict.found[0] == header
    assert set(conflict.found) - set(conflict.left) == {" permit 198.51.100.77"}
    apply(made.router, made.undo().commands)
    assert canonical(made.router.configuration()) == made.was


def test_a_line_under_an_interface_is_shown_under_its_interface() -> None:
    made = Journey("messy 15.7")
    made.meanwhile(
        "ipv6 access-list OURS",
        "permit ipv6 any any",
        "interface FastEthernet4",
        "ipv6 traffic-filter OURS in",
    )
    found = made.undo()
    assert found.conflicts == (
        Conflict(
            ("interface FastEthernet4", " ipv6 traffic-filter routercfg-ipv6-in in"),
            ("interface FastEthernet4", " ipv6 traffic-filter OURS in"),
        ),
    )
    apply(made.router, found.commands)
    assert "traffic-filter" not in made.router.configuration()


def test_a_forward_that_came_back_elsewhere_is_a_conflict() -> None:
    made = Journey("messy 15.7")
    other = "ip nat inside source static udp 192.168.1.99 5060 198.51.100.10 5060 extendable"
    made.meanwhile(other)
    made.router.live = {other}
    found = made.undo()
    assert found.conflicts == (Conflict((), (other,)),)
    # The router asks whether the flows of the forward may go, and is told that they may.
    apply(made.router, found.commands)
    assert canonical(made.router.configuration()) == made.was


def test_what_somebody_put_back_already_is_neither_sent_nor_a_conflict() -> None:
    made = Journey("messy 15.7")
    first = made.undo()
    back = "ip nat inside source static udp 192.168.1.20 5060 198.51.100.10 5060 extendable"
    assert back in first.commands
    made.meanwhile(back, "ip nat translation udp-timeout 180")
    found = made.undo()
    assert found.conflicts == ()
    assert set(first.commands) - set(found.commands) == {back, "ip nat translation udp-timeout 180"}


def test_an_entry_of_ours_that_was_edited_on_its_number_is_a_conflict() -> None:
    made = Journey("messy 16.12, numbers printed")
    line = next(
        text.strip()
        for text in made.router.configuration().splitlines()
        if text.endswith("permit ip object-group routercfg-provider-access any")
    )
    number = line.split()[0]
    made.meanwhile(
        "ip access-list extended INTERNET_IN",
        f"no {number}",
        f"{number} permit udp any any eq 4500",
    )
    found = made.undo()
    assert found.conflicts == (
        Conflict(
            ("ip access-list extended INTERNET_IN", f" {line}"),
            (
                "ip access-list extended INTERNET_IN",
                f" {number} permit udp any any eq non500-isakmp",
            ),
        ),
    )
    apply(made.router, found.commands)
    assert canonical(made.router.configuration()) == made.was


def test_an_object_of_ours_that_others_use_now_is_not_taken_from_under_them() -> None:
    made = Journey("messy 15.7")
    made.meanwhile("snmp-server community hunter2 RO routercfg-management-ssh-v4")
    with pytest.raises(PackError, match="used by others") as refused:
        made.undo()
    assert "hunter2" not in str(refused.value)


def test_a_list_that_was_removed_by_hand_returns_whole_when_forced() -> None:
    made = Journey("messy 15.7")
    made.meanwhile("no ip access-list extended INTERNET_IN")
    found = made.undo()
    assert [conflict.found for conflict in found.conflicts] == [()]
    apply(made.router, found.commands)
    assert canonical(made.router.configuration()) == made.was


def test_a_forward_that_was_added_goes_with_its_flows() -> None:
    line = "ip nat inside source static tcp 192.168.1.77 25 198.51.100.10 2525 extendable"
    made = Journey("messy 15.7", (line,))
    made.router.live = {line}
    found = made.undo()
    assert found.commands == (f"no {line}",)
    apply(made.router, found.commands)
    assert canonical(made.router.configuration()) == made.was


@pytest.mark.parametrize("reading", [0, 1, 2])
def test_a_reading_that_is_cut_or_no_configuration_gives_no_commands(reading: int) -> None:
    made = Journey("messy 15.7")
    whole = [made.before, made.after, made.after]
    text = whole[reading]["config"]
    for bad in (
        text[: len(text) // 2],
        text.rstrip().removesuffix("end"),
        "                ^\n% Invalid input detected at '^' marker.\n",
        text.replace("version 15.7\n", ""),
        text[: len(text) // 3] + text[len(text) * 2 // 3 :],
    ):
        readings = [dict(one) for one in whole]
        readings[reading]["config"] = bad
        with pytest.raises(ParseError):
            ios.pack().undo(*readings)


def test_a_secret_that_a_reading_hides_cannot_return() -> None:
    made = Journey("messy 15.7", ("snmp-server community hunter2 RO",))
    back = {**made.after, "config": made.after["config"].replace("hunter2", "***")}
    with pytest.raises(PackError, match="hides a secret"):
        ios.pack().undo(back, made.before, made.before)


def test_what_changes_by_itself_is_no_configuration() -> None:
    made = Journey("messy 15.7")
    now = ios.texts(made.router)
    later = now["config"].replace("10:01:46", "11:02:47")
    later = later.replace("\nhostname", "\nntp clock-period 17179869\nhostname")
    now["config"] = re.sub(r"(Current configuration :) \d+", r"\1 2000", later)
    assert ios.pack().undo(made.after, now, now) == Undo()
