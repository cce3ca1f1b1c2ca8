"""Pushing to a simulated VyOS or EdgeOS behind a real SSH server."""

from __future__ import annotations

import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from routercfg.inventory.secret import Secret
from routercfg.lab import Lab
from routercfg.lab.faults import Fault, Trouble
from routercfg.net import PrefixSet
from routercfg.push import Options, Outcome, Result, Step, push
from routercfg.transport import Target
from routercfg.transport.hostkeys import entry_name

from . import vyatta
from .vyatta import ENGINEER, Bench, edgeos, every_bench, vyos

PASSWORD = "correct horse"
INTENT = replace(
    vyatta.INTENT,
    management_sources=PrefixSet.of("203.0.113.0/24"),
    voice_subnets=PrefixSet(),
)


def pushed(bench: Bench, one: Any, folder: Path, *faults: Fault, timeout: float = 5.0) -> Result:
    with Lab({"r1": one}, users={bench.user: PASSWORD}, seen_from=ENGINEER) as lab:
        lab.faults["r1"] += faults
        host, port = lab.address("r1")
        known = folder / "known_hosts"
        known.write_text(f"{entry_name(host, port)} {lab.host_key}\n")
        target = Target(
            router="r1",
            platform=bench.platform,
            intent=INTENT,
            host=host,
            port=port,
            user=bench.user,
            password=Secret.of(PASSWORD),
            known_hosts=known,
            timeout=timeout,
        )
        return push(target, Options())


@every_bench
def test_a_push_is_proved_by_a_new_login_confirmed_and_saved(bench: Bench, tmp_path: Path) -> None:
    one = bench.router()
    result = pushed(bench, one, tmp_path)
    assert result.outcome is Outcome.PUSHED, result.error
    assert [m.step for m in result.moments][-3:] == [Step.VERIFIED, Step.CONFIRMED, Step.SAVED]
    assert one.pending is None
    assert one.persisted() == one.configuration()
    assert pushed(bench, one, tmp_path).outcome is Outcome.UNCHANGED


@every_bench
@pytest.mark.parametrize(
    "fault",
    [
        Fault(Trouble.DROP_BEFORE_REPLY, 1, matching="^set firewall group"),
        Fault(Trouble.DROP_BEFORE_REPLY, 1, matching="^y$"),
        Fault(Trouble.CUT_REPLY, 2, matching="show configuration"),
        Fault(Trouble.REFUSE_LOGIN, 2),
        Fault(Trouble.DROP_BEFORE_REPLY, 2, matching="^configure"),
    ],
    ids=lambda fault: f"{fault.trouble} {fault.login} {fault.matching}",
)
def test_a_fault_leaves_the_router_as_it_was(bench: Bench, fault: Fault, tmp_path: Path) -> None:
    one = bench.router()
    before = one.configuration()
    result = pushed(bench, one, tmp_path, fault)
    assert result.outcome is Outcome.ROLLED_BACK, (result.outcome, result.error)
    assert one.configuration() == before
    assert one.persisted() == before
    assert one.pending is None
    assert one.boots == 0


@pytest.mark.parametrize("bench", [vyos("1.3.8"), edgeos()], ids=str)
def test_a_router_nobody_comes_back_to_boots_its_saved_configuration(
    bench: Bench, tmp_path: Path
) -> None:
    start = time.monotonic()
    one = bench.router(clock=lambda: start + (time.monotonic() - start) * 400)
    before = one.configuration()
    result = pushed(bench, one, tmp_path, *(Fault(Trouble.REFUSE_LOGIN, n) for n in range(2, 5)),
                    Fault(Trouble.STALL, 1, matching="^y$"), timeout=1.0)  # fmt: skip
    assert result.outcome is Outcome.ROLLED_BACK, (result.outcome, result.error)
    assert one.configuration() == before
    assert one.boots == 1


@pytest.mark.parametrize(
    ("bench", "unsaved"),
    [
        (vyos(), ("system", "name-server", "192.0.2.53")),
        (edgeos(), ("system", "time-zone", "UTC")),
    ],
    ids=str,
)
def test_work_that_nobody_saved_is_not_put_at_risk(
    bench: Bench, unsaved: tuple[str, ...], tmp_path: Path
) -> None:
    """commit-confirm goes back to the saved configuration: unsaved work would be lost."""
    one = bench.router()
    one.saved = [path for path in one.saved if path != unsaved]
    before = one.configuration()
    assert one.persisted() != before
    result = pushed(bench, one, tmp_path)
    assert result.outcome is not Outcome.PUSHED
    assert one.configuration() == before
    assert one.persisted() != before
    assert one.pending is None


def test_a_refused_line_ends_the_push_before_the_commit(tmp_path: Path) -> None:
    """To a release that has another grammar than it says: its first refusal is the last line."""
    one = vyos("1.4.0").router()
    one.version = "1.3.8"
    before = one.configuration()
    result = pushed(vyos(), one, tmp_path)
    assert result.outcome is Outcome.ROLLED_BACK, (result.outcome, result.error)
    assert one.configuration() == before
    assert result.error is not None
    assert "not valid" in result.error.message


def test_a_commit_that_went_half_through_is_taken_back(tmp_path: Path) -> None:
    """On EdgeOS the nodes that are not refused are live all the same."""
    one = edgeos().router()
    before = one.configuration()
    refusal = import_module("routercfg_vendors.vyatta.simulation.machine").Refusal

    def refuse(paths: list[tuple[str, ...]]) -> Any:
        wanted = [path for path in paths if path[0] == "firewall"]
        had = [path for path in one.running if path[0] == "firewall"]
        return None if set(wanted) == set(had) else refusal("firewall", "Firewall is busy")

    one.refusal = refuse
    live: set[str] = set()
    tick = one.tick

    def watch() -> None:
        live.add(one.text(one.running))
        tick()

    one.tick = watch
    result = pushed(edgeos(), one, tmp_path)
    assert live - {before}
    assert result.outcome is Outcome.ROLLED_BACK, (result.outcome, result.error)
    assert "failed" in str(result.error)
    assert one.configuration() == before
    assert one.persisted() == before
    assert one.pending is None
    assert one.boots == 0
