"""`udp-timeouts`: every UDP timer on a flow's path lasts as long as the service needs.

RFC 4787 REQ-5 asks for two minutes at least and recommends five; an idle registration or a call on
hold outlives less.
"""

from __future__ import annotations

from routercfg.model.change import SetUdpTimeouts
from routercfg.model.evidence import Unknown
from routercfg.model.finding import Finding, Item, Status
from routercfg.model.intent import Intent
from routercfg.model.state import RouterState

ID = "udp-timeouts"


def check(intent: Intent, state: RouterState) -> Finding:
    """The smallest timer decides."""
    timers = state.udp_timers
    if isinstance(timers, Unknown):
        return Finding(ID, Status.UNKNOWN, timers.reason, timers.evidence)
    if not timers:
        return Finding(ID, Status.UNKNOWN, "the router shows no UDP timer")
    wanted = intent.udp_timeout
    items = tuple(
        Item(
            Status.OK if timer.seconds >= wanted else Status.VIOLATION,
            (("timer", timer.id), ("seconds", timer.seconds), ("wanted", wanted)),
            evidence=timer.evidence,
        )
        for timer in timers
    )
    evidence = tuple(line for timer in timers for line in timer.evidence)
    short = tuple(timer for timer in timers if timer.seconds < wanted)
    if not short:
        return Finding(ID, Status.OK, f"every UDP timer is {wanted} s or more", evidence, items)
    names = ", ".join(f"{timer.id} {timer.seconds} s" for timer in short)
    return Finding(
        ID,
        Status.VIOLATION,
        f"UDP timers shorter than {wanted} s: {names}",
        evidence,
        items,
        (SetUdpTimeouts(wanted, short),),
    )
