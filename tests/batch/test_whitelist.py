from __future__ import annotations

import csv
import io
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routercfg.batch.whitelist import (
    Obstacle,
    Site,
    admissions,
    as_csv,
    as_data,
    in_words,
    judged,
    reachable,
    unread,
)
from routercfg.model.evidence import Unknown
from routercfg.model.intent import Intent
from routercfg.model.state import Interface, RouterState, Wan
from routercfg.model.state import unread as unread_state
from routercfg.platforms import load_pack
from routercfg.services import load_services

SITE = Site("r1", "Shop", (load_services()["xelion"],))


def state(*interfaces: Interface, wans: tuple[str, ...] = ("wan",)) -> RouterState:
    return replace(
        unread_state("mikrotik_routeros", "not asked"),
        interfaces=interfaces,
        wans=tuple(Wan(name, "default route") for name in wans),
    )


@pytest.mark.parametrize(
    ("address", "obstacle"),
    [
        ("198.51.100.7", None),
        ("100.63.255.255", None),
        ("100.64.0.0", Obstacle.CGNAT),
        ("100.127.255.255", Obstacle.CGNAT),
        ("100.128.0.0", None),
        ("10.0.0.2", Obstacle.DOUBLE_NAT),
        ("172.15.0.1", None),
        ("172.31.0.1", Obstacle.DOUBLE_NAT),
        ("192.168.1.2", Obstacle.DOUBLE_NAT),
        ("169.254.1.1", Obstacle.PRIVATE),
        ("127.0.0.1", Obstacle.RESERVED),
        ("192.0.0.2", Obstacle.RESERVED),
        ("2001:db8::1", None),
        ("fd00::1", Obstacle.PRIVATE),
        ("2002:c633:6407::1", Obstacle.TRANSITION),
        ("2001:0:4136:e378::1", Obstacle.TRANSITION),
        ("2001:1::1", None),
        ("fec0::1", Obstacle.PRIVATE),
        ("4000::1", Obstacle.RESERVED),
        ("::ffff:198.51.100.7", Obstacle.RESERVED),
        ("64:ff9b::c633:6407", Obstacle.RESERVED),
        ("192.88.99.1", Obstacle.RESERVED),
        ("::1", Obstacle.RESERVED),
    ],
)
def test_an_address_is_judged_by_the_range_it_is_in(
    address: str, obstacle: Obstacle | None
) -> None:
    assert judged(ip_address(address)) is obstacle


@given(st.ip_addresses())
def test_no_address_that_the_internet_does_not_route_is_admissible(
    address: IPv4Address | IPv6Address,
) -> None:
    if address.is_loopback or address.is_link_local or address.is_unspecified:
        assert judged(address) is not None
    if address.is_global and not address.is_multicast and address.version == 4:
        special = str(address).startswith(("192.0.0.", "192.88.99."))
        assert judged(address) is None or special


def test_both_families_of_the_wan_and_the_prefix_behind_it_are_listed() -> None:
    rows = admissions(
        SITE,
        Intent(),
        state(
            Interface("wan", ("198.51.100.7/24", "2001:db8:1::2/64", "fe80::1/64")),
            Interface("lan", ("192.168.1.1/24", "2001:db8:2::1/64", "fd00::1/64", "fe80::2/64")),
        ),
    )
    assert [(row.interface, row.address, row.admissible) for row in rows] == [
        ("wan", "198.51.100.7", True),
        ("wan", "2001:db8:1::2", True),
        ("lan", "2001:db8:2::/64", True),
    ]


def test_the_inventory_says_which_interface_is_the_wan() -> None:
    found = state(Interface("a", ("198.51.100.7/24",)), Interface("b", ("203.0.113.9/24",)))
    rows = admissions(SITE, Intent(wan_interfaces=("b",)), found)
    assert [row.address for row in rows] == ["203.0.113.9"]


@pytest.mark.parametrize(
    "found",
    [
        state(Interface("wan")),
        state(Interface("wan", ("198.51.100.7/24",), up=False)),
        state(Interface("lan", ("192.168.1.1/24",))),
        replace(state(), wans=Unknown("no default route")),
        unread_state("mikrotik_routeros", "cut"),
    ],
)
def test_a_wan_without_an_address_is_said_and_never_admissible(found: RouterState) -> None:
    [row] = admissions(SITE, Intent(), found)
    assert row.obstacle is Obstacle.UNKNOWN
    assert row.why
    assert not reachable([row])


def test_a_site_behind_carrier_nat_is_not_reachable_although_its_ipv6_is() -> None:
    wan = Interface("wan", ("100.64.3.4/10", "2001:db8:1::2/64"))
    rows = admissions(SITE, Intent(), state(wan))
    assert [row.admissible for row in rows] == [False, True]
    assert not reachable(rows)


def test_a_site_with_a_second_private_network_of_the_provider_is_reachable() -> None:
    rows = admissions(
        SITE,
        Intent(),
        state(
            Interface("ppp", ("198.51.100.7/32",)),
            Interface("iptv", ("10.200.0.9/20",)),
            wans=("ppp", "iptv"),
        ),
    )
    assert [row.admissible for row in rows] == [True, False]
    assert reachable(rows)


