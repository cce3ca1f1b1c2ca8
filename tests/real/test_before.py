"""The customer's router as we find it: every complaint, proved with packets."""

from __future__ import annotations

import time

import pytest
from netmiko import ConnectHandler

from . import tftp
from .lab import CAMERA, LAN, MGMT, PHONE, PROVIDER, WAN, Lab
from .probes import TcpService, Udp, tcp_answers, udp_reaches
from .router import HOST_NAME
from .sip import SIP_PORT, Phone, header, trying


def test_the_alg_rewrites_an_invite_on_its_way_out(lab: Lab) -> None:
    with Udp(lab.provider, PROVIDER.v4, SIP_PORT) as provider, Phone(lab.phone, PHONE.v4) as phone:
        sent = phone.invite(PROVIDER.v4)
        arrived = provider.receive()

    assert arrived is not None
    assert arrived.source == WAN.v4
    assert arrived.data != sent
    assert header(arrived.data, "Via").startswith(f"SIP/2.0/UDP {WAN.v4}:")
    assert header(arrived.data, "Contact").startswith(f"<sip:201@{WAN.v4}:")
    assert header(arrived.data, "c=") == f"IN IP4 {WAN.v4}"
    assert header(arrived.data, "o=").endswith(WAN.v4)
    assert header(arrived.data, "Call-ID") == header(sent, "Call-ID")
    shorter = int(header(sent, "Content-Length")) - int(header(arrived.data, "Content-Length"))
    assert shorter == 2 * (len(PHONE.v4) - len(WAN.v4))


def test_the_phone_cannot_see_the_alg_because_answers_are_written_back(lab: Lab) -> None:
    with Udp(lab.provider, PROVIDER.v4, SIP_PORT) as provider, Phone(lab.phone, PHONE.v4) as phone:
        sent = phone.invite(PROVIDER.v4)
        arrived = provider.receive()
        assert arrived is not None
        provider.send(trying(arrived), arrived.source, arrived.source_port)
        answer = phone.receive()

    assert answer is not None
    sent_via = header(sent, "Via").removesuffix(";rport")
    assert header(answer.data, "Via").startswith(sent_via)
    assert f"received={PHONE.v4}" in header(answer.data, "Via")


def test_conntrack_names_the_helper_on_the_flow(lab: Lab) -> None:
    with Udp(lab.provider, PROVIDER.v4, SIP_PORT) as provider, Phone(lab.phone, PHONE.v4) as phone:
        phone.invite(PROVIDER.v4)
        assert provider.receive() is not None
        flows = lab.router.run("conntrack", "-L", "-p", "udp", "--orig-port-dst", str(SIP_PORT))

    assert "helper=sip" in flows


def test_a_flow_outlives_the_rule_that_gave_it_the_helper(lab: Lab) -> None:
    with Udp(lab.provider, PROVIDER.v4, SIP_PORT) as provider, Phone(lab.phone, PHONE.v4) as phone:
        phone.invite(PROVIDER.v4)
        assert provider.receive() is not None
        lab.router.shell("nft flush chain inet filter helpers")
        try:
            sent = phone.invite(PROVIDER.v4)
            still_rewritten = provider.receive()
            lab.router.shell(f"conntrack -D -p udp --orig-port-dst {SIP_PORT} 2>&1")
            sent_after_flush = phone.invite(PROVIDER.v4)
            clean = provider.receive()
        finally:
            lab.router.shell("nft -f /etc/nftables.conf; conntrack -F 2>&1")

    assert still_rewritten is not None
    assert still_rewritten.data != sent
    assert clean is not None
    assert clean.data == sent_after_flush


def test_sip_on_another_port_and_over_ipv6_arrives_as_it_was_sent(lab: Lab) -> None:
    with Udp(lab.provider, PROVIDER.v4, 5080) as provider, Phone(lab.phone, PHONE.v4) as phone:
        sent = phone.invite(PROVIDER.v4, 5080)
        arrived = provider.receive()
    with Udp(lab.provider, PROVIDER.v6, SIP_PORT) as provider, Phone(lab.phone, PHONE.v6) as phone:
        sent6 = phone.invite(PROVIDER.v6)
        arrived6 = provider.receive()

    assert arrived is not None
    assert arrived.data == sent
    assert arrived6 is not None
    assert arrived6.data == sent6


