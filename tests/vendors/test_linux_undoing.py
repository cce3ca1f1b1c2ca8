"""The way back on a Linux gateway: order by algebra, and genuine nft over the pack's samples."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from importlib import import_module
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from routercfg.errors import PackError, ParseError
from routercfg.model.undo import Conflict, Undo
from routercfg.planning import make_plan
from routercfg.platforms import load_pack

from .cases import Case, cases

PACK = load_pack("linux_nftables")
sequence = import_module("routercfg_vendors.linux_nftables.sequence")
SAMPLES = [case for case in cases() if case.platform == "linux_nftables" and case.commands]
AFTER = [case for case in SAMPLES if case.after]

genuine = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("nft"),
    reason="needs root and nft",
)

# Order ---------------------------------------------------------------------------------------

RULES = st.lists(st.sampled_from("abcdefghij"), unique=True)


def applied(before: list[str], after: list[str], now: list[str]) -> list[str]:
    """The rules of now once they are merged, as nft would do it: put in first, then delete."""
    found = sequence.merge(before, after, now, lambda _one, _other: False)
    slots: list[list[str]] = [[] for _ in range(len(now) + 1)]
    for slot, index in found.inserted:
        slots[slot].append(before[index])
    result = []
    for place, here in enumerate((*now, None)):
        result += slots[place]
        if here is not None and place not in found.removed:
            result.append(here)
    return result


@given(RULES, RULES)
def test_rules_come_back_in_their_order(before: list[str], after: list[str]) -> None:
    assert applied(before, after, after) == before
    assert applied(before, after, before) == before


@given(RULES, RULES, st.lists(st.integers(0, 10), max_size=4))
# A rule that moved, and strangers around it: it must not be moved again.
@example(before=list("hadb"), after=list("bcefgad"), places=[0, 7])
def test_rules_of_others_keep_their_order_and_what_is_undone_is_left_alone(
    before: list[str], after: list[str], places: list[int]
) -> None:
    now = list(after)
    for number, place in enumerate(places):
        now.insert(place, f"stranger {number}")
    strangers = [one for one in now if one.startswith("stranger")]
    back = applied(before, after, now)
    assert [one for one in back if not one.startswith("stranger")] == before
    assert [one for one in back if one.startswith("stranger")] == strangers
    assert applied(before, after, back) == back


@given(st.lists(st.sampled_from("ab"), max_size=8), st.lists(st.sampled_from("ab"), max_size=8))
def test_rules_that_say_the_same_come_back_as_often_as_they_were(
    before: list[str], after: list[str]
) -> None:
    assert applied(before, after, after) == before
    assert applied(before, after, before) == before


@pytest.mark.parametrize(
    ("before", "after", "now", "wanted"),
    [
        # Beside the neighbour that it touched, whatever others put between.
        ("a x b", "a b", "a s b", "a x s b"),
        ("x b", "b", "s b", "s x b"),
        ("a x", "a", "a s", "a x s"),
        # The neighbours are gone: behind the last that stands before it.
        ("a b x c d", "a b c d", "a s d", "a x s d"),
        # Put back by hand: at its place it is done, elsewhere it is moved.
        ("a x b", "a b", "a x b", "a x b"),
        ("a x b", "a b", "a b x", "a x b"),
        # What we added is deleted, and what others put around it stays.
        ("a b", "p a q b", "p s a q t b", "s a t b"),
    ],
)
def test_a_rule_goes_back_beside_its_neighbours(
    before: str, after: str, now: str, wanted: str
) -> None:
    assert applied(before.split(), after.split(), now.split()) == wanted.split()


# Genuine nft ---------------------------------------------------------------------------------


class Journey:
    """A sample's rules in a network namespace, one step after the other. Handles are numbered from
    the start in each, so that the same steps always give the same handles.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.script = f"nft -j -f - <<'RULES'\n{case.texts()['nft']}\nRULES\n"
        self.before = self.reading(case.texts())
        self.was = self.shown()
        plan = make_plan("r", PACK, PACK.state(self.before), case.intent)
        self.send(plan.commands)
        self.after = self.reading(case.texts(case.after))

    def send(self, commands: tuple[str, ...]) -> None:
        self.script += "".join(f"{one}\n" for one in commands if one.startswith("nft "))

    def reading(self, texts: dict[str, str]) -> dict[str, str]:
        return {**texts, "nft": self.shown("nft -j list ruleset")}

    def shown(self, command: str = "nft -s list ruleset") -> str:
        return _apart(f"{{ {self.script} }} >&2\n{command}")

    def undo(self, *meanwhile: str) -> Undo:
        self.script += "".join(f"nft {line}\n" for line in meanwhile)
        return PACK.undo(self.before, self.after, self.reading(self.case.texts(self.case.after)))


def _apart(script: str) -> str:
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", script],
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    if "unshare failed" in done.stderr:
        pytest.skip("network namespaces are refused here")
    assert not done.stderr, (script, done.stderr)
    return done.stdout


@genuine
@pytest.mark.parametrize("case", AFTER, ids=str)
def test_the_rules_of_a_sample_come_back_to_the_letter_and_only_once(case: Case) -> None:
    journey = Journey(case)
    assert journey.shown() != journey.was
    found = journey.undo()
    assert not found.conflicts
    journey.send(found.commands)
    assert journey.shown() == journey.was
    rest = PACK.undo(journey.before, journey.after, journey.reading(case.texts()))
    assert rest.done


