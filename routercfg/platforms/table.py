"""TextFSM with line numbers: line-shaped output to rows that evidence can point at."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routercfg.errors import PackError, ParseError, Where

_local = threading.local()


@dataclass(frozen=True, slots=True)
class Row:
    """Values of one record, and the line (from 1) at which the record ended."""

    values: dict[str, Any]
    line: int

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def rows(template: Path, text: str) -> list[Row]:
    """Parse `text` with a TextFSM template.

    Raises ParseError where the template's `-> Error` meets a line that it does not know.
    """
    import textfsm  # noqa: PLC0415 - importing it is only worth its time where it is used

    fsm = _compiled(template)
    fsm.Reset()
    found: list[Row] = []
    number = 0
    try:
        for number, line in enumerate(text.splitlines(), start=1):
            results = fsm.ParseText(line + "\n", eof=False)
            found += (
                Row(dict(zip(fsm.header, r, strict=True)), number) for r in results[len(found) :]
            )
            if fsm._cur_state_name in ("End", "EOF"):
                break  # TextFSM itself only stops within one call, and would go on at the next.
        results = fsm.ParseText("", eof=True)
    except textfsm.TextFSMError as error:
        raise ParseError(f"line {number} is not what {template.name} knows: {error}") from error
    found += (Row(dict(zip(fsm.header, r, strict=True)), number) for r in results[len(found) :])
    return found


def _compiled(template: Path) -> Any:
    import textfsm  # noqa: PLC0415

    cache: dict[Path, Any] = _local.__dict__.setdefault("templates", {})
    if template not in cache:
        try:
            with template.open(encoding="utf-8") as file:
                cache[template] = textfsm.TextFSM(file)
        except (OSError, textfsm.TextFSMTemplateError) as error:
            raise PackError(str(error), where=Where(file=template)) from error
    return cache[template]
