"""`tftp`: provisioning by TFTP works through NAT.

The server answers from a new port (RFC 1350), which NAT takes for a stranger without a helper.
"""

from __future__ import annotations

from routercfg.model.change import EnableTftp
from routercfg.model.evidence import Unknown
from routercfg.model.finding import Finding, Item, Status
from routercfg.model.intent import Intent
from routercfg.model.state import RouterState

ID = "tftp"


def check(intent: Intent, state: RouterState) -> Finding:
    """All helpers that TFTP needs on this platform are on."""
    if not intent.tftp:
        return Finding(ID, Status.NOT_APPLICABLE, "the service does not provision by TFTP")
    helpers = state.tftp_helpers
    if isinstance(helpers, Unknown):
        return Finding(ID, Status.UNKNOWN, helpers.reason, helpers.evidence)
    items = tuple(
        Item(
            Status.OK if helper.enabled else Status.VIOLATION,
            (("helper", helper.id),),
            evidence=helper.evidence,
        )
        for helper in helpers
    )
    evidence = tuple(line for helper in helpers for line in helper.evidence)
    missing = tuple(helper for helper in helpers if not helper.enabled)
    if not missing:
        return Finding(ID, Status.OK, "TFTP works through NAT", evidence, items)
    names = ", ".join(helper.id for helper in missing)
    return Finding(
        ID,
        Status.VIOLATION,
        f"TFTP does not work through NAT: {names} is off",
        evidence,
        items,
        (EnableTftp(missing),),
    )
