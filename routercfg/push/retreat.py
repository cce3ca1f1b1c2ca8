"""The way back while nothing is confirmed yet: undo, then prove that the old state is back."""

from __future__ import annotations

import time
from contextlib import suppress

from routercfg.errors import (
    AuthenticationError,
    HostKeyError,
    PushError,
    RefusedLineError,
    TransportError,
)
from routercfg.push.candidate import Candidate
from routercfg.push.exchange import Exchange
from routercfg.push.goal import Goal
from routercfg.push.reading import Reading
from routercfg.push.revert import Armed
from routercfg.transport import Session

#: Seconds that a router may take to carry its revert out, once it begins.
_SLACK = 15.0


def undo_now(
    exchange: Exchange, session: Session | None, armed: Armed | Candidate, *, begun: bool
) -> bool:
    """Roll back over the session that lives, else over a new one; where neither works, the router
    does so by itself in time. `begun`: lines of the change may have been sent.

    Says whether it is done, or nothing but the end of the session is needed for it.
    """
    if session is not None:
        with suppress(TransportError, PushError):
            _undo(exchange, session, armed, begun=begun)
            return True
        # A line that is still on its way must not arrive once the change is undone.
        session.close()
    if armed.held_by_session:
        return True
    with suppress(TransportError, PushError):
        fresh = exchange.login()
        try:
            _undo(exchange, fresh, armed, begun=begun)
        except RefusedLineError:
            # It has nothing to undo: what was sent over the other session was carried out.
            return session is not None
        else:
            return True
        finally:
            fresh.close()
    # A router that has begun to boot goes on with that, and has told nobody.
    return begun and isinstance(armed, Armed) and armed.revert.reboots


def wait_for_old(
    exchange: Exchange, goal: Goal, before: Reading, seconds: int, *, undone: bool
) -> tuple[bool, Reading | None]:
    """Read until the state is that of before, for as long as the router may take to revert.

    Where nothing has undone it, the revert may still be armed though the state is that of before:
    it would take away what somebody does meanwhile. So then all that time is waited for.
    Says whether the state is the old one, and the last reading there was.
    """
    deadline = time.monotonic() + seconds + _SLACK
    pause = 0.5
    last: Reading | None = None
    while True:
        left = deadline - time.monotonic()
        try:
            last = _read(exchange, goal)
            if goal.same(before, last) and (undone or left <= 0):
                return True, last
        except (AuthenticationError, HostKeyError):
            # Asking again would lock the account, or talk to a stranger.
            return False, last
        except (TransportError, PushError):
            pass
        if left <= 0:
            return False, last
        time.sleep(min(pause, left))
        pause = min(pause * 2, 10.0)


def _read(exchange: Exchange, goal: Goal) -> Reading:
    session = exchange.login()
    try:
        return goal.read(session, exchange.target, exchange.pack)
    finally:
        session.close()


def _undo(exchange: Exchange, session: Session, armed: Armed | Candidate, *, begun: bool) -> None:
    if isinstance(armed, Candidate):
        armed.undo(session)
        return
    # No router needs to reboot for a change of which nothing was sent.
    disarm = armed.revert.reboots and not begun
    exchange.steps(session, armed.revert.confirm if disarm else armed.revert.rollback, armed)
