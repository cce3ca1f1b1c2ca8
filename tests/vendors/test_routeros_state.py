"""What a RouterOS router is: WANs, helpers, timers, IPv6, versions, sessions."""

from __future__ import annotations

import pytest

from routercfg.model.evidence import Unknown
from routercfg.model.state import Ipv6, RouterState
from routercfg.platforms import load_pack

from .routeros import CAPTURES, read
from .routeros_bench import VERSIONS, Bench

PLATFORM = "mikrotik_routeros"
PACKAGES = """\
Flags: X - disabled
 #   NAME                    VERSION                    SCHEDULED
 0   system                  6.48.6
 1 {flag} ipv6                    6.48.6
"""


def names(state: RouterState) -> list[str] | None:
    return None if isinstance(state.wans, Unknown) else [wan.name for wan in state.wans]


@pytest.mark.parametrize(
    ("early", "wan"),
    [
        ("/interface pppoe-client add add-default-route=yes interface=ether5 name=p1\n", "p1"),
        ("/interface pppoe-client add interface=ether5 name=p1\n", None),
        ("/interface pppoe-client add add-default-route=yes disabled=yes name=p1\n", None),
        ("/interface lte set [ find default-name=lte1 ] name=lte1\n", "lte1"),
    ],
)
def test_a_client_that_takes_the_default_route_is_wan(early: str, wan: str | None) -> None:
    found = names(read("", early=early)) or []
    assert [name for name in found if name != "ether1"] == ([wan] if wan else [])


@pytest.mark.parametrize(
    ("line", "wan"),
    [
        ("/ip dhcp-client add interface=ether5", "ether5"),
        ("/ip dhcp-client add add-default-route=no interface=ether5", None),
        ("/ip dhcp-client add disabled=yes interface=ether5", None),
        ("/ip firewall nat add action=masquerade chain=srcnat out-interface=ether5", "ether5"),
        ("/ip firewall nat add action=masquerade chain=srcnat out-interface=!ether5", None),
    ],
)
def test_what_the_configuration_shows_to_be_outside_is_wan(line: str, wan: str | None) -> None:
    found = names(read(f"{line}\n")) or []
    assert [name for name in found if name != "ether1"] == ([wan] if wan else [])


def test_a_name_by_taste_makes_no_wan() -> None:
    text = (
        "# 2025-09-16 17:59:24 by RouterOS 7.18.2\n/interface ethernet"
        " set [ find default-name=ether1 ] name=ether1-gateway\n/system identity set name=x\n"
    )
    wans = load_pack("mikrotik_routeros").state({"export": text}).wans
    assert isinstance(wans, Unknown)
    assert "wan_interfaces" in wans.reason


def test_the_default_route_in_use_is_wan() -> None:
    routes = (
        "Flags: D - dynamic; X - disabled, I - inactive, A - active;\n"
        "c - connect, s - static, d - dhcp\n"
        "   DAd   dst-address=0.0.0.0/0 routing-table=main gateway=100.64.0.1\n"
        "         immediate-gw=100.64.0.1%ether7 distance=1\n"
    )
    assert "ether7" in (names(read("", routes=routes)) or [])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5m", 300), ("300s", 300), ("1m30s", 90), ("1d", 86400), ("00:05:00", 300), ("300", 300)],
)
def test_durations_are_read(text: str, seconds: int) -> None:
    line = f"/ip firewall connection tracking set udp-timeout={text}\n"
    timers = read("", early=line).udp_timers
    assert not isinstance(timers, Unknown)
    assert (timers[0].id, timers[0].seconds) == ("udp-timeout", seconds)


def test_timers_that_are_not_said_are_too_short() -> None:
    timers = read("").udp_timers
    assert not isinstance(timers, Unknown)
    assert {one.id: one.seconds for one in timers} == {"udp-timeout": 10, "udp-stream-timeout": 180}


def test_the_live_reading_knows_timers_better() -> None:
    timers = read("", tracking="   udp-timeout: 30s\nudp-stream-timeout: 3m\n").udp_timers
    assert not isinstance(timers, Unknown)
    assert timers[0].seconds == 30


def test_a_timer_that_is_none_is_unknown() -> None:
    line = "/ip firewall connection tracking set udp-timeout=soon\n"
    assert isinstance(read("", early=line).udp_timers, Unknown)


