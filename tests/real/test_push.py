"""A real router made VoIP-ready by a push over SSH, and proved so by packets."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from routercfg.errors import LockoutRiskError, UnreachableError
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.platforms.manifest import Manifest
from routercfg.push import Options, Outcome, Result, Step, push
from routercfg.push.reading import open_ssh
from routercfg.push.result import Moment
from routercfg.transport import Session, Target

from . import tftp
from .lab import MGMT, PHONE, PROVIDER, WAN, WEB_PORTS, Lab, office
from .namespaces import Namespace
from .probes import Udp, tcp_answers, udp_reaches
from .sip import SIP_PORT, Phone, header
from .tftp import TftpServer

INTENT = Intent(
    services=("xelion",),
    provider=PrefixSet.of("203.0.113.0/24", "2001:db8:5060::/64"),
    management_sources=PrefixSet.of("192.0.2.0/24", "2001:db8:22::/64"),
    pbx=PrefixSet.of(PHONE.v4),
)


def target(lab: Lab, address: str = WAN.v4, **changes: object) -> Target:
    known_hosts = lab.directory / "known_hosts"
    known_hosts.write_text("".join(f"{one} {lab.router.host_key}\n" for one in WAN.both()))
    made = Target(
        router="gw-jansen",
        platform="linux_nftables",
        intent=INTENT,
        host=address,
        user="root",
        key_file=str(lab.router.client_key),
        known_hosts=known_hosts,
        timeout=15,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def push_from(host: Namespace, to: Target, options: Options | None = None) -> Result:
    with host.entered():
        return push(to, options)


def rules(lab: Lab) -> str:
    """The whole ruleset but for what packets themselves write: counters and learnt addresses."""
    text = lab.router.shell("nft -s list ruleset")
    return re.sub(r"(flags dynamic[^}]*?)\n\t\telements = \{[^}]*\}", r"\1", text)


def everything(lab: Lab) -> tuple[str, str, dict[str, bytes]]:
    """Rules, timers and files: what a rollback must bring back to the letter."""
    timers = lab.router.shell("sysctl net.netfilter | grep udp_timeout")
    files = {
        str(path.relative_to(lab.router.etc)): path.read_bytes()
        for path in sorted(lab.router.etc.rglob("*"))
        if path.is_file() and not path.is_symlink() and not path.name.endswith("-")
    }
    return rules(lab), timers, files


@pytest.fixture(scope="module")
def flow(real_linux: None) -> Iterator[tuple[Lab, Phone, Udp, Result]]:
    """An office with a phone whose one SIP flow lives through the push, and the push's result."""
    with office() as lab:
        TftpServer(lab.provider, lab.directory / "tftpboot")
        with (
            Udp(lab.provider, PROVIDER.v4, SIP_PORT) as provider,
            Phone(lab.phone, PHONE.v4) as phone,
        ):
            sent = phone.invite(PROVIDER.v4)
            arrived = provider.receive()
            assert arrived is not None
            assert arrived.data != sent, "the ALG does not rewrite: there is nothing to prove"
            yield lab, phone, provider, push_from(lab.mgmt, target(lab))


def test_the_push_goes_through_every_step(flow: tuple[Lab, Phone, Udp, Result]) -> None:
    result = flow[3]
    assert result.outcome is Outcome.PUSHED, result.error
    assert [moment.step for moment in result.moments] == [
        Step.PLANNED,
        Step.ARMED,
        Step.APPLIED,
        Step.RECONNECTED,
        Step.VERIFIED,
        Step.CONFIRMED,
        Step.SAVED,
    ]
    assert result.after is not None
    assert result.after.compliant


def test_an_invite_on_the_same_flow_now_arrives_byte_for_byte(
    flow: tuple[Lab, Phone, Udp, Result],
) -> None:
    _, phone, provider, _ = flow
    sent = phone.invite(PROVIDER.v4)
    arrived = provider.receive()
    assert arrived is not None
    assert arrived.data == sent
    assert f"c=IN IP4 {PHONE.v4}".encode() in sent
    assert header(arrived.data, "c=") == f"IN IP4 {PHONE.v4}"


@pytest.mark.parametrize("server", PROVIDER.both())
def test_provisioning_by_tftp_works(flow: tuple[Lab, Phone, Udp, Result], server: str) -> None:
    assert tftp.fetch(flow[0].phone, server) == tftp.CONTENT


@pytest.mark.parametrize("port", [SIP_PORT, 10000, 14567, 20000])
def test_nobody_on_the_internet_reaches_the_phone(
    flow: tuple[Lab, Phone, Udp, Result], port: int
) -> None:
    lab, phone = flow[0], flow[1]
    if port == SIP_PORT:
        # The phone holds this port for as long as its flow lives.
        assert not udp_reaches(lab.attacker, WAN.v4, port, phone.socket)
        return
    with Udp(lab.phone, PHONE.v4, port) as listening:
        assert not udp_reaches(lab.attacker, WAN.v4, port, listening)


def test_nobody_on_the_internet_reaches_the_phone_over_ipv6(
    flow: tuple[Lab, Phone, Udp, Result],
) -> None:
    lab = flow[0]
    with Udp(lab.phone, PHONE.v6, SIP_PORT) as phone:
        assert not udp_reaches(lab.attacker, PHONE.v6, SIP_PORT, phone)


