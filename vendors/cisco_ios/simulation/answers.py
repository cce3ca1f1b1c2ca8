"""Which show command the simulated router answers with what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import shows

if TYPE_CHECKING:
    from .router import Router
    from .session import Session


def show(router: Router, session: Session, full: str) -> str:
    """The answer to a show command, spelled in full."""
    words = full.split()
    model = next((n.text.split()[3] for n in router.running.top("license udi pid")), "ISR4331/K9")
    name = words[3] if len(words) > 3 else None
    match full.split()[1:3]:
        case ["running-config"]:
            return router.printed()
        case ["startup-config"]:
            return f"Using {len(router.persisted())} out of 262136 bytes\n{router.persisted()}"
        case ["version"]:
            return shows.version_text(router.version, router.hostname, model)
        case ["ip", "interface"]:
            return shows.ip_brief(router.running, router.leases)
        case ["ipv6", "interface"]:
            return shows.ipv6_brief(router.running)
        case ["ip", "access-lists"]:
            return shows.access_lists(router.running, 4, name)
        case ["ipv6", "access-list"]:
            return shows.access_lists(router.running, 6, name)
        case ["users"]:
            rows = [(n, s.user, s.source, s is session) for n, s in enumerate(router.sessions)]
            return shows.users(rows)
        case ["archive"]:
            return shows.archive(router.running)
        case ["archive", "config"]:
            return router.pending()
        case ["clock"]:
            return "*10:01:46.355 UTC Wed Nov 25 2026\n"
    return ""


def filtered(output: str, word: str, pattern: str) -> str:
    """What `| include`, `| exclude`, `| begin` and `| section` leave of it."""
    lines = output.splitlines()
    if word[0] == "i":
        lines = [one for one in lines if re.search(pattern, one)]
    elif word[0] == "e":
        lines = [one for one in lines if not re.search(pattern, one)]
    elif word[0] == "b":
        first = next((n for n, one in enumerate(lines) if re.search(pattern, one)), len(lines))
        lines = lines[first:]
    else:
        lines = _section(lines, pattern)
    return "".join(f"{one}\n" for one in lines)


def _section(lines: list[str], pattern: str) -> list[str]:
    found, inside = [], False
    for line in lines:
        if not line.startswith(" "):
            inside = re.search(pattern, line) is not None
        if inside:
            found.append(line)
    return found
