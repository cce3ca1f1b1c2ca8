from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from routercfg import errors
from routercfg.inventory.variables import RouterVars
from routercfg.requirements import REQUIREMENTS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def test_the_examples_of_the_library_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = (DOCS / "library.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "docs/library.md", "exec"), names)


def test_every_error_code_is_in_the_manual() -> None:
    text = (DOCS / "errors.md").read_text()
    for name, error in inspect.getmembers(errors, inspect.isclass):
        if issubclass(error, errors.RoutercfgError):
            assert f"| `{error.code}` | {name} |" in text


def test_every_requirement_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    assert all(f"| `{name}`" in text for name in REQUIREMENTS)


@pytest.mark.parametrize(
    "document", ["README.md", "docs/library.md", "docs/inventory.md", "CHANGELOG.md"]
)
def test_links_lead_to_files(document: str) -> None:
    file = ROOT / document
    for link in re.findall(r"\]\(([^)#]+)", file.read_text()):
        assert link.startswith("http") or (file.parent / link).exists(), link


def test_every_variable_is_in_the_manual_with_the_words_of_its_field() -> None:
    text = (DOCS / "inventory.md").read_text()
    table = text.split("<!-- variables -->")[1].split("<!-- end of variables -->")[0]
    rows = [f"| `{name}` | {one.description} |" for name, one in RouterVars.model_fields.items()]
    assert table.strip().splitlines()[2:] == rows
