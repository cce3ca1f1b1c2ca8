from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from routercfg.batch.journal import Journal

from .office import Office


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal.open(path) as opened:
        yield opened
