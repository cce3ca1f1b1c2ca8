"""What one transaction sends and hears, and what it tells of it while it lives."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from typing import Any

from routercfg.errors import (
    JournalError,
    ReplyError,
    RevertHeldError,
    RoutercfgError,
    SecretError,
    Where,
)
from routercfg.platforms import Pack
from routercfg.platforms.manifest import Step as Line
from routercfg.push.events import Event, What, listener
from routercfg.push.options import Watch
from routercfg.push.reading import Connect
from routercfg.push.result import Moment, Step
from routercfg.push.revert import Armed
from routercfg.redaction import redacted, redacted_message
from routercfg.transport import Reply, Session, Target, checked

#: Characters of one reply that are told to whoever listens.
_MOST_REPLY = 4000
#: Characters of what counts as a line.
_LINE = 400


class Exchange:
    """One transaction's conversation with its router. Whoever listens may stop it by raising.

    From the moment that `stoppable` is false nobody can any more: what is confirmed half-way is
    worse than what is confirmed unheard. What could not be told is in `unheard`.
    """

    def __init__(self, target: Target, pack: Pack, connect: Connect, watch: Watch) -> None:
        self.target = target
        self.pack = pack
        self.where = Where(router=target.router)
        self.moments: list[Moment] = []
        self.stoppable = True
        self.unheard: RoutercfgError | None = None
        self._connect = connect
        self._watch = watch
        self._listen = listener()
        self._cleaned: dict[str, str] = {}

    def login(self) -> Session:
        """A new login."""
        return self._connect(self.target, self.pack.manifest)

    def line(self, session: Session, command: str) -> None:
        """Send one line. Raises RefusedLineError."""
        self._check(session.send(command))

    def steps(self, session: Session, lines: Iterable[Line], armed: Armed | None = None) -> None:
        """Send the pack's own lines of one step.

        Raises RefusedLineError, ReplyError or RevertHeldError.
        """
        for line in lines:
            text = armed.text(line) if armed else self._bare(line)
            reply = self._given(session, line, text)
            self._tell_reply(reply)
            if armed is not None:
                _held(armed, reply, self.where)
            checked(self.pack.manifest, self.target.router, reply)
            if line.expect is not None:
                _expect(line.expect, reply, self.where)

    def ask(self, session: Session, armed: Armed) -> None:
        """Raise RevertHeldError unless the router shows that nobody else's change is open on it."""
        for line in armed.revert.ask:
            reply = self._given(session, line, armed.text(line))
            self._tell_reply(reply)
            _held(armed, reply, self.where)
            if line.expect is None:
                checked(self.pack.manifest, self.target.router, reply)
            elif re.search(line.expect, reply.text) is None:
                # Not what it shows: that is configuration, and may hold secrets.
                raise _somebody_elses(armed, f", as {reply.command!r} shows", self.where)

    def begins(self, step: Step, detail: str = "", **facts: Any) -> None:
        """Tell that a step begins; it has not happened yet when this returns."""
        self._tell(What.BEGINS, step, detail, **facts)

    def reached(self, step: Step, detail: str = "", **facts: Any) -> None:
        """Tell that a step is reached."""
        moment = Moment(step, redacted_message(detail))
        self.moments.append(moment)
        self._tell(What.REACHED, step, self.clean(detail), **facts)
        self._watch(self.target.router, moment)

    def has_reached(self, step: Step) -> bool:
        """Was it told?"""
        return any(moment.step is step for moment in self.moments)

    def clean(self, text: str) -> str:
        """The text without this router's secrets."""
        # Each line of a plan is told three times: planned, begun with, and with its reply.
        found = self._cleaned.get(text)
        if found is None:
            found = redacted(text, self._secrets, self._patterns)
            if len(text) <= _LINE:
                self._cleaned[text] = found
        return found

    @staticmethod
    def _given(session: Session, line: Line, text: str) -> Reply:
        if line.raw:
            return Reply(repr(text), session.press(text, line.expect))
        return session.send(text)

    def _bare(self, line: Line) -> str:
        return self.pack.step(line, token="", seconds=0, minutes=0)

    def _check(self, reply: Reply) -> None:
        self._tell_reply(reply)
        checked(self.pack.manifest, self.target.router, reply)

    def _tell_reply(self, reply: Reply) -> None:
        text = self.clean(reply.text)
        if len(text) > _MOST_REPLY:
            text = f"{text[:_MOST_REPLY]}\n({len(text) - _MOST_REPLY} more characters)"
        self._tell(What.REPLIED, None, command=self.clean(reply.command), reply=text)

    def _tell(self, what: What, step: Step | None, detail: str = "", **facts: Any) -> None:
        try:
            self._listen(Event(self.target.router, what, step, detail, facts))
        except RoutercfgError as error:
            if self.stoppable:
                raise
            # Whoever only wants it to stop has heard it.
            if isinstance(error, JournalError):
                self.unheard = self.unheard or error

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], ...]:
        return tuple(map(re.compile, self.pack.manifest.secrets))

    @cached_property
    def _secrets(self) -> tuple[str, ...]:
        # Asked for once: a vault takes milliseconds to open, and every line is cleaned.
        found = []
        for secret in (self.target.password, self.target.enable_password):
            if secret is not None:
                with suppress(SecretError):
                    found.append(secret.reveal())
        return tuple(found)


def _held(armed: Armed, reply: Reply, where: Where) -> None:
    """Raise RevertHeldError where somebody else's change is still open on the router."""
    found = re.search(armed.revert.held, reply.text) if armed.revert.held else None
    if found is not None:
        line = reply.text[reply.text.rfind("\n", 0, found.start()) + 1 :].split("\n", 1)[0]
        raise _somebody_elses(armed, f": {line.strip()}", where)


def _somebody_elses(armed: Armed, shown: str, where: Where) -> RevertHeldError:
    return RevertHeldError(
        f"somebody else's change is open on the router{shown}",
        where=where,
        hint=armed.revert.held_hint,
    )


def _expect(pattern: str, reply: Reply, where: Where) -> None:
    if re.search(pattern, reply.text) is None:
        first = reply.command.strip().split("\n", 1)[0]
        raise ReplyError(f"the router's answer to {first!r} is not the expected one", where=where)
