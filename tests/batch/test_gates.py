"""Only so many routers at a time through one jump host."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routercfg.batch import Pace, carry_out, run
from routercfg.batch.gates import Gates, jump_host
from routercfg.errors import InputError
from routercfg.model.intent import Intent
from routercfg.push import Outcome, Result
from routercfg.transport import Target


def target(name: str) -> Target:
    return Target(router=name, platform="cisco_ios", intent=Intent(), host=f"{name}.example")


@pytest.fixture
def jumps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Routers called b… are behind one jump host, those called c… behind another."""
    folder = tmp_path / ".ssh"
    folder.mkdir()
    (folder / "config").write_text(
        "Host b*\n ProxyJump admin@bastion:2222,inner\nHost c*\n ProxyJump other\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))


class Crowd:
    """Work that notes how many routers of each kind are worked on at once."""

    def __init__(self) -> None:
        self.now: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self._lock = threading.Lock()

    def __call__(self, one: Target) -> Result:
        kind = one.router[0]
        with self._lock:
            self.now[kind] = self.now.get(kind, 0) + 1
            self.most[kind] = max(self.most.get(kind, 0), self.now[kind])
        time.sleep(0.02)
        with self._lock:
            self.now[kind] -= 1
        return Result(one.router, one.platform, Outcome.UNCHANGED)


@pytest.mark.usefixtures("jumps")
def test_the_jump_host_is_the_first_of_the_way() -> None:
    assert jump_host(target("b1")) == "admin@bastion:2222"
    assert jump_host(target("c1")) == "other"
    assert jump_host(target("a1")) == ""


@pytest.mark.usefixtures("jumps")
def test_routers_behind_a_jump_host_wait_for_each_other_and_the_rest_goes_on() -> None:
    crowd = Crowd()
    targets = [target(f"{kind}{n}") for n in range(12) for kind in "abc"]
    pace = Pace(workers=30, per_jump_host=3)
    results = list(carry_out(crowd, targets, pace))
    assert [one.router for one in results] == [one.router for one in targets]
    assert crowd.most["b"] == crowd.most["c"] == 3
    assert crowd.most["a"] > 3


@pytest.mark.usefixtures("jumps")
def test_what_only_reads_keeps_to_ten() -> None:
    crowd = Crowd()
    targets = [target(f"b{n}") for n in range(30)]
    assert len(list(run(crowd, targets, workers=30))) == 30
    assert crowd.most["b"] == 10


@pytest.mark.usefixtures("jumps")
def test_a_run_that_stops_gives_up_on_those_that_wait_at_a_gate() -> None:
    def fail(one: Target) -> Result:
        return Result(one.router, one.platform, Outcome.REFUSED)

    targets = [target(f"b{n}") for n in range(9)]
    pace = Pace(workers=9, per_jump_host=1, max_failures="0")
    outcomes = [one.outcome for one in carry_out(fail, targets, pace)]
    assert outcomes == [Outcome.REFUSED, *[Outcome.NOT_BEGUN] * 8]


def test_a_limit_is_not_negative() -> None:
    with pytest.raises(InputError):
        Pace(per_jump_host=-1)


@given(
    vias=st.lists(st.sampled_from(["", "x", "y"]), max_size=30),
    limit=st.integers(0, 4),
    order=st.randoms(use_true_random=False),
)
def test_everybody_gets_through_and_never_too_many_at_once(
    vias: list[str], limit: int, order: object
) -> None:
    targets = [target(f"r{n}") for n in range(len(vias))]
    gates = Gates(limit, lambda one: vias[int(one.router[1:])])
    waiting, inside, done = list(range(len(vias))), [], []
    while waiting or inside:
        while waiting:
            place = waiting.pop(0)
            if gates.enter(place, targets[place]):
                inside.append(place)
        for via in ("x", "y"):
            assert not limit or sum(vias[n] == via for n in inside) <= limit
        place = inside.pop(order.randrange(len(inside)))  # type: ignore[attr-defined]
        done.append(place)
        following = gates.leave(place)
        if following is not None:
            waiting.insert(0, following)
    assert sorted(done) == list(range(len(vias)))
    assert gates.give_up() == []
