from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routercfg.model.evidence import Unknown
from routercfg.model.firewall import (
    Chain,
    Firewall,
    Hook,
    Interfaces,
    Match,
    Rule,
    Ruleset,
    Verdict,
)

names = st.text("abeth012.-", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("pattern", "name", "found"),
    [
        ("ether1", "ether1", True),
        ("ether1", "ether10", False),
        ("ether*", "ether10", True),
        ("ether*", "bridge", False),
        ("*", "anything", True),
        ("ether?", "ether1", True),
        ("ether?", "ether10", False),
        ("ETHER*", "ether1", False),
        ("port[1]", "port[1]", True),
    ],
)
def test_interfaces_match_by_name_and_wildcard(pattern, name, found):
    assert (name in Interfaces(frozenset({pattern}))) is found
    assert (name in Interfaces(frozenset({pattern}), negated=True)) is not found


@given(st.frozensets(names, max_size=4), names)
def test_without_wildcards_interfaces_are_a_set_or_its_complement(given_names, name):
    assert (name in Interfaces(given_names)) is (name in given_names)
    assert (name in Interfaces(given_names, negated=True)) is (name not in given_names)


@given(names, names)
def test_a_trailing_star_means_every_name_that_starts_so(prefix, name):
    assert (name in Interfaces(frozenset({prefix + "*"}))) is name.startswith(prefix)


def test_no_interfaces_match_none_and_all_but_none_match_all():
    assert "ether1" not in Interfaces(frozenset())
    assert "ether1" in Interfaces(frozenset(), negated=True)


def test_all_rules_are_those_of_base_chains_and_then_of_the_others():
    rules = [Rule(Verdict.ACCEPT, id=name) for name in "abc"]
    ruleset = Ruleset(
        (Chain("input", (rules[0],)), Chain("late", (rules[1],))), {"c": Chain("c", (rules[2],))}
    )
    assert [rule.id for rule in ruleset.rules()] == ["a", "b", "c"]


def test_an_empty_ruleset_cannot_be_filled_by_accident():
    with pytest.raises(TypeError):
        Ruleset().chains["x"] = Chain("x")


def test_each_direction_and_family_has_its_own_ruleset():
    sets = [Unknown(text) for text in ("in4", "in6", "fw4", "fw6")]
    firewall = Firewall(*sets)
    assert firewall.ruleset(Hook.INPUT, 4) is sets[0]
    assert firewall.ruleset(Hook.INPUT, 6) is sets[1]
    assert firewall.ruleset(Hook.FORWARD, 4) is sets[2]
    assert firewall.ruleset(Hook.FORWARD, 6) is sets[3]


def test_a_match_that_asks_nothing_has_no_matchers():
    assert Match() == Match(None, None, None, None, None, None, None, None, None, None, ())
