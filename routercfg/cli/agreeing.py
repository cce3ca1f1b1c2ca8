"""Asking before routers are changed: first what would be sent, then the question."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from routercfg.cli.live import agreed
from routercfg.cli.output import painted
from routercfg.errors import InputError
from routercfg.report import console
from routercfg.report.entry import Entry


def agree(entries: Iterable[Entry], what: str, look: str) -> None:
    """Show what `what` (`push`, `rollback`) would send and ask; `look` is the command that shows it
    without asking. Raises InputError where nobody says yes.
    """
    if not sys.stdin.isatty():
        raise InputError(
            f"a {what} needs somebody who agrees, and there is no terminal to ask on",
            hint=f"Look at `{look}` first, then {what} with --yes",
        )
    lacking = all_of_them = 0
    for entry in entries:
        all_of_them += 1
        lacking += _would_send(entry)
        # On stderr, so that what is printed with --json stays JSON.
        if text := console.planned([entry]):
            sys.stderr.write(painted(f"{text}\n", sys.stderr))
    sys.stderr.write("\n")
    if not agreed(f"{what.capitalize()} on {lacking} of {all_of_them} routers?"):
        raise InputError("nothing was sent", hint=f"Answer y to {what}")


def _would_send(entry: Entry) -> bool:
    if entry.error is not None:
        return False
    if entry.undo is not None:
        return not entry.undo.done
    return bool(entry.plan and entry.plan.commands)
