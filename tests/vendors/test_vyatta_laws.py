"""The laws of every pack, for VyOS and EdgeOS: carried out in their simulators, line by line.

What may change beside ours differs, and stands in the modules of either.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from routercfg.model.finding import Status
from routercfg.net import PrefixSet
from routercfg.planning import make_plan
from routercfg.transport.session import refusal

from .vyatta import INTENT, INTENTS, VYOS, Bench, checker, edgeos, every_bench, talk

every_intent = pytest.mark.parametrize("name", INTENTS)


@every_bench
@every_intent
def test_after_its_plan_a_router_lacks_nothing(bench: Bench, name: str) -> None:
    one = bench.router()
    before = bench.plan(one, INTENTS[name])
    assert len({f.requirement for f in before.findings if f.status is Status.VIOLATION}) >= 7
    assert before.problems == ()
    bench.apply(one, before.commands)
    after = bench.plan(one, INTENTS[name])
    assert after.commands == ()
    open_ones = {f.requirement: f for f in after.findings if f.status.needs_attention}
    if name == "nobody manages":
        # Nobody may use a forward to management, and nobody said that it may go.
        found = open_ones.pop("management")
        assert all("to" in dict(i.facts) for i in found.items if i.verdict.needs_attention)
    assert {key: finding.summary for key, finding in open_ones.items()} == {}


@every_bench
def test_each_requirement_can_be_closed_by_itself(bench: Bench) -> None:
    bound = bench.platform == "ubiquiti_edgeos" or bench.version < "1.4"
    for requirement in {f.requirement for f in bench.plan(bench.router()).findings}:
        one = bench.router()
        bench.apply(one, bench.plan(one).commands_of(requirement))
        found = {f.requirement: f for f in bench.plan(one).findings}[requirement]
        if requirement == "management" and bound:
            # What IPv6 lets in there is closed by the ruleset that `ipv6` binds.
            assert all("IPv6" in i.note for i in found.items if i.verdict.needs_attention)
            continue
        if requirement == "sip-forwards":
            # What UPnP has opened cannot be seen, and goes with `upnp`.
            assert all("upnp" in i.note for i in found.items if i.verdict.needs_attention)
            continue
        assert not found.status.needs_attention, (requirement, found.summary)


@every_bench
def test_rolling_back_restores_every_line(bench: Bench) -> None:
    one = bench.router()
    before = one.configuration()
    pack = bench.pack
    revert = pack.manifest.reverts[-1]
    shell = bench.login(one)
    for step in (*revert.ask, *revert.begin):
        talk(shell, pack.step(step))
    for command in bench.plan(one).commands:
        talk(shell, command)
    talk(shell, "commit-confirm 10")
    talk(shell, "y")
    assert one.configuration() != before
    for step in revert.rollback:
        reply = talk(shell, pack.step(step))
        assert refusal(pack.manifest, reply) is None, (step, reply)
    assert one.configuration() == before
    assert one.persisted() == before
    assert one.pending is None


@every_bench
@pytest.mark.parametrize("name", ["plain", "egress"])
def test_a_second_plan_with_other_sources_replaces_what_is_ours(bench: Bench, name: str) -> None:
    one = bench.router()
    bench.apply(one, bench.plan(one, INTENTS[name]).commands)
    other = replace(
        INTENTS[name],
        provider=PrefixSet.of("198.51.100.0/25", "2001:db8:5061::/48"),
        management_sources=PrefixSet.of("203.0.113.128/25", "2001:db8:fffe::/48"),
    )
    again = bench.plan(one, other)
    assert again.problems == ()
    assert again.commands
    bench.apply(one, again.commands)
    last = bench.plan(one, other)
    assert last.commands == ()
    assert not [f for f in last.findings if f.status.needs_attention]


@every_bench
def test_several_managers_can_be_replaced_by_one_and_back(bench: Bench) -> None:
    one = bench.router()
    for name in ("several managers", "plain", "several managers"):
        found = bench.plan(one, INTENTS[name])
        assert found.problems == ()
        bench.apply(one, found.commands)
        left = bench.plan(one, INTENTS[name])
        assert left.commands == (), name
        assert not [f.summary for f in left.findings if f.status.needs_attention], name


# On the other EdgeOS its ruleset shields what it does not name, wherever it moves.
@pytest.mark.parametrize("bench", [*VYOS, edgeos()], ids=str)
def test_a_service_that_moves_is_shielded_again_and_the_others_stay_so(bench: Bench) -> None:
    one = bench.router()
    bench.apply(one, bench.plan(one).commands)
    bench.apply(one, ("set service ssh port 2222",))
    again = bench.plan(one)
    assert {c.change.requirement for c in again.changes} == {"management"}
    bench.apply(one, again.commands)
    left = bench.plan(one)
    assert [f.summary for f in left.findings if f.status.needs_attention] == []
    assert left.commands == ()


@every_bench
def test_wherever_the_configuration_is_cut_nothing_turns_ok(bench: Bench) -> None:
    texts = bench.texts(bench.router())

    def statuses(config: str) -> dict[str, Status]:
        state = bench.pack.state({**texts, "config": config})
        return {
            f.requirement: f.status for f in make_plan("r1", bench.pack, state, INTENT).findings
        }

    text = texts["config"]
    whole = statuses(text)
    for end in range(0, len(text), 7):
        for requirement, status in statuses(text[:end]).items():
            if status in (Status.OK, Status.NOT_APPLICABLE) and requirement != "egress":
                assert whole[requirement] is status, (end, requirement)


#: The published grammars of VyOS start at 1.3, and are without these.
_UNPUBLISHED = {
    "1.2": ("service upnp ", "service telnet ", "conntrack modules "),
    "edgeos": (),
}


@every_bench
@every_intent
def test_every_rendered_line_is_in_the_published_grammar(bench: Bench, name: str) -> None:
    found = bench.plan(bench.router(), INTENTS[name]).commands
    left_out = _UNPUBLISHED.get(bench.grammar, ("service upnp ", "service telnet "))
    lines = [line for line in found if not any(words in f"{line} " for words in left_out)]
    assert lines
    assert checker().check("\n".join(lines), bench.grammar)[1] == []
