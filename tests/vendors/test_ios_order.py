"""Requirements pushed one after the other, in any order, end where one push of all of them does."""

from __future__ import annotations

from itertools import permutations

import pytest

from routercfg.planning import make_plan

from . import ios

_PARTS = {
    "management": ("management",),
    "telephony": ("sip-alg", "udp-timeouts", "provider-access", "tftp"),
    "security": ("sip-forwards", "upnp", "ipv6"),
}


@pytest.mark.parametrize("order", list(permutations(_PARTS)), ids="-".join)
def test_the_order_in_which_requirements_are_pushed_does_not_matter(order: tuple[str, ...]) -> None:
    router = ios.router("messy")
    for name in order:
        found = make_plan(
            "r1", ios.pack(), ios.pack().state(ios.texts(router)), ios.INTENT, _PARTS[name]
        )
        shell = ios.carry_out(router, found.commands)
        ios.talk(shell, "configure confirm")
        shell.hangup()
    left = ios.plan(router)
    assert left.commands == ()
    assert ios.statuses(left) == ios.statuses(in_one())


def in_one() -> ios.Plan:
    router = ios.router("messy")
    shell = ios.carry_out(router, ios.plan(router).commands)
    ios.talk(shell, "configure confirm")
    shell.hangup()
    return ios.plan(router)
