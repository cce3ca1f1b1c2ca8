"""Pushing by workers on machines of their own, which share nothing but the installed package."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from routercfg.platforms.registry import load_simulator

from .machines import COORDINATOR, SCHEDULER, WORKERS, Site, site, until

pytest.importorskip("distributed", reason="the extra `dask` is not installed")

ROUTERS = ("fine", "cut", "killed", "orphan", "later")
#: The ports that the manual says are to be open.
LISTENS, WORKS = 8790, 8791


class Clock:
    """The routers' clock, which a test may put forward."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def machines(
    real_linux: None, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    create = load_simulator("mikrotik_routeros").create
    routers = {name: create(hostname=name, clock=clock) for name in ROUTERS}
    with site(tmp_path_factory.mktemp("machines"), routers) as made:
        workers = ", ".join(WORKERS.values())
        made.machines["scheduler"].admit({8786: f"{COORDINATOR}, {workers}"})
        made.coordinator.admit({LISTENS: workers})
        for name in WORKERS:
            made.machines[name].admit({WORKS: SCHEDULER})
        made.begin(*WORKERS, port=WORKS)
        yield made


def pushed(machines: Site, *names: str) -> Any:
    machines.inventory(*names)
    return machines.push("--engine", f"dask://{SCHEDULER}?listen={COORDINATOR}:{LISTENS}")


def story(machines: Site, router: str) -> str:
    return machines.run("journal", "show", "last", router)


def test_a_cluster_of_machines_pushes_through_the_ports_the_manual_names(machines: Site) -> None:
    answers = machines.answer(pushed(machines, "fine"), 60)
    error = answers["fine"]["error"]
    # Nobody has pinned the router's key on the machines that reach it.
    assert error["code"] == "RC143"
    assert "the worker on" in error["hint"]
    assert machines.lab.attempts("fine") == 0
    machines.know_routers(*WORKERS)
    answers = machines.answer(pushed(machines, "fine"), 60)
    assert answers["fine"]["outcome"] == "pushed", answers
    assert machines.lab.logins("fine") == 2
    assert "reached saved" in story(machines, "fine")
    told = [path for path in machines.folder.rglob("*") if path.is_file()]
    assert all(b"secret-enough" not in path.read_bytes() for path in told)


def test_a_worker_that_is_cut_off_and_one_that_dies_leave_their_routers_as_they_were(
    machines: Site, clock: Clock
) -> None:
    before = {name: machines.lab.routers[name].configuration() for name in ("cut", "killed")}
    machines.lab.latency = 0.1
    push = pushed(machines, "cut", "killed")
    machines.until_touched("cut")
    cut = machines.worker_at("cut")
    machines.machines[cut].isolate(COORDINATOR)
    machines.until_touched("killed")
    killed = machines.worker_at("killed")
    assert cut != killed
    machines.kill(killed)
    answers = machines.answer(push, 60)
    machines.lab.latency = 0.0
    # The one that is cut off puts its router back, and says so by the scheduler.
    assert answers["cut"]["outcome"] == "rolled back", answers
    assert f"journal is gone: {COORDINATOR} port {LISTENS}" in answers["cut"]["error"]["message"]
    assert machines.lab.routers["cut"].configuration() == before["cut"]
    # Dask gives the dead one's router to the other, which is not let in.
    assert answers["killed"]["outcome"] == "unknown", answers
    assert machines.lab.logins("killed") == 1
    assert "result unknown" in story(machines, "killed")
    assert "result rolled back" in story(machines, "cut")
    assert "whole" in machines.run("journal", "check")
    until(lambda: not machines.connected("killed"))
    clock.ahead += 600
    assert machines.lab.routers["killed"].configuration() == before["killed"]
    machines.machines[cut].rejoin()


def test_a_scheduler_that_dies_ends_the_run_and_the_router_under_way_is_put_back(
    machines: Site,
) -> None:
    before = machines.lab.routers["orphan"].configuration()
    machines.lab.latency = 0.1
    machines.inventory("orphan", "later")
    engine = f"dask://{SCHEDULER}?listen={COORDINATOR}:{LISTENS}"
    push = machines.push("--engine", engine, "--workers", "1")
    machines.until_touched("orphan")
    machines.kill("scheduler")
    answers = machines.answer(push, 60)
    assert answers["orphan"]["outcome"] == "unknown"
    assert "the Dask scheduler is gone" in answers["orphan"]["error"]["message"]
    assert answers["later"]["outcome"] == "not begun"
    assert machines.lab.attempts("later") == 0
    # Its worker was told to stop at the next line, over the line that it has to the coordinator.
    until(lambda: machines.lab.routers["orphan"].configuration() == before)
    run = json.loads(machines.run("journal", "export"))
    assert "secret-enough" not in json.dumps(run)
