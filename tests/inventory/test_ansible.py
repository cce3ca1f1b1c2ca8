"""What `ansible-inventory` makes of an inventory is what we make of it.

The expected files beside each inventory were written by ansible-core 2.19. One test asks the
installed ansible-inventory again, where there is one.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from routercfg.inventory import Inventory, load_inventory

CASES = sorted(folder for folder in (Path(__file__).parent / "ansible").iterdir())
PATTERNS = [
    pytest.param(case, text, names, id=f"{case.name}-{text}")
    for case in CASES
    if (case / "patterns.json").exists()
    for text, names in json.loads((case / "patterns.json").read_text()).items()
]


def loaded(case: Path) -> Inventory:
    return load_inventory(case / "inventory")


def as_json(value: object) -> object:
    """Keys become text, as they do on Ansible's output."""
    return json.loads(json.dumps(value))


def test_there_are_a_dozen_cases() -> None:
    assert len(CASES) >= 12


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_list_is_ansible_s(case: Path) -> None:
    assert as_json(loaded(case).to_ansible()) == json.loads((case / "list.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_router_alone_has_the_variables_it_has_in_the_list(case: Path) -> None:
    expected = json.loads((case / "list.json").read_text())["_meta"]["hostvars"]
    inventory = loaded(case)
    for name in inventory.hosts:
        assert as_json(inventory.host_json(name)) == expected.get(name, {})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_graph_is_ansible_s(case: Path) -> None:
    assert loaded(case).graph() == (case / "graph.txt").read_text().rstrip("\n")


@pytest.mark.parametrize(("case", "text", "names"), PATTERNS)
def test_a_pattern_means_what_it_means_to_ansible(case: Path, text: str, names: list[str]) -> None:
    assert [host.name for host in loaded(case).select(text)] == names


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_installed_ansible_still_says_so(case: Path, tmp_path: Path) -> None:
    program = shutil.which("ansible-inventory")
    if program is None:
        pytest.skip("ansible-inventory is not on PATH")
    file = loaded(case).file
    answer = subprocess.run(
        [program, "-i", str(file), "--list"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    expected = json.loads(answer.stdout)
    expected["_meta"].pop("profile", None)
    assert as_json(loaded(case).to_ansible()) == expected