def test_of_two_lines_the_one_that_is_up_counts_and_the_other_is_named() -> None:
    rows = admissions(
        SITE,
        Intent(),
        state(
            Interface("fibre", ("198.51.100.7/24",)),
            Interface("lte", ("10.1.2.3/30",), up=False),
            wans=("lte", "fibre", "gone"),
        ),
    )
    assert [(row.interface, row.address, row.why) for row in rows] == [
        ("lte", "", "WAN interface lte is down"),
        ("fibre", "198.51.100.7", ""),
        ("gone", "", "WAN interface gone is not on this router"),
    ]
    assert reachable(rows)


_DHCP = {
    "mikrotik_routeros": {
        "export": "# 2026-01-01 10:00:00 by RouterOS 7.12.2\n"
        "/ip dhcp-client add interface=ether1\n/system identity set name=gw\n",
        "addresses": "Flags: X - disabled, I - invalid; D - dynamic \n"
        " 0 D address=198.51.100.7/24 network=198.51.100.0 interface=ether1\n",
    },
    "cisco_ios": {
        "config": "version 15.7\nhostname gw\n!\ninterface GigabitEthernet0\n ip address dhcp\n"
        " ip nat outside\n!\nend\n",
        "ip_brief": "Interface      IP-Address      OK? Method Status    Protocol\n"
        "GigabitEthernet0   198.51.100.7   YES DHCP   up       up\n",
    },
    "linux_nftables": {
        "nft": '{"nftables": [{"metainfo": {"version": "1.0.9", "json_schema_version": 1}}]}',
        "address": '[{"ifname": "eth0", "flags": ["UP"], "addr_info": [{"family": "inet",'
        ' "local": "198.51.100.7", "prefixlen": 24, "dynamic": true}]}]',
        "route": '[{"dst": "default", "gateway": "198.51.100.1", "dev": "eth0"}]',
    },
}
_PPP = {
    "mikrotik_routeros": "# 2026-01-01 10:00:00 by RouterOS 7.12.2\n"
    "/interface pppoe-client add add-default-route=yes disabled=no interface=ether1 name=wan\n"
    "/system identity set name=gw\n",
    "cisco_ios": "version 15.7\nhostname gw\n!\ninterface Dialer1\n ip address negotiated\n"
    " ip nat outside\n!\nend\n",
    "vyos": "set interfaces pppoe pppoe0 source-interface 'eth0'\n"
    "set system host-name 'gw'\nset system login user vyos\n",
    "ubiquiti_edgeos": "set interfaces ethernet eth0 pppoe 0 default-route auto\n"
    "set system host-name gw\nset system login user ubnt level admin\n",
}


@pytest.mark.parametrize("platform", _DHCP)
def test_an_address_that_a_lease_gave_is_marked_as_one_that_may_change(platform: str) -> None:
    [row] = admissions(SITE, Intent(), load_pack(platform).state(_DHCP[platform]))
    assert (row.address, row.admissible, row.given) == ("198.51.100.7", True, "DHCP")
    assert "keeps it fixed" in row.why
    assert as_data([row])[0]["given"] == "DHCP"


@pytest.mark.parametrize("platform", _PPP)
def test_an_address_that_ppp_gives_and_nothing_shows_is_said_to_be_so(platform: str) -> None:
    pack = load_pack(platform)
    found = pack.state({pack.manifest.main_read.id: _PPP[platform]})
    assert not isinstance(found.interfaces, Unknown)
    [port] = [one for one in found.interfaces if one.given]
    assert port.given == "PPP"
    [row] = admissions(SITE, Intent(wan_interfaces=(port.name,)), found)
    assert (row.admissible, row.given) == (False, "PPP")
    assert "given by PPP" in row.why


def test_each_row_names_the_way_through_the_portal_of_its_service() -> None:
    [row] = as_data(admissions(SITE, Intent(), state(Interface("wan", ("198.51.100.7/24",)))))
    assert row["portals"] == [
        {"service": "xelion", "portal": "ViPro", "path": SITE.services[0].whitelisting.en}  # type: ignore[union-attr]  # xelion has one
    ]
    assert row["address"] == "198.51.100.7"


def test_a_cell_that_a_spreadsheet_would_calculate_is_made_inert() -> None:
    text = as_csv(unread(Site("r1", "=HYPERLINK(1)"), "cut, and\nsplit"))
    [_, row] = list(csv.reader(io.StringIO(text)))
    assert row[1] == "'=HYPERLINK(1)"
    assert row[-1] == "cut, and\nsplit"


def test_one_line_tells_the_addresses_or_why_there_are_none() -> None:
    given = Interface("wan", ("198.51.100.7/24", "2001:db8:1::2/64"), given="DHCP")
    told = in_words(admissions(SITE, Intent(), state(given)))
    assert told == (
        "198.51.100.7 (given by DHCP: ask whether the internet provider keeps it fixed), "
        "2001:db8:1::2"
    )
    shared = state(Interface("wan", ("100.64.3.4/10", "2001:db8:1::2/64")))
    assert in_words(admissions(SITE, Intent(), shared)).startswith("100.64.3.4: carrier-grade NAT")
