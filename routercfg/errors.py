"""Every error routercfg raises on purpose: what is wrong, where, how to mend it, and a stable code.

An error's code never changes its meaning. Scripts may match on it, and `docs/errors.md` says of
each what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Where:
    """The place a person should look: a file and line, a router, a field. All are optional."""

    file: Path | None = None
    line: int | None = None
    router: str | None = None
    field: str | None = None

    def __str__(self) -> str:
        parts = []
        if self.file is not None:
            parts.append(f"{self.file}:{self.line}" if self.line is not None else str(self.file))
        if self.router is not None:
            parts.append(f"router {self.router}")
        if self.field is not None:
            # An option of the command line is a name by itself.
            parts.append(self.field if self.field.startswith("--") else f"field {self.field}")
        return ", ".join(parts)


class RoutercfgError(Exception):
    """Base of every error of this package.

    `code` is stable, `hint` says how to mend it, `where` says where to look.
    """

    code = "RC100"
    hint = ""

    def __init__(
        self, message: str, *, where: Where | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where or Where()
        if hint is not None:
            self.hint = hint

    def __str__(self) -> str:
        place = str(self.where)
        text = f"{self.code}: {place}: {self.message}" if place else f"{self.code}: {self.message}"
        return f"{text}. {self.hint}" if self.hint else text


class InputError(RoutercfgError, ValueError):
    """What a person wrote (inventory, service, playbook, option) cannot be used. Exit status 2."""

    code = "RC110"


class InventoryError(InputError):
    """An inventory file cannot be read or does not mean anything."""

    code = "RC111"


class VariableError(InputError):
    """A host or group variable has a wrong name, type or value."""

    code = "RC112"


class PatternError(InputError):
    """A `--limit` or `hosts:` pattern cannot be read or matches nothing."""

    code = "RC113"


class SecretError(InputError):
    """A secret (`!env`, `!keyring`, `!vault`) cannot be had."""

    code = "RC114"


class ServiceError(InputError):
    """A service profile is unknown or not valid, or lacks the provider's prefixes."""

    code = "RC115"


class PlaybookError(InputError):
    """A playbook cannot be read or does not mean anything."""

    code = "RC116"


class UnsafeValueError(InputError):
    """A value would not stay inside the one argument of the router's command line it is for."""

    code = "RC117"
    hint = "Remove line breaks, quotes and control characters from it"


class ParseError(RoutercfgError, ValueError):
    """A router's output cannot be understood. Requirements turn this into `unknown`."""

    code = "RC120"


class PackError(RoutercfgError):
    """A vendor pack is missing, incomplete or inconsistent."""

    code = "RC130"


class UnknownPlatformError(PackError, InputError):
    """No vendor pack goes by this name."""

    code = "RC131"


class TransportError(RoutercfgError, ConnectionError):
    """The router could not be reached or the conversation with it broke. Exit status 3."""

    code = "RC140"


class UnreachableError(TransportError):
    """No TCP or SSH connection: name, route, port or firewall."""

    code = "RC141"


class AuthenticationError(TransportError):
    """The router refused the credentials. It is asked once, so that no account gets locked."""

    code = "RC142"


class HostKeyError(TransportError):
    """The router's host key is unknown or has changed. No credential was sent."""

    code = "RC143"
    hint = "If the router was replaced, check its fingerprint and run `routercfg trust`"


class AlgorithmError(TransportError):
    """Router and client share no SSH algorithm."""

    code = "RC144"
    hint = "Old routers need `pip install routercfg[legacy-ssh]`"


class ReplyError(TransportError):
    """A reply did not arrive whole: stalled, cut, or not ended by the prompt."""

    code = "RC145"


class RefusedLineError(TransportError):
    """The router refused a line. Nothing was sent after it."""

    code = "RC146"


class HungUpError(TransportError):
    """The router ended the login, or fell silent, once it had a password. It is not sent again."""

    code = "RC147"


class PushError(RoutercfgError):
    """A transaction could not be carried out."""

    code = "RC150"


class LockoutRiskError(PushError):
    """The new rules would cut, or cannot be shown to keep, the session that pushes them."""

    code = "RC151"
    hint = (
        "Add this address to management_sources, or override with --accept-lockout-risk "
        "if you have another way in"
    )


class NoRevertError(PushError):
    """The router offers no revert of its own, so a mistake could not be undone."""

    code = "RC152"


class RolledBackError(PushError):
    """The change was undone; the router is as it was."""

    code = "RC153"


class StoppedError(PushError):
    """The run was stopped: nothing was begun on this router, or what was begun is undone."""

    code = "RC154"


class NoWayBackError(PushError):
    """A confirmed change cannot be put back; the backup says what was there before."""

    code = "RC155"


class ChangedSinceError(PushError):
    """Somebody has changed what is to be put back. Nothing was sent."""

    code = "RC156"
    hint = "Look at the difference; --force puts it back all the same, and their change is lost"


class RevertHeldError(PushError):
    """Somebody else's change is still open on the router. Nothing was sent."""

    code = "RC157"


class JournalError(RoutercfgError):
    """The journal cannot be written or does not check out."""

    code = "RC160"


class LeaseError(JournalError):
    """Another run works on this router."""

    code = "RC161"
