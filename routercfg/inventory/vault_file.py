"""The file that gives a vault's password: its text, or a program that prints it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from routercfg.documents import read_text
from routercfg.errors import SecretError, Where
from routercfg.redaction import remember

#: Seconds. It may ask a key ring, or somebody.
_LONG = 120.0


@dataclass(frozen=True, slots=True)
class VaultPasswordFile:
    """A vault password from the first line of a file, read when a secret is needed.

    An executable file is run, once for each vault, and its output is read; one called `…-client` is
    told the vault's label by `--vault-id`.
    """

    path: Path

    def __call__(self, label: str | None) -> str:
        """The password. Raises SecretError, which never quotes what the file holds."""
        path = self.path.expanduser()
        program = path.is_file() and os.access(path, os.X_OK)
        text = (_printed(path, label) if program else read_text(path, SecretError)).strip()
        if not text:
            of = f" for the vault {label}" if label else ""
            raise SecretError(f"the file holds no password{of}", where=Where(file=self.path))
        password = text.split("\n", 1)[0].strip()
        remember(password)
        return password


@lru_cache(maxsize=32)
def _printed(path: Path, label: str | None) -> str:
    where = Where(file=path)
    told = ("--vault-id", label or "default") if path.stem.endswith("-client") else ()
    try:
        # What it complains of, and what it asks, is between it and the terminal.
        done = subprocess.run(
            [str(path.absolute()), *told], stdout=subprocess.PIPE, timeout=_LONG, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = getattr(error, "strerror", None) or f"it did not end within {_LONG:g} s"
        raise SecretError(
            f"the file is executable, and cannot be run: {why}",
            where=where,
            hint="Where it holds the password itself: chmod -x",
        ) from None
    if done.returncode:
        raise SecretError(f"this program ended with status {done.returncode}", where=where)
    try:
        return done.stdout.decode()
    except UnicodeDecodeError:
        raise SecretError("this program printed no text", where=where) from None
