"""Pushing to a simulated IOS router over real SSH: proved, or undone by the router itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from routercfg.errors import AuthenticationError
from routercfg.inventory.secret import Secret
from routercfg.lab import Lab
from routercfg.lab.faults import Fault, Trouble
from routercfg.push import Options, Outcome, Step, inspect, push
from routercfg.push.keeping import Readings
from routercfg.push.way_back import WayBack, put_back
from routercfg.transport import Target

from . import ios
from .ios_journey import canonical

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
        self.lab = Lab(self.routers, users={"admin": "correct horse"}, seen_from=SOURCE)
        self.known = folder / "known_hosts"

    def router(self, name: str, **options: Any) -> Any:
        """Another router in place of that one."""
        self.routers[name] = ios.router("factory", clock=self.clock, **options)
        return self.routers[name]

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
            password=Secret.of("correct horse"),
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


def test_a_login_without_rights_gets_them_with_the_second_secret(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    router = bench.router("clean", privilege=1)
    router.enable_secret = "q9-second-secret"
    target = replace(bench.target("clean"), enable_password=Secret.of("q9-second-secret"))
    result = push(target)
    assert result.outcome is Outcome.PUSHED, result.error
    assert "q9-second-secret" not in f"{result!r} {target!r} {caplog.text}"


@pytest.mark.parametrize("secret", [None, "wrong"])
def test_a_login_that_gets_no_rights_says_so_and_is_tried_once(
    bench: Bench, secret: str | None
) -> None:
    router = bench.router("clean", privilege=1)
    before = router.configuration()
    known = Secret.of(secret) if secret else None
    result = push(replace(bench.target("clean"), enable_password=known))
    assert isinstance(result.error, AuthenticationError)
    assert "ansible_become_password" in result.error.hint
    assert "'wrong'" not in str(result.error)
    assert router.configuration() == before
    assert repr(bench.lab.ledger("clean")).count("'wrong'") == (1 if secret else 0)


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


def test_napalm_too_gets_its_rights_with_the_second_secret(bench: Bench) -> None:
    router = bench.router("clean", privilege=1)
    router.enable_secret = "q9-second-secret"
    target = replace(bench.target("clean"), enable_password=Secret.of("q9-second-secret"))
    plain, other = inspect(target), inspect(replace(target, library="napalm"))
    assert plain.before is not None, plain.error
    assert other.before is not None, other.error
    assert other.before.findings == plain.before.findings


@pytest.mark.parametrize("library", ["netmiko", "napalm"])
def test_flows_of_phones_end_with_the_push_and_calls_go_on(bench: Bench, library: Any) -> None:
    router = bench.routers["messy"]
    call = ("udp", "198.51.100.10:10022", "192.168.1.20:10022", "203.0.113.6:9", "203.0.113.6:9")
    phone = (
        "udp",
        "198.51.100.10:5060",
        "192.168.1.20:5060",
        "203.0.113.5:5060",
        "203.0.113.5:5060",
    )
    router.under_way(phone, call)
    result = push(replace(bench.target("messy"), library=library))
    assert result.outcome is Outcome.PUSHED, result.error
    assert [flow.ends[0] for flow in router.flows] == [call[1]]


@pytest.mark.parametrize("name", ["clean", "messy"])
def test_a_confirmed_push_is_put_back_through_the_same_transaction(bench: Bench, name: str) -> None:
    router = bench.routers[name]
    before, texts = canonical(router.configuration()), ios.texts(router, SOURCE)
    assert push(bench.target(name)).outcome is Outcome.PUSHED
    way = WayBack(Readings("cisco_ios", texts, ios.texts(router, SOURCE)))
    result = put_back(bench.target(name), way, Options(accept_lockout_risk=True))
    assert result.outcome is Outcome.UNDONE, result.error
    assert canonical(router.configuration()) == before
    assert router.persisted() == router.configuration()
