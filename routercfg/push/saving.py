"""Saving what a router has confirmed, also where the connection breaks just then.

Until it is saved, a restart of the router takes the proved change away again. Saving twice does no
harm on any platform; saving what nobody has proved does. So whoever saves over another login than
the one that proved reads first, and saves only what is still as it was proved.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from routercfg.errors import (
    AuthenticationError,
    HostKeyError,
    JournalError,
    PushError,
    RefusedLineError,
    RoutercfgError,
    StoppedError,
    TransportError,
)
from routercfg.planning import Plan
from routercfg.platforms import load_pack
from routercfg.platforms.manifest import Step as Line
from routercfg.push.exchange import Exchange
from routercfg.push.goal import Goal, Requirements
from routercfg.push.options import nobody
from routercfg.push.reading import Connect, Reading, open_session
from routercfg.push.result import Outcome, Result, Step
from routercfg.redaction import scrubbed
from routercfg.transport import Session, Target
from routercfg.transport.candidate import CandidateSession

#: Seconds before each further login: a line that drops is often back at once, or within moments.
_PAUSES = (0.0, 2.0, 10.0)

_UNSAVED = (
    "A restart of the router would undo it. The next push reads it, and saves what was proved"
)


def unsaved(error: RoutercfgError) -> None:
    """Let the error of a change that is confirmed and not saved say what follows from that."""
    if error.hint == type(error).hint:
        error.hint = _UNSAVED


def save(exchange: Exchange, session: Session, *first: Line, detail: str = "") -> None:
    """The platform's own way to save, between its two entries in the journal.

    `first`: what this login has to be told before it.
    """
    exchange.begins(Step.SAVED)
    exchange.stoppable = False
    if isinstance(session, CandidateSession):
        session.save()
    else:
        exchange.steps(session, (*first, *exchange.pack.manifest.save))
    exchange.reached(Step.SAVED, detail)


def save_proved(exchange: Exchange, goal: Goal, proved: Reading, session: Session) -> None:
    """Save what this session has just confirmed; where the connection breaks at it, over new ones.

    Raises what kept it from being saved: the router's refusal, a state that is not the proved one
    any more (it may have restarted), or the connection. A refused login is not tried again.
    """
    try:
        save(exchange, session)
    except (RefusedLineError, AuthenticationError, HostKeyError):
        raise
    except (TransportError, PushError) as error:
        _save_over_another(exchange, goal, proved, error)


def _save_over_another(
    exchange: Exchange, goal: Goal, proved: Reading, broken: RoutercfgError
) -> None:
    for pause in _PAUSES:
        time.sleep(pause)
        try:
            session = exchange.login()
            try:
                _must_stand(exchange, goal.same(proved, _read(exchange, goal, session)))
                save(exchange, session, *exchange.pack.manifest.before_save)
            finally:
                session.close()
        except (RefusedLineError, AuthenticationError, HostKeyError):
            raise
        except TransportError:
            continue
        return
    raise broken


def save_standing(
    target: Target,
    ids: Sequence[str],
    stands: Callable[[Plan], bool],
    detail: str,
    connect: Connect = open_session,
) -> Result:
    """Save what an earlier run has confirmed on a router, if what is read still `stands`.

    `ids`: the requirements that the plan it is shown is about. Never raises on what a router does:
    the result has an error where nothing was saved.
    Raises StoppedError or JournalError where whoever listens does not let it save.
    """
    exchange = Exchange(target, load_pack(target.platform), connect, nobody)
    reading: Reading | None = None
    error: RoutercfgError | None = None
    try:
        session = exchange.login()
        try:
            reading = _read(exchange, Requirements(ids), session)
            _must_stand(exchange, stands(reading.plan))
            save(exchange, session, *exchange.pack.manifest.before_save, detail=detail)
        finally:
            session.close()
    except (JournalError, StoppedError):
        raise  # nothing was sent
    except RoutercfgError as raised:
        error = scrubbed(raised)
    return Result(
        target.router,
        target.platform,
        Outcome.UNKNOWN if error else Outcome.UNCHANGED,
        before=reading.plan if reading else None,
        error=error or exchange.unheard,
        moments=tuple(exchange.moments),
    )


def _read(exchange: Exchange, goal: Goal, session: Session) -> Reading:
    return goal.read(session, exchange.target, exchange.pack)


def _must_stand(exchange: Exchange, stands: bool) -> None:
    if not stands:
        raise PushError(
            "it is not as it was proved any more, so nothing was saved",
            where=exchange.where,
            hint="See what it is now with `routercfg plan`, and who changed it",
        )
