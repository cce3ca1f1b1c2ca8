"""EdgeOS: what the pack reads in a configuration."""

from __future__ import annotations

from importlib import import_module

import pytest

from routercfg.model.finding import Finding, Status
from routercfg.model.state import ForwardKind, RouterState
from routercfg.planning import make_plan
from routercfg.platforms import load_pack

from .vyatta import EDGEOS, INTENT, Bench, edgeos

PACK = load_pack("ubiquiti_edgeos")
tree = import_module("routercfg_vendors.vyatta.tree")
FOOTER = (
    '/* === vyatta-config-version: "conntrack@1:firewall@5:nat@3:system@4" === */\n'
    "/* Release version: v2.0.9-hotfix.7.5622731.230615.0857 */\n"
)


def state(text: str) -> RouterState:
    return PACK.state({"config": text})


def findings(text: str) -> dict[str, Finding]:
    return {f.requirement: f for f in make_plan("r1", PACK, state(text), INTENT).findings}


#: Words that share a line with the name behind them.
TAGS = frozenset({
    "community", "ethernet", "facility", "interface", "interface-route6", "ipv6-name", "name",
    "network-group", "next-hop", "next-hop-interface", "pd", "pppoe", "route", "route6", "rule",
    "server", "user", "vif",
})  # fmt: skip


def as_braces(node: tree.Node, depth: int = 0) -> str:
    pad = "    " * depth
    found = ""
    for word, child in node.children.items():
        nested = any(inner.children for inner in child.children.values())
        if not child.children:
            found += f"{pad}{word}\n"
        elif word in TAGS and nested:
            for name, inner in child.children.items():
                found += f"{pad}{word} {name} {{\n{as_braces(inner, depth + 1)}{pad}}}\n"
        elif nested or word in ("unms", "loopback", "sip", "tftp"):
            found += f"{pad}{word} {{\n{as_braces(child, depth + 1)}{pad}}}\n"
        else:
            found += "".join(f'{pad}{word} "{value}"\n' for value in child.children)
    return found


@pytest.mark.parametrize("bench", EDGEOS, ids=str)
def test_config_boot_gives_the_same_findings_as_the_set_lines(bench: Bench) -> None:
    text = bench.router().configuration()
    boot = as_braces(tree.parse(text).root) + FOOTER
    essence = [
        [(f.requirement, f.status, [(i.verdict, i.facts) for i in f.items]) for f in found.values()
         if f.requirement != "firmware"]
        for found in (findings(text), findings(boot))
    ]  # fmt: skip
    assert essence[0] == essence[1]
    assert state(boot).identity.version == "2.0.9"
    assert state(boot).identity.certified is True


def test_the_sip_helper_is_on_until_it_is_disabled_and_so_is_tftp() -> None:
    text = edgeos("factory").router().configuration()
    assert findings(text)["sip-alg"].status is Status.VIOLATION
    assert findings(text)["sip-alg"].summary == "SIP ALG is on: system conntrack modules sip"
    assert findings(text)["tftp"].status is Status.OK
    text += "set system conntrack modules sip disable\nset system conntrack modules tftp disable\n"
    assert findings(text)["sip-alg"].status is Status.OK
    assert findings(text)["tftp"].status is Status.VIOLATION
    assert findings(text)["tftp"].summary.endswith(": system conntrack modules tftp is off")


def test_the_udp_timers_are_180_and_30_where_nothing_is_said() -> None:
    timers = state(edgeos("factory").router().configuration()).udp_timers
    assert isinstance(timers, tuple)
    assert {t.id.rpartition(" ")[2]: t.seconds for t in timers} == {"stream": 180, "other": 30}


def test_forwards_come_from_both_places_and_only_from_destination_rules() -> None:
    forwards = state(edgeos().router().configuration()).forwards
    assert isinstance(forwards, tuple)
    assert [f.id for f in forwards] == [
        "port-forward rule 1",
        "port-forward rule 2",
        "port-forward rule 3",
        "port-forward rule 4",
        "service nat rule 10",
    ]
    assert str(forwards[3].ports) == "8443"
    assert str(forwards[3].to_ports) == "443"


def test_a_destination_rule_without_ports_is_one_to_one_or_for_a_host() -> None:
    rule = "set service nat rule 20"
    text = edgeos("factory").router().configuration() + (
        f"{rule} type destination\n{rule} inbound-interface eth1\n"
        f"{rule} inside-address address 192.168.1.9\n"
    )
    for more, kind in (
        ("", ForwardKind.HOST),
        (f"{rule} destination address 192.0.2.7\n", ForwardKind.ONE_TO_ONE),
    ):
        forwards = state(text + more).forwards
        assert isinstance(forwards, tuple)
        assert forwards[0].kind is kind
    forwards = state(f"{text}{rule} exclude\n").forwards
    assert isinstance(forwards, tuple)
    assert not forwards[0].enabled


def test_a_ruleset_that_nothing_binds_protects_nothing() -> None:
    text = edgeos("pppoe").router().configuration()
    loose = "\n".join(line for line in text.splitlines() if "pppoe 0 firewall" not in line)

    def who(config: str) -> set[object]:
        items = findings(config)["management"].items
        return {
            dict(i.facts)["service"]
            for i in items
            if i.verdict is Status.VIOLATION and dict(i.facts).get("family") == 4
        }

    assert who(text) == {"ssh", "https", "telnet"}
    assert who(loose) == {"ssh", "https", "http", "snmp", "ubnt-discover", "telnet"}
    # Bound to the interface below the session it is asked for nothing that the session brings.
    moved = text.replace("vif 34 pppoe 0 firewall", "vif 34 firewall")
    assert who(moved) == who(loose)


def test_auto_firewall_lets_in_what_no_ruleset_shows() -> None:
    text = edgeos("pppoe").router().configuration()
    closed = text.replace("auto-firewall 'enable'", "auto-firewall 'disable'")
    assert closed != text

    def led_inside(config: str) -> set[object]:
        items = findings(config)["management"].items
        return {
            dict(i.facts)["port"]
            for i in items
            if i.verdict is Status.VIOLATION and "to" in dict(i.facts)
        }

    # It accepts by the address inside: what `service nat` leads to the same host comes along.
    assert led_inside(text) == {"8443", "8000-12000", "443"}
    # WAN_IN names none of them, so that without it nobody gets in.
    assert led_inside(closed) == set()


def test_upnp_of_both_kinds_is_seen() -> None:
    text = edgeos("factory").router().configuration()
    assert findings(text)["upnp"].status is Status.OK
    for line in ("service upnp listen-on eth1 outbound-interface eth0", "service upnp2 wan eth0"):
        assert findings(f"{text}set {line}\n")["upnp"].status is Status.VIOLATION


def test_a_controller_is_called_and_discovery_runs_unless_it_is_disabled() -> None:
    text = edgeos("factory").router().configuration()
    listeners = state(text).listeners
    assert isinstance(listeners, tuple)
    known = {one.name: one for one in listeners}
    assert known["unms"].call_home
    assert known["ubnt-discover"].enabled
    listeners = state(text + "set service ubnt-discover disable\n").listeners
    assert isinstance(listeners, tuple)
    assert not {one.name: one for one in listeners}["ubnt-discover"].enabled


def test_a_configuration_of_vyos_is_not_taken_for_one_of_edgeos() -> None:
    text = edgeos("factory").router().configuration()
    found = findings(text + "set nat source rule 100 translation address 'masquerade'\n")
    assert {f.status for f in found.values() if f.requirement != "egress"} == {Status.UNKNOWN}
