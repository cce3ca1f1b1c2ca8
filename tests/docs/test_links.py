from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ["README.md", "CHANGELOG.md", *(f"docs/{one.name}" for one in ROOT.glob("docs/*.md"))]


def anchors(text: str) -> set[str]:
    """Where a link into a page may lead: GitHub's names of its headings."""
    heads = re.findall(r"^#+ +(.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("document", sorted(DOCUMENTS))
def test_links_lead_to_files_and_headings(document: str) -> None:
    file = ROOT / document
    for link in re.findall(r"\]\(([^)]+)\)", file.read_text()):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = file.parent / name if name else file
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text()), link


@pytest.mark.parametrize("page", sorted(one.name for one in ROOT.glob("docs/*.md")))
def test_every_page_is_found_from_the_readme(page: str) -> None:
    assert f"](docs/{page}" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("document", sorted(DOCUMENTS))
def test_folders_and_files_of_the_checkout_that_are_named_exist(document: str) -> None:
    named = re.findall(
        r"`((?:docs|inventories|playbooks|routercfg|vendors|tests)/[\w./-]+)`",
        (ROOT / document).read_text(),
    )
    made = {"routercfg/journal.db"}  # in the state folder of whoever pushes
    assert [name for name in named if name not in made and not (ROOT / name).exists()] == []
