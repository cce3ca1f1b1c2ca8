"""The generator makes rulesets that load and differ; the bench sees what nftables really does."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from .bench import Bench, Probe, bench, probes
from .random_rulesets import PORTS, SOURCES, RandomRuleset, by_hand, random_ruleset

SEEDS = range(100)


@pytest.fixture(scope="module")
def made(real_linux: None) -> Iterator[Bench]:
    with bench() as built:
        yield built


def test_without_rules_every_port_answers_every_source(made: Bench) -> None:
    everything = RandomRuleset(0, "", frozenset())
    assert made.judge(everything) == frozenset(probes(everything))


def test_behind_a_dropping_policy_nothing_answers(made: Bench) -> None:
    assert made.judge(by_hand()) == frozenset()


def test_a_refusal_is_not_an_answer(made: Bench) -> None:
    ruleset = by_hand("tcp dport 22 reject with tcp reset", "reject", policy="accept")
    assert made.judge(ruleset) == frozenset()


def test_one_accepted_source_and_port_is_all_that_answers(made: Bench) -> None:
    ruleset = by_hand("ip saddr 192.0.2.10 udp dport 5060 accept")
    (only,) = made.judge(ruleset)
    assert only.source.address == "192.0.2.10"
    assert (only.port.protocol, only.port.number) == ("udp", 5060)


def test_the_senders_port_is_probed_where_a_rule_asks_for_it(made: Bench) -> None:
    plain = by_hand("udp sport 5060 udp dport 53 accept")
    asked = RandomRuleset(0, plain.text, frozenset({"sport"}))
    assert made.judge(plain) == frozenset()
    answered = made.judge(asked)
    assert {one.source_port for one in answered} == {5060}
    assert {one.source for one in answered} == set(SOURCES)


def test_a_flow_of_the_last_ruleset_does_not_open_the_next(made: Bench) -> None:
    everything = made.judge(RandomRuleset(0, "", frozenset({"sport"})))
    assert len(everything) == 3 * len(SOURCES) * len(PORTS)
    later = by_hand("ct state established,related accept")
    assert made.judge(RandomRuleset(0, later.text, frozenset({"sport"}))) == frozenset()


def test_a_hundred_rulesets_load_and_are_judged_in_well_under_a_minute(made: Bench) -> None:
    started = time.monotonic()
    rulesets = [random_ruleset(seed) for seed in SEEDS]
    shares = []
    for ruleset in rulesets:
        tries = probes(ruleset)
        shares.append(len(made.judge(ruleset)) / len(tries))
    took = time.monotonic() - started

    assert took < 45
    mixed = [share for share in shares if 0.02 < share < 0.98]
    assert len(mixed) > 50, "most rulesets let some in and keep some out"
    text = "".join(ruleset.text for ruleset in rulesets)
    words = ("accept", "drop", "reject", "jump ", "goto ", "return", "@known4", "ct state", "vmap")
    assert [word for word in words if word not in text] == []
    assert {feature for ruleset in rulesets for feature in ruleset.features} == {
        *("opaque", "vmap", "concat", "sport", "prerouting")
    }


def test_the_same_seed_gives_the_same_ruleset() -> None:
    assert random_ruleset(7) == random_ruleset(7)
    assert random_ruleset(7).text != random_ruleset(8).text


def test_a_ruleset_gives_the_same_answer_twice_when_nothing_in_it_counts(made: Bench) -> None:
    ruleset = random_ruleset(4)
    assert "opaque" not in ruleset.features
    first: frozenset[Probe] = made.judge(ruleset)
    assert made.judge(ruleset) == first
