"""Pushing to a simulated EdgeOS behind a real SSH server."""

from __future__ import annotations

import time
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from routercfg.inventory.secret import Secret
from routercfg.lab import Lab
from routercfg.lab.faults import Fault, Trouble
from routercfg.model.intent import Intent, OnPartial
from routercfg.net import PrefixSet
from routercfg.platforms import load_simulator
from routercfg.push import Options, Outcome, Result, Step, push
from routercfg.transport import Target
from routercfg.transport.hostkeys import entry_name

PRESETS = ("messy", "pppoe")
ENGINEER = "203.0.113.9"
PASSWORD = "correct horse"
INTENT = Intent(
    provider=PrefixSet.of("198.51.100.0/24", "2001:db8:5060::/48"),
    management_sources=PrefixSet.of("203.0.113.0/24"),
    on_partial=OnPartial.SPLIT,
)


def router(preset: str = "messy", *, hurry: float = 1.0) -> Any:
    start = time.monotonic()
    return load_simulator("ubiquiti_edgeos").create(
        preset,
        version="2.0.9",
        hostname="r1",
        clock=lambda: start + (time.monotonic() - start) * hurry,
    )


def pushed(one: Any, folder: Path, *faults: Fault, timeout: float = 5.0) -> Result:
    with Lab({"r1": one}, users={"ubnt": PASSWORD}, seen_from=ENGINEER) as lab:
        lab.faults["r1"] += faults
        host, port = lab.address("r1")
        known = folder / "known_hosts"
        known.write_text(f"{entry_name(host, port)} {lab.host_key}\n")
        target = Target(
            router="r1",
            platform="ubiquiti_edgeos",
            intent=INTENT,
            host=host,
            port=port,
            user="ubnt",
            password=Secret.of(PASSWORD),
            known_hosts=known,
            timeout=timeout,
        )
        return push(target, Options())


@pytest.mark.parametrize("preset", PRESETS)
def test_a_push_is_proved_by_a_new_login_confirmed_and_saved(preset: str, tmp_path: Path) -> None:
    one = router(preset)
    result = pushed(one, tmp_path)
    assert result.outcome is Outcome.PUSHED, result.error
    assert [m.step for m in result.moments][-3:] == [Step.VERIFIED, Step.CONFIRMED, Step.SAVED]
    assert one.pending is None
    assert one.persisted() == one.configuration()
    assert pushed(one, tmp_path).outcome is Outcome.UNCHANGED


@pytest.mark.parametrize("preset", PRESETS)
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
def test_a_fault_leaves_the_router_as_it_was(preset: str, fault: Fault, tmp_path: Path) -> None:
    one = router(preset)
    before = one.configuration()
    result = pushed(one, tmp_path, fault)
    assert result.outcome is Outcome.ROLLED_BACK, (result.outcome, result.error)
    assert one.configuration() == before
    assert one.persisted() == before
    assert one.pending is None
    assert one.boots == 0


def test_a_router_nobody_comes_back_to_boots_its_saved_configuration(tmp_path: Path) -> None:
    one = router(hurry=150)
    before = one.configuration()
    result = pushed(one, tmp_path, *(Fault(Trouble.REFUSE_LOGIN, n) for n in range(2, 6)),
                    Fault(Trouble.STALL, 1, matching="^y$"), timeout=1.0)  # fmt: skip
    assert result.outcome is Outcome.ROLLED_BACK, (result.outcome, result.error)
    assert one.configuration() == before
    assert one.boots == 1


def test_work_that_nobody_saved_is_not_put_at_risk(tmp_path: Path) -> None:
    """commit-confirm goes back to the saved configuration: unsaved work would be lost."""
    one = router()
    one.saved = [path for path in one.saved if path[:2] != ("system", "time-zone")]
    before = one.configuration()
    result = pushed(one, tmp_path)
    assert result.outcome is not Outcome.PUSHED
    assert one.configuration() == before
    assert one.persisted() != before
    assert one.pending is None


def test_a_commit_that_went_half_through_is_taken_back(tmp_path: Path) -> None:
    """The nodes that are not refused are live all the same."""
    one = router()
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
    result = pushed(one, tmp_path)
    assert live - {before}
    assert result.outcome is Outcome.ROLLED_BACK, (result.outcome, result.error)
    assert "failed" in str(result.error)
    assert one.configuration() == before
    assert one.persisted() == before
    assert one.pending is None
    assert one.boots == 0
