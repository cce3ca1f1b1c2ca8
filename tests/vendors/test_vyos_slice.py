"""VyOS: what else of the configuration a plan may touch."""

from __future__ import annotations

import pytest

from .vyatta import VYOS, Bench


@pytest.mark.parametrize("bench", VYOS, ids=str)
def test_no_line_outside_the_slice_changes(bench: Bench) -> None:
    one = bench.router()
    before = set(one.configuration().splitlines())
    bench.apply(one, bench.plan(one).commands)
    after = set(one.configuration().splitlines())
    gone = before - after
    assert all(
        line.startswith(
            (
                "set nat destination rule 10 ",
                "set nat destination rule 20 ",
                "set nat destination rule 40 protocol",
                "set nat destination rule 40 destination port",
                "set system conntrack modules ",
                "set service telnet ",
                "set service upnp ",
            )
        )
        for line in gone
    ), gone
    assert "set system conntrack modules h323" not in gone
    ours = ("ROUTERCFG-", "routercfg:", "conntrack ", "timeout udp")
    for line in after - before:
        touched = line.rsplit(" ", 2)[0]
        assert (
            any(word in line for word in ours)
            or line.startswith("set nat destination rule")
            or any(touched in other and "routercfg:" in other for other in after)
            or " rule " in line
        ), line
