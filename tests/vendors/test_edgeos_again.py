"""EdgeOS: a router that is planned a second time, after something about it has changed."""

from __future__ import annotations

from dataclasses import replace

from routercfg.model.finding import Status
from routercfg.net import PrefixSet

from .test_edgeos_pack import findings
from .vyatta import INTENT, INTENTS, edgeos, talk


def test_fewer_managers_leave_fewer_rules() -> None:
    bench = edgeos()
    one = bench.router()
    others = replace(INTENT, management_sources=PrefixSet.of("203.0.113.128/25"))
    counts = []
    for intent in (INTENTS["several managers"], others):
        bench.apply(one, bench.plan(one, intent).commands)
        lines = one.configuration().splitlines()
        counts.append(sum(line.endswith("destination port '8443'") for line in lines))
    assert counts == [2, 1]


def test_what_lets_a_forward_in_to_the_router_stays_when_its_managers_change() -> None:
    bench = edgeos("pppoe")
    one = bench.router()
    rule = "set port-forward rule 5"
    bench.apply(
        one,
        (
            f"{rule} forward-to address 192.168.1.1",
            f"{rule} forward-to port 443",
            f"{rule} original-port 8080",
            f"{rule} protocol tcp",
        ),
    )
    bench.apply(one, bench.plan(one).commands)
    accept = [
        line
        for line in one.configuration().splitlines()
        if "name WAN_LOCAL" in line and line.endswith("destination address '192.168.1.1'")
    ]
    assert len(accept) == 1
    bench.apply(
        one,
        bench.plan(
            one,
            replace(INTENT, management_sources=PrefixSet.of("203.0.113.0/25", "2001:db8:9::/48")),
        ).commands,
    )
    assert accept[0] in one.configuration().splitlines()


def test_a_ruleset_without_a_default_action_drops() -> None:
    bench = edgeos("pppoe")
    one = bench.router()
    shell = bench.login(one)
    for command in ("configure", "delete firewall name WAN_LOCAL default-action", "commit"):
        talk(shell, command)
    found = findings(one.configuration())["management"]
    bad = {
        dict(i.facts)["service"]
        for i in found.items
        if i.verdict is Status.VIOLATION and dict(i.facts).get("family") == 4
    }
    assert bad == {"ssh", "https", "telnet"}
