"""Reading one router: all its shows in one login, parsed, judged, planned."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from routercfg.errors import RoutercfgError, TransportError
from routercfg.planning import Plan, make_plan
from routercfg.platforms import Pack, load_pack
from routercfg.platforms.manifest import Manifest
from routercfg.push.result import Outcome, Result
from routercfg.push.revert import choose_revert
from routercfg.redaction import scrubbed
from routercfg.transport import Session, Target

#: Opens a login. A seam for other transports and for tests.
Connect = Callable[[Target, Manifest], Session]


@dataclass(frozen=True, slots=True)
class Reading:
    """The outputs of one login by read id, and the plan they lead to."""

    texts: dict[str, str]
    plan: Plan


def open_ssh(target: Target, manifest: Manifest) -> Session:
    """A login over SSH."""
    from routercfg.transport.ssh import SshSession  # noqa: PLC0415 - brings netmiko

    return SshSession(target, manifest)


def connect_for(target: Target) -> Connect:
    """How this target wants to be talked to."""
    if target.library == "netmiko":
        return open_ssh
    from routercfg.transport.napalm_session import open_napalm  # noqa: PLC0415 - only where chosen

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


def inspect(
    target: Target, ids: Collection[str] | None = None, connect: Connect = open_session
) -> Result:
    """Read and plan; send nothing that changes anything."""
    try:
        pack = load_pack(target.platform)
        session = connect(target, pack.manifest)
        try:
            reading = take_reading(session, target, pack, ids)
        finally:
            session.close()
    except TransportError as error:
        return Result(target.router, target.platform, Outcome.UNREACHABLE, error=scrubbed(error))
    except RoutercfgError as error:
        return Result(target.router, target.platform, Outcome.REFUSED, error=scrubbed(error))
    revert = _revert_title(pack, reading)
    return Result(
        target.router, pack.platform, Outcome.UNCHANGED, before=reading.plan, revert=revert
    )


def _revert_title(pack: Pack, reading: Reading) -> str:
    if not reading.plan.commands:
        return ""
    revert = choose_revert(pack, reading.texts)
    if revert is None:
        return "none"
    reboot = ", which reboots it" if revert.reboots else ""
    return f"{revert.title}, within {revert.within} s{reboot}"
