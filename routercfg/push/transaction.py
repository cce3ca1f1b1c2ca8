"""One router, one transaction: what the router cannot be shown to have is undone by the router.

    planned → backed up → armed → applied → reconnected → verified → confirmed → saved

or rolled back, or unknown. The order is what makes it safe: the revert is armed before the first
line; the proof is a *new* login, because an established session outlives the rules that would
refuse it; and nothing is saved before it is confirmed, because a saved mistake survives the revert.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from routercfg.errors import (
    AuthenticationError,
    HostKeyError,
    JournalError,
    NoRevertError,
    PackError,
    PushError,
    ReplyError,
    RolledBackError,
    RoutercfgError,
    SecretError,
    StoppedError,
    TransportError,
    Where,
)
from routercfg.model.finding import Finding, Status
from routercfg.planning import Plan
from routercfg.platforms import Pack, load_pack
from routercfg.platforms.manifest import Step as Line
from routercfg.push.candidate import Candidate, arm_candidate
from routercfg.push.events import Event, What, essence, findings_of, listener
from routercfg.push.guard import check_lockout
from routercfg.push.reading import Connect, Reading, open_session, take_reading
from routercfg.push.result import Moment, Outcome, Result, Step
from routercfg.push.revert import Armed, arm, choose_revert
from routercfg.redaction import redacted, redacted_message, scrubbed
from routercfg.transport import Reply, Session, Target, checked
from routercfg.transport.candidate import CandidateSession

Watch = Callable[[str, Moment], None]

#: Characters of one reply that are told to whoever listens.
_MOST_REPLY = 4000


@dataclass(frozen=True, slots=True)
class Options:
    """How to push. `ids`: only these requirements. `revert_seconds` shortens the router's revert.

    `backup_folder` gets the configuration before the push, in a file only its owner can read.
    """

    ids: tuple[str, ...] | None = None
    accept_lockout_risk: bool = False
    accept_no_revert: bool = False
    backup_folder: Path | None = None
    revert_seconds: int | None = None


class Transaction:
    """The life of one push to one router. Use `push`."""

    def __init__(self, target: Target, options: Options, connect: Connect, watch: Watch) -> None:
        self._target = target
        self._options = options
        self._connect = connect
        self._watch = watch
        self._pack: Pack = load_pack(target.platform)
        self._where = Where(router=target.router)
        self._moments: list[Moment] = []
        self._session: Session | None = None
        self._armed: Armed | Candidate | None = None
        self._before: Reading | None = None
        self._after: Plan | None = None
        self._listen = listener()
        self._touched = False
        self._stoppable = True
        self._unheard: RoutercfgError | None = None

    def run(self) -> Result:
        """Carry the plan out, or leave the router as it was."""
        try:
            return self._run()
        except RoutercfgError as error:
            return self._failed(error)
        except BaseException:
            # Ctrl-C or a bug of ours: the router must not be left half-way for either.
            if self._armed is not None:
                self._roll_back()
            raise
        finally:
            self._close()

    def _run(self) -> Result:
        self._session = self._connect(self._target, self._pack.manifest)
        self._before = take_reading(self._session, self._target, self._pack, self._options.ids)
        plan = self._before.plan
        self._reached(Step.PLANNED, f"{len(plan.commands)} commands", **self._told(self._before))
        if not plan.commands:
            return self._result(Outcome.UNCHANGED)
        self._prepare(plan, self._before)
        self._apply(plan)
        self._prove(plan)
        return self._result(Outcome.PUSHED)

    def _prepare(self, plan: Plan, reading: Reading) -> None:
        """Everything that can say no, before anything is sent."""
        most = self._pack.manifest.most_commands
        if len(plan.commands) > most:
            raise PushError(
                f"the plan has {len(plan.commands)} commands, more than the {most} "
                "that a router's revert is sure to undo",
                where=self._where,
                hint="Push part of it with --only",
            )
        if not self._options.accept_lockout_risk:
            check_lockout(plan)
        if isinstance(self._live, CandidateSession):
            self._load(plan, reading, self._live)
            return
        revert = choose_revert(self._pack, reading.texts)
        if revert is None and not self._options.accept_no_revert:
            raise NoRevertError("the router offers no revert of its own", where=self._where)
        self._back_up(reading)
        if revert is not None:
            armed = arm(self._pack, revert, self._options.revert_seconds)
            self._begins(
                Step.ARMED,
                revert.title,
                revert=revert.id,
                token=armed.token,
                seconds=armed.seconds,
                held_by_session=revert.held_by_session,
            )
            self._armed = armed
            self._touched = True
            self._steps(self._live, revert.begin)
            self._reached(Step.ARMED, revert.title)

    def _load(self, plan: Plan, reading: Reading, session: CandidateSession) -> None:
        """The candidate in place of lines: its commit is what arms the revert."""
        candidate = arm_candidate(session, plan.commands, self._options.revert_seconds)
        self._back_up(reading)
        self._begins(
            Step.ARMED,
            candidate.title,
            revert=candidate.id,
            token="",
            seconds=candidate.seconds,
            held_by_session=False,
        )
        self._armed = candidate
        self._touched = True
        difference = candidate.load(session)
        self._reached(Step.ARMED, candidate.title, difference=self._clean(difference))

    def _back_up(self, reading: Reading) -> None:
        folder = self._options.backup_folder
        if folder is None:
            return
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        name = re.sub(r"[^\w.-]", "_", self._target.router)
        path = folder.absolute() / f"{name}-{stamp}.txt"
        data = reading.texts[self._pack.manifest.main_read.id].encode()
        try:
            _write_private(path, data)
        except OSError as error:
            raise PushError(
                f"the backup cannot be written: {error.strerror}",
                where=Where(file=path, router=self._target.router),
                hint="Nothing was sent. Make room, or name another folder",
            ) from error
        self._reached(Step.BACKED_UP, str(path), sha256=hashlib.sha256(data).hexdigest())

    def _apply(self, plan: Plan) -> None:
        """Line by line: at the first refusal nothing more is sent."""
        self._begins(Step.APPLIED, commands=[self._clean(line) for line in plan.commands])
        self._touched = True
        if isinstance(self._armed, Candidate):
            self._armed.commit(self._live)
            self._reached(Step.APPLIED, f"{len(plan.commands)} commands")
            return
        for command in plan.commands:
            self._check(self._live.send(command))
        if self._armed is not None:
            self._steps(self._live, self._armed.revert.commit)
        self._reached(Step.APPLIED, f"{len(plan.commands)} commands")

    def _prove(self, plan: Plan) -> None:
        """A new login, the same requirements; only then confirm and save."""
        self._begins(Step.RECONNECTED)
        fresh = self._connect(self._target, self._pack.manifest)
        try:
            self._reached(Step.RECONNECTED)
            reading = take_reading(fresh, self._target, self._pack, self._options.ids)
            self._after = reading.plan
            problem = unproved(plan, reading.plan)
            if problem:
                raise PushError(f"the new state does not hold: {problem}", where=self._where)
            self._reached(Step.VERIFIED, **findings_of(reading.plan))
            self._confirm(fresh)
        finally:
            fresh.close()

    def _confirm(self, fresh: Session) -> None:
        self._begins(Step.CONFIRMED)
        # What is confirmed half-way is worse than what is confirmed unheard.
        self._stoppable = False
        if isinstance(self._armed, Candidate):
            self._armed.confirm(fresh)
            self._armed = None
            self._reached(Step.CONFIRMED)
            self._reached(Step.SAVED)
            return
        if self._armed is not None:
            held = self._armed.revert.held_by_session
            self._steps(self._live if held else fresh, self._armed.revert.confirm)
            self._armed = None
        self._reached(Step.CONFIRMED)
        self._begins(Step.SAVED)
        self._steps(fresh, self._pack.manifest.save)
        self._reached(Step.SAVED)

    def _failed(self, error: RoutercfgError) -> Result:
        if isinstance(error, StoppedError) and not self._touched:
            return self._result(Outcome.NOT_BEGUN, error)
        if not self._touched and isinstance(error, PushError | PackError | JournalError):
            return self._result(Outcome.REFUSED, error)
        if self._before is None:
            return self._result(Outcome.UNREACHABLE, error)
        if self._armed is None:
            return self._unarmed_failure(error)
        return self._roll_back(error)

    def _unarmed_failure(self, error: RoutercfgError) -> Result:
        if self._reached_already(Step.CONFIRMED):
            # The change is proved and stands; it is saving it that failed.
            self._reached(Step.UNKNOWN, "not saved")
        return self._result(Outcome.UNKNOWN, error)

    def _roll_back(self, cause: RoutercfgError | None = None) -> Result:
        """Undo now if a session lives, else wait for the router to; then prove the old state."""
        self._stoppable = False
        self._reached(Step.ROLLING_BACK, cause.message if cause else "interrupted")
        armed = self._armed
        if armed is not None and not self._undo_now(armed):
            self._close()
        self._close()
        proved = self._prove_old(armed.seconds if armed else 0)
        self._armed = None
        if proved:
            self._reached(Step.ROLLED_BACK, "the old state is proved")
            error = RolledBackError(
                f"rolled back: {cause.message if cause else 'interrupted'}", where=self._where
            )
            return self._result(Outcome.ROLLED_BACK, error)
        self._reached(Step.UNKNOWN, "the old state could not be proved")
        return self._result(Outcome.UNKNOWN, cause)

    def _undo_now(self, armed: Armed | Candidate) -> bool:
        """Roll back over the session that lives, else over a new one. False: neither worked."""
        if self._session is not None:
            with suppress(TransportError, PushError):
                self._undo(self._session, armed)
                return True
        if armed.held_by_session:
            return False
        with suppress(TransportError, PushError):
            session = self._connect(self._target, self._pack.manifest)
            try:
                self._undo(session, armed)
            finally:
                session.close()
            return True
        return False

    def _undo(self, session: Session, armed: Armed | Candidate) -> None:
        if isinstance(armed, Candidate):
            armed.undo(session)
        else:
            self._steps(session, armed.revert.rollback)

    def _prove_old(self, seconds: int) -> bool:
        """Read until the findings are those of before, as long as the router may take to revert."""
        if self._before is None:
            return False
        deadline = time.monotonic() + seconds + 15
        pause = 0.5
        while True:
            try:
                session = self._connect(self._target, self._pack.manifest)
                try:
                    now = take_reading(session, self._target, self._pack, self._options.ids)
                finally:
                    session.close()
                self._after = now.plan
                if same(self._before.plan, now.plan):
                    return True
            except (AuthenticationError, HostKeyError):
                # Asking again would lock the account, or talk to a stranger.
                return False
            except TransportError:
                pass
            if time.monotonic() + pause > deadline:
                return False
            time.sleep(pause)
            pause = min(pause * 2, 10.0)

    @property
    def _live(self) -> Session:
        if self._session is None:
            raise ReplyError("the session is gone", where=self._where)
        return self._session

    def _steps(self, session: Session, lines: Iterable[Line]) -> None:
        armed = self._armed if isinstance(self._armed, Armed) else None
        for line in lines:
            text = (
                armed.text(line) if armed else self._pack.step(line, token="", seconds=0, minutes=0)
            )
            if line.raw:
                reply = Reply(repr(text), session.press(text, line.expect))
            else:
                reply = session.send(text)
            self._check(reply)
            if line.expect is not None:
                _expect(line.expect, reply, self._where)

    def _check(self, reply: Reply) -> None:
        text = self._clean(reply.text)
        if len(text) > _MOST_REPLY:
            text = f"{text[:_MOST_REPLY]}\n({len(text) - _MOST_REPLY} more characters)"
        self._tell(What.REPLIED, None, command=self._clean(reply.command), reply=text)
        checked(self._pack.manifest, self._target.router, reply)

    def _begins(self, step: Step, detail: str = "", **facts: Any) -> None:
        self._tell(What.BEGINS, step, detail, **facts)

    def _reached(self, step: Step, detail: str = "", **facts: Any) -> None:
        moment = Moment(step, redacted_message(detail))
        self._moments.append(moment)
        self._tell(What.REACHED, step, self._clean(detail), **facts)
        self._watch(self._target.router, moment)

    def _tell(self, what: What, step: Step | None, detail: str = "", **facts: Any) -> None:
        try:
            self._listen(Event(self._target.router, what, step, detail, facts))
        except RoutercfgError as error:
            if self._stoppable:
                raise
            self._unheard = self._unheard or error

    def _told(self, reading: Reading) -> dict[str, Any]:
        main = reading.texts[self._pack.manifest.main_read.id]
        return {
            "platform": self._pack.platform,
            "changes": [planned.change.summary for planned in reading.plan.changes],
            "commands": [self._clean(command) for command in reading.plan.commands],
            "configuration_sha256": hashlib.sha256(main.encode()).hexdigest(),
            **findings_of(reading.plan),
        }

    def _clean(self, text: str) -> str:
        return redacted(text, self._secrets)

    @property
    def _secrets(self) -> tuple[str, ...]:
        password = self._target.password
        if password is None:
            return ()
        with suppress(SecretError):
            return (password.reveal(),)
        return ()

    def _reached_already(self, step: Step) -> bool:
        return any(moment.step is step for moment in self._moments)

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _result(self, outcome: Outcome, error: RoutercfgError | None = None) -> Result:
        return Result(
            self._target.router,
            self._pack.platform,
            outcome,
            before=self._before.plan if self._before else None,
            after=self._after,
            error=scrubbed(error or self._unheard),
            moments=tuple(self._moments),
        )


def push(
    target: Target,
    options: Options | None = None,
    watch: Watch | None = None,
    connect: Connect = open_session,
) -> Result:
    """Push to one router what it lacks. Never raises on what a router does."""
    try:
        transaction = Transaction(
            target, options or Options(), connect, watch or (lambda _router, _moment: None)
        )
    except RoutercfgError as error:
        return Result(target.router, target.platform, Outcome.REFUSED, error=error)
    return transaction.run()


def unproved(before: Plan, after: Plan) -> str:
    """Why the reading after a push does not prove it; empty if it does.

    Nothing may be left to send, and no requirement may stand worse than it did: a decision that
    waited for a person before still does, but nothing new may.
    """
    if after.commands:
        return "; ".join(planned.change.summary for planned in after.changes if planned.commands)
    was = {finding.requirement: finding for finding in before.findings}
    worse = [
        finding
        for finding in after.findings
        if finding.status in (Status.VIOLATION, Status.UNKNOWN)
        and _rank(finding) > _rank(was[finding.requirement])
    ]
    return "; ".join(f"{finding.requirement}: {finding.summary}" for finding in worse)


def _rank(finding: Finding) -> int:
    order = (
        Status.NOT_APPLICABLE,
        Status.OK,
        Status.DECISION,
        Status.VIOLATION,
        Status.UNKNOWN,
    )
    return order.index(finding.status)


def same(one: Plan, other: Plan) -> bool:
    """Do two readings judge every item of every requirement alike?"""
    return essence(one) == essence(other)


def _expect(pattern: str, reply: Reply, where: Where) -> None:
    if re.search(pattern, reply.text) is None:
        first = reply.command.strip().split("\n", 1)[0]
        raise ReplyError(f"the router's answer to {first!r} is not the expected one", where=where)


def _write_private(path: Path, data: bytes) -> None:
    """A file only its owner can read, on the disk when this returns; on an error, no file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
