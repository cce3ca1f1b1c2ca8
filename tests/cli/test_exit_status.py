from __future__ import annotations

import pytest

from routercfg.cli.output import exit_status
from routercfg.errors import LockoutRiskError, PackError, RolledBackError, UnreachableError
from routercfg.model.intent import Intent
from routercfg.planning import make_plan
from routercfg.platforms import load_pack
from routercfg.report.entry import Entry

PACK = load_pack("mikrotik_routeros")
EXPORT = (PACK.folder / "samples" / "factory" / "export.txt").read_text()
STATE = PACK.state({"export": EXPORT})
WELL = Entry("a", PACK.platform, make_plan("a", PACK, STATE, Intent(), ("firmware",)))
WRONG = Entry("b", PACK.platform, make_plan("b", PACK, STATE, Intent(), ("sip-alg",)))
GONE = Entry("c", PACK.platform, error=UnreachableError("no route"))


def pushed(entry: Entry, outcome: str, error: Exception | None = None) -> Entry:
    return Entry(entry.router, entry.platform, entry.plan, outcome=outcome, error=error)  # type: ignore[arg-type]  # any error will do


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ([WELL], 0),
        ([], 0),
        ([pushed(WELL, "pushed")], 0),
        ([pushed(WELL, "unchanged")], 0),
        ([WELL, WRONG], 1),
        ([pushed(WRONG, "refused", LockoutRiskError("would cut us off"))], 1),
        ([pushed(WELL, "refused", LockoutRiskError("would cut us off"))], 1),
        ([Entry("d", PACK.platform, error=PackError("broken"))], 1),
        ([WELL, WRONG, GONE], 3),
        ([pushed(WRONG, "rolled back", RolledBackError("undone"))], 3),
        ([pushed(WELL, "unknown")], 3),
    ],
)
def test_the_worst_router_decides(entries: list[Entry], status: int) -> None:
    assert exit_status(entries) == status


def test_a_router_that_was_not_read_is_never_ok() -> None:
    assert GONE.status == "unreachable"
    assert Entry("d", PACK.platform, error=PackError("broken")).status == "unknown"
