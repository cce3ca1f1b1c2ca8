"""The faults a push must survive, as data: what goes wrong, and how it may end.

Whatever goes wrong, the router is in its old state or in the new one, never in between, and it lets
an engineer in. Run as a module, this writes the tables of `docs/safety.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from routercfg.lab.faults import Fault, Trouble
from routercfg.push import Outcome

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "safety.md"
START, END = "<!-- matrix -->", "<!-- end of matrix -->"

#: The subjects by name, as the manual calls them.
ALL = {
    "mikrotik_routeros": "RouterOS",
    "cisco_ios": "IOS",
    "cisco_ios by NAPALM": "IOS by NAPALM",
    "vyos": "VyOS",
    "ubiquiti_edgeos": "EdgeOS",
}
ROS, IOS, NAPALM, VYOS, EDGE = ALL
PACKS = (ROS, IOS, VYOS, EDGE)
#: On RouterOS a line is live at once, and on the disk.
COMMITTING = (IOS, VYOS, EDGE)


class Group(Enum):
    """Where the fault lies."""

    CONNECTION = "The connection"
    SILENCE = "A link that goes silent"
    ROUTER = "The router"
    OURS = "Our side"
    HELD = "What others hold on the router"


@dataclass(frozen=True)
class End:
    """How a push may end: its outcome, whether the new state stands, and the error's code."""

    outcome: Outcome
    new: bool = False
    code: str = ""

    def __str__(self) -> str:
        return f"{self.outcome.value} ({self.code})" if self.code else self.outcome.value


@dataclass(frozen=True, eq=False)
class Row:
    """One fault: in words, as data for the lab or as a step of the push, and its only right end.

    `otherwise`: the ends of single platforms. `words`: the end in words, where one outcome does not
    tell all of it; `state` likewise. `step`: where the connection drops; `trouble` says how.
    """

    group: Group
    name: str
    end: End
    faults: tuple[Fault, ...] = ()
    otherwise: Mapping[str, End] = field(default_factory=dict)
    on: tuple[str, ...] = tuple(ALL)
    words: str = ""
    state: str = ""
    step: str = ""
    trouble: Trouble = Trouble.DROP_BEFORE_REPLY

    def end_on(self, subject: object) -> End:
        """The right end on this subject."""
        return self.otherwise.get(str(subject), self.end)

    @property
    def in_lab(self) -> bool:
        """Is it carried out by faults of the lab alone?"""
        return bool(self.faults) or self.name == "nothing goes wrong"

    @property
    def tried_on(self) -> str:
        if set(self.on) >= set(ALL):
            return "all, and IOS by NAPALM"
        return "all" if set(self.on) == set(PACKS) else ", ".join(ALL[name] for name in self.on)

    @property
    def ends(self) -> str:
        others = "".join(f"; {ALL[one]}: {end}" for one, end in self.otherwise.items())
        return self.words or f"{self.end}{others}"

    @property
    def leaves(self) -> str:
        def told(end: End) -> str:
            return "as planned" if end.new else "as it was"

        unlike = {
            ALL[name]: told(end) for name, end in self.otherwise.items() if end.new != self.end.new
        }
        others = "".join(f"; {name}: {state}" for name, state in unlike.items())
        return self.state or f"{told(self.end)}{others}"


#: Filled in with each platform's own words: a line of the plan, one that nothing else in it needs,
#: the main show command, a refusal, a line of the router's log.
LINE, LONELY, EXPORT = "{line}", "{lonely}", "{reading}"
REFUSAL, LOG = "{refusal}", "{log}"

PUSHED, SAME = End(Outcome.PUSHED, new=True), End(Outcome.UNCHANGED)
BACK, GONE = End(Outcome.ROLLED_BACK), End(Outcome.UNREACHABLE)
GARBLED = End(Outcome.UNREACHABLE, code="RC145")
REFUSED, STANDS = End(Outcome.REFUSED), End(Outcome.UNKNOWN, new=True)


def lost(name: str, end: End, *faults: Fault, **more: Any) -> Row:
    return Row(Group.CONNECTION, name, end, faults, **more)


def odd(name: str, end: End, *faults: Fault, **more: Any) -> Row:
    return Row(Group.ROUTER, name, end, faults, **more)