@pytest.mark.parametrize("address", WAN.both())
@pytest.mark.parametrize("port", [22, *WEB_PORTS])
def test_management_is_closed_to_the_internet_and_open_to_the_management_host(
    flow: tuple[Lab, Phone, Udp, Result], address: str, port: int
) -> None:
    lab = flow[0]
    assert not tcp_answers(lab.attacker, address, port)
    assert tcp_answers(lab.mgmt, address, port)


def test_the_timers_are_what_the_service_needs(flow: tuple[Lab, Phone, Udp, Result]) -> None:
    shown = flow[0].router.shell("sysctl -n net.netfilter.nf_conntrack_udp_timeout{,_stream}")
    assert shown.split() == ["300", "300"]


def test_the_customers_other_rules_are_untouched(flow: tuple[Lab, Phone, Udp, Result]) -> None:
    lab = flow[0]
    with office() as untouched:
        before = rules(untouched)
    after = rules(lab)
    gone = [line for line in before.splitlines() if line not in after.splitlines()]
    ours = re.sub(r"(?ms)^table inet routercfg \{.*?^\}\n", "", after).splitlines()
    new = [line for line in ours if line not in before.splitlines()]
    assert all("telefonie" in line for line in gone), gone
    assert all('comment "routercfg:' in line for line in new), new


def test_a_second_push_sends_nothing(flow: tuple[Lab, Phone, Udp, Result]) -> None:
    lab = flow[0]
    before = everything(lab)
    result = push_from(lab.mgmt, target(lab))
    assert result.outcome is Outcome.UNCHANGED
    assert result.before is not None
    assert result.before.commands == ()
    assert everything(lab) == before


def test_the_change_survives_a_reboot(flow: tuple[Lab, Phone, Udp, Result]) -> None:
    lab = flow[0]
    lab.reboot()
    result = push_from(lab.mgmt, target(lab))
    assert result.outcome is Outcome.UNCHANGED, result.error
    assert result.before is not None
    assert result.before.compliant, result.before.findings
    assert not tcp_answers(lab.attacker, WAN.v4, 22)


def test_rules_that_would_cut_the_pushing_session_are_refused(lab: Lab) -> None:
    before = everything(lab)
    elsewhere = replace(INTENT, management_sources=PrefixSet.of("198.18.0.0/15"))
    result = push_from(lab.mgmt, target(lab, intent=elsewhere))
    assert result.outcome is Outcome.REFUSED
    assert isinstance(result.error, LockoutRiskError)
    assert MGMT.v4 in str(result.error)
    assert everything(lab) == before


def test_without_the_guard_the_lockout_is_undone_by_the_router(lab: Lab) -> None:
    before = everything(lab)
    elsewhere = replace(INTENT, management_sources=PrefixSet.of("198.18.0.0/15"))
    options = Options(accept_lockout_risk=True, revert_seconds=60)
    result = push_from(lab.mgmt, target(lab, intent=elsewhere, timeout=2), options)
    assert result.outcome is Outcome.ROLLED_BACK, result.error
    assert everything(lab) == before
    assert tcp_answers(lab.mgmt, WAN.v4, 22)


def test_a_refused_second_login_ends_rolled_back_with_the_old_state_proved(lab: Lab) -> None:
    before = everything(lab)
    logins = 0

    def second_refused(to: Target, manifest: Manifest) -> Session:
        nonlocal logins
        logins += 1
        if logins == 2:
            raise UnreachableError("no TCP connection")
        return open_ssh(to, manifest)

    with lab.mgmt.entered():
        result = push(target(lab), connect=second_refused)
    assert result.outcome is Outcome.ROLLED_BACK, result.error
    assert result.after is not None
    assert everything(lab) == before


@pytest.mark.parametrize("step", [Step.ARMED, Step.APPLIED, Step.RECONNECTED, Step.VERIFIED])
def test_a_crash_before_the_confirmation_is_undone_by_the_router_alone(
    lab: Lab, step: Step
) -> None:
    before = everything(lab)
    # One of them waits for the router's own clock. Later steps may take longer than that on a busy
    # machine, so the lab ends their wait.
    seconds = 3 if step is Step.ARMED else 120

    def die(_router: str, moment: Moment) -> None:
        if moment.step is step:
            os.kill(os.getpid(), signal.SIGKILL)

    def work() -> None:
        with lab.mgmt.entered():
            push(target(lab), Options(revert_seconds=seconds), watch=die)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    if seconds > 3:
        lab.router.let_time_pass()
    deadline = time.monotonic() + 13
    while everything(lab) != before and time.monotonic() < deadline:
        time.sleep(0.2)
    assert everything(lab) == before
    assert tcp_answers(lab.mgmt, WAN.v4, 22)


def test_a_wrong_key_is_tried_once_and_changes_nothing(lab: Lab) -> None:
    stranger = lab.directory / "stranger"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(stranger)]
    subprocess.run(command, check=True)
    before = everything(lab)
    result = push_from(lab.mgmt, target(lab, key_file=str(stranger)))
    assert result.outcome is Outcome.UNREACHABLE
    assert result.error is not None
    assert result.error.code == "RC142"
    assert everything(lab) == before


def test_an_unknown_or_changed_host_key_stops_before_any_credential(lab: Lab) -> None:
    to = target(lab)
    assert to.known_hosts is not None
    # Another key of the same kind: what a stranger in the middle would show.
    other = lab.router.client_key.with_suffix(".pub").read_text().strip()
    for text in ("", f"{WAN.v4} {other}\n"):
        to.known_hosts.write_text(text)
        with lab.mgmt.entered():
            result = push(to)
        assert result.outcome is Outcome.UNREACHABLE
        assert result.error is not None
        assert result.error.code == "RC143", result.error
