"""One router, one transaction: what the router cannot be shown to have is undone by the router.

    planned → backed up → armed → applied → reconnected → verified → confirmed → saved

or rolled back, or unknown. The order is what makes it safe: the revert is armed before the first
line; the proof is a *new* login, because an established session outlives the rules that would
refuse it; and nothing is saved before it is confirmed, because a saved mistake survives the revert.
"""

from __future__ import annotations

import hashlib
from typing import Any

from routercfg.errors import (
    InputError,
    JournalError,
    NoRevertError,
    PackError,
    PushError,
    ReplyError,
    RevertHeldError,
    RolledBackError,
    RoutercfgError,
    StoppedError,
)
from routercfg.platforms import load_pack
from routercfg.push.candidate import Candidate, arm_candidate
from routercfg.push.events import findings_of
from routercfg.push.exchange import Exchange
from routercfg.push.goal import Goal, Requirements
from routercfg.push.keeping import Cabinet, Readings
from routercfg.push.options import Options, Watch, nobody
from routercfg.push.reading import Connect, Reading, open_session
from routercfg.push.result import Outcome, Result, Step
from routercfg.push.retreat import undo_now, wait_for_old
from routercfg.push.revert import Armed, arm, choose_revert, most_commands
from routercfg.push.saving import save_proved, unsaved
from routercfg.redaction import scrubbed
from routercfg.transport import Session, Target
from routercfg.transport.candidate import CandidateSession

#: What is wrong on our side, before anything was sent: the router may well be there.
_OURS = (InputError, PushError, PackError, JournalError)


