"""Looking at one router: read, judge, and say what would be sent; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Collection

from routercfg.errors import RoutercfgError, TransportError
from routercfg.platforms import Pack, load_pack
from routercfg.push.candidate import TITLE
from routercfg.push.goal import Goal, Requirements
from routercfg.push.options import Options
from routercfg.push.reading import Connect, Reading, open_session
from routercfg.push.result import Outcome, Result
from routercfg.push.revert import choose_revert, offers
from routercfg.redaction import scrubbed
from routercfg.transport import Target


def inspect(
    target: Target, ids: Collection[str] | None = None, connect: Connect = open_session
) -> Result:
    """Read and plan; send nothing that changes anything."""
    return _seen(target, Requirements(ids), connect, lambda _reading: None)


def foresee(
    goal: Goal, target: Target, options: Options, connect: Connect = open_session
) -> Result:
    """Read, and say what bringing the goal about would take, or why it would be refused."""

    def check(reading: Reading) -> None:
        if reading.done:
            return
        goal.check(reading)
        if not options.accept_lockout_risk:
            goal.guard(reading)

    return _seen(target, goal, connect, check)


def _seen(target: Target, goal: Goal, connect: Connect, check: Callable[[Reading], None]) -> Result:
    reading: Reading | None = None
    try:
        pack = load_pack(target.platform)
        session = connect(target, pack.manifest)
        try:
            reading = goal.read(session, target, pack)
        finally:
            session.close()
        check(reading)
    except RoutercfgError as error:
        lost = isinstance(error, TransportError)
        return Result(
            target.router,
            target.platform,
            Outcome.UNREACHABLE if lost else Outcome.REFUSED,
            before=reading.plan if reading else None,
            error=scrubbed(error),
            undo=reading.undo if reading else None,
        )
    return Result(
        target.router,
        pack.platform,
        Outcome.UNCHANGED,
        before=reading.plan,
        revert=_revert_title(target, pack, reading),
        undo=reading.undo,
    )


def _revert_title(target: Target, pack: Pack, reading: Reading) -> str:
    if not reading.commands:
        return ""
    if target.library == "napalm":
        return _of_a_candidate(pack, reading)
    revert = choose_revert(pack, reading.texts, len(reading.commands))
    if revert is None:
        return "none"
    reboot = ", which reboots it" if revert.reboots else ""
    return f"{revert.title}, within {revert.within} s{reboot}"


def _of_a_candidate(pack: Pack, reading: Reading) -> str:
    napalm = pack.manifest.napalm
    if napalm is None or not napalm.commit_confirm or not offers(napalm.requires, reading.texts):
        return "none"
    return f"{TITLE}, within {napalm.within} s"
