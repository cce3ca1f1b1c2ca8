"""The report for people: a table of routers and requirements, then what is not in order.

In a pipe it is plain aligned text; on a terminal the same cells in colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from routercfg.model.evidence import Evidence
from routercfg.model.finding import Finding, Status
from routercfg.model.undo import Undo
from routercfg.redaction import redacted_message
from routercfg.report.entry import Entry
from routercfg.report.hiding import hidden

if TYPE_CHECKING:
    from rich.table import Table

_SHOWN = 6
#: What a line of a difference begins with, before its sign.
DIFFERENCE = "      "
_STYLES = {
    "ok": "green",
    "violation": "bold red",
    "decision": "yellow",
    "unknown": "magenta",
    "n/a": "dim",
    "unreachable": "bold red",
    "pushed": "green",
    "undone": "green",
    "rolled back": "bold red",
    "refused": "bold red",
}


@dataclass(frozen=True, slots=True)
class Row:
    """What the compliance table says of one router: words, and no reading that they come from.

    `judged`: is it about the findings, or about a rollback?
    """

    router: str
    status: str
    outcome: str
    found: Mapping[str, str]
    judged: bool = True


def row(entry: Entry) -> Row:
    """One router's row."""
    plan = entry.plan
    findings = plan.findings if plan is not None else ()
    return Row(
        clean(entry.router),
        "n/a" if entry.status == Status.NOT_APPLICABLE.value else entry.status,
        entry.outcome,
        {finding.requirement: _word(finding.status) for finding in findings},
        entry.judged,
    )


def cells(entries: Iterable[Entry]) -> list[list[str]]:
    """The compliance table: a row of headings, then one row for each router."""
    return cells_of([row(entry) for entry in entries])


def cells_of(rows: Sequence[Row]) -> list[list[str]]:
    """The compliance table of rows that were made one by one."""
    columns = list(dict.fromkeys(name for one in rows for name in one.found))
    pushed = any(one.outcome for one in rows)
    kind = "push" if all(one.judged for one in rows) else "rollback"
    heading = ["router", "status", *([kind] if pushed else []), *columns]
    return [heading, *(_cells(one, columns, pushed=pushed) for one in rows)]


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows as text with aligned columns."""
    widths = [max(len(row[number]) for row in rows) for number in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def coloured(rows: Sequence[Sequence[str]]) -> Table:
    """Rows as a table for a terminal."""
    # Loading rich takes longer than printing a plain table into a pipe.
    from rich.table import Table  # noqa: PLC0415 - see the line above
    from rich.text import Text  # noqa: PLC0415 - see the line above

    table = Table(header_style="bold")
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows[1:]:
        table.add_row(*(Text(clean(cell), style=_STYLES.get(cell, "")) for cell in row))
    return table


def details(entries: Iterable[Entry]) -> str:
    """Everything that is not in order, with the lines it rests on."""
    return "\n".join(line for entry in entries for line in _detail(entry))


def planned(entries: Iterable[Entry]) -> str:
    """The changes and commands of each plan, in the order in which a push sends them."""
    return "\n".join(line for entry in entries for line in _planned(entry))


def clean(text: str) -> str:
    """Text from a router, without characters that would steer the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _cells(one: Row, columns: Sequence[str], *, pushed: bool) -> list[str]:
    outcome = [one.outcome or "-"] if pushed else []
    return [one.router, one.status, *outcome, *(one.found.get(name, "-") for name in columns)]


def _word(status: Status) -> str:
    return "n/a" if status is Status.NOT_APPLICABLE else status.value


def _detail(entry: Entry) -> Iterator[str]:
    if entry.error is not None:
        yield ""
        yield f"{clean(entry.router)}: {clean(redacted_message(str(entry.error)))}"
    for step, detail in entry.steps:
        # Only the end of another run's work has words of its own.
        if step == "saved" and detail:
            yield ""
            yield f"{clean(entry.router)}: {clean(detail)}"
    if entry.undo is not None:
        yield from _difference(entry.undo, entry.platform)
    if entry.plan is None or not entry.judged:
        return
    wrong = [finding for finding in entry.plan.findings if finding.status.needs_attention]
    if not wrong:
        return
    yield ""
    yield f"{clean(entry.router)} ({entry.platform}{_identity(entry)})"
    for alike in _alike(wrong):
        yield from _finding(alike, entry.platform)


def _difference(undo: Undo, platform: str) -> Iterator[str]:
    """What others changed since: as it was left, and as it is now."""
    for conflict in undo.conflicts:
        for sign, lines in (("-", conflict.left), ("+", conflict.found)):
            for line in "\n".join(lines).splitlines():
                yield f"{DIFFERENCE}{sign} {clean(hidden(line, platform))}"


def _identity(entry: Entry) -> str:
    if entry.plan is None:
        return ""
    identity = entry.plan.state.identity
    known = " ".join(part for part in (identity.model, identity.version) if part)
    return clean(f", {known}") if known else ""


def _alike(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings that say the same together: a text that is cut is unknown for one reason."""
    groups: dict[object, list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.status, finding.summary, finding.evidence), []).append(finding)
    return list(groups.values())


def _finding(alike: Sequence[Finding], platform: str) -> Iterator[str]:
    finding = alike[0]
    names = ", ".join(one.requirement for one in alike)
    yield f"  {_word(finding.status)}: {names}: {clean(redacted_message(finding.summary))}"
    wrong = [item for item in finding.items if item.verdict.needs_attention]
    for item in wrong[:_SHOWN]:
        facts = " ".join(f"{name}={_fact(value)}" for name, value in item.facts)
        note = f" ({item.note})" if item.note else ""
        yield clean(redacted_message(f"    - {_word(item.verdict)}: {facts}{note}"))
        yield from _lines(item.evidence, platform)
    if len(wrong) > _SHOWN:
        yield f"    - and {len(wrong) - _SHOWN} more; --json shows all"
    told = {one for item in wrong for one in item.evidence}
    yield from _lines([one for one in finding.evidence if one not in told], platform)


def _fact(value: object) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(sorted(str(one) for one in value))
    return str(value)


def _lines(evidence: Sequence[Evidence], platform: str) -> Iterator[str]:
    for one in evidence[:_SHOWN]:
        place = f"line {one.line}" if one.line else "absent"
        yield clean(f"      {one.command}, {place}: {hidden(one.text, platform).strip()[:160]}")
    if len(evidence) > _SHOWN:
        yield f"      and {len(evidence) - _SHOWN} lines more"


def _planned(entry: Entry) -> Iterator[str]:
    if entry.undo is not None:
        yield from _undoing(entry, entry.undo)
        return
    plan = entry.plan
    if plan is None or not plan.changes:
        return
    yield ""
    yield f"# {clean(entry.router)} ({entry.platform}): {len(plan.changes)} changes"
    if entry.revert:
        yield f"# revert: {clean(entry.revert)}"
    for change in plan.changes:
        yield f"# {change.change.requirement}: {clean(change.change.summary)}"
        if change.problem is not None:
            yield f"# by hand: {clean(change.problem)}"
        yield from (hidden(one, entry.platform) for one in change.commands)


def _undoing(entry: Entry, undo: Undo) -> Iterator[str]:
    if undo.done:
        return
    yield ""
    yield f"# {clean(entry.router)} ({entry.platform}): back by {len(undo.commands)} commands"
    if entry.revert:
        yield f"# revert: {clean(entry.revert)}"
    if entry.error is not None:
        yield f"# not sent: {clean(redacted_message(entry.error.message))}"
    yield from _difference(undo, entry.platform)
    yield from (hidden(one, entry.platform) for one in undo.commands)
