"""EdgeOS: where in the configuration a plan goes, and what else of it it may touch."""

from __future__ import annotations

import pytest

from .vyatta import EDGEOS, Bench, edgeos


@pytest.mark.parametrize("bench", EDGEOS, ids=str)
def test_no_line_outside_the_slice_changes(bench: Bench) -> None:
    one = bench.router()
    before = set(one.configuration().splitlines())
    bench.apply(one, bench.plan(one).commands)
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


def test_the_ruleset_for_pppoe_is_bound_on_the_session_and_not_on_its_interface() -> None:
    bench = edgeos("pppoe")
    found = bench.plan(bench.router()).commands
    bindings = [line for line in found if line.startswith("set interfaces ")]
    place = "set interfaces ethernet eth0 vif 34 pppoe 0 firewall"
    assert bindings == [
        f"{place} local ipv6-name ROUTERCFG-LOCAL-6",
        f"{place} in ipv6-name ROUTERCFG-IN-6",
    ]


def test_a_forward_that_becomes_a_nat_rule_is_still_let_in() -> None:
    """`auto-firewall` accepted it in front of WAN_IN, which refuses what it does not name."""
    bench = edgeos("pppoe")
    one = bench.router()
    bench.apply(one, bench.plan(one).commands)
    lines = one.configuration().splitlines()
    accepts = [
        line for line in lines if "firewall name WAN_IN" in line and "'192.168.1.60'" in line
    ]
    assert len(accepts) == 1
    rule = accepts[0].split(" destination ")[0]
    assert f"{rule} source group network-group 'ROUTERCFG-MANAGEMENT'" in lines
    assert f"{rule} destination port '443'" in lines
