"""Whether a session still holds its revert: one that is dead may, for as long as the router takes
to find that out.
"""

from __future__ import annotations

from contextlib import suppress

from routercfg.errors import ReplyError, RoutercfgError, TransportError, Where
from routercfg.platforms import Pack, load_pack
from routercfg.platforms.manifest import Revert
from routercfg.push.exchange import Exchange
from routercfg.push.options import nobody
from routercfg.push.reading import Connect, open_session
from routercfg.push.revert import arm
from routercfg.redaction import scrubbed
from routercfg.transport import Target


def why_held(target: Target, revert: str, connect: Connect = open_session) -> RoutercfgError | None:
    """What keeps the router from showing that nobody holds this revert; None if it shows that.

    It is begun as a push begins it, and undone with nothing in between: where that works, nobody
    else has it, and no change can have been confirmed by it. A revert that somebody holds is left
    to them, for they may live.
    """
    try:
        pack = load_pack(target.platform)
        armed = arm(pack, _known(pack, revert, target.router), None)
        exchange = Exchange(target, pack, connect, nobody)
        session = exchange.login()
        try:
            exchange.ask(session, armed)
            exchange.steps(session, armed.revert.begin, armed)
            with suppress(TransportError):  # It may end the session.
                exchange.steps(session, armed.revert.rollback, armed)
        finally:
            session.close()
    except RoutercfgError as error:
        return scrubbed(error)
    return None


def _known(pack: Pack, name: str, router: str) -> Revert:
    for revert in pack.manifest.reverts:
        if revert.id == name:
            return revert
    raise ReplyError(
        f"nothing is known of the revert {name!r} that was armed", where=Where(router=router)
    )
