"""Which show command the simulated router answers with what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import flows, replacing, shows

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
        case ["ip", what]:
            return _ip(router, what, name)
        case ["ipv6", "interface"]:
            return shows.ipv6_brief(router.running)
        case ["ipv6", "access-list"]:
            return shows.access_lists(router.running, 6, name)
        case ["users"]:
            rows = [(n, s.user, s.source, s is session) for n, s in enumerate(router.sessions)]
            return shows.users(rows)
        case ["archive", *rest]:
            return _compared(router, words[3:]) if rest else shows.archive(router.running)
        case ["file", "systems"]:
            return router.files.systems()
        case ["reload"]:
            return router.restart_told()
        case ["clock"]:
            return "*10:01:46.355 UTC Wed Nov 25 2026\n"
    return ""


def _ip(router: Router, what: str, name: str | None) -> str:
    if what == "interface":
        return shows.ip_brief(router.running, router.leases)
    if what == "nat":
        statics = router.running.top("ip nat inside source static")
        return flows.table(statics, router.flows, xe=router.is_xe)
    return shows.access_lists(router.running, 4, name)


def file(router: Router, words: list[str]) -> str:
    """The answer to `dir`, `more` and `verify`. Raises Refusal."""
    if words[0] == "dir":
        return router.files.listing(*words[1:])
    if words[0] == "more":
        return text_of(router, words[1])
    return router.files.digest(words[-1])


def _compared(router: Router, words: list[str]) -> str:
    """`show archive config`: the rollback timer, or what files have that others lack."""
    if words[0] == "rollback":
        return router.pending()
    running = replacing.as_printed(router)
    if words[0] == "incremental-diffs":
        return replacing.incremental(running, router.files.read(words[1]))
    given = [text_of(router, url) for url in words[1:]]
    old, new = (*given, running)[:2] if given else (running, router.persisted())
    return replacing.differences(old, new)


def text_of(router: Router, url: str) -> str:
    """The configuration that an address stands for. Raises Refusal."""
    match url.replace(":/", ":"):
        case "system:running-config":
            return replacing.as_printed(router)
        case "nvram:startup-config":
            return router.persisted()
    return router.files.read(url)


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
