from __future__ import annotations

import errno
import io
import sys

import pytest
from rich.console import Console

from routercfg.batch.note import Note
from routercfg.cli.board import Board, board

NOTES = (
    Note("run", "", {"run": "20260101-000000-abcdef", "routers": 3}),
    Note("batch", "", {"batch": 1, "of": 2, "routers": 1}),
    Note("starts", "r1"),
    Note("begins", "r1", {"step": "applied"}),
    Note("starts", "r2\x1b[31m"),
    Note("result", "r1", {"outcome": "pushed"}),
)


def test_in_a_pipe_each_router_is_one_plain_line(capsys: pytest.CaptureFixture[str]) -> None:
    with board(3) as hear:
        for note in NOTES:
            hear(note)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == [
        "run 20260101-000000-abcdef: 3 routers",
        "batch 1 of 2: 1 router",
        "r1: pushed",
    ]


def test_a_line_says_the_outcome_once_and_is_spared_where_nothing_was_begun(
    capsys: pytest.CaptureFixture[str],
) -> None:
    error = {"code": "RC153", "message": "rolled back: the router refused it", "where": ""}
    with board(2) as hear:
        hear(Note("result", "r1", {"outcome": "rolled back", "error": error}))
        hear(Note("result", "r2", {"outcome": "not begun", "error": error}))
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["r1: rolled back, the router refused it"]


def test_the_board_shows_steps_counts_and_time() -> None:
    shown = Board(3)
    for note in NOTES[:4]:
        shown.hear(note)
    assert [row[:2] for row in shown.rows()] == [("r1", "applied?")]
    for note in NOTES[4:]:
        shown.hear(note)
    text = io.StringIO()
    Console(file=text, force_terminal=True, width=100).print(shown)
    assert "batch 1 of 2, 1 of 3 routers, 0:00, about 0:00 left: 1 pushed" in text.getvalue()
    assert "connecting" in text.getvalue()
    assert "\x1b[31m" not in text.getvalue()


def test_what_is_left_is_estimated_from_what_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("routercfg.cli.board.time.monotonic", lambda: now)
    shown = Board(3)
    now += 65
    assert shown.headline() == "0 of 3 routers, 1:05"
    shown.hear(NOTES[-1])
    assert shown.headline() == "1 of 3 routers, 1:05, about 2:10 left: 1 pushed"
    for name in ("r2", "r3"):
        shown.hear(Note("result", name, {"outcome": "pushed"}))
    assert shown.headline() == "3 of 3 routers, 1:05: 3 pushed"


def test_routers_under_way_count_half_in_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("routercfg.cli.board.time.monotonic", lambda: now)
    shown = Board(100)
    for number in range(20):
        shown.hear(Note("starts", f"r{number}"))
    now += 21
    shown.hear(Note("result", "r0", {"outcome": "pushed"}))
    assert "1 of 100 routers, 0:21, about 2:59 left" in shown.headline()


def test_the_board_says_how_many_more_there_are_than_it_shows() -> None:
    shown = Board(300)
    for number in range(25):
        shown.hear(Note("starts", f"r{number}"))
    assert len(shown.rows()) == 21
    assert shown.rows()[-1][0] == "and 5 more"


def test_a_run_goes_on_when_nobody_looks_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())
    with board(3) as hear:
        for note in NOTES:
            hear(note)


def test_a_run_goes_on_when_its_terminal_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        closed_by_now = False

        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> int:
            if self.closed_by_now:
                raise OSError(errno.EIO, "Input/output error")
            return super().write(text)

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    error = {"code": "RC150", "message": "the router refused it", "where": ""}
    with board(2) as hear:
        screen.closed_by_now = True
        hear(Note("reconciled", "r1", {"run": "a", "step": "begins armed", "found": "as before"}))
        hear(Note("result", "r1", {"outcome": "rolled back", "error": error}))


def test_what_goes_wrong_stays_on_the_terminal_and_what_goes_well_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    error = {"code": "RC150", "message": "the router\x1b[31m refused it", "where": ""}
    with board(4) as hear:
        for note in NOTES:
            hear(note)
        hear(Note("result", "r2", {"outcome": "rolled back", "error": error}))
        hear(Note("result", "r3", {"outcome": "not begun", "error": error}))
    assert (
        "r2: rolled back, the router\N{REPLACEMENT CHARACTER}[31m refused it" in screen.getvalue()
    )
    assert "r1: pushed" not in screen.getvalue()
    assert "r3: not begun" not in screen.getvalue()


def test_on_a_terminal_the_board_is_alive_and_gone_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with board(3) as hear:
        for note in NOTES:
            hear(note)
    assert "1 of 3 routers" in screen.getvalue()
    assert screen.getvalue().endswith("\x1b[?25h") or "\x1b[2K" in screen.getvalue()
