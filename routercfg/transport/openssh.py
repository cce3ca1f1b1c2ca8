"""What OpenSSH itself makes of an SSH configuration: `ssh -G`, which connects to nobody.

paramiko passes `Include` over, and takes a `Match` that it does not know for one that always fits.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from functools import lru_cache
from pathlib import Path

from routercfg.errors import InputError, Where

_MORE = re.compile(r"(?im)^\s*(?:include|match)\b")
#: Stands for a user whom the configuration does not name; OpenSSH would say who runs it.
_NOBODY = "nobody-is-named"
#: Seconds for which an answer is taken as still true.
_TRUE = 30.0
_SLOW = 20.0


def has_more(text: str) -> bool:
    """Is there something in this configuration that only OpenSSH understands?"""
    return _MORE.search(text) is not None


def resolved(path: Path, host: str, user: str) -> str:
    """The configuration for one host, such that paramiko reads it as well. Raises InputError."""
    return _resolved(path, host, user, int(time.monotonic() / _TRUE))


@lru_cache(maxsize=4096)
def _resolved(path: Path, host: str, user: str, _age: int) -> str:
    where = Where(file=path)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".conf") as file:
        file.write(f'Include "{path.absolute()}"\nMatch all\nUser {_NOBODY}\n')
        file.flush()
        try:
            done = subprocess.run(
                ["ssh", "-G", "-F", file.name, *(("-l", user) if user else ()), "--", host],
                capture_output=True,
                text=True,
                timeout=_SLOW,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except FileNotFoundError as error:
            raise InputError(
                "only OpenSSH understands all of this, and there is no ssh here", where=where
            ) from error
        except subprocess.TimeoutExpired as error:
            raise InputError(f"ssh -G {host} does not end", where=where) from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise InputError(f"ssh refuses it: {said[0] if said else done.returncode}", where=where)
    # OpenSSH's own defaults are no word of the configuration's.
    unsaid = (f"user {_NOBODY}", f"userknownhostsfile {_home()}/.ssh/known_hosts ")
    lines = (line for line in done.stdout.splitlines() if not line.startswith(unsaid))
    return "Host *\n" + "\n".join(lines)


def _home() -> str:
    """OpenSSH's, which is not what HOME says."""
    if sys.platform == "win32":
        return str(Path.home())
    import pwd  # noqa: PLC0415 - not on Windows

    return pwd.getpwuid(os.getuid()).pw_dir
