"""The real kernel without root: the rulesets tests again, in a user and network namespace.

Whoever is not root gets the kernel's word this way; where not even that is allowed, the reason is
the skip's message. The office lab needs true root: its sshd cannot drop privileges in a user
namespace.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
UNSHARE = ("unshare", "--user", "--map-root-user", "--net", "--mount", "--propagation", "private")
#: Root runs all of them anyway, in tests/real; a few show that this way works too.
FEW = "test_what_we_call_closed_is_silent_and_what_we_call_open_answers[{}]"


def why_not() -> str:
    """Why the machine lets nobody make namespaces, or nothing."""
    for program in ("unshare", "nft", "ip"):
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
            return f"{program} is not installed"
    tried = subprocess.run(
        [*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/run"], capture_output=True, check=False
    )
    return tried.stderr.decode(errors="replace").strip() if tried.returncode else ""


def test_the_kernel_agrees_with_the_algebra_in_a_user_namespace() -> None:
    reason = why_not()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(f"the kernel must be asked in CI: {reason}", pytrace=False)
    if reason:
        pytest.skip(f"no user and network namespace can be made here: {reason}")
    module = "tests/real/test_reachability.py"
    few = [f"{module}::{FEW.format(seed)}" for seed in range(5)]
    asked = few if os.geteuid() == 0 else [module]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist"]
    program = 'mount -t tmpfs tmpfs /run && exec "$@"'
    done = subprocess.run(
        [*UNSHARE, "sh", "-c", program, "sh", *command, *asked],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "passed" in done.stdout
    assert "skipped" not in done.stdout
