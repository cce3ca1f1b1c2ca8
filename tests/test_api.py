"""The public API: every name is there, and importing the package costs next to nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import routercfg


@pytest.mark.parametrize("name", routercfg.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(routercfg, name).__name__ == name
    assert name in dir(routercfg)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'psuh'"):
        _ = routercfg.psuh


def test_importing_the_package_takes_less_than_a_tenth_of_a_second() -> None:
    program = (
        "import time; start = time.process_time(); import routercfg;"
        "print(time.process_time() - start)"
    )
    seconds = min(
        float(
            subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
        )
        for _ in range(3)
    )
    assert seconds < 0.1
