"""Reading one router: all its shows in one login, parsed, judged, planned."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from routercfg.model.undo import Undo
from routercfg.planning import Plan, make_plan
from routercfg.platforms import Pack
from routercfg.platforms.manifest import Manifest
from routercfg.transport import Session, Target

#: Opens a login. A seam for other transports and for tests.
Connect = Callable[[Target, Manifest], Session]


@dataclass(frozen=True, slots=True)
class Reading:
    """The outputs of one login by read id, and the plan they lead to.

    `undo`: where an earlier change is put back, what that takes instead of the plan.
    """

    texts: dict[str, str] = field(repr=False)
    plan: Plan
    undo: Undo | None = None

    @property
    def commands(self) -> tuple[str, ...]:
        """What is to be sent, in order."""
        return self.plan.commands if self.undo is None else self.undo.commands

    @property
    def done(self) -> bool:
        """Is there nothing to do?"""
        return not self.commands if self.undo is None else self.undo.done


def open_ssh(target: Target, manifest: Manifest) -> Session:
    """A login over SSH."""
    from routercfg.transport.ssh import SshSession  # noqa: PLC0415 - brings netmiko

    return SshSession(target, manifest)


def connect_for(target: Target) -> Connect:
    """How this target wants to be talked to."""
    if target.library == "netmiko":
        return open_ssh
    from routercfg.transport.napalm_login import open_napalm  # noqa: PLC0415 - only where chosen

    return open_napalm


def open_session(target: Target, manifest: Manifest) -> Session:
    """A login with the library that the target names."""
    return connect_for(target)(target, manifest)


def take_reading(
    session: Session, target: Target, pack: Pack, ids: Collection[str] | None
) -> Reading:
    """Every read of the pack in one exchange."""
    replies = session.read([read.command for read in pack.manifest.reads])
    texts = {read.id: reply.text for read, reply in zip(pack.manifest.reads, replies, strict=True)}
    plan = make_plan(target.router, pack, pack.state(texts), target.intent, ids)
    return Reading(texts, plan)
