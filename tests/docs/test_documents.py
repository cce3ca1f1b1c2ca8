from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from routercfg import errors
from routercfg.cli.intents import read_intent
from routercfg.inventory.variables import RouterVars
from routercfg.requirements import REQUIREMENTS
from routercfg.services.loader import parse_service

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
DOCS_OF_ERRORS = (DOCS / "errors.md").read_text().splitlines()


def test_the_examples_of_the_library_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = (DOCS / "library.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "docs/library.md", "exec"), names)


ERRORS = [
    error
    for _, error in inspect.getmembers(errors, inspect.isclass)
    if issubclass(error, errors.RoutercfgError)
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_every_error_is_in_the_manual_with_its_meaning_and_a_remedy(
    error: type[errors.RoutercfgError],
) -> None:
    meaning = " ".join((inspect.getdoc(error) or "").split("\n\n")[0].split())
    rows = [line for line in DOCS_OF_ERRORS if line.startswith(f"| `{error.code}` |")]
    assert len(rows) == 1, "each code has one row"
    _, _, name, said, remedy, _ = (cell.strip() for cell in rows[0].split("|"))
    assert (name, said) == (error.__name__, meaning)
    assert remedy


def test_the_manual_has_no_error_that_there_is_not() -> None:
    codes = re.findall(r"^\| `(RC\d+)`", "\n".join(DOCS_OF_ERRORS), re.MULTILINE)
    assert sorted(codes) == sorted({*(error.code for error in ERRORS), "RC199"})


def test_every_requirement_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    assert all(f"| `{name}`" in text for name in REQUIREMENTS)


def test_every_variable_is_in_the_manual_with_the_words_of_its_field() -> None:
    text = (DOCS / "inventory.md").read_text()
    table = text.split("<!-- variables -->")[1].split("<!-- end of variables -->")[0]
    rows = [f"| `{name}` | {one.description} |" for name, one in RouterVars.model_fields.items()]
    assert table.strip().splitlines()[2:] == rows


def test_the_service_and_the_intent_that_the_inventorys_page_shows_are_read(tmp_path: Path) -> None:
    text = (DOCS / "inventory.md").read_text()
    service, intent = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert parse_service(service, tmp_path / "acme.yml").provisions_by_tftp
    (tmp_path / "intent.yml").write_text(intent)
    assert read_intent(tmp_path / "intent.yml").services == ("xelion",)