@pytest.mark.parametrize("version", ["6.48.6", "7.12.2"])
def test_helpers_are_on_unless_switched_off(version: str) -> None:
    def on(line: str) -> tuple[bool, bool]:
        state = read(line, version=version)
        assert not isinstance(state.sip_helpers, Unknown)
        assert not isinstance(state.tftp_helpers, Unknown)
        return state.sip_helpers[0].enabled, state.tftp_helpers[0].enabled

    assert on("") == (True, True)
    assert on("/ip firewall service-port set sip disabled=yes\n") == (False, True)
    assert on("/ip firewall service-port set tftp disabled=yes\n") == (True, False)
    # Another menu with the same last word.
    assert on("/ip hotspot service-port set sip disabled=yes\n") == (True, True)


def ipv6(lines: str = "", **more: str) -> Ipv6 | Unknown:
    return read(lines, **more).ipv6


def test_routeros_7_has_ipv6_on_and_not_in_use() -> None:
    found = ipv6()
    assert isinstance(found, Ipv6)
    assert (found.enabled, found.in_use) == (True, False)


@pytest.mark.parametrize(
    "line",
    [
        "/ipv6 address add address=2001:db8::1/64 interface=bridge",
        "/ipv6 dhcp-client add interface=ether1 pool-name=p request=prefix",
        "/ipv6 route add dst-address=::/0 gateway=fe80::1%ether1",
        "/ipv6 settings set accept-router-advertisements=yes",
    ],
)
def test_an_address_a_client_or_a_route_is_use(line: str) -> None:
    found = ipv6(f"{line}\n")
    assert isinstance(found, Ipv6)
    assert found.in_use


def test_ipv6_that_is_switched_off_is_off() -> None:
    found = ipv6("/ipv6 settings set disable-ipv6=yes\n")
    assert isinstance(found, Ipv6)
    assert not found.enabled
    state = read("/ipv6 settings set disable-ipv6=yes\n")
    assert isinstance(state.firewall.input6, Unknown)


def test_routeros_6_has_ipv6_in_a_package() -> None:
    assert isinstance(ipv6(version="6.48.6"), Unknown)
    off = ipv6(version="6.48.6", packages=PACKAGES.format(flag="X"))
    assert isinstance(off, Ipv6)
    assert not off.enabled
    on = ipv6(version="6.48.6", packages=PACKAGES.format(flag=" "))
    assert isinstance(on, Ipv6)
    assert on.enabled


@pytest.mark.parametrize(
    ("version", "mappers"),
    [("6.48.6", ["upnp"]), ("7.12.2", ["upnp"]), ("7.18.2", ["upnp", "nat-pmp"])],
)
def test_nat_pmp_is_there_where_the_version_has_it(version: str, mappers: list[str]) -> None:
    found = read("", version=version).port_mappers
    assert isinstance(found, tuple)
    assert [one.id for one in found] == mappers
    assert not any(one.enabled for one in found)


def test_the_newest_ssh_login_is_ours() -> None:
    users = (
        "Flags: R - radius, M - by-romon\n"
        " #    WHEN                 NAME       ADDRESS         VIA\n"
        " 0    jul/21/2023 09:38:39 admin      192.0.2.77      ssh\n"
        " 1    dec/01/2022 11:00:32 admin      192.0.2.78      ssh\n"
        " 2    jul/21/2023 11:00:32 admin      192.0.2.79      winbox\n"
    )
    assert read("", users=users).session_source == "192.0.2.77"
    same = users.replace("dec/01/2022 11:00:32", "jul/21/2023 09:38:39")
    assert read("", users=same).session_source is None
    assert read("", users="bad command name active\n").session_source is None
    assert read("").session_source is None


def test_the_live_version_counts_and_so_does_the_tag() -> None:
    state = read(
        "/ip firewall address-list add address=192.0.2.1 comment=routercfg:egress list=x\n",
        resource="   version: 7.18.3 (stable)\nboard-name: hEX\n",
    )
    assert state.identity.version == "7.18.3"
    assert state.identity.hostname == "proef"
    assert [one.requirement for one in state.owned] == ["egress"]


def test_a_recorded_list_of_sessions_is_read() -> None:
    path = CAPTURES / "user_active_print__ntc-templates.txt"
    if not path.is_file():
        pytest.skip("the recorded outputs of ../shared are not here")
    assert read("", users=path.read_text(encoding="utf-8")).session_source == "1.2.3.4"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_default_route_that_a_router_uses_is_asked_for_so_that_it_is_shown(
    version: str,
) -> None:
    bench = Bench(version=version)
    texts = {one.id: bench(one.command) for one in load_pack(PLATFORM).manifest.reads}
    assert "dst-address=0.0.0.0/0 gateway=pppoe-out1" in texts["routes"]
    assert "pppoe-out1" in (names(load_pack(PLATFORM).state(texts)) or [])
