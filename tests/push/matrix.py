"""The faults a push must survive, as data: what goes wrong, and how it may end.

Whatever goes wrong, the router is in its old state or in the new one, never in between, and it lets
an engineer in. Run as a module, this writes the table of `docs/safety.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from routercfg.lab.faults import Fault, Trouble
from routercfg.push import Outcome

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "safety.md"
START, END = "<!-- matrix -->", "<!-- end of matrix -->"


@dataclass(frozen=True)
class Row:
    """One fault: in words, as data for the lab, and the outcomes that are right."""

    name: str
    faults: tuple[Fault, ...]
    outcomes: frozenset[Outcome]
    old: bool
    code: str = ""

    @property
    def ends(self) -> str:
        words = " or ".join(sorted(outcome.value for outcome in self.outcomes))
        return f"{words} ({self.code})" if self.code else words


def row(
    name: str, *faults: Fault, ends: Outcome | tuple[Outcome, ...], old: bool = True, code: str = ""
) -> Row:
    outcomes = (ends,) if isinstance(ends, Outcome) else ends
    return Row(name, faults, frozenset(outcomes), old, code)


#: Filled in with each platform's own words: a line of the plan, and the main show command.
LINE = "{line}"
EXPORT = "{reading}"
BACK, GONE, SAME = Outcome.ROLLED_BACK, Outcome.UNREACHABLE, Outcome.UNCHANGED

ROWS: tuple[Row, ...] = (
    row("nothing goes wrong", ends=Outcome.PUSHED, old=False),
    row("the first login is cut off", Fault(Trouble.REFUSE_LOGIN, 1), ends=GONE, code="RC141"),
    row("the password is refused", Fault(Trouble.REFUSE_PASSWORD, 1), ends=GONE, code="RC142"),
    row("the host key has changed", Fault(Trouble.CHANGED_HOST_KEY, 1), ends=GONE, code="RC143"),
    row("the connection drops while reading", Fault(Trouble.DROP_BEFORE_REPLY, 1, 3), ends=GONE),
    row("a reading stalls for ever", Fault(Trouble.STALL, 1, 2), ends=GONE, code="RC145"),
    row(
        "the configuration arrives cut in half",
        Fault(Trouble.CUT_REPLY, 1, matching=EXPORT),
        ends=SAME,
    ),
    row(
        "a reading sends megabytes without end",
        Fault(Trouble.JUNK, 1, matching=EXPORT, megabytes=20),
        ends=GONE,
        code="RC145",
    ),
    row(
        "a reading ends in the wrong prompt",
        Fault(Trouble.WRONG_PROMPT, 1, matching=EXPORT, text="login: "),
        ends=GONE,
        code="RC145",
    ),
    row(
        "log lines are mixed into every reply",
        Fault(Trouble.LOG_LINE, text="17:20:06 echo: system,info,account user admin logged in"),
        ends=(Outcome.PUSHED, BACK, SAME),
    ),
    row(
        "colours are mixed into every reply", Fault(Trouble.COLOUR), ends=Outcome.PUSHED, old=False
    ),
    row(
        "the connection drops before the reply to a line",
        Fault(Trouble.DROP_BEFORE_REPLY, 1, matching=LINE),
        ends=BACK,
    ),
    row(
        "the connection drops after the reply to a line",
        Fault(Trouble.DROP_AFTER_REPLY, 1, matching=LINE),
        ends=BACK,
    ),
    row("the router stalls at a line", Fault(Trouble.STALL, 1, matching=LINE), ends=BACK),
    row(
        "a line ends in the wrong prompt",
        Fault(Trouble.WRONG_PROMPT, 1, matching=LINE, text="(y/n) "),
        ends=BACK,
    ),
    row("the second login is cut off", Fault(Trouble.REFUSE_LOGIN, 2), ends=BACK),
    row("the second login's password is refused", Fault(Trouble.REFUSE_PASSWORD, 2), ends=BACK),
    row(
        "the host key changes in between, and stays changed",
        Fault(Trouble.CHANGED_HOST_KEY, 2),
        ends=Outcome.UNKNOWN,
        code="RC143",
    ),
    row(
        "the second reading drops", Fault(Trouble.DROP_BEFORE_REPLY, 2, matching=EXPORT), ends=BACK
    ),
    row("the second reading stalls", Fault(Trouble.STALL, 2, matching=EXPORT), ends=BACK),
    row("the second reading is cut", Fault(Trouble.CUT_REPLY, 2, matching=EXPORT), ends=BACK),
    row(
        "two logins after the first are cut off",
        Fault(Trouble.REFUSE_LOGIN, 2),
        Fault(Trouble.REFUSE_LOGIN, 3),
        ends=BACK,
    ),
)


def table() -> str:
    """The matrix as Markdown."""
    lines = ["| what goes wrong | how the push ends | the router is |", "|---|---|---|"]
    for one in ROWS:
        state = "as it was" if one.old else "as planned"
        if one.old and Outcome.PUSHED in one.outcomes:
            state = "as it was, or as planned"
        lines.append(f"| {one.name} | {one.ends} | {state} |")
    return "\n".join(lines) + "\n"


def written(document: str) -> str:
    """The document with the table of today."""
    head, _, rest = document.partition(START)
    _, _, tail = rest.partition(END)
    return f"{head}{START}\n{table()}{END}{tail}"


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