def ours(name: str, end: End, **more: Any) -> Row:
    return Row(Group.OURS, name, end, on=PACKS, **more)


AGAIN = "the next run reads, finds the old state, and pushes"


ALONE = "pushed; another run is still refused (RC161)"


def killed(name: str, words: str, *, new: bool = False) -> Row:
    end = End(Outcome.UNCHANGED if new else Outcome.PUSHED, new=new)
    return ours(f"routercfg is killed {name}", end, words=words)


def dropped(name: str, step: str, end: End, on: tuple[str, ...] = PACKS, **more: Any) -> Row:
    return Row(Group.CONNECTION, f"the connection drops {name}", end, on=on, step=step, **more)


def silent(name: str, end: End, on: tuple[str, ...], **more: Any) -> Row:
    """What is waited for is the same on all: on each platform, what only it can show."""
    return Row(Group.SILENCE, name, end, on=on, **more)


def held(name: str, on: tuple[str, ...], words: str) -> Row:
    end = End(Outcome.REFUSED, code="RC157")
    return Row(Group.HELD, name, end, on=on, words=words, state="as it is, then as planned")


AFTER = Trouble.DROP_AFTER_REPLY

ROWS: tuple[Row, ...] = (
    lost("nothing goes wrong", PUSHED),
    lost("the router's name cannot be resolved", End(Outcome.UNREACHABLE, code="RC141"), on=PACKS),
    lost(
        "the first login is cut off",
        End(Outcome.UNREACHABLE, code="RC147"),
        Fault(Trouble.REFUSE_LOGIN, 1),
    ),
    lost(
        "the password is refused",
        End(Outcome.UNREACHABLE, code="RC142"),
        Fault(Trouble.REFUSE_PASSWORD, 1),
    ),
    lost(
        "the host key has changed",
        End(Outcome.UNREACHABLE, code="RC143"),
        Fault(Trouble.CHANGED_HOST_KEY, 1),
    ),
    lost("the connection drops while reading", GONE, Fault(Trouble.DROP_BEFORE_REPLY, 1, 3)),
    lost(
        "the connection drops before the reply to a line",
        BACK,
        Fault(Trouble.DROP_BEFORE_REPLY, 1, matching=LINE),
    ),
    lost(
        "the connection drops after the reply to a line",
        BACK,
        Fault(Trouble.DROP_AFTER_REPLY, 1, matching=LINE),
    ),
    dropped("before a reply of the first reading", "reading", GARBLED),
    dropped("after the first reading", "reading", GONE, trouble=AFTER),
    dropped("before the router shows that no change of others is open", "asking", GONE),
    dropped("after it showed that", "asking", BACK, trouble=AFTER),
    dropped("before the reply to a line that arms the revert", "arming", BACK),
    dropped("after the revert is armed", "arming", BACK, trouble=AFTER),
    dropped("before the reply to the first, a middle or the last line of the plan", "lines", BACK),
    dropped("after the last line of the plan", "lines", BACK, trouble=AFTER),
    dropped("before the reply to a line that commits", "committing", BACK, on=COMMITTING),
    dropped("after the commit", "committing", PUSHED, trouble=AFTER, on=COMMITTING),
    dropped("before a reply of the second reading", "reading again", BACK),
    # RouterOS is told over the first connection, which holds the revert.
    dropped(
        "after the second reading", "reading again", BACK, trouble=AFTER, otherwise={ROS: PUSHED}
    ),
    dropped(
        "before the reply to the line that confirms",
        "confirming",
        BACK,
        otherwise={ROS: STANDS, IOS: STANDS},
    ),
    dropped(
        "after the confirmation, before it is saved",
        "confirming",
        PUSHED,
        trouble=AFTER,
    ),
    dropped("before the reply to the line that saves", "saving", PUSHED, on=COMMITTING),
    dropped("after it is saved", "saving", PUSHED, trouble=AFTER, on=COMMITTING),
    lost("the second login is cut off", BACK, Fault(Trouble.REFUSE_LOGIN, 2)),
    lost(
        "two logins after the first are cut off",
        BACK,
        Fault(Trouble.REFUSE_LOGIN, 2),
        Fault(Trouble.REFUSE_LOGIN, 3),
    ),
    lost("the second login's password is refused", BACK, Fault(Trouble.REFUSE_PASSWORD, 2)),
    lost(
        "every password after the first is refused",
        End(Outcome.UNKNOWN, code="RC142"),
        *(Fault(Trouble.REFUSE_PASSWORD, login) for login in range(2, 20)),
        on=PACKS,
    ),
    lost(
        "the host key changes in between, and stays changed",
        End(Outcome.UNKNOWN, code="RC143"),
        Fault(Trouble.CHANGED_HOST_KEY, 2),
    ),
    lost("the second reading drops", BACK, Fault(Trouble.DROP_BEFORE_REPLY, 2, matching=EXPORT)),
    silent(
        "a connection is made, and nobody answers", End(Outcome.UNREACHABLE, code="RC141"), (IOS,)
    ),
    silent("silent while the revert is armed", BACK, (IOS, EDGE)),
    silent("silent at a line of the plan, which does not arrive", BACK, (ROS, VYOS)),
    silent("silent at a line of the plan, whose answer does not arrive", BACK, (IOS,)),
    silent("silent at a line of the plan; no new connection for a while", BACK, (EDGE,)),
    # The first connection is not needed any more, but RouterOS holds the revert by it.
    silent("silent after the last line", PUSHED, (ROS, IOS), otherwise={ROS: BACK}),
    silent("silent after the last line; no new connection for a while", BACK, (VYOS,)),
    silent("silent in the second reading", BACK, (ROS,)),
    silent("silent in the second reading; no new connection for a while", BACK, (IOS,)),
    silent("silent at the confirmation, which does not arrive", BACK, (ROS, VYOS)),
    silent(
        "silent at the confirmation, whose answer does not arrive",
        BACK,
        (ROS, IOS, VYOS),
        otherwise={ROS: STANDS, IOS: STANDS},
    ),
    silent("silent before it is saved", PUSHED, (IOS, EDGE)),
    silent("silent before it is saved; no new connection for a while", PUSHED, (VYOS,)),
    silent(
        "silent before it is saved; no new connection any more",
        STANDS,
        (VYOS,),
        words="unknown. The next run saves it",
    ),
    odd("a reading stalls for ever", GARBLED, Fault(Trouble.STALL, 1, matching=EXPORT)),
    odd(
        "the configuration arrives cut in half", SAME, Fault(Trouble.CUT_REPLY, 1, matching=EXPORT)
    ),
    odd(
        "a reading sends megabytes without end",
        GARBLED,
        Fault(Trouble.JUNK, 1, matching=EXPORT, megabytes=20),
        # netmiko skips what comes before the echo of a command, which is all of this noise.
        otherwise={NAPALM: PUSHED},
    ),
    odd(
        "a reading sends 200 MB",
        GARBLED,
        Fault(Trouble.JUNK, 1, matching=EXPORT, megabytes=200),
        on=PACKS,
    ),
    odd(
        "the answer to a line is 200 MB",
        BACK,
        Fault(Trouble.JUNK, 1, matching=LINE, megabytes=200),
        on=PACKS,
    ),
    odd(
        "a reading ends in the wrong prompt",
        GARBLED,
        Fault(Trouble.WRONG_PROMPT, 1, matching=EXPORT, text="login: "),
    ),
    odd(
        "log lines are mixed into every reply",
        PUSHED,
        Fault(Trouble.LOG_LINE, text=LOG),
        # No source says what EdgeOS prints there: a line of no known kind makes a reading unknown.
        otherwise={EDGE: SAME},
    ),
    odd("colours are mixed into every reply", PUSHED, Fault(Trouble.COLOUR)),
    odd(
        "a line in the middle of the plan is refused",
        BACK,
        Fault(Trouble.NOT_CARRIED_OUT, 1, matching=LINE, text=REFUSAL),
        on=PACKS,
    ),
    odd(
        "a line is accepted, and has no effect",
        BACK,
        Fault(Trouble.NOT_CARRIED_OUT, 1, matching=LONELY),
        on=PACKS,
    ),
    odd("the router stalls at a line", BACK, Fault(Trouble.STALL, 1, matching=LINE)),
    odd(
        "a line ends in the wrong prompt",
        BACK,
        Fault(Trouble.WRONG_PROMPT, 1, matching=LINE, text="(y/n) "),
    ),
    odd("the second reading stalls", BACK, Fault(Trouble.STALL, 2, matching=EXPORT)),
    odd("the second reading is cut", BACK, Fault(Trouble.CUT_REPLY, 2, matching=EXPORT)),
    killed("before anything is sent", "the next run pushes"),
    killed("while it arms the revert", AGAIN),
    killed("after the revert is armed, or at a line of the plan", AGAIN),
    killed("after the last line, at the second login, or before it confirms", AGAIN),
    killed(
        "when the router has confirmed",
        "the next run reads, finds that it stands, and saves it",
        new=True,
    ),
    ours(
        "a worker process is killed in the middle",
        End(Outcome.UNKNOWN, code="RC150"),
        words=f"unknown (RC150); {AGAIN}",
    ),
    ours("Ctrl-C in the middle", PUSHED, words="pushed; no other router is begun"),
    ours("Ctrl-C twice in the middle", BACK),
    ours("the disk is full at the backup", End(Outcome.REFUSED, code="RC150")),
    ours("the disk is full when the proof is to be kept", BACK),
    ours(
        "the journal's disk is full before anything is sent",
        End(Outcome.NOT_BEGUN, code="RC154"),
    ),
    ours("the journal's disk fills up in the middle", BACK),
    ours(
        "the journal's disk fills up while it confirms",
        End(Outcome.PUSHED, new=True, code="RC160"),
    ),
    ours("the journal is read-only", REFUSED, words="nothing is begun (RC160)"),
    ours("the journal becomes read-only in the middle", BACK),
    ours("another process holds the journal", REFUSED, words="nothing is begun (RC160)"),
    ours("another process takes hold of the journal in the middle, for too long", BACK),
    ours("another process takes hold of the journal in the middle, for a moment", PUSHED),
    ours(
        "another run works on the router",
        PUSHED,
        words="one pushes; the other is refused (RC161) and sends nothing",
    ),
    ours("the clock is put six hours forward in the middle", PUSHED, words=ALONE),
    ours("the clock is put six hours back in the middle", PUSHED, words=ALONE),
    ours(
        "the clock is put six hours forward while a revert is pending",
        REFUSED,
        words="the next run is refused until the router has reverted; then it pushes",
    ),
    ours(
        "the clock is put six hours back while a revert is pending",
        PUSHED,
        words="the next run pushes once the router has reverted",
        state="as it was",
    ),
    held(
        "a dead session of somebody else holds a change that the router is to undo",
        PACKS,
        words="refused (RC157) until the router has undone it, which is neither hastened nor kept "
        "from it; then it is pushed",
    ),
    held(
        "a dead session of somebody else holds the configuration lock",
        (IOS,),
        words="refused (RC157) until the router finds it dead; then it is pushed",
    ),
    held(
        "routercfg is killed, and the router does not notice that its session is dead",
        (ROS,),
        words="the next run is refused (RC157), however late, until the router or a person has "
        "undone what it left; then it reads, and pushes",
    ),
)


def named(name: str) -> Row:
    """The row with this name."""
    [found] = (one for one in ROWS if one.name == name)
    return found


def table(group: Group) -> str:
    """One group as Markdown."""
    lines = [
        f"### {group.value}",
        "",
        "| what goes wrong | how the push ends | the router is | tried on |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {one.name} | {one.ends} | {one.leaves} | {one.tried_on} |"
        for one in ROWS
        if one.group is group
    ]
    return "\n".join(lines) + "\n"


def written(document: str) -> str:
    """The document with the tables of today."""
    head, _, rest = document.partition(START)
    _, _, tail = rest.partition(END)
    tables = "\n".join(table(group) for group in Group)
    return f"{head}{START}\n{tables}{END}{tail}"


#: The rows that tests of their own have claimed with `proves`.
CLAIMED: set[str] = set()


Test = TypeVar("Test", bound=Callable[..., None])


def proves(*names: str) -> Callable[[Test], Test]:
    """The test that follows carries these rows out, on each of their platforms."""
    for name in names:
        named(name)
        CLAIMED.add(name)
    return lambda test: test


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
