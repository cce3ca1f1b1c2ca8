from __future__ import annotations

import re

import pytest

from routercfg.model import change as changes
from routercfg.model.change import Change

from .values import CHANGES, OFFICE

each_change = pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.template())


def test_every_kind_of_change_is_listed_and_has_an_example_here():
    defined = {
        kind
        for kind in vars(changes).values()
        if isinstance(kind, type) and issubclass(kind, Change) and kind is not Change
    }
    assert set(changes.CHANGES) == defined
    assert {type(change) for change in CHANGES} == set(changes.CHANGES)


@each_change
def test_a_summary_is_one_line_for_a_person(change):
    summary = change.summary
    assert summary
    assert summary == summary.strip()
    assert summary.isprintable()
    # A person reads no representations of objects.
    assert "(intervals=" not in summary
    assert "PrefixSet" not in summary
    assert "frozenset" not in summary


@each_change
def test_a_change_names_the_requirement_it_serves(change):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", change.requirement)


def test_summaries_say_what_the_change_is_about():
    said = {type(change).__name__: change.summary for change in CHANGES}
    assert "203.0.113.0/24" in said["AllowProvider"]
    assert "udp-timeout (now 10 s)" in said["SetUdpTimeouts"]
    assert "300 s" in said["SetUdpTimeouts"]
    assert "*1" in said["RemoveForward"]
    assert "5060-5061" in said["RemoveForward"]
    assert "udp 1-5059 and tcp 443" in said["SplitForward"]
    assert "198.51.100.0/24" in said["RestrictForward"]
    assert "router and LAN" in said["DefendIpv6"]
    assert said["RestrictManagement"].endswith("telnet, ssh")
    assert "5060" in said["FlushSipFlows"]


@pytest.mark.parametrize(
    ("to_router", "to_lan", "target"),
    [(True, False, "router"), (False, True, "LAN"), (True, True, "router and LAN")],
)
def test_the_summary_of_an_ipv6_firewall_says_whom_it_shields(to_router, to_lan, target):
    change = changes.DefendIpv6(("ether1",), to_router, to_lan, OFFICE)
    assert change.summary.endswith(f"to {target}")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (changes.DisableSipAlg, "disable_sip_alg"),
        (changes.DefendIpv6, "defend_ipv6"),
        (changes.SetUdpTimeouts, "set_udp_timeouts"),
        (changes.RestrictManagement, "restrict_management"),
    ],
)
def test_templates_are_named_after_changes_in_snake_case(kind, name):
    assert kind.template() == name


def test_template_names_differ():
    assert len({kind.template() for kind in changes.CHANGES}) == len(changes.CHANGES)


def test_what_opens_comes_before_what_closes_and_management_comes_last_of_all_rules():
    order = [kind.__name__ for kind in sorted(changes.CHANGES, key=lambda kind: kind.order)]
    assert order[0] == "AllowProvider"
    assert order.index("EnableTftp") < order.index("RestrictEgress")
    assert order[-2:] == ["RestrictManagement", "FlushSipFlows"]
    assert len({kind.order for kind in changes.CHANGES}) == len(changes.CHANGES)


def test_the_base_of_changes_says_nothing_itself():
    with pytest.raises(NotImplementedError):
        _ = Change().summary
