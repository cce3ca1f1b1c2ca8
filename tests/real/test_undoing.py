"""The way back from a confirmed and saved push to a real router: to the letter, no further."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from routercfg.cli import run
from routercfg.errors import ChangedSinceError, UnreachableError
from routercfg.model.intent import Ipv6Mode
from routercfg.platforms.manifest import Manifest
from routercfg.push import Options, Outcome, Result
from routercfg.push.keeping import Readings
from routercfg.push.reading import open_ssh
from routercfg.push.way_back import WayBack, put_back
from routercfg.transport import Session, Target
from tests.batch import killing

from .lab import WAN, Lab, office
from .probes import tcp_answers
from .test_push import INTENT, everything, push_from, rules, target


@pytest.fixture(scope="module")
def building(real_linux: None) -> Iterator[Lab]:
    with office() as made:
        yield made


@pytest.fixture
def lab(building: Lab) -> Lab:
    """The office as the customer had it."""
    building.router.reset()
    return building


@pytest.fixture
def pushed(lab: Lab, tmp_path: Path) -> Callable[..., Readings]:
    """Pushes, confirms and saves; gives what the run keeps."""

    def push(**changes: object) -> Readings:
        ids = changes.pop("ids", None)
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        options = Options(ids=ids, backup_folder=folder)  # type: ignore[arg-type]
        result = push_from(lab.mgmt, target(lab, **changes), options)  # type: ignore[arg-type]
        assert result.outcome is Outcome.PUSHED, result.error
        return kept(folder)

    return push


def kept(folder: Path) -> Readings:
    [file] = folder.glob("*.readings.json")
    data = json.loads(file.read_text())
    return Readings(data["platform"], data["before"], data["after"])


def back(lab: Lab, readings: Readings, *, force: bool = False, **options: object) -> Result:
    with lab.mgmt.entered():
        way = WayBack(readings, force=force, run="the run")
        return put_back(target(lab), way, Options(**options))  # type: ignore[arg-type]


def undone(lab: Lab, readings: Readings, *, force: bool = False) -> None:
    result = back(lab, readings, force=force)
    assert result.outcome is Outcome.UNDONE, result.error


def test_rules_timers_and_files_come_back_to_the_letter(
    lab: Lab, pushed: Callable[..., Readings]
) -> None:
    before = everything(lab)
    readings = pushed()
    assert everything(lab) != before
    undone(lab, readings)
    assert everything(lab) == before
    assert back(lab, readings).outcome is Outcome.UNCHANGED
    lab.reboot()
    assert everything(lab) == before


def test_a_reboot_in_between_numbers_the_rules_anew_and_changes_nothing(
    lab: Lab, pushed: Callable[..., Readings]
) -> None:
    before = everything(lab)
    readings = pushed()
    lab.reboot()
    undone(lab, readings)
    assert everything(lab) == before


def test_what_was_undone_can_be_brought_back_the_same_way(
    lab: Lab, pushed: Callable[..., Readings], tmp_path: Path
) -> None:
    readings = pushed()
    after = everything(lab)
    result = back(lab, readings, backup_folder=tmp_path / "undo")
    assert result.outcome is Outcome.UNDONE, result.error
    undone(lab, kept(tmp_path / "undo"))
    rules_now, timers, files = everything(lab)
    assert (rules_now, timers) == after[:2]
    assert files == after[2]


STRANGERS = """
insert rule inet filter forward iifname "lan0" tcp dport 25 drop comment "spam"
add rule inet filter van-buiten udp dport 1194 accept comment "tweede VPN"
add rule ip nat prerouting iifname "wan0" udp dport 5080 dnat to 192.168.10.31
add table inet gasten
add chain inet gasten doorvoer { type filter hook forward priority 10; policy accept; }
"""


def test_what_others_changed_since_stays(lab: Lab, pushed: Callable[..., Readings]) -> None:
    lab.router.shell(f"nft -f - <<'X'\n{STRANGERS}X\n")
    wanted = rules(lab)
    lab.router.reset()
    readings = pushed()
    lab.router.shell(f"nft -f - <<'X'\n{STRANGERS}X\nsysctl -w net.ipv4.tcp_keepalive_time=600")
    # What is not in the file would be missed by `save`, as it is by everybody who reboots.
    lab.router.shell(f"cat >>/etc/nftables.conf <<'X'\n{STRANGERS}X\n")
    undone(lab, readings)
    assert sorted(rules(lab).split("table ")) == sorted(wanted.split("table "))
    chains = [rules(lab).index(word) for word in ('comment "spam"', "ct state established")]
    assert chains[0] > 0
    assert lab.router.shell("sysctl -n net.ipv4.tcp_keepalive_time").strip() == "600"
    assert "tweede VPN" in (lab.router.etc / "nftables.conf").read_text()


def test_what_somebody_changed_of_ours_is_named_and_stops_everything_unless_forced(
    lab: Lab, pushed: Callable[..., Readings]
) -> None:
    before = everything(lab)
    readings = pushed()
    lab.router.shell(
        "nft add rule inet routercfg management tcp dport 8443 drop;"
        "sysctl -w net.netfilter.nf_conntrack_udp_timeout=60;"
        "nft add rule inet filter helpers udp dport 5060 counter ct helper set '\"sip-standaard\"'"
    )
    edited = everything(lab)
    result = back(lab, readings)
    assert result.outcome is Outcome.REFUSED
    assert isinstance(result.error, ChangedSinceError)
    assert everything(lab) == edited
    assert result.undo is not None
    found = [line for one in result.undo.conflicts for line in one.found]
    assert found == [
        "rule inet routercfg management tcp dport 8443 drop",
        'rule inet filter helpers udp dport 5060 counter ct helper set "sip-standaard"',
        "net.netfilter.nf_conntrack_udp_timeout = 60",
    ]
    undone(lab, readings, force=True)
    assert everything(lab) == before


def test_a_helper_that_somebody_threw_away_since_comes_back_with_its_rule_when_forced(
    lab: Lab, pushed: Callable[..., Readings]
) -> None:
    readings = pushed()
    lab.router.shell("nft delete ct helper inet filter sip-standaard")
    result = back(lab, readings)
    assert isinstance(result.error, ChangedSinceError)
    undone(lab, readings, force=True)
    assert 'ct helper set "sip-standaard"' in rules(lab)


def test_the_last_of_two_runs_goes_back_to_the_first(
    lab: Lab, pushed: Callable[..., Readings]
) -> None:
    pushed(ids=("udp-timeouts", "sip-alg"))
    first = everything(lab)
    readings = pushed(intent=replace(INTENT, udp_timeout=600))
    assert "= 600" in lab.router.shell("cat /etc/sysctl.d/60-routercfg.conf")
    undone(lab, readings)
    assert everything(lab) == first
    lab.reboot()
    assert everything(lab) == first


def test_ipv6_that_was_switched_off_is_there_again_with_its_addresses_and_routes(
    lab: Lab, pushed: Callable[..., Readings]
) -> None:
    lab.router.shell(
        "ip -6 route add 2001:db8:99::/48 via 2001:db8:1::1 dev wan0 metric 50 proto static;"
        "sysctl -w net.ipv6.conf.lo.disable_ipv6=1"
    )
    before = everything(lab), ipv6(lab)
    readings = pushed(intent=replace(INTENT, ipv6=Ipv6Mode.OFF))
    assert not tcp_answers(lab.mgmt, WAN.v6, 22)
    undone(lab, readings)
    assert (everything(lab), ipv6(lab)) == before
    assert tcp_answers(lab.mgmt, WAN.v6, 22)


def ipv6(lab: Lab) -> tuple[list[str], ...]:
    script = (
        "ip -6 -o address show scope global",
        "ip -6 route",
        "cd /proc/sys; sysctl net/ipv6/conf/*/disable_ipv6",
    )
    return tuple(sorted(lab.router.shell(one).splitlines()) for one in script)


def test_a_refused_second_login_leaves_the_change_as_it_was(
    lab: Lab, pushed: Callable[..., Readings]
) -> None:
    readings = pushed()
    before = everything(lab)
    logins = 0

    def second_refused(to: Target, manifest: Manifest) -> Session:
        nonlocal logins
        logins += 1
        if logins == 2:
            raise UnreachableError("no TCP connection")
        return open_ssh(to, manifest)

    with lab.mgmt.entered():
        way = WayBack(readings)
        result = put_back(target(lab), way, Options(revert_seconds=5), connect=second_refused)
    assert result.outcome is Outcome.ROLLED_BACK, result.error
    assert everything(lab) == before


def test_the_command_line_rolls_a_run_back_and_then_that_rollback(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(lab)
    to = target(lab)
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(
        f"all:\n  hosts:\n    gw-jansen: {{ansible_host: {to.host}}}\n"
        "  vars:\n    service: xelion\n    platform: linux_nftables\n    ansible_user: root\n"
        f"    ansible_ssh_private_key_file: {to.key_file}\n"
        '    management_sources: [192.0.2.0/24, "2001:db8:22::/64"]\n'
        '    provider_prefixes: [203.0.113.0/24, "2001:db8:5060::/64"]\n'
    )

    def routercfg(*arguments: object) -> dict[str, Any]:
        reach = ("-i", inventory, "--known-hosts", to.known_hosts)
        journal = ("--journal", tmp_path / "journal.db", "--yes", "--json")
        with lab.mgmt.entered():
            run([str(one) for one in (*arguments, *reach, *journal)])
        told = capsys.readouterr()
        assert told.out, told.err
        [router] = json.loads(told.out)["routers"]
        return dict(router)

    assert routercfg("push")["outcome"] == "pushed"
    after = everything(lab)
    assert after != before
    first = routercfg("rollback", "last")
    assert first["outcome"] == "undone", first
    assert everything(lab) == before
    second = routercfg("rollback", "last")
    assert second["outcome"] == "undone", second
    assert everything(lab) == after


@pytest.mark.parametrize(("kind", "step"), [("reached", "applied"), ("begins", "confirmed")])
def test_a_rollback_that_is_killed_leaves_the_change_as_it_was(
    lab: Lab, pushed: Callable[..., Readings], tmp_path: Path, kind: str, step: str
) -> None:
    readings = pushed()
    after = everything(lab)
    work = partial(put_back, way=WayBack(readings), options=Options(revert_seconds=120))
    with lab.mgmt.entered():
        fork = multiprocessing.get_context("fork")
        killing.kill(work, target(lab), tmp_path / "journal.db", kind, step, context=fork)
    assert everything(lab) != after
    lab.router.let_time_pass()
    assert everything(lab) == after
    undone(lab, readings)
