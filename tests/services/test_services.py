"""Service profiles: the two that come along, those of users, and mistakes in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from routercfg.errors import ServiceError, Where
from routercfg.net import PortSet, PrefixSet
from routercfg.services import load_services, named_services, parse_service, prefixes_for

MINE = """title: Mijn centrale
sip_ports: [5060, 5080]
rtp_ports: 16384-32767
udp_timeout: 240
transports: [udp]
"""


def test_xelion_is_what_its_provider_says() -> None:
    xelion = load_services()["xelion"]
    assert xelion.sip_ports == PortSet.of("5060-5061")
    assert xelion.rtp_ports == PortSet.of("10000-20000")
    assert xelion.udp_timeout == 300
    assert xelion.provisions_by_tftp
    assert xelion.provisioning is not None
    assert xelion.provisioning.url_for(None) == "tftp://xelion-01.ictprovider.nl"
    assert xelion.call_recording is not None
    assert xelion.call_recording.free_days == (30,)
    assert xelion.call_recording.paid_days == (90, 365)
    assert xelion.call_recording.export
    assert xelion.app is not None
    assert (xelion.app.android, xelion.app.ios) == ("4.2", "8")


def test_voipspot_provisions_with_the_customer_s_name() -> None:
    voipspot = load_services()["voipspot"]
    assert voipspot.provisioning is not None
    assert voipspot.needs_customer
    assert voipspot.provisioning.url_for("jansen") == "tftp://jansen@i2host.nl"
    assert voipspot.provisioning.url_for("a b@c/d") == "tftp://a%20b%40c%2Fd@i2host.nl"
    with pytest.raises(ServiceError, match="needs the customer's name"):
        voipspot.provisioning.url_for(None)


def test_customers_are_written_to_in_both_languages() -> None:
    for service in load_services().values():
        for part in (service.whitelisting, service.call_recording):
            assert part is not None
            assert part.text("nl") != part.text("en")


def test_the_provider_s_prefixes_are_given_or_an_error() -> None:
    services = tuple(load_services().values())
    given = {
        "xelion": PrefixSet.of("198.51.100.0/24"),
        "voipspot": PrefixSet.of("203.0.113.0/24"),
    }
    assert prefixes_for(services, given) == PrefixSet.of("198.51.100.0/24", "203.0.113.0/24")
    for missing in ({}, {**given, "xelion": PrefixSet()}):
        with pytest.raises(ServiceError, match="ask the provider") as caught:
            prefixes_for(services, missing, Where(router="r1"))
        assert caught.value.where.router == "r1"


def test_users_add_services_as_files(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text(MINE)
    (tmp_path / "notes.txt").write_text("not a service")
    known = load_services(tmp_path, tmp_path / "none")
    assert set(known) == {"xelion", "voipspot", "mine"}
    assert known["mine"].sip_ports == PortSet.of(5060, 5080)
    assert not known["mine"].provisions_by_tftp
    assert load_services(tmp_path / "mine.yml").keys() == known.keys()
    assert "mine" not in load_services()


def test_a_user_s_service_of_the_same_name_replaces_ours(tmp_path: Path) -> None:
    (tmp_path / "xelion.yml").write_text(MINE)
    assert load_services(tmp_path)["xelion"].title == "Mijn centrale"


def test_an_unknown_service_names_the_nearest() -> None:
    with pytest.raises(ServiceError, match="Did you mean xelion"):
        named_services(["xelon"], load_services())
    with pytest.raises(ServiceError, match="Services: voipspot, xelion"):
        named_services(["zzz"], load_services())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (MINE, "", "x.yml: a service is a mapping"),
        (MINE, "- a\n", "x.yml: a service is a mapping"),
        ("title:", "titel:", "x.yml:1, field titel: there is no such field. Did you mean title"),
        ("title: Mijn centrale\n", "", "field title: this field is missing"),
        ("Mijn centrale", '"a\\nb"', "x.yml:1, field title: this must be one line"),
        ("[5060, 5080]", "sip", "x.yml:2, field sip_ports: 'sip' is not a port"),
        ("[5060, 5080]", "[]", "field sip_ports: ports are numbers between"),
        ("16384-32767", "16384-99999", "x.yml:3, field rtp_ports"),
        ("240", "4 minutes", "x.yml:4, field udp_timeout: this must be a whole number"),
        ("240", "true", "x.yml:4, field udp_timeout: this must be a whole number"),
        ("240", "5", "x.yml:4, field udp_timeout"),
        ("[udp]", "[sctp]", "x.yml:5, field transports.0"),
        ("[udp]", "[udp, udp]", "named twice"),
        ("[udp]", "[]", "field transports"),
        ("[udp]\n", "[udp]\nname: '../x'\n", "field name"),
        ("[udp]\n", "[udp]\nprovisioning: {protocol: tftp, url: 'ftp://a.nl'}\n", "not tftp://"),
        ("[udp]\n", "[udp]\nprovisioning: {protocol: tftp, url: 'tftp://a b'}\n", "not an address"),
        (
            "[udp]\n",
            "[udp]\nprovisioning: {protocol: tftp, url: 'tftp://a.nl', placeholder: b}\n",
            "does not hold 'b'",
        ),
        ("[udp]\n", "[udp]\nwhitelisting: {portal: P, nl: x}\n", "field whitelisting.en"),
        ("240", "240\nudp_timeout: 300", "x.yml:5: the key 'udp_timeout' is already on line 4"),
    ],
)
def test_a_mistake_in_a_profile_is_one_error(old: str, new: str, message: str) -> None:
    assert old in MINE
    with pytest.raises(ServiceError) as caught:
        parse_service(MINE.replace(old, new), Path("x.yml"))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
