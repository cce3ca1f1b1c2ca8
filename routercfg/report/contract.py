"""The JSON contract, schema 1: what programs read. Fields are only ever added to a schema."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from routercfg.errors import RoutercfgError
from routercfg.model.evidence import Evidence
from routercfg.model.finding import Finding, Item
from routercfg.model.undo import Undo
from routercfg.planning import Plan
from routercfg.redaction import redacted_message
from routercfg.report.entry import Entry
from routercfg.report.hiding import hidden

SCHEMA = 1


def as_text(entries: Iterable[Entry]) -> str:
    """The whole report as JSON."""
    return "".join(pieces(map(router_text, entries)))


def pieces(routers: Iterable[str]) -> Iterator[str]:
    """The whole report from what `router_text` made of each router, as it is needed."""
    yield f'{{"schema": {SCHEMA}, "routers": ['
    between = "\n"
    for text in routers:
        yield f"{between}{text}"
        between = ",\n"
    yield "]}" if between == "\n" else "\n]}"


def router_text(entry: Entry) -> str:
    """One router of the report, on one line: indenting would take most of the time."""
    return json.dumps(_router(entry), ensure_ascii=False, default=str)


def as_data(entries: Iterable[Entry]) -> dict[str, Any]:
    """The whole report as plain values."""
    return {"schema": SCHEMA, "routers": [_router(entry) for entry in entries]}


def error_data(error: RoutercfgError) -> dict[str, str]:
    """An error as plain values."""
    return {
        "code": error.code,
        "message": redacted_message(error.message),
        "where": str(error.where),
        "hint": redacted_message(error.hint),
    }


def _router(entry: Entry) -> dict[str, Any]:
    identity = entry.plan.state.identity if entry.plan is not None else None
    found: dict[str, Any] = {
        "router": entry.router,
        "platform": entry.platform,
        "model": identity.model if identity is not None else "",
        "version": identity.version if identity is not None else "",
        "status": entry.status,
        "findings": [_finding(entry.plan, one, entry.platform) for one in entry.plan.findings]
        if entry.plan is not None
        else [],
    }
    if entry.outcome:
        found["outcome"] = entry.outcome
    if entry.revert:
        found["revert"] = entry.revert
    if entry.steps:
        found["steps"] = [
            {"step": step, "detail": redacted_message(detail)} for step, detail in entry.steps
        ]
    if entry.before is not None:
        found["sent"] = [hidden(one, entry.platform) for one in _sent(entry)]
    if entry.undo is not None:
        found["undo"] = _undo(entry.undo, entry.platform)
    if entry.error is not None:
        found["error"] = error_data(entry.error)
    return found


def _sent(entry: Entry) -> tuple[str, ...]:
    match entry.outcome:
        case "pushed" if entry.before is not None:
            return entry.before.commands
        case "undone" if entry.undo is not None:
            return entry.undo.commands
        case _:
            return ()


def _undo(undo: Undo, platform: str) -> dict[str, Any]:
    return {
        "commands": [hidden(one, platform) for one in undo.commands],
        "conflicts": [
            {
                "left": [hidden(line, platform) for line in one.left],
                "found": [hidden(line, platform) for line in one.found],
            }
            for one in undo.conflicts
        ],
    }


def _finding(plan: Plan, finding: Finding, platform: str) -> dict[str, Any]:
    return {
        "requirement": finding.requirement,
        "status": finding.status.value,
        "summary": redacted_message(finding.summary),
        "evidence": _evidence(finding.evidence, platform),
        "items": [_item(item) for item in finding.items],
        "changes": [
            {"change": change.template(), "summary": change.summary} for change in finding.changes
        ],
        "commands": [hidden(one, platform) for one in plan.commands_of(finding.requirement)],
    }


def _item(item: Item) -> dict[str, Any]:
    found: dict[str, Any] = {name: _value(value) for name, value in item.facts}
    found["verdict"] = item.verdict.value
    if item.note:
        found["note"] = redacted_message(item.note)
    return found


def _value(value: object) -> object:
    match value:
        case str():
            return redacted_message(value)
        case None | bool() | int() | float():
            return value
        case list() | tuple():
            return [_value(one) for one in value]
        case set() | frozenset():
            return sorted(str(one) for one in value)
        case _:
            return str(value)


def _evidence(evidence: Iterable[Evidence], platform: str) -> list[dict[str, Any]]:
    return [
        {"command": one.command, "line": one.line, "text": hidden(one.text, platform)}
        for one in evidence
    ]
