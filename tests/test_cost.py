"""What one router costs in CPU, and that it costs no more when there are many.

Measured in CPU time of this process, and against a plain piece of work on the same machine, so that
a slow or busy one does not fail it. The bounds are about three times what was measured.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from ipaddress import ip_address
from itertools import count
from pathlib import Path

import pytest

import routercfg.lab
from routercfg.inventory.secret import Secret
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.planning import Plan, make_plan
from routercfg.platforms import Pack, load_pack, load_simulator
from routercfg.redaction import redacted_message

PLATFORM = "mikrotik_routeros"
MESSY = Path(routercfg.lab.__file__).with_name("demo") / "messy.rsc"
LAN = "192.168.30."
INTENT = Intent(
    provider=PrefixSet.of("203.0.113.0/24"), management_sources=PrefixSet.of("192.0.2.0/24")
)


@cache
def recorded() -> Mapping[str, str]:
    """What a simulated router that needs much work prints for every read."""
    router = load_simulator(PLATFORM).create(MESSY.read_text(encoding="utf-8"), hostname="gw")
    return {
        read.id: router.execute(read.command, "admin", "192.0.2.10")[0].replace("\r\n", "\n")
        for read in load_pack(PLATFORM).manifest.reads
    }


def plan(pack: Pack, number: int) -> Plan:
    """Parse, judge and render a router with addresses of its own."""
    lan = f"10.{number >> 8}.{number & 255}."
    texts = {key: text.replace(LAN, lan) for key, text in recorded().items()}
    intent = replace(INTENT, pbx=PrefixSet.of(f"{lan}20"))
    made = make_plan(f"r{number}", pack, pack.state(texts), intent)
    assert len(made.commands) > 10
    return made


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds, of the best of three."""

    def measured() -> Iterator[float]:
        for _ in range(3):
            begin = time.process_time()
            work()
            yield time.process_time() - begin

    return min(measured())


def unit() -> float:
    """CPU seconds of a piece of work of a millisecond or two that nothing of ours is part of."""
    return seconds(lambda: [ip_address(f"192.0.2.{n % 256}") for n in range(10_000)]) / 10


def test_the_plan_of_a_router_takes_a_few_milliseconds() -> None:
    pack = load_pack(PLATFORM)
    plan(pack, 0)
    each = seconds(lambda: [plan(pack, number) for number in range(67)]) / 67
    assert each < 6 * unit()


def test_a_plan_costs_no_more_after_five_hundred_others() -> None:
    pack = load_pack(PLATFORM)
    plan(pack, 0)
    first = seconds(lambda: [plan(pack, number) for number in range(50)])
    for number in range(50, 500):
        plan(pack, number)
    last = seconds(lambda: [plan(pack, number) for number in range(500, 550)])
    assert last < 2 * first


def test_hiding_secrets_costs_no_more_when_there_are_ten_thousand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("routercfg.redaction._revealed", {})

    def shown() -> None:
        # Another text each time: what was shown before is looked through only once.
        for number in range(300):
            redacted_message(f"the router refused 'add chain=input': {next(numbers) + number}")

    numbers = count()

    Secret.of("Zomertijd-0").reveal()
    one = seconds(shown)
    for number in range(10_000):
        Secret.of(f"{number * 7919:08x}-Wintertijd").reveal()
    assert seconds(shown) < 3 * one
