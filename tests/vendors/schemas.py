"""The checkers of rendered lines beside the checkout, by the grammars that vendors published."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

SCHEMAS = Path(__file__).resolve().parents[2] / ".." / "shared" / "schemas"


@cache
def checker(name: str) -> ModuleType:
    """A checker by its module's name; skips the test where it is not there."""
    path = SCHEMAS / f"{name}.py"
    if not path.is_file():
        pytest.skip(f"no ../shared/schemas/{name}.py here")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
