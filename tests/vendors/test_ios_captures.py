"""Recorded configurations of others: read without tripping, and judged as worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Hook
from routercfg.model.reachability import Query, assured, exposed
from routercfg.model.state import Forward, RouterState
from routercfg.net import PortSet, PrefixSet
from routercfg.planning import make_plan
from routercfg.requirements.outside import reaches_inside

from . import ios

CAPTURES = Path(__file__).resolve().parents[2] / ".." / "shared" / "captures" / "cisco_ios"
FILES = sorted(CAPTURES.glob("*.txt")) if CAPTURES.is_dir() else []

pytestmark = pytest.mark.skipif(not FILES, reason="no captures beside this checkout")


@pytest.fixture(scope="module")
def messy() -> str:
    return ios.router("messy").printed()


def state(name: str) -> RouterState:
    return ios.pack().state({"config": (CAPTURES / name).read_text(errors="replace")})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_any_recorded_text_is_read_or_refused_with_a_reason(path: Path) -> None:
    text = path.read_text(errors="replace")
    found = ios.make_plan("r1", ios.pack(), ios.pack().state({"config": text}), ios.INTENT)
    lines = text.splitlines()
    for finding in found.findings:
        assert "not understood" not in finding.summary, finding.summary
        for evidence in finding.evidence:
            if evidence.line:
                assert evidence.text in lines[evidence.line - 1], evidence


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_any_recorded_text_in_a_live_table_does_not_trip(path: Path, messy: str) -> None:
    text = path.read_text(errors="replace")
    for read in ("ip_brief", "ipv6_brief", "acls", "acls6", "users", "archive"):
        found = ios.pack().state({"config": messy, read: text})
        assert not isinstance(found.forwards, Unknown) or "understood" not in found.forwards.reason


def forwards(found: RouterState) -> tuple[Forward, ...]:
    assert not isinstance(found.forwards, Unknown)
    return found.forwards


def reached(found: RouterState, port: int) -> bool:
    forward = next(f for f in forwards(found) if port in f.ports)
    who = reaches_inside(found, forward, "tcp", forward.ports, ("FastEthernet0",))
    assert not isinstance(who, Unknown)
    return bool(who)


def test_a_web_server_behind_an_inbound_list() -> None:
    # List 102 opens 80, 21, 20 and 23 of the outside address; the forward to 3389 it does not.
    found = state("margrave-config__tnelson.txt")
    assert not isinstance(found.wans, Unknown)
    assert [wan.name for wan in found.wans] == ["FastEthernet0"]
    assert [str(f.ports) for f in forwards(found)] == ["80", "21", "3389"]
    assert {str(f.to) for f in forwards(found)} == {"192.168.2.6/32"}
    assert [reached(found, port) for port in (80, 21, 3389)] == [True, True, False]
    # Without a `version` line absent lines mean nothing.
    assert isinstance(found.listeners, Unknown)
    assert isinstance(found.sip_helpers, Unknown)


def test_a_reflexive_list_lets_replies_in_and_udp_out_of_nowhere_not() -> None:
    found = state("margrave-config-reflexive__tnelson.txt")
    ruleset = found.firewall.ruleset(Hook.FORWARD, 4)
    assert not isinstance(ruleset, Unknown)
    inward = Query(4, "tcp", None, "FastEthernet0", "Vlan1", state="established")
    assert exposed(ruleset, inward)
    assert not exposed(ruleset, replace(inward, protocol="udp"))
    outward = Query(4, "udp", PortSet.of("5060"), "Vlan1", "FastEthernet0")
    assert not assured(ruleset, outward)
    assert assured(ruleset, replace(outward, protocol="tcp")) == PrefixSet.all(4)


def test_a_virtual_router_whose_way_out_is_shut_down() -> None:
    # The default route leads to GigabitEthernet3, which is shut down.
    found = state("running-config-csr1000v-exitgw__labvalidation.txt")
    plan = make_plan("r1", ios.pack(), found, ios.INTENT)
    assert ios.statuses(plan) == {
        "sip-alg": "violation",
        "sip-forwards": "unknown",
        "management": "unknown",
        "ipv6": "not_applicable",
        "udp-timeouts": "ok",
        "provider-access": "unknown",
        "tftp": "ok",
        "upnp": "not_applicable",
        "egress": "not_applicable",
        "firmware": "ok",
    }
    assert (found.identity.hostname, found.identity.model) == ("exitgw", "CSR1000V")


def test_a_customer_edge_with_nothing_but_ssh_open() -> None:
    # Default route by 11.1.1.1, which is on GigabitEthernet0/1; no web server, no IPv6.
    found = state("running-config-cisco_xr_ios_vpnv4-CE1__labvalidation.txt")
    assert not isinstance(found.wans, Unknown)
    assert [wan.name for wan in found.wans] == ["GigabitEthernet0/1"]
    assert not isinstance(found.listeners, Unknown)
    assert {one.name for one in found.listeners if one.enabled} == {"ssh"}
    plan = ios.make_plan("r1", ios.pack(), found, ios.INTENT)
    assert ios.statuses(plan)["management"] == "violation"
    assert sum(c.startswith("line vty") for c in plan.commands) == 2


def test_lists_in_both_directions_of_one_interface() -> None:
    found = state("running-config-iosxe_acl__labvalidation.txt")
    assert isinstance(found.wans, Unknown)
    ruleset = found.firewall.ruleset(Hook.FORWARD, 4)
    assert not isinstance(ruleset, Unknown)
    host, other = PrefixSet.of("192.168.123.1"), PrefixSet.of("192.168.123.6")
    out = Query(4, "tcp", PortSet.of("9101"), "GigabitEthernet1", "GigabitEthernet2", other)
    assert not exposed(ruleset, out) & host
    assert host <= assured(ruleset, replace(out, ports=PortSet.of("9150")))
    assert not exposed(ruleset, replace(out, ports=PortSet.of("80")))
    # The sender's own port is no protection: the inbound list shields nothing for certain.
    inward = Query(4, "tcp", PortSet.of("80"), "GigabitEthernet2", "GigabitEthernet1", host)
    assert exposed(ruleset, inward) == PrefixSet.all(4)
