from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routercfg.model.finding import Status, worst

statuses = st.lists(st.sampled_from(Status), max_size=6)
RANK = ["violation", "unknown", "decision", "ok", "not_applicable"]


@given(statuses)
def test_the_worst_status_decides(found):
    if found:
        assert worst(found) is min(found, key=lambda status: RANK.index(status.value))


@given(statuses, statuses)
def test_the_worst_of_two_halves_is_the_worst_of_all(left, right):
    if left and right:
        assert worst([worst(left), worst(right)]) is worst(left + right)


def test_a_violation_outranks_unknown_and_unknown_outranks_decision_and_ok():
    for one, other in product(Status, Status):
        expected = min(one, other, key=lambda status: RANK.index(status.value))
        assert worst(iter((one, other))) is expected


def test_where_there_is_nothing_to_judge_the_caller_says_what_that_means():
    assert worst([]) is Status.OK
    assert worst([], Status.NOT_APPLICABLE) is Status.NOT_APPLICABLE
    assert worst([Status.OK], Status.UNKNOWN) is Status.OK


@pytest.mark.parametrize(
    ("status", "attention"),
    [
        (Status.OK, False),
        (Status.NOT_APPLICABLE, False),
        (Status.VIOLATION, True),
        (Status.DECISION, True),
        (Status.UNKNOWN, True),
    ],
)
def test_unknown_and_decision_need_attention_as_a_violation_does(status, attention):
    assert status.needs_attention is attention
