"""The laws of every pack, for VyOS: carried out in its simulator, line by line."""

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

VERSIONS = ("1.2.9", "1.3.8", "1.4.0", "1.5.0")
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


def router(version: str, configuration: str = "messy") -> Any:
    return load_simulator("vyos").create(configuration, version=version, hostname="r1")


def talk(shell: Any, command: str) -> str:
    """One command; the reply without echo and prompt, as the transport would give it."""
    text = shell.feed(command + "\n").replace("\r\n", "\n")
    return text.split("\n", 1)[1].rsplit("\n", 1)[0] if text.count("\n") > 1 else ""


def plan(one: Any, intent: Intent) -> Plan:
    shell = one.login("vyos", "203.0.113.9")
    shell.start()
    pack = load_pack("vyos")
    texts = {read.id: talk(shell, read.command) for read in pack.manifest.reads}
    return make_plan("r1", pack, pack.state(texts), intent)


def apply(one: Any, commands: tuple[str, ...]) -> None:
    manifest = load_pack("vyos").manifest
    shell = one.login("vyos", "203.0.113.9")
    shell.start()
    for command in ("configure", *commands, "commit", "exit"):
        reply = talk(shell, command)
        assert refusal(manifest, reply) is None, (command, reply)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", INTENTS)
def test_after_its_plan_a_router_lacks_nothing(version: str, name: str) -> None:
    one = router(version)
    before = plan(one, INTENTS[name])
    assert len({f.requirement for f in before.findings if f.status is Status.VIOLATION}) >= 6
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


@pytest.mark.parametrize("version", VERSIONS)
def test_each_requirement_can_be_closed_by_itself(version: str) -> None:
    for requirement in {f.requirement for f in plan(router(version), INTENT).findings}:
        one = router(version)
        before = plan(one, INTENT)
        apply(one, before.commands_of(requirement))
        found = {f.requirement: f for f in plan(one, INTENT).findings}[requirement]
        if requirement == "management" and version < "1.4":
            # What IPv6 lets in to 1.3 is closed by the ruleset that `ipv6` binds.
            assert all("IPv6" in i.note for i in found.items if i.verdict.needs_attention)
            continue
        if requirement == "sip-forwards":
            # What UPnP has opened cannot be seen, and goes with `upnp`.
            assert all("upnp" in i.note for i in found.items if i.verdict.needs_attention)
            continue
        assert not found.status.needs_attention, (requirement, found.summary)


@pytest.mark.parametrize("version", VERSIONS)
def test_no_line_outside_the_slice_changes(version: str) -> None:
    one = router(version)
    before = set(one.configuration().splitlines())
    apply(one, plan(one, INTENT).commands)
    after = set(one.configuration().splitlines())
    gone = before - after
    assert all(
        line.startswith(
            (
                "set nat destination rule 10 ",
                "set nat destination rule 20 ",
                "set nat destination rule 40 protocol",
                "set nat destination rule 40 destination port",
                "set system conntrack modules ",
                "set service telnet ",
                "set service upnp ",
            )
        )
        for line in gone
    ), gone
    assert "set system conntrack modules h323" not in gone
    ours = ("ROUTERCFG-", "routercfg:", "conntrack ", "timeout udp")
    for line in after - before:
        touched = line.rsplit(" ", 2)[0]
        assert (
            any(word in line for word in ours)
            or line.startswith("set nat destination rule")
            or any(touched in other and "routercfg:" in other for other in after)
            or " rule " in line
        ), line


@pytest.mark.parametrize("version", VERSIONS)
def test_rolling_back_restores_every_line(version: str) -> None:
    one = router(version)
    before = one.configuration()
    revert = load_pack("vyos").manifest.reverts[-1]
    pack = load_pack("vyos")
    shell = one.login("vyos", "203.0.113.9")
    shell.start()
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


@pytest.mark.parametrize("version", VERSIONS)
def test_a_second_plan_with_other_sources_replaces_what_is_ours(version: str) -> None:
    one = router(version)
    apply(one, plan(one, INTENT).commands)
    other = replace(
        INTENT,
        provider=PrefixSet.of("198.51.100.0/25", "2001:db8:5061::/48"),
        management_sources=PrefixSet.of("203.0.113.128/25", "2001:db8:fffe::/48"),
    )
    again = plan(one, other)
    assert again.commands
    apply(one, again.commands)
    assert plan(one, other).commands == ()


@pytest.mark.parametrize("version", VERSIONS)
def test_wherever_the_configuration_is_cut_nothing_turns_ok(version: str) -> None:
    pack = load_pack("vyos")
    text = router(version).configuration()
    version_text = f"Version:          VyOS {version}\n"
    whole = {
        f.requirement: f.status
        for f in make_plan(
            "r1", pack, pack.state({"config": text, "version": version_text}), INTENT
        ).findings
    }
    for end in range(0, len(text), 7):
        state = pack.state({"config": text[:end], "version": version_text})
        for finding in make_plan("r1", pack, state, INTENT).findings:
            if (
                finding.status in (Status.OK, Status.NOT_APPLICABLE)
                and finding.requirement != "egress"
            ):
                assert whole[finding.requirement] is finding.status, (end, finding)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", INTENTS)
def test_every_rendered_line_is_valid_on_its_release(version: str, name: str) -> None:
    checker = _checker()
    found = plan(router(version), INTENTS[name]).commands
    # The published grammar starts at 1.3, without telnet, UPnP and the older kind of modules.
    unknown = ("service upnp", "service telnet") + (
        ("conntrack modules",) if "1.2" in version else ()
    )
    for command in found:
        if any(words in command for words in unknown):
            continue
        assert checker.check(command, version[:3])[1] == [], command


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


@pytest.mark.parametrize("version", VERSIONS)
def test_a_service_that_moves_is_shielded_again_and_the_others_stay_so(version: str) -> None:
    one = router(version)
    apply(one, plan(one, INTENT).commands)
    apply(one, ("set service ssh port 2222",))
    again = plan(one, INTENT)
    assert {c.change.requirement for c in again.changes} == {"management"}
    apply(one, again.commands)
    left = plan(one, INTENT)
    assert [f.summary for f in left.findings if f.status.needs_attention] == []
    assert left.commands == ()
