"""`firmware`: the running version is one the vendor pack certifies. Reported, never changed."""

from __future__ import annotations

from routercfg.model.evidence import Unknown
from routercfg.model.finding import Finding, Item, Status
from routercfg.model.intent import Intent
from routercfg.model.state import RouterState

ID = "firmware"


def check(intent: Intent, state: RouterState) -> Finding:  # noqa: ARG001 - one signature for all
    """Compare the version with what is certified; a person decides on upgrades."""
    identity = state.identity
    if isinstance(identity.certified, Unknown):
        return Finding(ID, Status.UNKNOWN, identity.certified.reason, identity.evidence)
    name = f"{identity.model} {identity.version}".strip()
    facts = (
        ("model", identity.model),
        ("version", identity.version),
        ("certified", identity.range),
    )
    status = Status.OK if identity.certified else Status.DECISION
    word = "is" if identity.certified else "is not"
    summary = f"{name} {word} certified ({identity.range})"
    return Finding(ID, status, summary, identity.evidence, (Item(status, facts, summary),))
