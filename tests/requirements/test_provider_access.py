"""`provider-access`: what may drop the provider, and what lets it pass."""

from __future__ import annotations

from dataclasses import replace

from routercfg.model.change import AllowProvider
from routercfg.model.finding import Status
from routercfg.model.firewall import Match, Rule, Verdict
from routercfg.model.state import Ipv6
from routercfg.net import NOBODY, PortSet

from .build import (
    CLOSED,
    ESTABLISHED,
    FROM_PROVIDER,
    PROVIDER,
    TO_PROVIDER,
    UNREADABLE,
    check,
    firewall,
    intent,
    ruleset,
)


def test_a_filter_that_may_drop_the_provider_is_a_violation() -> None:
    closed = firewall(forward4=ruleset(ESTABLISHED, CLOSED))
    found = check("provider-access", firewall=closed)
    assert (found.status, found.changes) == (Status.VIOLATION, (AllowProvider(PROVIDER),))


def test_an_accept_that_may_not_match_does_not_let_the_provider_pass() -> None:
    unsure = replace(FROM_PROVIDER, match=replace(FROM_PROVIDER.match, opaque=("limit",)))
    rules = firewall(forward4=ruleset(ESTABLISHED, unsure, CLOSED))
    assert check("provider-access", firewall=rules).status is Status.VIOLATION


def test_a_drop_before_the_accept_is_a_violation() -> None:
    sip_out = Rule(Verdict.DROP, Match(protocols=frozenset({"udp"}), ports=PortSet.of(5060)))
    rules = firewall(forward4=ruleset(sip_out, FROM_PROVIDER, TO_PROVIDER, CLOSED))
    found = check("provider-access", firewall=rules)
    assert found.status is Status.VIOLATION
    assert "192.168.10.0/24" in found.summary


def test_without_prefixes_or_rules_the_provider_is_unknown() -> None:
    assert check("provider-access", intent(provider=NOBODY)).status is Status.UNKNOWN
    blind = firewall(forward6=UNREADABLE)
    assert check("provider-access", firewall=blind).status is Status.UNKNOWN


def test_where_ipv6_is_not_in_use_its_rules_do_not_matter() -> None:
    idle = Ipv6(enabled=True, in_use=False)
    blind = firewall(forward6=UNREADABLE)
    assert check("provider-access", firewall=blind, ipv6=idle).status is Status.OK
    only6 = intent(provider=PROVIDER.only(6))
    assert check("provider-access", only6, ipv6=idle).status is Status.NOT_APPLICABLE
