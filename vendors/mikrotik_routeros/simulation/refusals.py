"""What RouterOS answers when it refuses. Everything is printed on standard output, exit status 0.

Wordings come from recorded routers and public bug reports; `UNVERIFIED` marks the others.
"""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818  - a router's answer, not a fault of the program
    """One refused command; `str()` is the line the router prints."""


class ParseRefusal(Refusal):
    """Refused while reading: nothing of the input was carried out."""


def bad_command(word: str, line: int, column: int) -> ParseRefusal:
    return ParseRefusal(f"bad command name {word} (line {line} column {column})")


def end_of_command(line: int, column: int) -> ParseRefusal:
    return ParseRefusal(f"expected end of command (line {line} column {column})")


def syntax_error(line: int, column: int) -> ParseRefusal:
    return ParseRefusal(f"syntax error (line {line} column {column})")


def no_match(argument: str) -> Refusal:
    return Refusal(f"input does not match any value of {argument}")


def ambiguous(argument: str) -> Refusal:
    return Refusal(f"ambiguous value of {argument}, more than one possible value matches input")


def invalid(argument: str) -> Refusal:
    return Refusal(f"invalid value for argument {argument}")


def missing(*arguments: str) -> Refusal:
    return Refusal(f"missing value(s) of argument(s) {' '.join(arguments)}")


def no_item() -> Refusal:
    return Refusal("no such item")


def failure(reason: str) -> Refusal:
    return Refusal(f"failure: {reason}")
