"""Undoing what was confirmed long ago, on simulated IOS routers: to the letter, no further."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routercfg.errors import PackError, ParseError
from routercfg.model.intent import Intent
from routercfg.model.undo import Conflict, Undo
from routercfg.transport.session import refusal

from . import ios
from .cases import cases
from .test_ios_laws import CASES

SAMPLES = {
    f"sample {case.folder.name}": case
    for case in cases()
    if case.platform == "cisco_ios" and case.commands
}
#: Sections whose lines have an order; of others the router prints them in one of its own.
_ORDERED = re.compile(r"(?:ip|ipv6) access-list|(?:class|policy)-map|route-map")


class Journey:
    """A router before a push and after it, with what each reading showed.

    `by_hand`: these lines instead of a push.
    """

    def __init__(self, name: str, by_hand: tuple[str, ...] = ()) -> None:
        self.intent: Intent
        if name in SAMPLES:
            case = SAMPLES[name]
            self.intent = case.intent
            self.router = ios.router(_configuration(case.texts()["config"]), version=_version(case))
        else:
            configuration, version, self.intent = CASES[name]
            self.router = ios.router(configuration, version=version)
        self.before = ios.texts(self.router)
        self.was = canonical(self.router.configuration())
        self.commands = by_hand or ios.plan(self.router, self.intent).commands
        ios.carry_out(self.router, self.commands)
        ios.talk(ios.terminal(self.router), "configure confirm")
        self.after = ios.texts(self.router)

    def meanwhile(self, *lines: str) -> None:
        """What somebody does on the router after the push."""
        shell = ios.terminal(self.router)
        for line in ("configure terminal", *lines, "end"):
            assert "%" not in ios.talk(shell, line), line

    def undo(self) -> Undo:
        return ios.pack().undo(self.before, self.after, ios.texts(self.router))


def _configuration(text: str) -> str:
    return "\n".join(
        line for line in text.splitlines() if not re.match(r"Build|Curr|version |!", line)
    )


def _version(case: Any) -> str:
    return str(case.pack.state(case.texts()).identity.version)


def canonical(text: str) -> list[str]:
    """The configuration, with what has no order of its own in one order."""
    sections: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("!"):
            continue
        if line.startswith(" "):
            sections[-1].append(line)
        else:
            sections.append([line])
    found = []
    for head, *rest in sections:
        found.append("\n".join([head, *(rest if _ORDERED.match(head) else sorted(rest))]))
    lists = [one for one in found if one.startswith("access-list ")]
    return [*sorted(one for one in found if one not in lists), *sorted(lists, key=_list_of)]


def _list_of(line: str) -> str:
    return line.split()[1]


def apply(router: Any, commands: tuple[str, ...]) -> None:
    """Carry the way back out; no list that is bound is ever missing on it."""
    shell = ios.terminal(router)
    for line in ("configure terminal revert timer 5", *commands, "end"):
        reply = ios.talk(shell, line)
        assert refusal(ios.pack().manifest, reply) is None, (line, reply)
        assert dangling(router.configuration()) == set(), line
    ios.talk(shell, "configure confirm")


def dangling(text: str) -> set[str]:
    """Lists that are bound and are not there."""
    there = set(re.findall(r"(?m)^(?:ip|ipv6)? ?access-list (?:standard |extended )?(\S+)", text))
    bound = re.findall(
        r"(?m)^ *(?:ip access-group|ipv6 traffic-filter|(?:ipv6 )?access-class"
        r"|ip http access-class(?: ipv[46])?|match access-group(?: name)?) (\S+)",
        text,
    )
    return {name for name in bound if name.startswith("routercfg-")} - there


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


def test_a_class_returns_before_the_classes_that_followed_it() -> None:
    made = Journey(
        "zones",
        ("policy-map type inspect LAN-WAN", "no class type inspect OUT", "exit"),
    )
    found = made.undo()
    assert found.commands == (
        "policy-map type inspect LAN-WAN",
        "class type inspect OUT",
        "inspect",
        "exit",
        "no class type inspect ALL",
        "class type inspect ALL",
        "inspect",
        "exit",
        "exit",
    )
    apply(made.router, found.commands)
    assert canonical(made.router.configuration()) == made.was


def test_the_matches_of_a_class_return_in_their_order() -> None:
    made = Journey(
        "zones",
        ("class-map type inspect match-any OUT", "no match protocol sip", "match protocol dns"),
    )
    apply(made.router, made.undo().commands)
    assert canonical(made.router.configuration()) == made.was


def test_a_forward_that_was_added_goes_with_its_flows() -> None:
    line = "ip nat inside source static tcp 192.168.1.77 25 198.51.100.10 2525 extendable"
    made = Journey("messy 15.7", (line,))
    made.router.live = {line}
    found = made.undo()
    assert found.commands == (f"no {line}",)
    apply(made.router, found.commands)
    assert canonical(made.router.configuration()) == made.was


def test_an_entry_returns_between_its_neighbours_also_where_its_number_is_taken() -> None:
    made = Journey("messy 15.7", ("ip access-list extended INTERNET_IN", "no 30"))
    made.meanwhile("ip access-list extended INTERNET_IN", "30 permit esp any any")
    found = made.undo()
    assert found.commands == (
        "ip access-list extended INTERNET_IN",
        "25 permit udp any any range 10000 20000",
        "exit",
    )


def test_a_list_without_room_is_renumbered_where_its_numbers_are_not_printed() -> None:
    made = Journey("messy 15.7", ("ip access-list extended INTERNET_IN", "no 30"))
    made.meanwhile("ip access-list resequence INTERNET_IN 1 1")
    found = made.undo()
    assert found.commands[0] == "ip access-list resequence INTERNET_IN 100 100"
    apply(made.router, found.commands)
    assert canonical(made.router.configuration()) == made.was


def test_a_list_without_room_whose_numbers_are_printed_is_left_to_a_person() -> None:
    made = Journey("messy 16.12, numbers printed", ("ip access-list extended INTERNET_IN", "no 30"))
    made.meanwhile("ip access-list resequence INTERNET_IN 1 1")
    with pytest.raises(PackError, match="no room"):
        made.undo()


def test_without_numbers_no_place_is_guessed() -> None:
    made = Journey("messy 15.7", ("ip access-list extended INTERNET_IN", "no 30"))
    now = ios.texts(made.router)
    del now["acls"]
    with pytest.raises(ParseError, match="numbers"):
        ios.pack().undo(made.before, made.after, now)


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


ENTRY = st.integers(1, 40).map(lambda port: f"permit udp any any eq {20000 + port}")
ENTRIES = st.lists(ENTRY, unique=True, min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    before=ENTRIES,
    after=ENTRIES,
    extra=st.lists(st.integers(1, 120), unique=True, max_size=4),
    printed=st.booleans(),
)
def test_a_list_returns_in_its_order_around_what_others_added(
    before: list[str], after: list[str], extra: list[int], printed: bool
) -> None:
    def router(entries: list[str]) -> Any:
        body = "\n".join(f" {text}" for text in entries)
        text = f"interface Vlan1\nip access-list extended LIST\n{body}\n"
        return ios.router(text, version="16.12.3" if printed else "15.7(3)M")

    old, one = router(before), router(after)
    first, left = ios.texts(old), ios.texts(one)
    theirs = []
    for number in extra:
        # Where numbers are printed a full list is for a person: see above.
        if number % 10 and not printed:
            theirs.append(f"permit tcp any any eq {30000 + number}")
            one.apply("ip access-list extended LIST", f"{number} {theirs[-1]}")
    found = ios.pack().undo(first, left, ios.texts(one))
    assert found.conflicts == ()
    shell = ios.terminal(one)
    for line in ("configure terminal", *found.commands, "end"):
        assert "%" not in ios.talk(shell, line), line
    entries = [text for _, text in one.running.acls["LIST"].entries]
    assert [text for text in entries if text not in theirs] == before
    assert set(theirs) <= set(entries)
    assert ios.pack().undo(first, left, ios.texts(one)).done
