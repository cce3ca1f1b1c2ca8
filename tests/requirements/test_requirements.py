"""All requirements at once, and their names."""

from __future__ import annotations

import pytest

from routercfg.errors import InputError
from routercfg.model.finding import Status
from routercfg.model.state import unread
from routercfg.requirements import choose, judge

from .build import intent, state


def test_a_compliant_router_has_no_finding_that_needs_attention() -> None:
    findings = judge(intent(), state())
    assert [f.requirement for f in findings if f.status.needs_attention] == []
    assert not [change for finding in findings for change in finding.changes]


def test_of_an_unread_router_nothing_is_ok() -> None:
    for finding in judge(intent(egress=True), unread("test", "cut")):
        assert finding.status is Status.UNKNOWN, finding


def test_a_name_that_is_no_requirement_gets_a_suggestion() -> None:
    with pytest.raises(InputError, match="sip-forwards"):
        choose(only=["sip-forward"])
    assert choose(only=["tftp", "sip-alg"], skip=["tftp"]) == ("sip-alg",)
