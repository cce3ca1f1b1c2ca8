"""A difference as people see it: what others changed since a run that is to be rolled back."""

from __future__ import annotations

import io

import pytest

from routercfg.cli.output import painted
from routercfg.errors import ChangedSinceError
from routercfg.model.undo import Conflict, Undo
from routercfg.report import console, contract
from routercfg.report.entry import Entry

UNDO = Undo(
    ("delete x",),
    (Conflict(("set service snmp community s3cretword authorization ro",), ("set y \x1b[2J",)),),
)
ENTRY = Entry("r1", "vyos", outcome="refused", error=ChangedSinceError("x"), undo=UNDO)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_difference_is_coloured_on_a_terminal_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = console.details([ENTRY])
    assert painted(text, io.StringIO()) == text
    seen = painted(text, Terminal())
    assert "\x1b[31m      - set service" in seen
    assert "\x1b[32m      + set y" in seen
    monkeypatch.setenv("NO_COLOR", "1")
    assert painted(text, Terminal()) == text


def test_what_a_router_printed_neither_steers_the_terminal_nor_tells_secrets() -> None:
    text = console.details([ENTRY]) + console.planned([ENTRY])
    assert "\x1b" not in text
    assert "s3cretword" not in text
    assert "s3cretword" not in contract.as_text([ENTRY])


def test_a_multi_line_thing_is_shown_line_by_line() -> None:
    undo = Undo(("x",), (Conflict(("a\nb",), ()),))
    lines = console.details([Entry("r1", "vyos", undo=undo)]).splitlines()
    assert lines[-2:] == ["      - a", "      - b"]
