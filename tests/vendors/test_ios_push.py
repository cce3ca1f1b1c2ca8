"""Pushing to a simulated IOS router over real SSH: proved, or undone by the router itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from routercfg.inventory.secret import Secret
from routercfg.lab import Lab
from routercfg.lab.faults import Fault, Trouble
from routercfg.push import Options, Outcome, Step, push
from routercfg.transport import Target

from . import ios

SOURCE = "192.0.2.130"


class Bench:
    """Routers behind a lab, and targets for them."""

    def __init__(self, folder: Path) -> None:
        self.clock = ios.Clock()
        self.routers: dict[str, Any] = {
            "clean": ios.router("factory", clock=self.clock),
            "messy": ios.router("messy", clock=self.clock),
            "bare": ios.router(
                ios.ZONES.replace("archive\n path flash:cfg\n", ""), clock=self.clock
            ),
        }
        self.lab = Lab(self.routers, users={"admin": "secret"}, seen_from=SOURCE)
        self.known = folder / "known_hosts"

    def target(self, name: str) -> Target:
        host, port = self.lab.address(name)
        self.known.write_text(f"[{host}]:{port} {self.lab.host_key}\n")
        return Target(
            router=name,
            platform="cisco_ios",
            intent=ios.INTENT,
            host=host,
            port=port,
            user="admin",
            password=Secret.of("secret"),
            known_hosts=self.known,
            timeout=5.0,
        )


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    with made.lab:
        yield made


@pytest.mark.parametrize("name", ["clean", "messy"])
def test_a_push_is_proved_confirmed_and_saved(bench: Bench, name: str) -> None:
    result = push(bench.target(name))
    assert result.outcome is Outcome.PUSHED, result.error
    router = bench.routers[name]
    assert router.pending().startswith("%No Rollback")
    assert router.persisted() == router.configuration()
    assert ios.plan(router, source=SOURCE).commands == ()
    again = push(bench.target(name))
    assert again.outcome is Outcome.UNCHANGED


def test_without_an_archive_the_router_restarts_unless_confirmed(bench: Bench) -> None:
    result = push(bench.target("bare"))
    assert result.outcome is Outcome.PUSHED, result.error
    assert not bench.routers["bare"].restart_planned
    assert bench.routers["bare"].persisted() == bench.routers["bare"].configuration()


def test_a_refused_line_puts_the_old_configuration_back(bench: Bench) -> None:
    router = bench.routers["messy"]
    before = router.configuration()
    bench.lab.faults["messy"].append(
        Fault(
            Trouble.LOG_LINE,
            1,
            matching="translation udp-timeout",
            text="% Invalid input detected at '^' marker.",
        )
    )
    result = push(bench.target("messy"))
    assert result.outcome is Outcome.ROLLED_BACK, result.error
    assert router.configuration() == before
    assert router.persisted() == before


def test_a_connection_that_breaks_half_way_leaves_the_old_state(bench: Bench) -> None:
    router = bench.routers["messy"]
    before = router.configuration()
    bench.lab.faults["messy"].append(
        Fault(Trouble.DROP_BEFORE_REPLY, 1, matching="translation udp-timeout")
    )
    result = push(bench.target("messy"))
    assert result.outcome is Outcome.ROLLED_BACK, result.error
    assert router.configuration() == before


def test_a_push_that_would_lock_us_out_is_refused(bench: Bench) -> None:
    bench.lab.seen_from = "198.51.100.77"
    router = bench.routers["clean"]
    before = router.configuration()
    result = push(bench.target("clean"), Options())
    assert result.outcome is Outcome.REFUSED
    assert router.configuration() == before
    assert Step.ARMED not in {moment.step for moment in result.moments}


def hurried() -> Callable[[], float]:
    """A clock on which a minute passes in half a second."""
    start = time.monotonic()
    return lambda: (time.monotonic() - start) * 120


def test_without_an_archive_a_failed_push_ends_in_a_restart(tmp_path: Path) -> None:
    router = ios.router(ios.ZONES.replace("archive\n path flash:cfg\n", ""), clock=hurried())
    before = router.configuration()
    made = Bench(tmp_path)
    made.routers["bare"] = router
    with made.lab:
        made.lab.faults["bare"].append(Fault(Trouble.DROP_BEFORE_REPLY, 1, matching="class-map"))
        result = push(made.target("bare"))
    assert result.outcome is Outcome.ROLLED_BACK, result.error
    assert router.configuration() == before
    assert router.restarts == 1
