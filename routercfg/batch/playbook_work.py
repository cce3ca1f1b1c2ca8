"""What a playbook does on one router besides reading and pushing: backups and show commands."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from routercfg.batch.playbook_actions import Command
from routercfg.batch.playbook_stage import Cast
from routercfg.batch.shows import refused
from routercfg.errors import (
    InputError,
    PlaybookError,
    RefusedLineError,
    ReplyError,
    RoutercfgError,
    Where,
)
from routercfg.platforms.registry import manifest, resolve
from routercfg.push.reading import Connect, open_session
from routercfg.redaction import redacted, scrubbed
from routercfg.transport import Target
from routercfg.transport.session import Reply, checked


@dataclass(frozen=True, slots=True)
class Talk:
    """What a router answered. `detail` says what came of it; outputs are not printed by `repr`."""

    router: str
    detail: str = ""
    outputs: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    error: RoutercfgError | None = None
    #: What the router said to commands that it does not know.
    refusals: tuple[str, ...] = ()


def lines_for(command: Command, platform: str) -> tuple[str, ...]:
    """The commands meant for this platform; none where the task does not name it."""
    return tuple(
        line
        for name, lines in command.lines.items()
        if name == "" or resolve(name) == platform
        for line in lines
    )


def check_casts(casts: Sequence[Cast]) -> None:
    """Find, before any router is reached, what one of them may not be sent. Raises PlaybookError.

    All plays and routers are checked: a mistake in the last play must not be found when the first
    has changed routers already.
    """
    for cast in casts:
        for task in cast.play.tasks:
            if isinstance(task.action, Command):
                check_commands(task.action, cast.targets, task.where)


def check_commands(command: Command, targets: Sequence[Target], where: Where) -> None:
    """Raises PlaybookError where a router would be sent what its pack does not list."""
    for target in targets:
        for line in lines_for(command, target.platform):
            if reason := refused(target.platform, line):
                raise PlaybookError(
                    f"{line!r} is not sent: {reason[0]}",
                    where=Where(where.file, where.line, target.router, "command"),
                    hint=reason[1],
                )


def shown(target: Target, command: Command, connect: Connect = open_session) -> Talk:
    """What the router prints for each command of the task, secrets taken out."""
    lines = lines_for(command, target.platform)
    if not lines:
        return Talk(target.router, f"no command for {target.platform}")
    try:
        for line in lines:
            if reason := refused(target.platform, line):
                raise PlaybookError(f"{line!r} is not sent: {reason[0]}", hint=reason[1])
        replies = _replies(target, lines, connect)
    except RoutercfgError as error:
        return Talk(target.router, error=scrubbed(error))
    refusals = tuple(filter(None, (_refusal(target, reply) for reply in replies)))
    secrets = [re.compile(one) for one in manifest(target.platform).secrets]
    outputs = tuple((reply.command, redacted(reply.text, patterns=secrets)) for reply in replies)
    shown_of = f"{len(outputs) - len(refusals)} shown"
    return Talk(target.router, "; ".join((shown_of, *refusals)), outputs, refusals=refusals)


def backed_up(
    target: Target,
    folder: Path,
    connect: Connect = open_session,
    change: Callable[[str], str] | None = None,
) -> Talk:
    """The router's configuration in a new file of this folder, which only its owner can read.

    `change` makes another text of it before it is written, such as one without secrets.
    """
    try:
        found = manifest(target.platform)
        [reply] = _replies(target, (found.main_read.command,), connect)
        checked(found, target.router, reply)
    except RoutercfgError as error:
        return Talk(target.router, error=scrubbed(error))
    if not reply.text.strip():
        lost = ReplyError("the router printed no configuration", where=Where(router=target.router))
        return Talk(target.router, error=lost)
    try:
        path = _written(folder, target.router, change(reply.text) if change else reply.text)
    except OSError as problem:
        what = f"the backup cannot be written: {problem.strerror}"
        return Talk(target.router, error=InputError(what, where=Where(file=folder)))
    return Talk(target.router, str(path))


def _replies(target: Target, lines: Sequence[str], connect: Connect) -> tuple[Reply, ...]:
    found = manifest(target.platform)
    session = connect(target, found)
    try:
        return tuple(session.read(lines))
    finally:
        session.close()


def _refusal(target: Target, reply: Reply) -> str:
    """A release may lack a show command; that is no reason to leave the router alone."""
    try:
        checked(manifest(target.platform), target.router, reply)
    except RefusedLineError as error:
        return scrubbed(error).message
    return ""


def _written(folder: Path, router: str, text: str) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    # A router may be called by its IPv6 address, or by anything else that Ansible takes.
    path = folder / f"{re.sub(r'[^A-Za-z0-9_.-]', '_', router)}-{stamp}.txt"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path
