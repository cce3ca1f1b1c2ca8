"""Whom the simulated RouterOS lets in: lock-outs are real."""

from __future__ import annotations

import pytest

from tests.vendors.routeros_bench import LAN, OFFICE, OUTSIDE, Bench

DROP = "/ip firewall filter add chain=input action=drop place-before=0 "
JUMP = (
    "/ip firewall filter add chain=mine action={}; "
    "/ip firewall filter add chain=input action=jump jump-target=mine place-before=0"
)


def test_the_factory_firewall_lets_the_lan_in_and_the_internet_not():
    bench = Bench("defconf")
    assert bench.router.may_connect("192.168.88.50", 22)
    assert bench.router.may_connect("127.0.0.1", 22)
    assert not bench.router.may_connect(OUTSIDE, 22)


def test_the_messy_router_lets_everybody_in_except_where_dstnat_takes_the_packet():
    bench = Bench()
    # Everything else goes to the old server, SSH from the internet too.
    assert not bench.router.may_connect(OUTSIDE, 22)
    bench('/ip firewall nat disable [find where comment~"everything else"]')
    assert bench.router.may_connect(OUTSIDE, 22)


@pytest.mark.parametrize(
    "line",
    [
        "/ip service set ssh disabled=yes",
        "/ip service set ssh port=2222",
        "/ip service set ssh address=198.51.100.0/28",
        DROP + "src-address=192.168.10.0/24",
        DROP + "in-interface=bridge",
        DROP + "in-interface-list=!WAN",
        DROP + "connection-state=new",
        DROP + "protocol=tcp dst-port=20-30",
        DROP + "src-address-list=!support",
        "/ip firewall filter add chain=input action=reject place-before=0",
        "/ip firewall raw add chain=prerouting action=drop",
        JUMP.format("drop"),
    ],
)
def test_a_configuration_that_locks_out_locks_out(line):
    bench = Bench()
    assert bench.router.may_connect(LAN, 22)
    assert bench(line) == ""
    assert not bench.router.may_connect(LAN, 22)


@pytest.mark.parametrize(
    "line",
    [
        "/ip service set ssh address=192.168.10.0/24",
        DROP + "src-address=192.168.11.0/24",
        DROP + "disabled=yes",
        "/ip firewall filter add chain=forward action=drop place-before=0",
        DROP + "protocol=udp",
        DROP + "connection-state=invalid",
        JUMP.format("return"),
    ],
)
def test_a_configuration_that_does_not_concern_the_client_lets_it_in(line):
    bench = Bench()
    assert bench(line) == ""
    assert bench.router.may_connect(LAN, 22)


def test_address_lists_let_their_members_in():
    bench = Bench()
    bench('/ip firewall nat remove [find where comment~"everything else"]')
    bench(DROP + "src-address-list=!support place-before=0")
    assert bench.router.may_connect(OFFICE, 22)
    assert not bench.router.may_connect(OUTSIDE, 22)


def test_ipv6_has_a_firewall_of_its_own():
    bench = Bench()
    outside = "2001:db8:999::1"
    assert bench.router.may_connect(outside, 22)
    bench("/ipv6 firewall filter add chain=input action=drop in-interface-list=!LAN")
    assert not bench.router.may_connect(outside, 22)
    assert bench.router.may_connect("2001:db8:10::77", 22)
    bench("/ipv6 settings set disable-ipv6=yes")
    assert not bench.router.may_connect("2001:db8:10::77", 22)
