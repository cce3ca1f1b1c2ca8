from __future__ import annotations

import dataclasses
import pickle

import pytest

from routercfg.model.evidence import Evidence, NotApplicable, Unknown
from routercfg.model.firewall import Firewall
from routercfg.model.intent import Intent, Ipv6Mode, OnPartial
from routercfg.model.state import Identity, RouterState, unread
from routercfg.net import NOBODY, PortSet, PrefixSet

from .values import CHANGES, FINDING, INTENT, LINE, RULESET, STATE

VALUES = (STATE, INTENT, FINDING, RULESET, LINE, Unknown("x", (LINE,)), NotApplicable("y"))


@pytest.mark.parametrize("value", [*VALUES, *CHANGES], ids=lambda value: type(value).__name__)
def test_every_value_survives_the_way_to_another_process(value):
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("value", [*VALUES, *CHANGES], ids=lambda value: type(value).__name__)
def test_no_value_can_be_changed_or_grow_attributes(value):
    for field in dataclasses.fields(value):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, field.name, None)
    assert not hasattr(value, "__dict__")


def test_the_routers_own_addresses_are_those_of_all_interfaces():
    assert STATE.own_addresses == PrefixSet.of(
        "203.0.113.9", "2001:db8::9", "192.168.1.1", "198.51.100.9"
    )


def test_addresses_of_an_interface_are_hosts_and_of_that_interface_alone():
    assert STATE.addresses_of("bridge") == PrefixSet.of("192.168.1.1")
    assert STATE.addresses_of("ether1") == PrefixSet.of(
        "203.0.113.9", "2001:db8::9", "198.51.100.9"
    )
    assert STATE.addresses_of("unused") == NOBODY
    assert STATE.addresses_of("absent") == NOBODY


def test_where_interfaces_are_unknown_no_address_is_claimed():
    state = dataclasses.replace(STATE, interfaces=Unknown("cut off"))
    assert state.own_addresses == NOBODY
    assert state.addresses_of("ether1") == NOBODY


def test_of_a_router_that_could_not_be_read_everything_is_unknown_with_the_reason():
    evidence = (Evidence("show run", 1, "% Invalid input"),)
    state = unread("cisco_ios", "refused", evidence)
    wanted = Unknown("refused", evidence)
    assert state.platform == "cisco_ios"
    assert state.identity == Identity(certified=wanted)
    assert state.firewall == Firewall(wanted, wanted, wanted, wanted)
    said = {"platform", "identity", "firewall", "owned", "session_source"}
    for field in dataclasses.fields(RouterState):
        if field.name not in said:
            assert getattr(state, field.name) == wanted, field.name
    assert state.owned == ()
    assert state.session_source is None


def test_an_identity_without_a_version_is_not_certified():
    assert isinstance(Identity().certified, Unknown)


def test_an_intent_of_nothing_asks_for_the_safe_defaults():
    intent = Intent()
    assert intent.sip_ports == PortSet.of("5060-5061")
    assert intent.rtp_ports == PortSet.of("10000-20000")
    assert intent.udp_timeout == 300
    assert intent.ipv6 is Ipv6Mode.FIREWALL
    assert intent.on_partial is OnPartial.DECISION
    assert intent.management_sources == NOBODY
    assert intent.egress is False
