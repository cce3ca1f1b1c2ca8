"""What a RouterOS router is: forwards, services, WANs, helpers, timers, IPv6."""

from __future__ import annotations

import pytest

from routercfg.model.evidence import Unknown
from routercfg.model.state import Forward, ForwardKind, Ipv6, Listener, RouterState
from routercfg.net import ALL_PORTS, EVERYBODY, PortSet, PrefixSet
from routercfg.platforms import load_pack

from .routeros import CAPTURES, read

NAT = "/ip firewall nat add "
PACKAGES = """\
Flags: X - disabled
 #   NAME                    VERSION                    SCHEDULED
 0   system                  6.48.6
 1 {flag} ipv6                    6.48.6
"""


def forwards(*rules: str, **more: str) -> tuple[Forward, ...]:
    found = read("".join(f"{NAT}{rule}\n" for rule in rules), **more).forwards
    assert not isinstance(found, Unknown), found
    return found


def forward(*rules: str) -> Forward:
    (found,) = forwards(*rules)
    return found


def test_a_port_range_forwards_to_a_host() -> None:
    one = forward(
        "action=dst-nat chain=dstnat comment=SIP dst-port=5060-5061 in-interface=ether1"
        " protocol=udp to-addresses=192.168.88.20 to-ports=5060-5061"
    )
    assert one.kind is ForwardKind.PORT
    assert one.protocols == {"udp"}
    assert one.ports == PortSet.of("5060-5061") == one.to_ports
    assert one.to == PrefixSet.of("192.168.88.20")
    assert one.in_interfaces is not None
    assert "ether1" in one.in_interfaces
    assert not one.to_router
    assert one.enabled


def test_a_forward_without_a_port_counts_as_all_ports() -> None:
    one = forward("action=dst-nat chain=dstnat in-interface=ether1 to-addresses=192.168.88.20")
    assert (one.kind, one.ports, one.protocols) == (ForwardKind.HOST, ALL_PORTS, None)


def test_a_protocol_without_a_port_is_a_whole_host_too() -> None:
    one = forward("action=dst-nat chain=dstnat protocol=udp to-addresses=192.168.88.20")
    assert (one.kind, one.ports) == (ForwardKind.HOST, ALL_PORTS)


def test_a_twin_in_srcnat_makes_it_one_to_one() -> None:
    one = forward(
        "action=dst-nat chain=dstnat dst-address=192.0.2.11 to-addresses=192.168.88.20",
        "action=src-nat chain=srcnat src-address=192.168.88.20 to-addresses=192.0.2.11",
    )
    assert one.kind is ForwardKind.ONE_TO_ONE
    assert one.destinations == PrefixSet.of("192.0.2.11")
    assert forward("action=netmap chain=dstnat to-addresses=192.168.88.0/28").kind is (
        ForwardKind.ONE_TO_ONE
    )


def test_lists_of_ports_and_either_direction_count() -> None:
    rule = "action=dst-nat chain=dstnat protocol=tcp to-addresses=192.168.88.20"
    assert forward(f"{rule} dst-port=53,5060,8000-8010").ports == PortSet.of("53,5060,8000-8010")
    assert forward(f"{rule} port=22").ports == PortSet.of(22)
    assert forward(f"{rule} dst-port=!22").ports == ALL_PORTS - PortSet.of(22)


def test_a_rule_on_the_senders_port_is_no_forward() -> None:
    rule = "action=dst-nat chain=dstnat protocol=udp src-port=5060 to-addresses=192.168.88.20"
    assert forwards(rule) == ()


def test_a_redirect_leads_to_the_router_itself() -> None:
    one = forward("action=redirect chain=dstnat dst-port=8443 protocol=tcp to-ports=443")
    assert one.to_router
    assert one.to_ports == PortSet.of(443)
    assert "192.168.88.1" in one.to


def test_a_forward_to_the_routers_lan_address_leads_to_the_router() -> None:
    rule = "action=dst-nat chain=dstnat dst-port=8443 protocol=tcp to-addresses={} to-ports=443"
    assert forward(rule.format("192.168.88.1")).to_router
    assert not forward(rule.format("192.168.88.2")).to_router


def test_a_jump_adds_what_it_asks() -> None:
    one = forward(
        "action=jump chain=dstnat in-interface=ether1 jump-target=buiten protocol=udp"
        " src-address=198.51.100.0/24",
        "action=dst-nat chain=buiten dst-port=5060 src-address=198.51.100.128/25"
        " to-addresses=192.168.88.20",
    )
    assert one.protocols == {"udp"}
    assert one.sources == PrefixSet.of("198.51.100.128/25")
    assert one.in_interfaces is not None
    assert "ether1" in one.in_interfaces


def test_two_jumps_to_one_rule_open_it_to_both() -> None:
    one = forward(
        "action=jump chain=dstnat jump-target=x src-address=198.51.100.1",
        "action=jump chain=dstnat jump-target=x src-address=198.51.100.2",
        "action=dst-nat chain=x dst-port=5060 protocol=udp to-addresses=192.168.88.20",
    )
    assert one.sources == PrefixSet.of("198.51.100.1", "198.51.100.2")


