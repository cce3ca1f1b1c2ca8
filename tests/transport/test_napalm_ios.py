"""NAPALM's own IOS driver, over SSH, against the simulated Cisco."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from routercfg.inventory.secret import Secret
from routercfg.lab import Lab
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.platforms import load_simulator
from routercfg.push import Options, Outcome, inspect, push
from routercfg.transport import Target
from routercfg.transport.hostkeys import fetch, pin

ENGINEER = "192.0.2.130"


@pytest.fixture
def lab() -> Iterator[Lab]:
    router = load_simulator("cisco_ios").create("messy", hostname="gw")
    with Lab({"gw": router}, users={"admin": "correct horse"}, seen_from=ENGINEER) as running:
        yield running


def target(lab: Lab, folder: Path) -> Target:
    host, port = lab.address("gw")
    return Target(
        router="gw",
        platform="cisco_ios",
        intent=Intent(
            provider=PrefixSet.of("203.0.113.0/24"),
            management_sources=PrefixSet.of("192.0.2.0/24"),
        ),
        host=host,
        port=port,
        user="admin",
        password=Secret.of("correct horse"),
        known_hosts=folder / "known_hosts",
        timeout=20,
    )


def trusted(lab: Lab, folder: Path) -> Target:
    found = target(lab, folder)
    pin(folder / "known_hosts", found.host, found.port, fetch(found.host, found.port))
    return found


def test_napalm_and_ssh_come_to_the_same_findings(lab: Lab, tmp_path: Path) -> None:
    plain = trusted(lab, tmp_path)
    one, other = inspect(plain), inspect(replace(plain, library="napalm"))
    assert one.before is not None
    assert other.before is not None, other.error
    assert other.before.findings == one.before.findings
    assert one.before.commands


def test_a_push_is_refused_because_its_revert_is_not_proved(lab: Lab, tmp_path: Path) -> None:
    before = lab.routers["gw"].configuration()
    to = replace(trusted(lab, tmp_path), library="napalm")
    result = push(to, Options(accept_lockout_risk=True, accept_no_revert=True))
    assert result.outcome is Outcome.REFUSED
    assert result.error is not None
    assert result.error.code == "RC152"
    assert "Set connection: netmiko" in str(result.error)
    assert lab.routers["gw"].configuration() == before


def test_an_unknown_host_key_gets_no_credential(lab: Lab, tmp_path: Path) -> None:
    result = inspect(replace(target(lab, tmp_path), library="napalm"))
    assert result.error is not None
    assert result.error.code == "RC143"
    assert lab.attempts("gw") == 0


def test_a_wrong_password_is_tried_once(lab: Lab, tmp_path: Path) -> None:
    wrong = replace(trusted(lab, tmp_path), library="napalm", password=Secret.of("wrong"))
    result = inspect(wrong)
    assert result.error is not None
    assert result.error.code == "RC142"
    assert lab.attempts("gw") == 1
