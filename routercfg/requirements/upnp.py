"""`upnp`: no inside host opens ports for itself. UPnP re-opens SIP and RTP on its own."""

from __future__ import annotations

from routercfg.model.change import DisableUpnp
from routercfg.model.evidence import NotApplicable, Unknown
from routercfg.model.finding import Finding, Item, Status
from routercfg.model.intent import Intent
from routercfg.model.state import RouterState

ID = "upnp"


def check(intent: Intent, state: RouterState) -> Finding:  # noqa: ARG001 - one signature for all
    """UPnP IGD, NAT-PMP and PCP are off or not installed."""
    mappers = state.port_mappers
    if isinstance(mappers, Unknown):
        return Finding(ID, Status.UNKNOWN, mappers.reason, mappers.evidence)
    if isinstance(mappers, NotApplicable):
        return Finding(ID, Status.NOT_APPLICABLE, mappers.reason)
    items = tuple(
        Item(
            Status.VIOLATION if mapper.enabled else Status.OK,
            (("service", mapper.id),),
            evidence=mapper.evidence,
        )
        for mapper in mappers
    )
    evidence = tuple(line for mapper in mappers for line in mapper.evidence)
    active = tuple(mapper for mapper in mappers if mapper.enabled)
    if not active:
        return Finding(ID, Status.OK, "UPnP and NAT-PMP are off", evidence, items)
    names = ", ".join(mapper.id for mapper in active)
    return Finding(ID, Status.VIOLATION, f"{names} is on", evidence, items, (DisableUpnp(active),))
