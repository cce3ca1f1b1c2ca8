from __future__ import annotations

import pickle

import pytest

from routercfg.model.evidence import Evidence
from routercfg.platforms import Output, Outputs

OUTPUT = Output("show run", "first\r\n  second  \nthird")


def test_lines_have_no_ends():
    assert OUTPUT.lines == ["first", "  second  ", "third"]


@pytest.mark.parametrize(
    ("line", "text"), [(1, "first"), (2, "second"), (3, "third"), (0, ""), (4, ""), (-1, "")]
)
def test_evidence_quotes_the_line_counted_from_one(line, text):
    assert OUTPUT.evidence(line) == Evidence("show run", line, text)


def test_evidence_may_quote_what_spans_lines():
    assert OUTPUT.evidence(1, " first second ") == Evidence("show run", 1, "first second")


def test_absence_is_evidence_at_line_zero():
    assert OUTPUT.absent("service telnet") == Evidence("show run", 0, "no line 'service telnet'")


def test_outputs_are_a_mapping_by_read():
    outputs = Outputs({"config": OUTPUT})
    assert dict(outputs) == {"config": OUTPUT}
    assert len(outputs) == 1
    assert outputs.get("version") is None
    with pytest.raises(KeyError):
        outputs["version"]
    assert pickle.loads(pickle.dumps(outputs)) == outputs
