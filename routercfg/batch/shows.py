"""Which commands a playbook may send: only such as show, and show no secrets.

A vendor pack lists them in platform.yml as patterns of whole commands (`shows`), besides what it
reads itself. Whatever no pattern covers is refused: a list of what is forbidden is never complete.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from routercfg.platforms.registry import manifest, pack_folders

#: Longest command; no show command comes near it.
_LONGEST = 200
#: Joins, substitutes, redirects, pipes, quotes, completes or comments on one platform or another.
_STEERING = frozenset(";|&<>$`(){}[]\"'\\?#!*~^%")


def refused(platform: str, command: str) -> tuple[str, str] | None:
    """Why this platform may not be sent this command, and a hint; None where it may."""
    found = manifest(platform)
    if command == found.main_read.command:
        return "it prints the whole configuration, secrets included", "Use the task `backup`"
    if command in {read.command for read in found.reads}:
        return None
    if len(command) > _LONGEST or not (command.isascii() and command.isprintable()):
        return "it is not one short line of ASCII", ""
    if steering := sorted(_STEERING & set(command)):
        return f"it holds {' '.join(steering)}", "Only plain show commands are sent, no templates"
    if any(re.fullmatch(pattern, command) for pattern in found.shows):
        return None
    return (
        f"the vendor pack of {found.title} does not list it as a command that only shows",
        "It sends: " + "; ".join(examples(platform)),
    )


def refused_everywhere(command: str, platforms: Sequence[str] = ()) -> tuple[str, str] | None:
    """Why none of these platforms (all, without any) may be sent this command; None if one may."""
    names = platforms or tuple(pack_folders())
    reasons = [refused(platform, command) for platform in names]
    if None in reasons:
        return None
    if len(set(reasons)) == 1:
        return reasons[0]
    return "no platform lists it as a command that only shows", "Name the platform: command: {…: …}"


def examples(platform: str) -> tuple[str, ...]:
    """What may be sent, as people read it: the pack's own reads, then its patterns."""
    found = manifest(platform)
    reads = (read.command for read in found.reads if not read.main and len(read.command) < 60)
    return (*reads, *(f"/{pattern}/" for pattern in found.shows))