@pytest.mark.parametrize("server", PROVIDER.both())
def test_provisioning_by_tftp_fails(lab: Lab, server: str) -> None:
    assert tftp.fetch(lab.phone, server) is None


@pytest.mark.parametrize("server", PROVIDER.both())
def test_the_same_tftp_server_serves_whoever_has_no_nat_before_it(lab: Lab, server: str) -> None:
    assert tftp.fetch(lab.attacker, server) == tftp.CONTENT


@pytest.mark.parametrize("port", [SIP_PORT, 10000, 14567, 20000])
def test_anybody_on_the_internet_reaches_the_phone_over_ipv4(lab: Lab, port: int) -> None:
    with Udp(lab.phone, PHONE.v4, port) as phone:
        assert udp_reaches(lab.attacker, WAN.v4, port, phone)


def test_anybody_on_the_internet_reaches_the_phone_over_ipv6(lab: Lab) -> None:
    with Udp(lab.phone, PHONE.v6, SIP_PORT) as phone:
        assert udp_reaches(lab.attacker, PHONE.v6, SIP_PORT, phone)


@pytest.mark.parametrize("port", [5061, 9999, 20001])
def test_ports_outside_the_forwards_do_not_reach_the_phone(lab: Lab, port: int) -> None:
    with Udp(lab.phone, PHONE.v4, port) as phone, Udp(lab.phone, PHONE.v6, port) as phone6:
        assert not udp_reaches(lab.attacker, WAN.v4, port, phone)
        assert not udp_reaches(lab.attacker, PHONE.v6, port, phone6)


@pytest.mark.parametrize("address", WAN.both())
@pytest.mark.parametrize("port", [22, 80, 443])
def test_management_answers_the_whole_internet(lab: Lab, address: str, port: int) -> None:
    assert tcp_answers(lab.attacker, address, port)
    assert tcp_answers(lab.mgmt, address, port)


@pytest.mark.parametrize("address", WAN.both())
def test_a_port_the_customer_did_not_open_stays_silent(lab: Lab, address: str) -> None:
    with TcpService(lab.gateway, address, 8443):
        assert not tcp_answers(lab.attacker, address, 8443)


def test_the_customers_camera_is_reached_through_its_own_forward(lab: Lab) -> None:
    with TcpService(lab.phone, CAMERA.v4, 8554):
        assert tcp_answers(lab.attacker, WAN.v4, 8554)


def test_a_udp_mapping_is_forgotten_before_the_provider_answers(lab: Lab) -> None:
    timer = int(lab.router.run("sysctl", "-n", "net.netfilter.nf_conntrack_udp_timeout"))
    with Udp(lab.provider, PROVIDER.v4, 5090) as provider, Udp(lab.phone, PHONE.v4, 5062) as phone:
        phone.send(b"register", PROVIDER.v4, 5090)
        arrived = provider.receive()
        assert arrived is not None
        provider.send(b"soon", arrived.source, arrived.source_port)
        assert phone.receive() is not None
        time.sleep(timer + 0.5)
        provider.send(b"late", arrived.source, arrived.source_port)
        assert phone.receive() is None


@pytest.mark.parametrize("address", [*WAN.both()])
def test_an_engineer_logs_in_from_the_management_network(lab: Lab, address: str) -> None:
    known_hosts = lab.directory / "known_hosts"
    known_hosts.write_text(f"{address} {lab.router.host_key}\n")
    with lab.mgmt.entered():
        session = ConnectHandler(
            device_type="linux",
            host=address,
            username="root",
            use_keys=True,
            key_file=str(lab.router.client_key),
            ssh_strict=True,
            alt_host_keys=True,
            alt_key_file=str(known_hosts),
        )
    with session:
        assert session.send_command("hostname").strip() == HOST_NAME
        seen = session.send_command("echo $SSH_CONNECTION").split()
        rules = session.send_command("nft -j list ruleset", read_timeout=20)

    assert seen[0] == (MGMT.v6 if ":" in address else MGMT.v4)
    assert seen[2] == address
    assert '"blokkeerlijst"' in rules


def test_the_lan_has_the_router_for_itself(lab: Lab) -> None:
    assert tcp_answers(lab.phone, LAN.v4, 22)
    assert tcp_answers(lab.phone, LAN.v6, 22)