def test_a_chain_that_nothing_jumps_to_forwards_nothing() -> None:
    assert (
        forwards("action=dst-nat chain=los dst-port=5060 protocol=udp to-addresses=10.0.0.1") == ()
    )


def test_a_loop_of_jumps_ends() -> None:
    loop = "action=jump chain=x jump-target=x"
    assert forwards("action=jump chain=dstnat jump-target=x", loop) == ()


def test_a_disabled_forward_is_mentioned_as_such() -> None:
    rule = "action=dst-nat chain=dstnat dst-port=5060 protocol=udp to-addresses=10.0.0.1"
    assert not forward(f"{rule} disabled=yes").enabled


def test_sources_are_read_from_addresses_and_lists() -> None:
    rule = "action=dst-nat chain=dstnat dst-port=443 protocol=tcp to-addresses=192.168.88.20"
    assert forward(f"{rule} src-address=!198.51.100.0/24").sources == ~PrefixSet.of(
        "198.51.100.0/24"
    )
    found = read(
        "/ip firewall address-list add address=198.51.100.1 list=beheer\n"
        f"{NAT}{rule} src-address-list=beheer\n"
        f"{NAT}{rule} src-address-list=elders\n"
    ).forwards
    assert not isinstance(found, Unknown)
    assert found[0].sources == PrefixSet.of("198.51.100.1")
    assert found[1].sources == EVERYBODY
    assert found[1].opaque == ("src-address-list=elders",)


@pytest.mark.parametrize("key", ["to-address", "to-addresses"])
def test_ipv6_forwards_of_routeros_7_count(key: str) -> None:
    rule = f"action=dst-nat chain=dstnat dst-port=5060 protocol=udp {key}=2001:db8::5/128"
    found = read(f"/ipv6 firewall nat add {rule}\n").forwards
    assert not isinstance(found, Unknown)
    assert (found[0].family, found[0].to) == (6, PrefixSet.of("2001:db8::5"))
    assert not found[0].to_router


def test_what_upnp_opened_is_a_lease() -> None:
    leases = (
        "Flags: X - disabled, I - invalid; D - dynamic\n"
        " 0  D ;;; upnp 192.168.88.9: phone\n"
        "      chain=dstnat action=dst-nat to-addresses=192.168.88.9 to-ports=5060\n"
        "      protocol=udp dst-address=192.0.2.10 in-interface=ether1 dst-port=5062\n"
    )
    found = read("", leases=leases).forwards
    assert not isinstance(found, Unknown)
    assert found[0].kind is ForwardKind.LEASE
    assert (found[0].ports, found[0].to_ports) == (PortSet.of(5062), PortSet.of(5060))
    assert found[0].evidence[0].line == 2


@pytest.mark.parametrize("text", ["bad command name nat (line 1 column 14)\n", "?? garbage\n"])
def test_leases_that_cannot_be_read_leave_forwards_unknown(text: str) -> None:
    assert isinstance(read("", leases=text).forwards, Unknown)


def listener(name: str, lines: str = "") -> Listener:
    found = read(lines).listeners
    assert not isinstance(found, Unknown), found
    return next(one for one in found if one.name == name)


@pytest.mark.parametrize(
    ("name", "port", "enabled"),
    [
        ("telnet", 23, True),
        ("ftp", 21, True),
        ("www", 80, True),
        ("ssh", 22, True),
        ("www-ssl", 443, False),
        ("api", 8728, True),
        ("winbox", 8291, True),
        ("api-ssl", 8729, True),
        ("snmp", 161, False),
        ("dns", 53, False),
        ("bandwidth-test", 2000, True),
        ("socks", 1080, False),
        ("web-proxy", 8080, False),
    ],
)
def test_a_service_that_is_not_mentioned_is_as_in_the_factory(
    name: str, port: int, enabled: bool
) -> None:
    one = listener(name)
    assert (one.ports, one.enabled) == (PortSet.of(port), enabled)
    assert one.evidence[0].line == 0


def test_custom_ports_and_access_lists_are_read() -> None:
    one = listener("ssh", "/ip service set ssh address=198.51.100.0/28,2001:db8::/64 port=2222\n")
    assert one.ports == PortSet.of(2222)
    assert one.sources == PrefixSet.of("198.51.100.0/28", "2001:db8::/64")
    assert listener("ssh", '/ip service set ssh address=""\n').sources == EVERYBODY


def test_snmp_answers_whom_its_communities_name() -> None:
    lines = (
        "/snmp community set [ find default=yes ] addresses=198.51.100.0/28\n"
        "/snmp set enabled=yes\n"
    )
    assert listener("snmp", lines).sources == PrefixSet.of("198.51.100.0/28")
    more = "/snmp community add addresses=::/0 name=open\n/snmp set enabled=yes\n"
    assert listener("snmp", more).sources == EVERYBODY


def test_a_service_that_makes_no_sense_leaves_services_unknown() -> None:
    assert isinstance(read("/ip service set ssh port=lots\n").listeners, Unknown)


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