class Transaction:
    """The life of one change of one router. Use `push` or `put_back`."""

    def __init__(self, goal: Goal, options: Options, exchange: Exchange) -> None:
        self._goal = goal
        self._options = options
        self._exchange = exchange
        self._pack = exchange.pack
        folder = options.backup_folder
        self._cabinet = Cabinet(folder, exchange.target.router) if folder is not None else None
        self._session: Session | None = None
        self._armed: Armed | Candidate | None = None
        self._before: Reading | None = None
        self._after: Reading | None = None
        self._touched = False
        self._begun = False

    def run(self) -> Result:
        """Bring the goal about, or leave the router as it was."""
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
        self._session = self._exchange.login()
        before = self._goal.read(self._session, self._exchange.target, self._pack)
        self._before = before
        self._exchange.reached(
            Step.PLANNED, f"{len(before.commands)} commands", **self._told(before)
        )
        if before.done:
            return self._result(Outcome.UNCHANGED)
        self._prepare(before)
        self._apply(before)
        self._prove(before)
        return self._result(self._goal.reached)

    def _prepare(self, reading: Reading) -> None:
        """Everything that can say no, before anything is sent."""
        self._goal.check(reading)
        revert = choose_revert(self._pack, reading.texts, len(reading.commands))
        most = most_commands(
            self._pack, None if isinstance(self._live, CandidateSession) else revert
        )
        if len(reading.commands) > most:
            raise PushError(
                f"there are {len(reading.commands)} commands, more than the {most} "
                "that a router's revert is sure to undo",
                where=self._exchange.where,
                hint="" if reading.undo else "Push part of it with --only",
            )
        if not self._options.accept_lockout_risk:
            self._goal.guard(reading)
        if isinstance(self._live, CandidateSession):
            self._load(reading, self._live)
            return
        if revert is None and not self._options.accept_no_revert:
            raise NoRevertError(
                "the router offers no revert of its own", where=self._exchange.where
            )
        self._back_up(reading)
        if revert is not None:
            self._arm(arm(self._pack, revert, self._options.revert_seconds))

    def _arm(self, armed: Armed) -> None:
        self._exchange.ask(self._live, armed)
        self._begin(armed)
        for number, line in enumerate(armed.revert.begin):
            try:
                self._exchange.steps(self._live, (line,), armed)
            except RevertHeldError:
                if number == 0:  # What came after the first may have armed it already.
                    self._armed, self._touched = None, False
                raise
        self._exchange.reached(Step.ARMED, armed.title)

    def _load(self, reading: Reading, session: CandidateSession) -> None:
        """The candidate in place of lines: its commit is what arms the revert."""
        candidate = arm_candidate(session, reading.commands, self._options.revert_seconds)
        self._back_up(reading)
        self._begin(candidate)
        difference = self._exchange.clean(candidate.load(session))
        self._exchange.reached(Step.ARMED, candidate.title, difference=difference)

    def _begin(self, armed: Armed | Candidate) -> None:
        self._exchange.begins(
            Step.ARMED,
            armed.title,
            revert=armed.id,
            token=armed.token,
            seconds=armed.seconds,
            held_by_session=armed.held_by_session,
        )
        self._armed = armed
        self._touched = True

    def _back_up(self, reading: Reading) -> None:
        if self._cabinet is None:
            return
        kept = self._cabinet.keep_configuration(reading.texts[self._pack.manifest.main_read.id])
        self._exchange.reached(Step.BACKED_UP, str(kept.path), sha256=kept.sha256)

    def _apply(self, reading: Reading) -> None:
        """Line by line: at the first refusal nothing more is sent."""
        commands = reading.commands
        self._exchange.begins(
            Step.APPLIED, commands=[self._exchange.clean(line) for line in commands]
        )
        self._touched = self._begun = True
        if isinstance(self._armed, Candidate):
            self._armed.commit(self._live)
        else:
            for command in commands:
                self._exchange.line(self._live, command)
            if self._armed is not None:
                self._exchange.steps(self._live, self._armed.revert.commit, self._armed)
        self._exchange.reached(Step.APPLIED, f"{len(commands)} commands")

    def _prove(self, before: Reading) -> None:
        """A new login that finds the goal reached; only then confirm and save."""
        self._exchange.begins(Step.RECONNECTED)
        fresh = self._exchange.login()
        try:
            self._exchange.reached(Step.RECONNECTED)
            after = self._goal.read(fresh, self._exchange.target, self._pack)
            self._after = after
            problem = self._goal.unproved(before, after)
            if problem:
                raise PushError(
                    f"the new state does not hold: {problem}", where=self._exchange.where
                )
            kept = self._keep(before, after)
            self._exchange.reached(Step.VERIFIED, **findings_of(after.plan), **kept)
            self._confirm(fresh, after)
        finally:
            fresh.close()

    def _keep(self, before: Reading, after: Reading) -> dict[str, str]:
        """Without this there is no way back later: it must be on the disk before the confirm."""
        if self._cabinet is None:
            return {}
        kept = self._cabinet.keep_readings(Readings(self._pack.platform, before.texts, after.texts))
        return {"readings": str(kept.path), "readings_sha256": kept.sha256}

    def _confirm(self, fresh: Session, after: Reading) -> None:
        self._exchange.begins(Step.CONFIRMED)
        # What is confirmed half-way is worse than what is confirmed unheard.
        self._exchange.stoppable = False
        candidate = self._armed if isinstance(self._armed, Candidate) else None
        if candidate is not None:
            candidate.confirm(fresh)
        elif isinstance(self._armed, Armed):
            revert = self._armed.revert
            session = self._live if revert.held_by_session else fresh
            self._exchange.steps(session, revert.confirm, self._armed)
        self._armed = None
        self._exchange.reached(Step.CONFIRMED)
        save_proved(self._exchange, self._goal, after, fresh)

    def _failed(self, error: RoutercfgError) -> Result:
        if isinstance(error, StoppedError) and not self._touched:
            return self._result(Outcome.NOT_BEGUN, error)
        if not self._touched and isinstance(
            error, InputError | PushError | PackError | JournalError
        ):
            return self._result(Outcome.REFUSED, error)
        if self._before is None or not self._touched:
            return self._result(Outcome.UNREACHABLE, error)
        if self._armed is None:
            return self._unarmed_failure(error)
        return self._roll_back(error)

    def _unarmed_failure(self, error: RoutercfgError) -> Result:
        if self._exchange.has_reached(Step.CONFIRMED):
            # The change is proved and stands; it is saving it that failed.
            self._exchange.reached(Step.UNKNOWN, "not saved")
            unsaved(error)
        return self._result(Outcome.UNKNOWN, error)

    def _roll_back(self, cause: RoutercfgError | None = None) -> Result:
        """Undo now if a session lives, else wait for the router to; then prove the old state."""
        why = cause.message if cause else "interrupted"
        self._exchange.stoppable = False
        self._exchange.reached(Step.ROLLING_BACK, why)
        armed, undone = self._armed, True
        if armed is not None:
            undone = undo_now(self._exchange, self._session, armed, begun=self._begun)
        self._close()
        proved = False
        if self._before is not None:
            seconds = armed.longest if armed else 0
            proved, last = wait_for_old(
                self._exchange, self._goal, self._before, seconds, undone=undone
            )
            self._after = last or self._after
        self._armed = None
        if not proved:
            self._exchange.reached(Step.UNKNOWN, "the old state could not be proved")
            return self._result(Outcome.UNKNOWN, cause)
        self._exchange.reached(Step.ROLLED_BACK, "the old state is proved")
        hint = cause.hint if cause is not None else None
        error = RolledBackError(f"rolled back: {why}", where=self._exchange.where, hint=hint)
        return self._result(Outcome.ROLLED_BACK, error)

    @property
    def _live(self) -> Session:
        if self._session is None:
            raise ReplyError("the session is gone", where=self._exchange.where)
        return self._session

    def _told(self, reading: Reading) -> dict[str, Any]:
        main = reading.texts[self._pack.manifest.main_read.id]
        return {
            "platform": self._pack.platform,
            "commands": [self._exchange.clean(command) for command in reading.commands],
            "configuration_sha256": hashlib.sha256(main.encode()).hexdigest(),
            **self._goal.facts(reading),
            **findings_of(reading.plan),
        }

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _result(self, outcome: Outcome, error: RoutercfgError | None = None) -> Result:
        return Result(
            self._exchange.target.router,
            self._pack.platform,
            outcome,
            before=self._before.plan if self._before else None,
            after=self._after.plan if self._after else None,
            error=scrubbed(error or self._exchange.unheard),
            moments=tuple(self._exchange.moments),
            undo=self._before.undo if self._before else None,
        )


def bring_about(
    goal: Goal,
    target: Target,
    options: Options | None = None,
    watch: Watch | None = None,
    connect: Connect = open_session,
) -> Result:
    """Bring a goal about on one router. Never raises on what a router does."""
    try:
        exchange = Exchange(target, load_pack(target.platform), connect, watch or nobody)
    except RoutercfgError as error:
        return Result(target.router, target.platform, Outcome.REFUSED, error=error)
    return Transaction(goal, options or Options(), exchange).run()


def push(
    target: Target,
    options: Options | None = None,
    watch: Watch | None = None,
    connect: Connect = open_session,
) -> Result:
    """Push to one router what it lacks. Never raises on what a router does."""
    options = options or Options()
    return bring_about(Requirements(options.ids), target, options, watch, connect)
