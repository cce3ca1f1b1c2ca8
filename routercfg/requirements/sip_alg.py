"""`sip-alg`: every SIP ALG of the platform is off, and no flow still passes through one."""

from __future__ import annotations

from routercfg.model.change import Change, DisableSipAlg, FlushSipFlows
from routercfg.model.evidence import Unknown
from routercfg.model.finding import Finding, Item, Status, worst
from routercfg.model.intent import Intent
from routercfg.model.state import RouterState
from routercfg.net import NO_PORTS

ID = "sip-alg"


def check(intent: Intent, state: RouterState) -> Finding:
    """Several switches count together; flows that live through the change keep being rewritten."""
    helpers = state.sip_helpers
    if isinstance(helpers, Unknown):
        return Finding(ID, Status.UNKNOWN, helpers.reason, helpers.evidence)
    items = tuple(
        Item(
            Status.VIOLATION if helper.enabled else Status.OK,
            (("helper", helper.id), ("ports", str(helper.ports)), ("live", helper.live)),
            evidence=helper.evidence,
        )
        for helper in helpers
    )
    evidence = tuple(line for helper in helpers for line in helper.evidence)
    active = tuple(helper for helper in helpers if helper.enabled)
    if not active:
        return Finding(ID, worst(i.verdict for i in items), "no SIP ALG is on", evidence, items)
    switches = tuple(helper for helper in active if not helper.live)
    ports = intent.sip_ports
    for helper in active:
        ports |= helper.ports or NO_PORTS
    changes: list[Change] = [DisableSipAlg(switches)] if switches else []
    # Only flows of the helper's own UDP ports: clearing all sessions would end calls.
    changes.append(FlushSipFlows(ports & intent.sip_ports))
    names = ", ".join(helper.id for helper in active)
    return Finding(ID, Status.VIOLATION, f"SIP ALG is on: {names}", evidence, items, tuple(changes))
