"""Looking at one router: read, judge, and say what would be sent; nothing is changed."""

from __future__ import annotations

from collections.abc import Collection

from routercfg.errors import RoutercfgError, TransportError
from routercfg.platforms import Pack, load_pack
from routercfg.push.goal import Goal, Requirements
from routercfg.push.reading import Connect, Reading, open_session
from routercfg.push.result import Outcome, Result
from routercfg.push.revert import choose_revert
from routercfg.redaction import scrubbed
from routercfg.transport import Target


def inspect(
    target: Target, ids: Collection[str] | None = None, connect: Connect = open_session
) -> Result:
    """Read and plan; send nothing that changes anything."""
    return look(Requirements(ids), target, connect)


def look(goal: Goal, target: Target, connect: Connect = open_session) -> Result:
    """Read, and say what it would take to bring the goal about."""
    try:
        pack = load_pack(target.platform)
        session = connect(target, pack.manifest)
        try:
            reading = goal.read(session, target, pack)
        finally:
            session.close()
    except TransportError as error:
        return Result(target.router, target.platform, Outcome.UNREACHABLE, error=scrubbed(error))
    except RoutercfgError as error:
        return Result(target.router, target.platform, Outcome.REFUSED, error=scrubbed(error))
    return Result(
        target.router,
        pack.platform,
        Outcome.UNCHANGED,
        before=reading.plan,
        revert=_revert_title(pack, reading),
        undo=reading.undo,
    )


def _revert_title(pack: Pack, reading: Reading) -> str:
    if not reading.commands:
        return ""
    revert = choose_revert(pack, reading.texts)
    if revert is None:
        return "none"
    reboot = ", which reboots it" if revert.reboots else ""
    return f"{revert.title}, within {revert.within} s{reboot}"
