"""An inventory from texts, the way people lay it out in a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from routercfg.inventory import Inventory, load_inventory

Write = Callable[..., Path]
Load = Callable[..., Inventory]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files named by path (`group_vars/all.yml`) and give their folder."""

    def written(hosts: str, **files: str) -> Path:
        for name, text in {"hosts.yml": hosts, **files}.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path

    return written


@pytest.fixture
def load(write: Write) -> Load:
    def loaded(hosts: str, **files: str) -> Inventory:
        return load_inventory(write(hosts, **files))

    return loaded
