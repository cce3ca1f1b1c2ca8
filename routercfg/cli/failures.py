"""One clear message for everything that goes wrong, for people and for programs."""

from __future__ import annotations

import json
import sys

from routercfg.errors import RoutercfgError

_UNEXPECTED = "RC199"


def explain(error: RoutercfgError, *, as_json: bool) -> None:
    """Say on stderr what is wrong, where and how to mend it; with `as_json` on stdout as well."""
    sys.stderr.write(f"{printable(str(error))}\n")
    if as_json:
        _as_json(error.code, error.message, str(error.where), error.hint)


def unexpected(error: Exception, *, as_json: bool) -> None:
    """Report a mistake of our own in one line."""
    hint = "This is a mistake in routercfg: run it again with --debug and report what it prints"
    message = f"{type(error).__name__}: {error}"
    sys.stderr.write(f"{_UNEXPECTED}: {printable(message)}. {hint}\n")
    if as_json:
        _as_json(_UNEXPECTED, message, "", hint)


def misused(message: str, *, as_json: bool) -> None:
    """Report an option or argument that the command line does not know."""
    hint = "See --help"
    sys.stderr.write(f"RC110: {printable(message.rstrip('.'))}. {hint}\n")
    if as_json:
        _as_json("RC110", message, "", hint)


def printable(text: str) -> str:
    """Text from files and routers, without characters that would steer the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _as_json(code: str, message: str, where: str, hint: str) -> None:
    error = {"code": code, "message": message, "where": where, "hint": hint}
    sys.stdout.write(json.dumps({"schema": 1, "error": error}, indent=2, ensure_ascii=False) + "\n")
