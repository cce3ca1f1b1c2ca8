"""What the simulated RouterOS refuses, in the router's own words."""

from __future__ import annotations

import pytest

from tests.vendors.routeros_bench import Bench


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/ip firewall natt print", "bad command name natt (line 1 column 14)"),
        ("/ttt", "bad command name ttt (line 1 column 2)"),
        ("/ip firewall nat add chain=dstnat foo=1", "expected end of command (line 1 column 35)"),
        ("/ip firewall nat add action=accept", "missing value(s) of argument(s) chain"),
        (
            "/ip firewall filter add chain=input action=dorp",
            "input does not match any value of action",
        ),
        (
            "/ip firewall filter add chain=input in-interface=nope",
            "input does not match any value of in-interface",
        ),
        (
            "/ip firewall filter add chain=input in-interface-list=NOPE",
            "input does not match any value of in-interface-list",
        ),
        (
            "/ip firewall filter add chain=input dst-port=22",
            "failure: ports can be specified if proto is tcp,udp,udp-lite,dccp,sctp",
        ),
        (
            "/ip firewall filter add chain=input protocol=tcp dst-port=70000",
            "invalid value for argument dst-port",
        ),
        (
            "/ip firewall filter add chain=input src-address=203.0.113.0/33",
            "invalid value for argument src-address",
        ),
        ("/ip firewall filter add chain=input src-address=2001:db8::/32", "invalid value"),
        ("/ip firewall service-port set sipp disabled=yes", "no such item"),
        ("/ip firewall service-port set sip disabled=maybe", "input does not match any value"),
        ("/ip firewall service-port add name=x", "bad command name add (line 1 column 27)"),
        ("/ip firewall service-port remove sip", "bad command name remove (line 1 column 27)"),
        ("/ip firewall connection tracking set udp-timeout=abc", "invalid value for argument"),
        ("/ip service set ssh address=198.51.100.300", "invalid value for argument address"),
        ("/ip address remove 99", "no such item"),
        ("/ip address remove *FFFF", "no such item"),
        ("/system identity set", None),
        ("/ip upnp set enabled=no=yes", "input does not match any value of enabled"),
        ('/system identity set name="open', "syntax error (line 1 column 27)"),
        ("/export terse hide-sensitive=yes", "syntax error (line 1 column 29)"),
        ("/ip firewall nat remove where comment=x", "expected end of command (line 1 column 25)"),
        ("/ip route add dst-address=203.0.113.0/24 gateway=nowhere", "invalid value for argument"),
    ],
)
def test_a_wrong_line_gets_the_routers_own_answer_and_changes_nothing(line, answer):
    bench = Bench()
    before = bench.router.configuration()
    reply = bench(line)
    if answer is None:
        assert reply == ""
    else:
        assert reply.startswith(answer)
        assert bench.router.configuration() == before


def test_a_duplicate_address_list_entry_is_a_failure():
    bench = Bench()
    add = "/ip firewall address-list add list=voip address=203.0.113.0/24"
    assert bench(add) == ""
    assert bench(add) == "failure: already have such entry"
    # The router keeps the network, so another way to write it is the same entry.
    assert "already have" in bench(add.replace("113.0/24", "113.9/24"))


def test_newer_releases_name_the_failed_command_on_an_exec_channel():
    bench = Bench(version="7.20.8")
    add = "/ip firewall address-list add list=voip address=203.0.113.0/24"
    bench(add)
    suffix = "(/ip/firewall/address-list/add; line 1)"
    assert bench(add) == f"failure: already have such entry {suffix}"


def test_a_misspelt_word_anywhere_means_nothing_of_the_line_happens():
    bench = Bench()
    reply = bench("/system identity set name=a; /ip fo; /system identity set name=b")
    assert reply == "bad command name fo (line 1 column 34)"
    assert bench("/system identity print") == "  name: klant-router"


def test_a_failing_statement_ends_the_line_but_earlier_ones_stay():
    bench = Bench()
    line = "/system identity set name=a; /ip address remove 99; /system identity set name=b"
    assert bench(line) == "no such item"
    assert bench("/system identity print") == "  name: a"


def test_version_6_lacks_what_came_later():
    bench = Bench(version="6.49.17")
    assert bench("/ip nat-pmp print") == "bad command name nat-pmp (line 1 column 5)"
    assert bench("/safe-mode take").startswith("bad command name safe-mode")
    assert bench("/system device-mode print").startswith("bad command name device-mode")
    assert bench("/export show-sensitive") == "expected end of command (line 1 column 9)"
    with_package = Bench(version="6.49.17", options={"ipv6_package": True})
    assert with_package("/ipv6 firewall nat print").startswith("bad command name nat")
    assert "Flags" in with_package("/ipv6 firewall filter print")


def test_without_the_ipv6_package_the_ipv6_menus_are_not_there():
    assert Bench(version="6.49.17")("/ipv6 address print detail") == (
        "bad command name address (line 1 column 7)"
    )


def test_the_home_device_mode_forbids_schedulers():
    add = '/system scheduler add name=x interval=5m on-event="/system identity set name=y"'
    assert Bench()(add) == "failure: not allowed by device-mode"
    assert Bench(options={"device_mode": "advanced"})(add) == ""
    assert Bench(version="6.49.17")(add) == ""