@genuine
@pytest.mark.parametrize("case", AFTER, ids=str)
def test_what_somebody_puts_into_our_table_is_named_before_it_goes(case: Case) -> None:
    journey = Journey(case)
    found = journey.undo(
        "add rule inet routercfg management tcp dport 8443 counter drop comment '\"mine\"'",
        "add chain inet routercfg other",
    )
    assert found.conflicts == (
        Conflict(
            (), ('rule inet routercfg management tcp dport 8443 counter drop comment "mine"',)
        ),
        Conflict((), ("chain inet routercfg other",)),
    )
    journey.send(found.commands)
    assert journey.shown() == journey.was


SICK = next(case for case in AFTER if case.folder.name == "sick")


@genuine
def test_a_rule_that_was_put_back_by_hand_is_done_or_in_the_way() -> None:
    journey = Journey(SICK)
    found = journey.undo("add rule inet filter helpers udp dport 5060 ct helper set sip")
    assert not found.conflicts
    assert "helpers" not in found.commands[0]
    journey.send(found.commands)
    assert journey.shown() == journey.was


@genuine
def test_a_rule_of_ours_that_was_edited_is_shown_as_it_was_and_is() -> None:
    journey = Journey(SICK)
    [handle] = [
        entry["rule"]["handle"]
        for entry in json.loads(journey.after["nft"])["nftables"]
        if "return" in json.dumps(entry.get("rule", {})) and "5060" in json.dumps(entry)
    ][:1]
    journey.undo()
    found = journey.undo(
        f"replace rule ip nat prerouting handle {handle} udp dport 5060 return "
        "comment '\"routercfg:sip-forwards\"'"
    )
    [conflict] = found.conflicts
    assert conflict.found == (
        'rule ip nat prerouting udp dport 5060 return comment "routercfg:sip-forwards"',
    )
    assert conflict.left
    assert 'comment "routercfg:sip-forwards"' in conflict.left[0]
    journey.send(found.commands)
    assert journey.shown() == journey.was


# What cannot be told -------------------------------------------------------------------------


@pytest.mark.parametrize("case", AFTER, ids=str)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.99])
@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_cut_off_reading_is_never_guessed_at(case: Case, share: float, which: int) -> None:
    after = case.texts(case.after)
    readings = [dict(one) for one in (case.texts(), after, after)]
    text = readings[which]["nft"]
    readings[which]["nft"] = text[: int(len(text) * share)]
    with pytest.raises(ParseError):
        PACK.undo(*readings)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        ("sysctl", "net.ipv4.ip_forward = 1\n"),
        ("saved", "net.netfilter.nf_conntrack_udp_timeout = 30\n"),
        ("ss", "bash: ss: command not found\n"),
    ],
)
def test_what_now_does_not_show_is_not_taken_for_gone(read: str, text: str) -> None:
    after = SICK.texts(SICK.after)
    with pytest.raises(ParseError):
        PACK.undo(SICK.texts(), after, {**after, read: text})


@pytest.mark.parametrize("value", ["300; reboot", "$(reboot)", "no"])
def test_no_value_of_a_router_becomes_a_command(value: str) -> None:
    before = SICK.texts()
    before["sysctl"] = before["sysctl"].replace("udp_timeout = 30", f"udp_timeout = {value}")
    after = SICK.texts(SICK.after)
    with pytest.raises((ParseError, PackError)):
        PACK.undo(before, after, after)


def _listing(*rules: dict[str, Any]) -> dict[str, str]:
    where = {"family": "ip", "table": "filter"}
    chain = {**where, "name": "FORWARD", "type": "filter", "hook": "forward", "prio": 0}
    return {
        **SICK.texts(),
        "nft": json.dumps(
            {
                "nftables": [
                    {"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
                    {"table": {"family": "ip", "name": "filter", "handle": 1}},
                    {"chain": {**chain, "handle": 1, "policy": "drop"}},
                    *(
                        {"rule": {**where, "chain": "FORWARD", "handle": number, **rule}}
                        for number, rule in enumerate(rules, start=5)
                    ),
                ]
            }
        ),
    }


def test_between_rules_of_iptables_nothing_is_put_back() -> None:
    theirs = {"expr": [{"xt": None}, {"accept": None}]}
    gone = {"expr": [{"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "x"}}]}
    after = _listing(theirs)
    with pytest.raises(PackError, match="iptables"):
        PACK.undo(_listing(theirs, gone), after, after)
    assert PACK.undo(after, after, _listing(theirs, gone)).done


def test_a_rule_longer_than_a_terminals_line_is_sent_on_several() -> None:
    ports = list(range(1, 3000, 2))
    key = {"payload": {"protocol": "udp", "field": "dport"}}
    long = {
        "expr": [{"match": {"op": "==", "left": key, "right": {"set": ports}}}],
        "comment": "l'é",
    }
    after = _listing()
    [command] = PACK.undo(_listing(long), after, after).commands
    lines = command.splitlines()
    assert max(map(len, lines)) < 400
    sent = json.loads("\n".join(lines[1:-1]))["nftables"]
    assert sent == [
        {"add": {"rule": {"family": "ip", "table": "filter", "chain": "FORWARD", **long}}}
    ]
