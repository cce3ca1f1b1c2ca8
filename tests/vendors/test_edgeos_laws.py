"""The laws of every pack, for EdgeOS: carried out in its simulator, line by line."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from routercfg.model.finding import Status
from routercfg.model.intent import Intent, Ipv6Mode, OnPartial
from routercfg.net import PrefixSet
from routercfg.planning import Plan, make_plan
from routercfg.platforms import load_pack
from routercfg.platforms.registry import load_simulator
from routercfg.transport.session import refusal

PRESETS = ("messy", "pppoe")
SCHEMAS = Path(__file__).resolve().parents[2] / ".." / "shared" / "schemas"
INTENT = Intent(
    provider=PrefixSet.of("198.51.100.0/24", "2001:db8:5060::/48"),
    management_sources=PrefixSet.of("203.0.113.0/24", "2001:db8:ffff::/48"),
    voice_subnets=PrefixSet.of("192.168.1.0/24", "2001:db8:1:1::/64"),
    on_partial=OnPartial.SPLIT,
)
INTENTS = {
    "plain": INTENT,
    "egress": replace(INTENT, egress=True),
    "without IPv6": replace(INTENT, ipv6=Ipv6Mode.OFF),
    "nobody manages": replace(INTENT, management_sources=PrefixSet()),
    "several managers": replace(
        INTENT, management_sources=PrefixSet.of("203.0.113.0/25", "192.0.2.128/26")
    ),
    "removing": replace(INTENT, on_partial=OnPartial.REMOVE),
}


def router(configuration: str = "messy") -> Any:
    return load_simulator("ubiquiti_edgeos").create(configuration, version="2.0.9", hostname="r1")


def talk(shell: Any, command: str) -> str:
    """One command; the reply without echo and prompt, as the transport would give it."""
    text = shell.feed(command + "\n").replace("\r\n", "\n")
    return text.split("\n", 1)[1].rsplit("\n", 1)[0] if text.count("\n") > 1 else ""


def login(one: Any) -> Any:
    shell = one.login("ubnt", "203.0.113.9")
    shell.start()
    return shell


def plan(one: Any, intent: Intent) -> Plan:
    shell = login(one)
    pack = load_pack("ubiquiti_edgeos")
    texts = {read.id: talk(shell, read.command) for read in pack.manifest.reads}
    return make_plan("r1", pack, pack.state(texts), intent)


def apply(one: Any, commands: tuple[str, ...]) -> None:
    manifest = load_pack("ubiquiti_edgeos").manifest
    shell = login(one)
    for command in ("configure", *commands, "commit", "exit"):
        reply = talk(shell, command)
        assert refusal(manifest, reply) is None, (command, reply)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("name", INTENTS)
def test_after_its_plan_a_router_lacks_nothing(preset: str, name: str) -> None:
    one = router(preset)
    before = plan(one, INTENTS[name])
    assert len({f.requirement for f in before.findings if f.status is Status.VIOLATION}) >= 7
    assert before.problems == ()
    apply(one, before.commands)
    after = plan(one, INTENTS[name])
    assert after.commands == ()
    open_ones = {f.requirement: f for f in after.findings if f.status.needs_attention}
    if name == "nobody manages":
        # Nobody may use a forward to management, and nobody said that it may go.
        found = open_ones.pop("management")
        assert all("to" in dict(i.facts) for i in found.items if i.verdict.needs_attention)
    assert {key: finding.summary for key, finding in open_ones.items()} == {}


@pytest.mark.parametrize("preset", PRESETS)
def test_each_requirement_can_be_closed_by_itself(preset: str) -> None:
    for requirement in {f.requirement for f in plan(router(preset), INTENT).findings}:
        one = router(preset)
        before = plan(one, INTENT)
        apply(one, before.commands_of(requirement))
        found = {f.requirement: f for f in plan(one, INTENT).findings}[requirement]
        if requirement == "management":
            # What IPv6 lets in is closed by the ruleset that `ipv6` binds.
            assert all("IPv6" in i.note for i in found.items if i.verdict.needs_attention)
            continue
        if requirement == "sip-forwards":
            # What UPnP has opened cannot be seen, and goes with `upnp`.
            assert all("upnp" in i.note for i in found.items if i.verdict.needs_attention)
            continue
        assert not found.status.needs_attention, (requirement, found.summary)


@pytest.mark.parametrize("preset", PRESETS)
def test_no_line_outside_the_slice_changes(preset: str) -> None:
    one = router(preset)
    before = set(one.configuration().splitlines())
    apply(one, plan(one, INTENT).commands)
    after = set(one.configuration().splitlines())
    allowed = (
        # SIP, speech, the narrowed one, and the one to management, which becomes a NAT rule.
        "set port-forward rule ",
        "set system conntrack modules tftp ",
        "set service telnet ",
        "set service upnp2 ",
    )
    assert all(line.startswith(allowed) for line in before - after), before - after
    tagged = {
        line.split(" description ")[0].removeprefix("set ")
        for line in after
        if "'routercfg:" in line
    }
    for line in after - before:
        known = ("ROUTERCFG-", "conntrack timeout udp", "conntrack modules sip disable")
        mine = any(line.startswith(f"set {path} ") for path in tagged)
        assert mine or any(word in line for word in known) or line == (
            "set service nat rule 10 source address '203.0.113.0/24'"
        ), line  # fmt: skip


@pytest.mark.parametrize("preset", PRESETS)
def test_rolling_back_restores_every_line(preset: str) -> None:
    one = router(preset)
    before = one.configuration()
    pack = load_pack("ubiquiti_edgeos")
    revert = pack.manifest.reverts[0]
    shell = login(one)
    for step in revert.begin:
        talk(shell, pack.step(step))
    for command in plan(one, INTENT).commands:
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


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("name", ["plain", "egress"])
def test_a_second_plan_with_other_sources_replaces_what_is_ours(preset: str, name: str) -> None:
    one = router(preset)
    apply(one, plan(one, INTENTS[name]).commands)
    other = replace(
        INTENTS[name],
        provider=PrefixSet.of("198.51.100.0/25", "2001:db8:5061::/48"),
        management_sources=PrefixSet.of("203.0.113.128/25", "2001:db8:fffe::/48"),
    )
    again = plan(one, other)
    assert again.problems == ()
    assert again.commands
    apply(one, again.commands)
    last = plan(one, other)
    assert last.commands == ()
    assert not [f for f in last.findings if f.status.needs_attention]


@pytest.mark.parametrize("preset", PRESETS)
def test_several_managers_can_be_replaced_by_one_and_back(preset: str) -> None:
    one = router(preset)
    for name in ("several managers", "plain", "several managers"):
        found = plan(one, INTENTS[name])
        assert found.problems == ()
        apply(one, found.commands)
        left = plan(one, INTENTS[name])
        assert left.commands == (), name
        assert not [f.summary for f in left.findings if f.status.needs_attention], name


@pytest.mark.parametrize("preset", PRESETS)
def test_wherever_the_configuration_is_cut_nothing_turns_ok(preset: str) -> None:
    pack = load_pack("ubiquiti_edgeos")
    text = router(preset).configuration()
    version = "Version:      v2.0.9\n"

    def statuses(config: str) -> dict[str, Status]:
        state = pack.state({"config": config, "version": version})
        return {f.requirement: f.status for f in make_plan("r1", pack, state, INTENT).findings}

    whole = statuses(text)
    for end in range(0, len(text), 7):
        for requirement, status in statuses(text[:end]).items():
            if status in (Status.OK, Status.NOT_APPLICABLE) and requirement != "egress":
                assert whole[requirement] is status, (end, requirement)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("name", INTENTS)
def test_every_rendered_line_is_in_the_published_grammar(preset: str, name: str) -> None:
    checker = _checker()
    found = plan(router(preset), INTENTS[name]).commands
    assert found
    assert checker.check("\n".join(found), "edgeos")[1] == []


@pytest.mark.parametrize("preset", ["factory", *PRESETS])
def test_the_simulated_configurations_are_in_the_published_grammar(preset: str) -> None:
    assert _checker().check(router(preset).configuration(), "edgeos")[1] == []


def test_the_ruleset_for_pppoe_is_bound_on_the_session_and_not_on_its_interface() -> None:
    found = plan(router("pppoe"), INTENT).commands
    bindings = [line for line in found if line.startswith("set interfaces ")]
    place = "set interfaces ethernet eth0 vif 34 pppoe 0 firewall"
    assert bindings == [
        f"{place} local ipv6-name ROUTERCFG-LOCAL-6",
        f"{place} in ipv6-name ROUTERCFG-IN-6",
    ]


def test_a_forward_that_becomes_a_nat_rule_is_still_let_in() -> None:
    """`auto-firewall` accepted it in front of WAN_IN, which refuses what it does not name."""
    one = router("pppoe")
    apply(one, plan(one, INTENT).commands)
    lines = one.configuration().splitlines()
    accepts = [
        line for line in lines if "firewall name WAN_IN" in line and "'192.168.1.60'" in line
    ]
    assert len(accepts) == 1
    rule = accepts[0].split(" destination ")[0]
    assert f"{rule} source group network-group 'ROUTERCFG-MANAGEMENT'" in lines
    assert f"{rule} destination port '443'" in lines


def _checker() -> ModuleType:
    path = SCHEMAS / "vyos_check.py"
    if not path.is_file():
        pytest.skip("no ../shared/schemas/vyos_check.py here")
    spec = importlib.util.spec_from_file_location("vyos_check", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
