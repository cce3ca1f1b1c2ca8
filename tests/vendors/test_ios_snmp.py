"""SNMP on IOS: a list goes behind each community that strangers could use; communities stay."""

from __future__ import annotations

import json
from typing import Any

from routercfg.model.evidence import Unknown
from routercfg.planning import Plan
from routercfg.report import console, contract
from routercfg.report.entry import Entry

from . import ios
from .test_ios_laws import POLLED

SECRETS = ("op3n", "wr1te", "half", "inside")


def polled(*more: str) -> Any:
    one = ios.router(POLLED, version="15.4(3)M")
    one.apply(*more)
    return one


def snmp(plan: Plan) -> list[str]:
    return [text for text in plan.commands if text.startswith("snmp-server")]


def restricted(community: str, number: str) -> str:
    name = f"routercfg-management-snmp{number}"
    return f"snmp-server community {community} ipv6 {name}-v6 {name}-v4"


def test_each_open_community_gets_a_list_and_keeps_its_view_and_rights() -> None:
    assert snmp(ios.plan(polled())) == [
        restricted("op3n RO", ""),
        restricted("wr1te view ALL RW", ""),
        restricted("half RO", "2"),
    ]


def test_who_polled_from_inside_still_does() -> None:
    one = polled()
    ios.carry_out(one, ios.plan(one).commands)
    lists = {name: [text for _, text in acl.entries] for name, acl in one.running.acls.items()}
    assert "permit 192.168.0.0 0.0.255.255" in lists["routercfg-management-snmp-v4"]
    assert "permit 192.168.1.7" in lists["routercfg-management-snmp2-v4"]
    assert "permit 203.0.113.9" not in lists["routercfg-management-snmp2-v4"]


def test_a_community_that_opens_later_takes_no_list_that_another_uses() -> None:
    one = polled()
    shell = ios.carry_out(one, ios.plan(one).commands)
    ios.talk(shell, "configure confirm")
    one.apply("access-list 60 permit 192.168.1.9", "access-list 60 permit 198.51.100.99")
    one.apply("snmp-server community later RO 60")
    found = ios.plan(one)
    assert snmp(found) == [restricted("later RO", "3")]
    ios.carry_out(one, found.commands)
    assert ios.plan(one).commands == ()


def test_a_group_is_left_to_a_person() -> None:
    text = "snmp-server group ADMINS v3 priv"
    one = {**ios.texts(polled())}
    one["config"] = one["config"].replace("line vty", f"{text}\nline vty")
    plan = ios.make_plan("r1", ios.pack(), ios.pack().state(one), ios.INTENT)
    assert any("groups" in problem for problem in plan.problems)


def test_no_community_is_shown_by_anything() -> None:
    plan = ios.plan(polled())
    state = ios.pack().state(ios.texts(polled()))
    assert not isinstance(state.listeners, Unknown)
    entry = Entry("r1", "cisco_ios", plan)
    shown = json.dumps(contract.as_data([entry])) + console.planned([entry])
    for secret in SECRETS:
        assert f"community {secret}" not in shown
        assert f"'{secret}'" not in repr(state)
    assert "snmp-server community *** view ALL RW" in shown
