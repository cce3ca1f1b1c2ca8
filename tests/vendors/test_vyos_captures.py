"""Real VyOS configurations beside the checkout: read without a stumble, judged as a person would.

The vendor ships each configuration before and after its own migration: the same router in two
dialects, which must give the same findings.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from routercfg.model.finding import Finding, Item, Status
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.planning import Plan, make_plan
from routercfg.platforms import load_pack

from .vyatta import checker

CAPTURES = Path(__file__).resolve().parents[2] / ".." / "shared" / "captures" / "vyos"
pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason="no ../shared/captures/vyos here")

INTENT = Intent(
    provider=PrefixSet.of("198.51.100.0/24", "2001:db8:77::/48"),
    management_sources=PrefixSet.of("203.0.113.0/24"),
)
FILES = sorted(
    path.name
    for path in (CAPTURES.iterdir() if CAPTURES.is_dir() else ())
    if path.name.startswith(("smoketest_", "set_commands_"))
)
PAIRS = [
    (
        f"smoketest_{name}_{branch}__vyos-1x.txt",
        f"set_commands_migrated_{name}-{branch}__vyos-1x.txt",
    )
    for name in (
        "basic-vyos",
        "dialup-router-complex",
        "dialup-router-medium-vpn",
        "dialup-router-wireguard-ipv6",
        "ipv6-disable",
        "nat-basic",
    )
    for branch in ("current", "sagitta")
    if f"set_commands_migrated_{name}-{branch}__vyos-1x.txt" in FILES
]
#: The vendor's lists for the sagitta branch leave out `modules` and `service ssh`.
LEFT_OUT = {"sagitta": {"sip-alg", "tftp", "management"}}


def plan(name: str) -> Plan:
    pack = load_pack("vyos")
    text = (CAPTURES / name).read_text(encoding="utf-8")
    return make_plan("r1", pack, pack.state({"config": text}), INTENT)


def findings(name: str) -> dict[str, Finding]:
    return {finding.requirement: finding for finding in plan(name).findings}


@pytest.mark.parametrize("name", FILES)
def test_a_real_configuration_is_read_and_planned(name: str) -> None:
    found = plan(name)
    assert not any("not understood" in finding.summary for finding in found.findings)
    text = (CAPTURES / name).read_text(encoding="utf-8").splitlines()
    for finding in found.findings:
        for line in finding.evidence:
            assert line.line <= len(text)
            assert line.line == 0 or line.text == text[line.line - 1].strip()


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_a_router_gives_the_same_findings_after_the_vendors_migration(
    before: str, after: str
) -> None:
    ignored = {"firmware", *LEFT_OUT.get("sagitta" if "sagitta" in after else "", set())}
    old, new = findings(before), findings(after)
    for requirement in old.keys() - ignored:
        assert old[requirement].status is new[requirement].status, requirement
        if requirement in ("sip-alg", "tftp", "udp-timeouts"):
            continue  # The paths of these switches have moved.
        # What is well may differ: the vendor's lists leave out some `listen-address` lines.
        bad = [
            sorted(str(item.facts) for item in found[requirement].items if _is_bad(item))
            for found in (old, new)
        ]
        assert bad[0] == bad[1], requirement


def _is_bad(item: Item) -> bool:
    return item.verdict.needs_attention


def test_nat_basic_leaks_remote_desktop_and_ssh_and_has_the_helper_on() -> None:
    """A PPPoE router without any firewall; ssh on every address; port 3389 to a PC."""
    found = findings("set_commands_migrated_nat-basic-current__vyos-1x.txt")
    assert found["sip-alg"].status is Status.VIOLATION
    assert found["tftp"].status is Status.OK
    assert found["udp-timeouts"].status is Status.VIOLATION
    assert found["ipv6"].status is Status.VIOLATION
    assert found["provider-access"].status is Status.OK
    assert found["sip-forwards"].status is Status.DECISION
    verdicts = {dict(i.facts)["ports"]: i.verdict for i in found["sip-forwards"].items}
    assert verdicts == {"3389": Status.OK, "10022": Status.OK, "10300": Status.DECISION}
    bad = {
        (dict(i.facts).get("service"), dict(i.facts)["port"], dict(i.facts).get("to"))
        for i in found["management"].items
        if i.verdict is Status.VIOLATION
    }
    assert bad == {
        ("ssh", "22", None),
        (None, "3389", "192.168.189.5/32:3389"),
        (None, "10022", "192.168.189.2/32:22"),
    }


def test_the_zone_firewall_of_the_complex_router_keeps_ssh_to_its_group() -> None:
    """WAN-LOCAL takes ssh from SSH-IN-ALLOW alone; of that group only 192.0.2.0/24 is internet."""
    found = findings("smoketest_dialup-router-complex_equuleus__vyos-1x.txt")
    ssh = [i for i in found["management"].items if dict(i.facts).get("service") == "ssh"]
    strangers = {dict(i.facts)["from"] for i in ssh if i.verdict is Status.VIOLATION}
    assert strangers == {"192.0.2.0/24"}
    # Every pair of zones that lets IPv6 in from WAN does so by ALLOW-ESTABLISHED-6; but the router
    # itself takes ICMPv6 sent to groups alone, and answers to its own neighbour discovery are not.
    assert found["ipv6"].status is Status.VIOLATION
    assert [i.note for i in found["ipv6"].items if i.verdict is Status.VIOLATION] == [
        "ICMPv6 neighbour advertisement is refused on pppoe0"
    ]
    assert found["sip-alg"].status is Status.OK  # `modules sip disable`, written for 1.2.
    assert found["udp-timeouts"].status is Status.OK


def test_the_medium_router_runs_the_helper_because_nothing_disables_it() -> None:
    """1.2.6 without a `modules` block: the helper is loaded. Its only ruleset is bound nowhere."""
    found = findings("smoketest_dialup-router-medium-vpn_sagitta__vyos-1x.txt")
    assert found["sip-alg"].status is Status.VIOLATION
    assert found["sip-alg"].evidence[0].line == 0
    assert found["tftp"].status is Status.OK
    assert found["ipv6"].status is Status.NOT_APPLICABLE
    ports = {
        dict(i.facts)["port"]
        for i in found["management"].items
        if i.verdict is Status.VIOLATION and "to" in dict(i.facts)
    }
    assert ports == {"22", "80,443"}
    wans = plan("smoketest_dialup-router-medium-vpn_sagitta__vyos-1x.txt").state.wans
    assert isinstance(wans, tuple)
    assert [wan.name for wan in wans] == ["pppoe0", "vtun0", "vtun1"]


def test_a_router_with_ipv6_disabled_needs_no_ipv6_firewall() -> None:
    """VLAN 201 to 204 each hold a next hop of the default route; no service but time."""
    name = "smoketest_ipv6-disable_sagitta__vyos-1x.txt"
    found = findings(name)
    assert found["ipv6"].status is Status.NOT_APPLICABLE
    assert found["sip-forwards"].status is Status.OK
    assert found["management"].status is Status.DECISION  # The time server answers everybody.
    wans = plan(name).state.wans
    assert isinstance(wans, tuple)
    assert [wan.name for wan in wans] == ["eth0.201", "eth0.202", "eth0.203", "eth0.204"]


@pytest.mark.parametrize("name", FILES)
def test_what_a_real_router_would_be_sent_is_valid_on_its_release(name: str) -> None:
    found = plan(name)
    release = found.state.identity.version[:3] or ("1.5" if "current" in name else "1.4")
    for command in found.commands:
        if release == "1.2" and ("conntrack modules" in command or " pppoe 0 " in command):
            continue  # The published grammar starts at 1.3, which turned and moved these.
        assert checker().check(command, release)[1] == [], command
    assert found.problems == () or "version is not known" in "".join(found.problems)
