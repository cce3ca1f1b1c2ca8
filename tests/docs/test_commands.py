from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from routercfg.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    *sorted(ROOT.glob("docs/*.md")),
    *sorted(ROOT.glob("playbooks/*.yml")),
]
#: Options of other programs, which the pages name.
OTHERS = {"--nthreads", "--worker-port", "--vault-id"}
#: Whose options are those of the benchmarks.
MEASURED = "performance.md"


def commands() -> Iterator[tuple[str, str]]:
    """Every command line that a page shows: where, and the line without what is said of it."""
    for file in DOCUMENTS:
        text = file.read_text().replace("\\\n", " ")
        for line in re.findall(r"^(?:    |#   )(routercfg .+)$", text, re.MULTILINE):
            yield file.name, re.split(r"\s{2,}[#\w]|\s>", re.sub(r"  +(?=-)", " ", line))[0]


def tree(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    yield name, command
    for one, child in getattr(command, "commands", {}).items():
        yield from tree(child, f"{name} {one}")


ALL = dict(tree(typer.main.get_command(app), "routercfg"))


@pytest.mark.parametrize(("page", "line"), list(commands()))
def test_a_command_line_that_a_page_shows_is_understood(page: str, line: str) -> None:
    words = shlex.split(line)
    command, name = ALL["routercfg"], words.pop(0)
    while words and (following := getattr(command, "commands", {}).get(words[0])):
        command, name = following, f"{name} {words.pop(0)}"
    assert not hasattr(command, "commands"), f"{name} is no whole command"
    with command.make_context(name, words):
        pass  # Typer has raised by now if it knows an option or argument not.


@pytest.mark.parametrize(
    "file", [one for one in DOCUMENTS if one.name != MEASURED], ids=lambda file: file.name
)
def test_an_option_that_a_page_names_is_one(file: Path) -> None:
    known = {word for one in ALL.values() for param in one.params for word in param.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", file.read_text()))
    assert named - known - OTHERS <= {"--help"}


@pytest.mark.parametrize("name", [name for name in ALL if " " in name])
def test_every_command_is_in_a_page(name: str) -> None:
    pages = " ".join(" ".join(file.read_text().split()) for file in DOCUMENTS)
    assert name in pages


@pytest.mark.parametrize("name", list(ALL))
def test_every_option_says_what_it_is_for(name: str) -> None:
    assert [one.name for one in ALL[name].params if not getattr(one, "help", None)] == []
