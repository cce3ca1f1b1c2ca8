"""Going back to before a run: what stands in the way, and where the old configuration is.

A push is undone by the router only until it is confirmed. After that the way back is the backup.
To load a whole backup would also undo what others changed since, and no pack can yet bring back
our part of it alone. So this reads, says what changed since, names the backup, and sends nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from routercfg.batch.reconcile import Look
from routercfg.batch.records import RouterRecord, story
from routercfg.errors import NoWayBackError, Where
from routercfg.planning import Plan
from routercfg.push import Outcome, Result
from routercfg.transport import Target

#: Outcomes of a run that left something on the router.
_STANDS = ("pushed", "reconciled: the change stands")


@dataclass(frozen=True, slots=True)
class Way:
    """One router of the run that is to be undone, and what its findings were after that run."""

    run: str
    record: RouterRecord
    after: Mapping[str, str]


def way_back(journal: Path, run: str, record: RouterRecord) -> Way:
    """What the journal knows of the way back."""
    after: dict[str, str] = {}
    for entry in story(journal, run, record.router):
        data: dict[str, Any] = json.loads(entry.data)
        if entry.kind == "reached" and data.get("step") == "verified":
            after = {one["requirement"]: one["status"] for one in data.get("findings", ())}
    return Way(run, record, after)


def explain(target: Target, way: Way, look: Look) -> Result:
    """Read the router and say what stands between it and the backup. Sends nothing."""
    looked = look(target)
    if looked.before is None or not way.record.outcome.startswith(_STANDS):
        return looked
    since = _since(way, looked.before)
    error = NoWayBackError(
        f"run {way.run} was confirmed, and {target.platform} has no way back of its own"
        + (f"; since then {', '.join(since)}" if since else ""),
        where=Where(router=target.router),
        hint=_backup(way.record),
    )
    return replace(looked, outcome=Outcome.REFUSED, error=error)


def _since(way: Way, plan: Plan) -> Sequence[str]:
    """What somebody has changed since that a requirement sees."""
    return [
        f"{one.requirement} went from {way.after[one.requirement]} to {one.status.value}"
        for one in plan.findings
        if way.after.get(one.requirement, one.status.value) != one.status.value
    ]


def _backup(record: RouterRecord) -> str:
    if not record.backup:
        return "That run kept no backup"
    path = Path(record.backup)
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return f"Its backup {path} cannot be read: {error.strerror}"
    if found != record.backup_sha256:
        return f"Its backup {path} is not the file that was written then: do not use it"
    return f"The configuration from before it is in {path}, unchanged since; undo by hand from that"
