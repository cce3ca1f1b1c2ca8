from __future__ import annotations

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is, not whether the property holds.
settings.register_profile("routercfg", deadline=None)
settings.load_profile("routercfg")


@pytest.fixture(autouse=True)
def _no_secret_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test reveals, and that may be any word, is hidden in no other."""
    monkeypatch.setattr("routercfg.redaction._revealed", {})
