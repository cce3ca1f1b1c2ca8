"""How IOS configurations read: lists, translations, services, inspection, names."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routercfg.errors import UnsafeValueError
from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Hook
from routercfg.model.reachability import Query, exposed
from routercfg.model.state import Forward, ForwardKind, Listener, RouterState
from routercfg.net import PortSet, PrefixSet

from . import ios

HEAD = "version 15.4\nhostname R1\n"
BASE = """interface FastEthernet4
 ip address 198.51.100.10 255.255.255.248
 ip nat outside
!
interface Vlan1
 ip address 192.168.1.1 255.255.255.0
 ip nat inside
!
ip route 0.0.0.0 0.0.0.0 198.51.100.9
"""


def state(*lines: str, **reads: str) -> RouterState:
    return ios.pack().state({"config": HEAD + BASE + "\n".join(lines) + "\nend\n", **reads})


def forward(*lines: str) -> Forward:
    found = state(*lines).forwards
    assert not isinstance(found, Unknown), found.reason
    assert len(found) == 1
    return found[0]


def listeners(*lines: str) -> dict[str, Listener]:
    found = state(*lines).listeners
    assert not isinstance(found, Unknown)
    return {one.name: one for one in found}


@pytest.mark.parametrize(
    ("line", "to", "ports", "inside", "kind"),
    [
        (
            "ip nat inside source static udp 192.168.1.5 5060 198.51.100.10 5070 extendable",
            "192.168.1.5/32",
            "5070",
            "5060",
            ForwardKind.PORT,
        ),
        (
            "ip nat inside source static tcp 192.168.1.6 22 interface FastEthernet4 2222",
            "192.168.1.6/32",
            "2222",
            "22",
            ForwardKind.PORT,
        ),
        (
            "ip nat inside source static 192.168.1.20 198.51.100.11",
            "192.168.1.20/32",
            "all",
            "None",
            ForwardKind.ONE_TO_ONE,
        ),
        (
            "ip nat inside source static 192.168.1.20 interface FastEthernet4",
            "192.168.1.20/32",
            "all",
            "None",
            ForwardKind.HOST,
        ),
        (
            "ip nat inside source static network 192.168.1.16 203.0.113.16 /28",
            "192.168.1.16/28",
            "all",
            "None",
            ForwardKind.ONE_TO_ONE,
        ),
        (
            "ip nat source static 192.168.1.19 interface FastEthernet4",
            "192.168.1.19/32",
            "all",
            "None",
            ForwardKind.HOST,
        ),
    ],
)
def test_every_form_of_a_static_translation(
    line: str, to: str, ports: str, inside: str, kind: ForwardKind
) -> None:
    found = forward(line)
    assert (str(found.to), str(found.ports), str(found.to_ports)) == (to, ports, inside)
    assert found.kind is kind
    assert found.evidence[0].text == line


def test_a_rotary_pool_forwards_the_range_of_its_list() -> None:
    found = forward(
        "ip nat pool rtp 192.168.1.20 192.168.1.20 netmask 255.255.255.0 type rotary",
        "ip nat inside destination list 114 pool rtp",
        "access-list 114 permit udp any any range 8000 65535",
    )
    assert (str(found.to), str(found.ports)) == ("192.168.1.20/32", "8000-65535")
    assert found.protocols == {"udp"}


def test_a_translation_that_is_not_understood_leads_anywhere() -> None:
    found = forward("ip nat inside source static nonsense")
    assert found.to == PrefixSet.all(4)
    assert found.opaque


def test_a_forward_to_the_router_itself_is_known_as_one() -> None:
    line = "ip nat inside source static tcp 192.168.1.1 443 interface FastEthernet4 6000"
    assert forward(line).to_router


def test_outside_source_translation_is_no_forward() -> None:
    assert state("ip nat outside source static 203.0.113.5 192.168.9.5").forwards == ()


def test_an_access_class_counts_by_what_its_list_says() -> None:
    lines = ("access-list 23 permit 192.168.1.0 0.0.0.255", "access-list 23 permit any")
    assert listeners(*lines, "line vty 0 4", " access-class 23 in")["ssh"].sources.is_all(4)
    one = listeners(lines[0], "line vty 0 4", " access-class 23 in")["ssh"]
    assert str(one.sources.only(4)) == "192.168.1.0/24"
    assert one.sources.is_all(6), "an IPv4 class does nothing for IPv6"


def test_one_open_block_of_lines_opens_the_router() -> None:
    found = listeners(
        "access-list 23 permit 192.168.1.0 0.0.0.255",
        "line vty 0 4",
        " access-class 23 in",
        "line vty 5 15",
        " transport input ssh",
    )
    assert found["ssh"].sources.is_all(4)


def test_a_class_whose_list_is_not_there_lets_everybody_in() -> None:
    assert listeners("line vty 0 4", " access-class 99 in")["ssh"].sources.is_all(4)


def test_the_services_one_forgets_are_found() -> None:
    found = listeners(
        "ip dns server",
        "ip http server",
        "ip http secure-server",
        "ip http secure-port 4443",
        "snmp-server community s3cr3t RO 50",
        "netconf-yang",
        "restconf",
        "vstack",
        "access-list 50 permit 192.168.1.7",
    )
    assert {name for name, one in found.items() if one.enabled} == {
        "dns",
        "http",
        "https",
        "snmp",
        "netconf",
        "restconf",
        "smart-install",
    }
    assert str(found["https"].ports) == "4443"
    assert str(found["snmp"].sources.only(4)) == "192.168.1.7/32"
    assert "s3cr3t" not in repr(found)


def test_the_alg_of_translation_is_on_unless_both_lines_say_no() -> None:
    found = state("no ip nat service sip udp port 5060", "ip nat service sip udp port 5065")
    assert not isinstance(found.sip_helpers, Unknown)
    assert {one.id: one.enabled for one in found.sip_helpers} == {
        "ip nat service sip udp port 5060": False,
        "ip nat service sip udp port 5065": True,
        "ip nat service sip tcp port 5060": True,
    }


def test_own_lists_and_groups_bear_our_tag() -> None:
    found = state(
        "interface Vlan9",
        " ip access-group X in",
        "ip access-list extended X",
        " permit ip object-group routercfg-provider-access any",
        "object-group network routercfg-provider-access",
        " 203.0.113.0 255.255.255.0",
    )
    ruleset = found.firewall.ruleset(Hook.FORWARD, 4)
    assert not isinstance(ruleset, Unknown)
    assert "routercfg:provider-access" in {rule.tag for rule in ruleset.rules()}
    assert {one.requirement for one in found.owned} == {"provider-access"}


def test_the_live_tables_give_leased_addresses_and_our_own_source() -> None:
    config = HEAD + BASE.replace("ip address 198.51.100.10 255.255.255.248", "ip address dhcp")
    found = ios.pack().state(
        {
            "config": config + "end\n",
            "ip_brief": "Interface  IP-Address  OK? Method Status  Protocol\n"
            "Fa4        203.0.113.44    YES DHCP   up                    up\n",
            "users": "    Line  User Host(s) Idle Location\n"
            "*  2 vty 0     admin      idle                 00:00:00 192.0.2.130\n",
        }
    )
    assert found.addresses_of("FastEthernet4") == PrefixSet.of("203.0.113.44")
    assert found.session_source == "192.0.2.130"


@pytest.mark.parametrize("value", ["a b", "a?", "a\nb", 'a"b', "a|b", "!x", "", "naïef"])
def test_what_ios_would_read_otherwise_is_refused(value: str) -> None:
    with pytest.raises(UnsafeValueError):
        ios.pack().driver.quote(value)


NEAR = st.sampled_from(["192.0.2.7", "192.0.2.130", "203.0.113.9", "198.51.100.12"])
PLACE = st.one_of(
    st.just("any"),
    NEAR.map("host {}".format),
    st.tuples(NEAR, st.integers(0, 12)).map(lambda p: f"{p[0]} {IPv4Address(2 ** p[1] - 1)}"),
)
PORT = st.sampled_from(["", " eq 22", " eq 80", " range 20 25", " gt 21", " lt 23", " neq 22"])
ENTRY = st.tuples(
    st.sampled_from(["permit", "deny"]), st.sampled_from(["ip", "tcp", "udp"]), PLACE, PLACE, PORT
).map(lambda e: f"{e[0]} {e[1]} {e[2]} {e[3]}{'' if e[1] == 'ip' else e[4]}")


@settings(max_examples=150, deadline=None)
@given(st.lists(ENTRY, min_size=1, max_size=6, unique=True), NEAR)
def test_a_list_lets_in_whom_the_simulated_router_lets_in(entries: list[str], source: str) -> None:
    one = ios.router("messy")
    one.apply("no ip access-list extended INTERNET_IN", "ip access-list extended INTERNET_IN")
    one.apply("ip access-list extended INTERNET_IN", *entries)
    found = ios.pack().state({"config": one.printed()})
    ruleset = found.firewall.ruleset(Hook.INPUT, 4)
    assert not isinstance(ruleset, Unknown)
    query = Query(
        4, "tcp", PortSet.of("22"), "FastEthernet4", destinations=PrefixSet.of("198.51.100.10")
    )
    assert (source in exposed(ruleset, query)) is one.may_connect(source, 22)
