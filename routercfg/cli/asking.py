"""The password of a vault, asked of whoever sits at the terminal: once, and before all else."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from getpass import getpass

from routercfg.inventory.secret import FromVault, Secret, vault_password
from routercfg.redaction import remember


class AskedPassword:
    """A vault's password from the terminal, asked for once for each label.

    Raises SecretError where there is no terminal. What was answered goes with it to workers, which
    have none.
    """

    def __init__(self, answers: dict[str | None, str] | None = None) -> None:
        self._answers = answers or {}
        self._asking = threading.Lock()

    def __repr__(self) -> str:
        return "AskedPassword()"

    def __reduce__(self) -> tuple[type[AskedPassword], tuple[dict[str | None, str]]]:
        return (AskedPassword, (self._answers,))

    def __call__(self, label: str | None) -> str:
        with self._asking:
            if label not in self._answers:
                self._answers[label] = self._ask(label)
            return self._answers[label]

    def _ask(self, label: str | None) -> str:
        if not sys.stdin.isatty():
            return vault_password(None, label)
        of = f" of vault {label}" if label else ""
        answer = getpass(f"Vault password{of}: ", stream=sys.stderr)
        remember(answer)
        return answer


def ask_first(secrets: Iterable[Secret | None]) -> None:
    """Open one vault of each label, so that nobody is asked, or wrong, when work is under way.

    Raises SecretError where the password is not the vault's.
    """
    known = set()
    for secret in secrets:
        source = secret.source if secret is not None else None
        if not isinstance(source, FromVault) or source.envelope.label in known:
            continue
        if isinstance(source.password, AskedPassword) and secret is not None:
            secret.reveal()
            known.add(source.envelope.label)
