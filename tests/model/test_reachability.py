"""Reachability against a packet walk (`packets.py`) over random rulesets.

What is asserted:

* *exact*: for a question without gaps (one port, one destination, named interfaces) on a ruleset
  without loops, where each meeting with an opaque matcher is a choice of its own, `exposed` is the
  set of sources for which some choice accepts, and `assured` that for which no choice drops;
* *sound*: where the same opaque matcher answers alike at every meeting, where the question has
  gaps, or where chains loop, `exposed` holds at least every source that can get in, and `assured`
  at most those that cannot be refused.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from ipaddress import ip_address
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routercfg.model.firewall import Chain, Interfaces, Match, Rule, Ruleset, Verdict
from routercfg.model.reachability import Query, assured, exposed, may
from routercfg.net import EVERYBODY, NOBODY, PortSet, PrefixSet

from .packets import Packet, finals

# The address before, six inside, and the address after: rules speak only of those inside.
BASES = {4: ip_address("192.0.2.0"), 6: ip_address("2001:db8::")}
SOURCES = {family: tuple(base + n for n in range(-1, 7)) for family, base in BASES.items()}
HOSTS = {
    4: (ip_address("10.0.0.1"), ip_address("10.0.0.2")),
    6: (ip_address("fd00::1"), ip_address("fd00::2")),
}
NAMES = ("ether1", "ether2", "pppoe-wan")
PATTERNS = (*NAMES, "ether*", "*")


def maybe(strategy):
    return st.one_of(st.none(), st.none(), strategy)


def some(values, least=1):
    return st.sets(st.sampled_from(values), min_size=least).map(frozenset)


both = SOURCES[4][1:-1] + SOURCES[6][1:-1]
source_sets = st.sets(st.sampled_from(both), max_size=8).map(lambda found: PrefixSet.of(*found))
destination_sets = some(HOSTS[4] + HOSTS[6]).map(lambda found: PrefixSet.of(*found))
port_sets = some((22, 80, 5060)).map(lambda found: PortSet.of(*found))
interface_sets = st.builds(Interfaces, some(PATTERNS), st.booleans())
opaques = st.sampled_from([(), (), (), (), ("a",), ("b",), ("a", "b")])

matches = st.builds(
    Match,
    protocols=maybe(some(("tcp", "udp", "icmp"))),
    sources=st.one_of(st.none(), source_sets),
    destinations=maybe(destination_sets),
    source_ports=st.sampled_from([None] * 9 + [PortSet.of(5060)]),
    ports=maybe(port_sets),
    states=maybe(some(("new", "established", "related"))),
    in_interfaces=maybe(interface_sets),
    out_interfaces=maybe(interface_sets),
    dnat=maybe(st.booleans()),
    icmp_types=maybe(some((8, 135))),
    opaque=opaques,
)
# Most rules must apply, or no ruleset would ever decide anything.
loose = st.builds(Match, sources=st.one_of(st.none(), source_sets), opaque=opaques)
terminal = st.builds(
    Rule,
    verdict=st.sampled_from([Verdict.ACCEPT, Verdict.DROP, Verdict.RETURN]),
    match=st.one_of(loose, matches),
)


def leading(names: tuple[str, ...]):
    lead = st.builds(
        Rule,
        verdict=st.sampled_from([Verdict.JUMP, Verdict.GOTO]),
        match=st.one_of(loose, matches),
        target=st.sampled_from(names),
    )
    return st.one_of(terminal, lead)


@st.composite
def rulesets(draw, *, loops: bool = False) -> Ruleset:
    """Up to two base chains, and three chains that jump onward only, unless `loops`."""
    names = ("c0", "c1", "c2", "nowhere")
    chains = {}
    for number, name in enumerate(names[:3]):
        onward = names if loops else names[number + 1 :]
        chains[name] = Chain(name, tuple(draw(st.lists(leading(onward), max_size=4))))
    base = tuple(
        Chain(
            f"base{number}",
            tuple(draw(st.lists(leading(names), max_size=6))),
            draw(st.sampled_from([Verdict.ACCEPT, Verdict.DROP])),
        )
        for number in range(draw(st.integers(1, 2)))
    )
    return Ruleset(base, chains)


@st.composite
def queries(draw) -> Query:
    """A question without gaps."""
    family = draw(st.sampled_from([4, 6]))
    return Query(
        family,
        draw(st.sampled_from(["tcp", "udp", "icmp"])),
        PortSet.of(draw(st.sampled_from([22, 80, 5060, 9]))),
        draw(st.sampled_from(NAMES)),
        draw(st.sampled_from(NAMES)),
        PrefixSet.of(draw(st.sampled_from(HOSTS[family]))),
        draw(st.sampled_from(["new", "established"])),
        draw(st.booleans()),
        draw(st.sampled_from([8, 135])),
    )


def packet(query: Query, source) -> Packet:
    return Packet(
        source,
        next(host for host in HOSTS[query.family] if host in query.destinations),
        query.protocol,
        query.ports.intervals[0][0],
        query.in_interface,
        query.out_interface,
        query.state,
        query.dnat,
        query.icmp_type,
    )


def walked(ruleset: Ruleset, query: Query, **options) -> dict:
    return {
        source: finals(ruleset, packet(query, source), **options)
        for source in SOURCES[query.family]
    }


@settings(max_examples=200, deadline=None)
@given(rulesets(), queries())
def test_exposed_and_assured_are_exact_where_each_opaque_meeting_is_its_own(ruleset, query):
    open_to, sure_for = exposed(ruleset, query), assured(ruleset, query)
    for source, ends in walked(ruleset, query).items():
        assert (source in open_to) is ("accept" in ends), source
        assert (source in sure_for) is ("drop" not in ends), source


@settings(max_examples=40, deadline=None)
@given(rulesets(), queries())
def test_all_sources_no_rule_speaks_of_fare_alike_and_no_family_leaks(ruleset, query):
    before, *inside, after = SOURCES[query.family]
    others = EVERYBODY.only(query.family) - PrefixSet.of(*inside)
    for verdict in (Verdict.ACCEPT, Verdict.DROP):
        found = may(ruleset, query, verdict)
        assert found & others in (NOBODY, others)
        assert (before in found) is (after in found)
        assert found <= EVERYBODY.only(query.family)


@settings(max_examples=60, deadline=None)
@given(rulesets(), queries())
def test_sound_where_an_opaque_matcher_answers_alike_at_every_meeting(ruleset, query):
    open_to, sure_for = exposed(ruleset, query), assured(ruleset, query)
    for a, b, port in product([True, False], repeat=3):
        holds = {"a": a, "b": b}

        def choices(rule, holds=holds, port=port):
            known = all(holds[name] for name in rule.match.opaque)
            return (known and (rule.match.source_ports is None or port),)

        for source, ends in walked(ruleset, query, choices=choices).items():
            assert "accept" not in ends or source in open_to
            assert "drop" not in ends or source not in sure_for


@settings(max_examples=60, deadline=None)
@given(rulesets(loops=True), queries())
def test_sound_where_chains_loop(ruleset, query):
    open_to, sure_for = exposed(ruleset, query), assured(ruleset, query)

    def first_way(rule):
        return (not rule.match.opaque,)

    for choices in (first_way, lambda _: (True,)):
        for source, ends in walked(ruleset, query, choices=choices).items():
            assert "accept" not in ends or source in open_to
            assert "drop" not in ends or source not in sure_for


@settings(max_examples=80, deadline=None)
@given(rulesets(), queries(), st.data())
def test_a_question_with_gaps_holds_every_answer_that_would_fill_them(ruleset, query, data):
    gaps = {
        "ports": st.sampled_from([None, PortSet.of(22, 80, 5060), query.ports | PortSet.of(80)]),
        "destinations": st.sampled_from([None, PrefixSet.of(*HOSTS[query.family])]),
        "in_interface": st.none(),
        "out_interface": st.none(),
        "icmp_type": st.none(),
    }
    chosen = data.draw(st.sets(st.sampled_from(sorted(gaps)), min_size=1))
    vague = replace(query, **{name: data.draw(gaps[name]) for name in sorted(chosen)})
    if vague.ports is not None and not query.ports <= vague.ports:
        vague = replace(vague, ports=vague.ports | query.ports)
    assert exposed(ruleset, query) <= exposed(ruleset, vague)
    assert assured(ruleset, vague) <= assured(ruleset, query)


@settings(max_examples=40, deadline=None)
@given(rulesets(), queries())
def test_what_is_assured_is_exposed(ruleset, query):
    assert assured(ruleset, query) <= exposed(ruleset, query)


@settings(max_examples=40, deadline=None)
@given(rulesets(), queries(), st.data())
def test_a_matcher_turned_opaque_only_widens_exposure_and_narrows_assurance(ruleset, query, data):
    place = data.draw(st.integers(0, len(ruleset.base) - 1))
    chain = ruleset.base[place]
    if not chain.rules:
        return
    at = data.draw(st.integers(0, len(chain.rules) - 1))
    rule = chain.rules[at]
    blurred = replace(rule, match=replace(rule.match, opaque=(*rule.match.opaque, "z")))
    rules = (*chain.rules[:at], blurred, *chain.rules[at + 1 :])
    base = (*ruleset.base[:place], replace(chain, rules=rules), *ruleset.base[place + 1 :])
    vague = replace(ruleset, base=base)
    assert exposed(ruleset, query) <= exposed(vague, query)
    assert assured(vague, query) <= assured(ruleset, query)


# The same, in cases a reader can follow.

OFFICE = PrefixSet.of("198.51.100.0/24")
ALL4 = PrefixSet.all(4)
SSH = Query(4, "tcp", PortSet.of(22), "ether1")


def base(*rules: Rule, policy: Verdict = Verdict.DROP, **chains: tuple[Rule, ...]) -> Ruleset:
    named = {name: Chain(name, found) for name, found in chains.items()}
    return Ruleset((Chain("input", rules, policy),), named)


def accept(**match) -> Rule:
    return Rule(Verdict.ACCEPT, Match(**match))


def drop(**match) -> Rule:
    return Rule(Verdict.DROP, Match(**match))


def jump(target: str, **match) -> Rule:
    return Rule(Verdict.JUMP, Match(**match), target)


def goto(target: str, **match) -> Rule:
    return Rule(Verdict.GOTO, Match(**match), target)


def back(**match) -> Rule:
    return Rule(Verdict.RETURN, Match(**match))


def test_without_base_chains_nothing_filters():
    assert exposed(Ruleset(), SSH) == ALL4
    assert assured(Ruleset(), SSH) == ALL4


def test_a_policy_decides_what_no_rule_decides():
    assert exposed(base(), SSH) == NOBODY
    assert assured(base(policy=Verdict.ACCEPT), SSH) == ALL4


def test_a_base_chain_without_a_policy_may_do_either():
    ruleset = base(accept(sources=OFFICE), policy=Verdict.RETURN)
    assert exposed(ruleset, SSH) == ALL4
    assert assured(ruleset, SSH) == OFFICE


def test_a_later_rule_cannot_open_what_an_earlier_one_closed():
    assert exposed(base(drop(sources=OFFICE), accept()), SSH) == ALL4 - OFFICE


def test_an_opaque_drop_shields_nothing_and_an_opaque_accept_exposes_all_it_might_match():
    assert exposed(base(drop(opaque=("geoip",)), accept()), SSH) == ALL4
    assert exposed(base(accept(sources=OFFICE, opaque=("time",))), SSH) == OFFICE
    assert assured(base(accept(opaque=("time",))), SSH) == NOBODY
    assert assured(base(drop(opaque=("geoip",)), accept()), SSH) == NOBODY


def test_every_base_chain_must_let_a_packet_pass():
    first = Chain("first", (accept(),), Verdict.DROP)
    second = Chain("second", (accept(sources=OFFICE),), Verdict.DROP)
    assert exposed(Ruleset((first, second)), SSH) == OFFICE
    assert assured(Ruleset((first, second)), SSH) == OFFICE


def test_a_jump_comes_back_and_a_goto_does_not():
    assert exposed(base(jump("c"), accept(), c=(back(),)), SSH) == ALL4
    assert exposed(base(goto("c"), accept(), c=(back(),)), SSH) == NOBODY
    assert exposed(base(goto("c"), drop(), policy=Verdict.ACCEPT, c=()), SSH) == ALL4


def test_a_goto_inside_a_jump_returns_to_where_the_jump_came_from():
    ruleset = base(jump("a"), accept(sources=OFFICE), a=(goto("b"), accept()), b=())
    assert exposed(ruleset, SSH) == OFFICE


def test_a_jump_takes_only_the_sources_it_matches():
    ruleset = base(jump("c", sources=OFFICE), drop(), c=(accept(),))
    assert exposed(ruleset, SSH) == OFFICE
    assert exposed(base(jump("c", sources=NOBODY), c=(accept(),)), SSH) == NOBODY


def test_in_a_chain_that_is_not_there_everything_may_happen():
    for lead in (jump("missing", sources=OFFICE), goto("missing", sources=OFFICE)):
        assert exposed(base(lead), SSH) == OFFICE
        assert assured(base(lead, policy=Verdict.ACCEPT), SSH) == ALL4 - OFFICE
    nameless = Rule(Verdict.JUMP, Match(sources=OFFICE))
    assert exposed(base(nameless), SSH) == OFFICE


def test_in_a_loop_everything_may_happen():
    ruleset = base(jump("a", sources=OFFICE), a=(jump("b"),), b=(goto("a"),))
    assert exposed(ruleset, SSH) == OFFICE
    assert assured(replace(ruleset, base=(Chain("input", ruleset.base[0].rules, Verdict.ACCEPT),)),
                   SSH) == ALL4 - OFFICE  # fmt: skip


def test_jumps_deeper_than_any_platform_allows_may_do_anything():
    chains = {f"c{n}": (jump(f"c{n + 1}"),) for n in range(100)}
    assert exposed(base(jump("c0", sources=OFFICE), **chains), SSH) == OFFICE


@pytest.mark.parametrize(
    "chains",
    [
        {"c0": (jump("c0"), jump("c0"), jump("c0"))},
        {f"c{n}": (jump(f"c{n + 1}"), jump(f"c{n + 1}")) for n in range(40)},
    ],
    ids=["loop", "diamonds"],
)
def test_chains_that_are_met_again_and_again_cost_no_more_than_once(chains):
    began = time.process_time()
    exposed(base(jump("c0"), **chains), SSH)
    assert time.process_time() - began < 1


def test_the_senders_port_is_the_senders_choice():
    chosen = PortSet.of(5060)
    assert exposed(base(accept(source_ports=chosen)), SSH) == ALL4
    assert exposed(base(drop(source_ports=chosen), accept()), SSH) == ALL4
    assert assured(base(accept(source_ports=chosen)), SSH) == NOBODY
    assert assured(base(accept(source_ports=PortSet.all())), SSH) == ALL4


def test_a_rule_on_another_interface_state_or_protocol_does_not_count():
    for match in (
        {"in_interfaces": Interfaces(frozenset({"ether1"}), negated=True)},
        {"in_interfaces": Interfaces(frozenset({"br*"}))},
        {"states": frozenset({"established", "related"})},
        {"protocols": frozenset({"udp"})},
        {"ports": PortSet.of(80)},
        {"dnat": True},
    ):
        assert exposed(base(accept(**match)), SSH) == NOBODY


def test_a_rule_on_some_of_the_ports_asked_for_may_apply():
    several = replace(SSH, ports=PortSet.of(22, 80))
    assert exposed(base(accept(ports=PortSet.of(80))), several) == ALL4
    assert assured(base(accept(ports=PortSet.of(80))), several) == NOBODY
    assert assured(base(accept(ports=PortSet.of("1-1024"))), several) == ALL4


def test_a_rule_on_an_unknown_destination_interface_or_type_may_apply():
    host = PrefixSet.of("192.168.1.2")
    ping = Query(4, "icmp")
    for match in (
        {"destinations": host},
        {"in_interfaces": Interfaces(frozenset({"ether1"}))},
        {"out_interfaces": Interfaces(frozenset({"bridge"}))},
        {"icmp_types": frozenset({8})},
        {"ports": PortSet.of(1)},
    ):
        assert exposed(base(accept(**match)), ping) == ALL4
        assert assured(base(accept(**match)), ping) == NOBODY
    both_hosts = replace(ping, destinations=host | PrefixSet.of("192.168.1.3"))
    assert exposed(base(accept(destinations=host)), both_hosts) == ALL4
    assert assured(base(accept(destinations=host)), both_hosts) == NOBODY


def test_a_rule_of_the_other_family_admits_nobody():
    assert exposed(base(accept(sources=PrefixSet.of("2001:db8::/32"))), SSH) == NOBODY


def test_ten_thousand_rules_take_well_under_a_quarter_of_a_second():
    """The budget is 100 ms; the slack is for a loaded machine. CPU time, the best of five."""
    start = int(ip_address("11.0.0.0"))
    rules = tuple(
        Rule(
            Verdict.ACCEPT if number % 3 else Verdict.DROP,
            Match(
                protocols=frozenset({"tcp"}),
                sources=PrefixSet.of(f"{ip_address(start + number * 7 % 65536)}/{24 + number % 9}"),
                ports=PortSet.of(22) if number % 2 else PortSet.of("1-1024"),
                states=frozenset({"new"}),
                opaque=("limit",) if number % 10 == 0 else (),
            ),
        )
        for number in range(10_000)
    )
    ruleset = base(*rules)
    taken = []
    for _ in range(5):
        began = time.process_time()
        found = exposed(ruleset, SSH)
        taken.append(time.process_time() - began)
    print(f"10,000 rules: {min(taken) * 1000:.0f} ms")
    assert found
    # A coverage tracer alone makes every line several times slower.
    assert min(taken) < (0.25 if sys.gettrace() is None else 2)
