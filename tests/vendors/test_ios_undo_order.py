"""What has an order on IOS returns to its place: entries of lists, classes, matches."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routercfg.errors import PackError, ParseError

from . import ios
from .ios_journey import Journey, apply, canonical


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
