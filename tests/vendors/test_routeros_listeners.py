"""The services of a RouterOS router: ports, whom they answer, and what is on in the factory."""

from __future__ import annotations

import pytest

from routercfg.model.evidence import Unknown
from routercfg.model.state import Listener
from routercfg.net import EVERYBODY, PortSet, PrefixSet

from .routeros import read


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
