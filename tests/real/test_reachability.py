"""What routercfg computes from a ruleset, held against what packets do.

The same hundred random rulesets as the bench's own test, each read back with the pack's own show
command. Nothing that we call closed may answer, and what we call certainly open must.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Hook
from routercfg.model.reachability import Query, assured, exposed
from routercfg.model.state import RouterState
from routercfg.net import PortSet, PrefixSet
from routercfg.platforms import load_pack, pack_folders

from .bench import WAIT, Bench, Probe, bench, probes
from .random_rulesets import (
    PORTS,
    SOURCES,
    WAN4,
    WAN6,
    RandomRuleset,
    Source,
    by_hand,
    random_ruleset,
)

SEEDS = range(100)
#: What a reader of rulesets may leave undecided.
HARD = frozenset({"opaque", "sport", "concat", "prerouting"})


@dataclass(frozen=True, slots=True)
class Answers:
    """For one ruleset: what may be let in, what certainly is, and what answered."""

    may: frozenset[Probe]
    must: frozenset[Probe]
    answered: frozenset[Probe]


@pytest.fixture(scope="module")
def made(real_linux: None) -> Iterator[Bench]:
    if "linux_nftables" not in pack_folders():
        pytest.skip("there is no pack linux_nftables to read the rulesets with")
    with bench() as built:
        yield built


@pytest.mark.parametrize("seed", SEEDS)
def test_what_we_call_closed_is_silent_and_what_we_call_open_answers(
    made: Bench, seed: int
) -> None:
    ruleset = random_ruleset(seed)
    answers = compare(made, ruleset)

    assert answers.answered - answers.may == set(), ruleset.text
    silent = answers.must - answers.answered
    if silent:
        # A busy machine may be late once; a closed port is silent for as long as one waits.
        silent -= made.answered(tuple(silent), wait=20 * WAIT)
    assert silent == set(), ruleset.text


@pytest.mark.parametrize(
    "rule",
    [
        # nft 1.0.6 leaves out the family where the reject itself implies one,
        "meta nfproto ipv6 reject",
        "meta nfproto ipv4 tcp dport 22 reject with icmp type host-prohibited",
        # and even where it does not: both families read `tcp dport 22 reject with tcp reset`.
        "meta nfproto ipv4 tcp dport 22 reject with tcp reset",
    ],
)
def test_a_refusal_in_one_family_shields_nothing_in_the_other(made: Bench, rule: str) -> None:
    ruleset = by_hand(rule, policy="accept")
    answers = compare(made, ruleset)

    assert answers.answered - answers.may == set()
    assert answers.must - answers.answered == set()
    assert answers.answered != set(probes(ruleset))


@pytest.mark.parametrize("state", ["invalid", "new", "established,related", "new,invalid"])
@pytest.mark.parametrize("way", ["jump c", "goto c"])
def test_before_connection_tracking_every_packet_counts_as_invalid(
    made: Bench, state: str, way: str
) -> None:
    early = "type filter hook prerouting priority raw; policy accept;"
    called = f"chain c {{\nct state {state} drop\n}}\n"
    text = f"table inet t {{\n{called}chain early {{\n{early}\n{way}\n}}\n}}\n"
    ruleset = RandomRuleset(0, text, frozenset())
    answers = compare(made, ruleset)

    assert answers.answered == (set() if "invalid" in state else set(probes(ruleset)))
    assert answers.answered - answers.may == set()
    assert answers.must - answers.answered == set()


def test_plain_rulesets_leave_hardly_anything_undecided(made: Bench) -> None:
    plain = [random_ruleset(seed) for seed in range(300)]
    plain = [ruleset for ruleset in plain if not ruleset.features & HARD][:60]
    tried = undecided = 0
    for ruleset in plain:
        made.load(ruleset.text)
        may, must = computed(ruleset, read(made))
        tried += len(probes(ruleset))
        undecided += len(may - must)
    assert undecided / tried < 0.05


def compare(made: Bench, ruleset: RandomRuleset) -> Answers:
    answered = made.judge(ruleset)
    may, must = computed(ruleset, read(made))
    return Answers(may, must, answered)


def read(made: Bench) -> RouterState:
    """The bench's router as the pack reads it; the ruleset alone says all that is asked here."""
    pack = load_pack("linux_nftables")
    main = pack.manifest.main_read
    return pack.state({main.id: made.router.run("bash", "-c", main.command)})


def computed(
    ruleset: RandomRuleset, state: RouterState
) -> tuple[frozenset[Probe], frozenset[Probe]]:
    """Of the ruleset's probes: those that can be let in, and those that cannot be refused."""
    may: set[tuple[object, object]] = set()
    must: set[tuple[object, object]] = set()
    interfaces = {source.interface for source in SOURCES}
    for family, own in ((4, WAN4), (6, WAN6)):
        filtered = state.firewall.ruleset(Hook.INPUT, family)
        assert not isinstance(filtered, Unknown), filtered.reason
        for interface in interfaces:
            for port in PORTS:
                query = Query(
                    4 if family == 4 else 6,
                    port.protocol,
                    PortSet.of(port.number),
                    in_interface=interface,
                    destinations=PrefixSet.of(own),
                )
                for sources, found in (
                    (exposed(filtered, query), may),
                    (assured(filtered, query), must),
                ):
                    found |= {
                        (source, port)
                        for source in _of(family, interface)
                        if source.address in sources
                    }
    tries = probes(ruleset)
    return (
        frozenset(one for one in tries if (one.source, one.port) in may),
        frozenset(one for one in tries if (one.source, one.port) in must),
    )


def _of(family: int, interface: str) -> list[Source]:
    return [one for one in SOURCES if one.family == family and one.interface == interface]
