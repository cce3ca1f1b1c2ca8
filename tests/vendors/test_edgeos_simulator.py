"""What the simulated EdgeOS takes and refuses in a way of its own."""

from __future__ import annotations

import pytest

from .vyatta import edgeos


@pytest.mark.parametrize(
    "line",
    [
        "set system conntrack modules sip",
        "set nat destination rule 10 translation address 192.168.1.5",
        "set firewall ipv4 input filter rule 5 action accept",
        "set service nat rule 20 source group network-group ANY",
        "set firewall ipv6-name X rule 10 source group ipv6-network-group ANY",
        "set port-forward rule 9 source address 192.0.2.0/24",
        "set firewall group network-group X network 192.168.1/24",
        "set firewall name X rule 10 action return",
        "set system conntrack timeout udp stream long",
    ],
)
def test_what_the_router_does_not_know_is_refused(line: str) -> None:
    one = edgeos().router()
    before = one.configuration()
    replies = edgeos().configured(one, line)
    assert "Set failed" in replies[0]
    assert "No configuration changes" in replies[1]
    assert one.configuration() == before


@pytest.mark.parametrize(
    "lines",
    [
        ("set interfaces ethernet eth0 firewall in name NOWHERE",),
        (
            "set firewall name X rule 10 action accept",
            "set firewall name X rule 10 source group network-group NOWHERE",
        ),
        ("set firewall name X rule 10 protocol tcp",),
        (
            "set firewall name X rule 10 action accept",
            "set firewall name X rule 10 destination port 22",
        ),
        ("set service nat rule 20 inside-address address 192.168.1.5",),
        (
            "set service nat rule 5020 type destination",
            "set service nat rule 5020 inbound-interface eth0",
            "set service nat rule 5020 inside-address address 192.168.1.5",
        ),
        ("set port-forward rule 9 protocol tcp",),
    ],
)
def test_what_lacks_a_part_or_refers_to_nothing_fails_the_commit(lines: tuple[str, ...]) -> None:
    one = edgeos().router()
    before = one.configuration()
    replies = edgeos().configured(one, *lines)
    assert not any("failed" in reply for reply in replies[:-1])
    assert "Commit failed" in replies[-1]
    assert one.configuration() == before


def test_the_ruleset_of_the_pppoe_session_keeps_strangers_out() -> None:
    one = edgeos("pppoe").router()
    assert one.may_connect("203.0.113.9", 22)
    assert not one.may_connect("203.0.113.9", 2222)
    edgeos("pppoe").configured(
        one,
        "set firewall name WAN_LOCAL rule 25 action drop",
        "set firewall name WAN_LOCAL rule 25 source address 203.0.113.0/24",
    )
    assert not one.may_connect("203.0.113.9", 22)
    assert one.may_connect("198.51.100.9", 22)
    assert one.may_connect("192.168.1.20", 22)


def test_the_exec_channel_is_a_plain_shell() -> None:
    assert edgeos().router().execute("show version", "ubnt", "203.0.113.9")[1] == 127


def test_a_refused_commit_leaves_the_other_nodes_live() -> None:
    one = edgeos().router()
    replies = edgeos().configured(
        one, "set service ssh port 2222", "set firewall name X rule 1 log enable"
    )
    assert "[[firewall]] failed" in replies[-1]
    assert "set service ssh port '2222'" in one.configuration()
    assert "name X" not in one.configuration()
