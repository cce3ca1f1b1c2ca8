"""What is sent to RouterOS: accepted by its grammar, aimed at one rule, and enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from routercfg.errors import PackError, UnsafeValueError
from routercfg.model.change import (
    CHANGES,
    AllowProvider,
    Change,
    DefendIpv6,
    DisableIpv6,
    DisableListener,
    DisableSipAlg,
    DisableUpnp,
    EnableTftp,
    FlushSipFlows,
    RemoveForward,
    RestrictEgress,
    RestrictForward,
    RestrictManagement,
    SetUdpTimeouts,
    SplitForward,
)
from routercfg.model.evidence import Unknown
from routercfg.model.finding import Status
from routercfg.model.intent import RTP_PORTS, SIP_PORTS, Intent, OnPartial
from routercfg.model.state import Forward, RouterState
from routercfg.net import NOBODY, PortSet, PrefixSet
from routercfg.planning import Plan, make_plan
from routercfg.platforms import load_pack
from routercfg.platforms.registry import load_simulator

from .cases import cases
from .routeros import export, read
from .schemas import checker

PACK = load_pack("mikrotik_routeros")
SIMULATOR = load_simulator("mikrotik_routeros")
VERSIONS = ("6.48.6", "6.49.13", "7.12.2", "7.18.2", "7.20.8")
ADMIN = PrefixSet.of("198.51.100.0/28", "198.51.100.77", "2001:db8:1::/64")
PROVIDER = PrefixSet.of("203.0.113.0/24", "2001:db8:5060::/48")
INTENT = Intent(
    provider=PROVIDER,
    management_sources=ADMIN,
    voice_subnets=PrefixSet.of("192.168.88.0/24", "192.168.10.0/24"),
    egress=True,
)
ERRORS = [re.compile(pattern) for pattern in PACK.manifest.errors]
NAT = "/ip firewall nat add action=dst-nat chain=dstnat "

#: A router on which every kind of change has something to do.
BUSY = (
    "/ip firewall filter add action=accept chain=input\n"
    "/ip firewall filter add action=drop chain=forward connection-state=new\n"
    f'{NAT}comment="PBX \\"1\\" for \\$5" dst-port=5060-5061 in-interface=ether1 protocol=udp'
    " to-addresses=192.168.88.20 to-ports=5060-5061\n"
    f"{NAT}dst-port=9000-12000 in-interface-list=WAN protocol=udp to-addresses=192.168.88.21\n"
    f"{NAT}dst-address=192.0.2.11 to-addresses=192.168.88.22\n"
    "/ip firewall raw add action=drop chain=prerouting src-address=192.0.2.99\n"
    "/ip upnp set enabled=yes\n"
    "/ipv6 address add address=2001:db8:2::1/64 interface=bridge\n"
    "/ipv6 firewall filter add action=accept chain=forward\n"
    f"/ipv6 firewall nat add action=dst-nat chain=dstnat dst-port=5060 protocol=udp"
    " to-address=2001:db8:2::5/128\n"
    "/snmp set enabled=yes\n"
)


def changes(state: RouterState) -> Iterator[Change]:
    """Every kind of change, on this router."""
    for area in (state.forwards, state.listeners, state.udp_timers, state.tftp_helpers, state.wans):
        assert not isinstance(area, Unknown)
    wans = tuple(wan.name for wan in state.wans)  # type: ignore[union-attr]
    yield AllowProvider(PROVIDER)
    yield EnableTftp(state.tftp_helpers)  # type: ignore[arg-type]
    yield SetUdpTimeouts(300, state.udp_timers)  # type: ignore[arg-type]
    yield DisableSipAlg(state.sip_helpers)  # type: ignore[arg-type]
    yield DisableUpnp(state.port_mappers)  # type: ignore[arg-type]
    for forward in state.forwards:  # type: ignore[union-attr]
        yield RemoveForward(forward)
        keep = (("tcp", PortSet.of("1-100")), ("udp", PortSet.of("9000-9999,12001")))
        yield SplitForward(forward, keep)
        yield RestrictForward(forward, ADMIN)
        yield RestrictForward(forward, NOBODY)
    yield DefendIpv6(wans, to_router=True, to_lan=True, management_sources=ADMIN.only(6))
    yield DisableIpv6()
    yield RestrictEgress(wans, INTENT.voice_subnets, PROVIDER, SIP_PORTS, RTP_PORTS)
    for listener in state.listeners:  # type: ignore[union-attr]
        if listener.management:
            yield DisableListener(listener)
    yield RestrictManagement(wans, ADMIN, tuple(one for one in state.listeners if one.management))  # type: ignore[union-attr]
    yield FlushSipFlows(SIP_PORTS)


def complaints(commands: tuple[str, ...], version: str) -> list[Any]:
    found = checker("routeros_check").check("\n".join(commands), version)
    return [one for one in found if one[2] == "E"]


def test_the_grammar_complains_of_a_typing_error() -> None:
    assert complaints(("/ip firewall service-port set sip disabeld=yes",), "7.18")


def test_every_kind_of_change_is_tried() -> None:
    assert {type(one) for one in changes(read(BUSY))} == set(CHANGES)
    assert all(PACK.can(change) for change in CHANGES)


@pytest.mark.parametrize("version", ["7.12.2", "7.18.2", "7.20.1"])
def test_the_grammar_of_routeros_takes_every_command(version: str) -> None:
    state = read(BUSY, version=version)
    for change in changes(state):
        commands = PACK.render(change, state, INTENT)
        assert commands
        assert complaints(commands, version) == [], commands


@pytest.mark.parametrize("case", [c for c in cases() if c.platform == PACK.platform], ids=str)
def test_the_grammar_of_routeros_takes_the_commands_of_the_samples(case: Any) -> None:
    plan = case.plan()
    if plan.commands:
        assert complaints(plan.commands, plan.state.identity.version) == []


def readings(router: Any) -> dict[str, str]:
    return {
        one.id: router.execute(one.command, "voip", "198.51.100.7")[0]
        for one in PACK.manifest.reads
    }


def plan_for(router: Any, intent: Intent = INTENT) -> Plan:
    return make_plan("proef", PACK, PACK.state(readings(router)), intent)


def send(router: Any, commands: tuple[str, ...]) -> None:
    for command in commands:
        printed, _ = router.execute(command, "voip", "198.51.100.7")
        assert not any(error.search(printed) for error in ERRORS), (command, printed)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("configuration", [None, "messy"])
def test_after_the_plan_there_is_nothing_left_to_send(
    configuration: str | None, version: str
) -> None:
    router = SIMULATOR.create(configuration, version=version)
    before = router.configuration()
    plan = plan_for(router)
    assert plan.commands
    assert plan.problems == ()
    send(router, plan.commands)
    again = plan_for(router)
    assert again.commands == ()
    assert all(f.status is not Status.VIOLATION for f in again.findings)
    # The push holds safe mode, which holds a hundred actions.
    assert len(plan.commands) <= 80
    _only_the_slice_changed(before, router.configuration())


_SLICE = re.compile(
    r"routercfg:|/ip firewall (?:service-port|connection tracking)|/ip (?:service|upnp|nat-pmp) "
    r"|/ip firewall nat add .*(?:dst-port|action=dst-nat)"
)


def _only_the_slice_changed(before: str, after: str) -> None:
    old, new = before.splitlines(), after.splitlines()
    changed = sorted(set(old) ^ set(new))
    assert [line for line in changed if not _SLICE.search(line)] == []
    # What stays keeps its order.
    assert [line for line in old if line in new] == [line for line in new if line in old]


def busy(version: str = "7.18.2", lines: str = BUSY) -> Any:
    return SIMULATOR.create(export(lines, version=version), version=version)


@pytest.mark.parametrize("version", VERSIONS)
def test_whoever_may_manage_keeps_its_way_in(version: str) -> None:
    router = busy(version, "/ip firewall filter add action=accept chain=input\n")
    for command in plan_for(router).commands:
        send(router, (command,))
        for source in ("198.51.100.7", "198.51.100.77", "192.168.88.50"):
            assert router.may_connect(source, 22), command
    assert not router.may_connect("198.51.100.99", 22)


def only(state: RouterState, port: str) -> Forward:
    assert not isinstance(state.forwards, Unknown)
    return next(one for one in state.forwards if str(one.ports) == port)


def test_a_split_keeps_the_other_ports_in_the_same_place() -> None:
    router = busy(lines=BUSY.replace("action=drop chain=forward", "action=accept chain=forward"))
    intent = Intent(provider=PROVIDER, management_sources=ADMIN, on_partial=OnPartial.SPLIT)
    plan = plan_for(router, intent)
    assert any(isinstance(one.change, SplitForward) for one in plan.changes)
    send(router, plan.commands)
    again = plan_for(router, intent)
    assert again.commands == ()
    kept = only(again.state, "9000-9999")
    assert kept.to == PrefixSet.of("192.168.88.21")
    assert kept.tag == "routercfg:sip-forwards"


def test_a_forward_is_removed_by_its_own_properties_and_no_other() -> None:
    near = NAT + "dst-port=5060 protocol=udp to-addresses=192.168.88.20 "
    router = busy(lines=f"{near}\n{near}src-address=203.0.113.0/24\n{near}disabled=yes\n")
    before = router.configuration()
    state = PACK.state(readings(router))
    assert not isinstance(state.forwards, Unknown)
    send(router, PACK.render(RemoveForward(state.forwards[1]), state, INTENT))
    gone = [line for line in before.splitlines() if line not in router.configuration()]
    assert len(gone) == 1
    assert "src-address=203.0.113.0/24" in gone[0]


def test_the_first_of_two_alike_goes_and_the_second_is_left() -> None:
    near = NAT + "dst-port=5060 protocol=udp to-addresses=192.168.88.20 "
    router = busy(lines=f"{near}\n{near}dst-address=!192.0.2.1\n")
    state = PACK.state(readings(router))
    assert not isinstance(state.forwards, Unknown)
    with pytest.raises(PackError, match="cannot be told apart"):
        PACK.render(RemoveForward(state.forwards[1]), state, INTENT)
    send(router, PACK.render(RemoveForward(state.forwards[0]), state, INTENT))
    left = PACK.state(readings(router)).forwards
    assert not isinstance(left, Unknown)
    assert [one.id for one in left] == [state.forwards[1].id]


def test_two_identical_forwards_both_go() -> None:
    near = NAT + "dst-port=5060 protocol=udp to-addresses=192.168.88.20\n"
    router = busy(lines=near * 2)
    send(router, plan_for(router).commands)
    left = PACK.state(readings(router)).forwards
    assert left == ()


def test_a_rule_that_is_not_there_any_more_is_an_error_and_not_silence() -> None:
    router = busy()
    state = PACK.state(readings(router))
    (command,) = PACK.render(RemoveForward(only(state, "5060-5061")), state, INTENT)
    send(router, (command,))
    printed, _ = router.execute(command, "voip", "198.51.100.7")
    assert any(error.search(printed) for error in ERRORS), printed


def test_a_second_rule_for_management_keeps_what_the_first_closed() -> None:
    router = busy()
    send(router, plan_for(router).commands)
    send(router, ("/ip service set www-ssl disabled=no", "/ip service set ssh port=2222"))
    plan = plan_for(router)
    assert plan.commands
    send(router, plan.commands)
    assert plan_for(router).commands == ()


def test_more_sources_replace_the_old_ones() -> None:
    router = busy()
    send(router, plan_for(router).commands)
    fewer = Intent(
        provider=PrefixSet.of("203.0.113.0/25"),
        management_sources=PrefixSet.of("198.51.100.0/28"),
        voice_subnets=INTENT.voice_subnets,
        egress=True,
    )
    send(router, plan_for(router, fewer).commands)
    assert plan_for(router, fewer).commands == ()


def test_ipv6_goes_when_it_is_to_be_off() -> None:
    state = read(BUSY)
    assert PACK.render(DisableIpv6(), state, INTENT) == ("/ipv6 settings set disable-ipv6=yes",)


def test_what_people_wrote_is_quoted() -> None:
    state = read(BUSY)
    (command,) = PACK.render(RemoveForward(only(state, "5060-5061")), state, INTENT)
    assert 'comment="PBX \\"1\\" for \\$5"' in command


def test_a_comment_with_a_line_break_reaches_no_command_line() -> None:
    line = f'{NAT}comment="a\\r\\n/system reset" dst-port=5060 protocol=udp to-addresses=10.0.0.1\n'
    state = read(line)
    (command,) = PACK.render(RemoveForward(only(state, "5060")), state, INTENT)
    assert "reset" not in command


def test_an_interface_name_cannot_break_out() -> None:
    state = read(BUSY)
    change = DefendIpv6(('e"; /system reset', "a\nb"), True, True, ADMIN)
    with pytest.raises(UnsafeValueError):
        PACK.render(change, state, INTENT)
    change = DefendIpv6(('e"; /system reset',), True, True, ADMIN)
    assert any(
        'in-interface="e\\"; /system reset"' in c for c in PACK.render(change, state, INTENT)
    )


def test_flows_to_other_ports_live_on() -> None:
    for version in VERSIONS:
        router = SIMULATOR.create(None, version=version)
        router.track("udp", "192.168.88.20:5060", "203.0.113.5:5060")
        for end in ("203.0.113.5:50600", "203.0.113.5:15060", "203.0.113.5:12000"):
            router.track("udp", "192.168.88.20:5060", end)
        router.track("tcp", "192.168.88.20:5062", "203.0.113.5:5060")
        state = PACK.state(readings(router))
        send(router, PACK.render(FlushSipFlows(SIP_PORTS), state, INTENT))
        printed, _ = router.execute("/ip firewall connection print terse", "a", "198.51.100.7")
        assert len([line for line in printed.splitlines() if line.strip()]) == 4


def test_too_many_ports_to_flush_are_refused() -> None:
    state = read(BUSY)
    with pytest.raises(UnsafeValueError, match="too many"):
        PACK.render(FlushSipFlows(RTP_PORTS), state, INTENT)
