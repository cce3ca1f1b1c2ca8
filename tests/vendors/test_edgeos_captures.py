"""Real EdgeOS configurations beside the checkout: read without a stumble, judged as a person would.

They are `config.boot` files, of 1.6 and 1.9.1.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from routercfg.model.finding import Finding, Status
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.planning import Plan, make_plan
from routercfg.platforms import load_pack

from .vyatta import checker

CAPTURES = Path(__file__).resolve().parents[2] / ".." / "shared" / "captures" / "ubiquiti_edgeos"
pytestmark = pytest.mark.skipif(
    not CAPTURES.is_dir(), reason="no ../shared/captures/ubiquiti_edgeos here"
)
INTENT = Intent(
    provider=PrefixSet.of("198.51.100.0/24", "2001:db8:77::/48"),
    management_sources=PrefixSet.of("203.0.113.0/24"),
)
FILES = sorted(path.name for path in (CAPTURES.iterdir() if CAPTURES.is_dir() else ()))
CONFIGURATIONS = [name for name in FILES if name.startswith("config.boot")]
OTHERS = [name for name in FILES if not name.startswith("config.boot")]


def plan(name: str) -> Plan:
    pack = load_pack("ubiquiti_edgeos")
    text = (CAPTURES / name).read_text(encoding="utf-8")
    return make_plan("r1", pack, pack.state({"config": text}), INTENT)


def findings(name: str) -> dict[str, Finding]:
    return {finding.requirement: finding for finding in plan(name).findings}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_real_configuration_is_read_and_planned(name: str) -> None:
    found = plan(name)
    assert not any("not understood" in finding.summary for finding in found.findings)
    unknown = [f for f in found.findings if f.status is Status.UNKNOWN]
    assert all("upnp" in f.summary for f in unknown), unknown
    text = (CAPTURES / name).read_text(encoding="utf-8").splitlines()
    for finding in found.findings:
        for line in finding.evidence:
            assert line.line <= len(text)
            assert line.line == 0 or line.text == text[line.line - 1].strip()


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_what_is_planned_for_a_real_configuration_is_in_the_grammar(name: str) -> None:
    found = plan(name)
    assert found.problems == ()
    assert checker().check("\n".join(found.commands), "edgeos")[1] == []


@pytest.mark.parametrize("name", OTHERS)
def test_another_commands_output_is_no_configuration(name: str) -> None:
    assert {f.status for f in plan(name).findings if f.requirement != "egress"} == {Status.UNKNOWN}


def test_the_model_and_the_release_are_those_of_show_version() -> None:
    pack = load_pack("ubiquiti_edgeos")
    config = (CAPTURES / CONFIGURATIONS[0]).read_text(encoding="utf-8")
    version = (CAPTURES / "show_version__ntc-templates.txt").read_text(encoding="utf-8")
    identity = pack.state({"config": config, "version": version}).identity
    assert (identity.model, identity.version) == ("EdgeRouter 6P", "2.0.6")
    assert identity.certified is True


def test_the_router_of_1_6_has_the_helper_off_and_no_ruleset_for_ipv6() -> None:
    """WAN_IN and WAN_LOCAL are bound to eth1; IPv6 comes by delegation and meets no filter."""
    name = "config.boot_v1.6__winticloud.txt"
    found = findings(name)
    assert found["sip-alg"].status is Status.OK
    assert found["sip-alg"].evidence[0].line == 248
    assert found["tftp"].status is Status.OK
    assert found["upnp"].status is Status.OK
    assert found["sip-forwards"].status is Status.OK
    assert found["udp-timeouts"].status is Status.VIOLATION
    assert found["ipv6"].status is Status.VIOLATION
    # WAN_IN lets no stranger in, nor the provider.
    assert found["provider-access"].status is Status.VIOLATION
    # 1.6 is older than what the pack certifies.
    assert found["firmware"].status is not Status.OK
    bad = {
        (dict(i.facts)["service"], dict(i.facts)["family"])
        for i in found["management"].items
        if i.verdict is Status.VIOLATION
    }
    assert bad == {("ssh", 6), ("https", 6), ("http", 6)}
    wans = plan(name).state.wans
    assert isinstance(wans, tuple)
    assert [wan.name for wan in wans] == ["eth1"]


def test_the_edgerouter_x_leads_two_ports_to_itself_and_runs_upnp() -> None:
    """Dual stack with rulesets for both families; 2222 and 8080 lead to its own ssh and web."""
    name = "config.boot_Comcast_config_boot_erx__stevejenkins.txt"
    found = findings(name)
    assert found["sip-alg"].status is Status.VIOLATION
    assert found["sip-alg"].evidence[0].line == 0
    assert found["tftp"].status is Status.OK
    assert found["upnp"].status is Status.VIOLATION
    assert (
        found["upnp"].evidence[0].text == "upnp2 {" or found["upnp"].evidence[1].text == "upnp2 {"
    )
    # What UPnP has opened is not in a configuration.
    assert found["sip-forwards"].status is Status.UNKNOWN
    assert found["ipv6"].status is Status.OK
    assert found["udp-timeouts"].status is Status.VIOLATION
    assert found["firmware"].status is Status.OK
    forwards = {
        (dict(i.facts)["port"], dict(i.facts)["to"])
        for i in found["management"].items
        if i.verdict is Status.VIOLATION and "to" in dict(i.facts)
    }
    assert forwards == {("2222", "192.168.1.1/32:22"), ("8080", "192.168.1.1/32:443")}
    wans = plan(name).state.wans
    assert isinstance(wans, tuple)
    assert [wan.name for wan in wans] == ["eth0"]
