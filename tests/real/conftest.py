"""The office lab as fixtures. Without root or the programs these tests skip, except in CI."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from .lab import Lab, office
from .namespaces import missing
from .tftp import TftpServer

PROGRAMS = (
    *("ip", "ss", "sysctl", "unshare", "nsenter", "bash"),
    *("nft", "conntrack", "sshd", "ssh-keygen", "in.tftpd", "tftp"),
)
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.real)


@pytest.fixture(scope="session", autouse=True)
def real_linux() -> None:
    """Skip where the lab cannot run; in CI that is a failure, not a skip."""
    reason = missing(PROGRAMS)
    if not reason:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"the real-router tests must run in CI: {reason}", pytrace=False)
    pytest.skip(f"the real-router tests cannot run here: {reason}")


@pytest.fixture(scope="module")
def lab(real_linux: None) -> Iterator[Lab]:
    """One office for the tests of a module, with the provider's TFTP server running."""
    with office() as made:
        TftpServer(made.provider, made.directory / "tftpboot")
        yield made
