"""What the live reads print: settings, tables, and `print detail` records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from routercfg.errors import ParseError
from routercfg.model.evidence import Evidence, Unknown
from routercfg.platforms.outputs import Output, Outputs
from routercfg.platforms.table import Row, rows

_PARSE = Path(__file__).parent / "parse"
_START = re.compile(
    r"\s{0,4}(?:\d+\s+(?P<flags>(?:[A-Za-z]+\s+){0,3})|(?P<only>[A-Z][A-Za-z]*)\s+)"
    r"(?=;;;|[a-z][a-z0-9-]*=)"
)
#: `print` of a menu with settings: keys on the right, before a colon; and what may stand beside.
_SETTING = re.compile(r'\s*([a-z][a-z0-9-]*):(?:\s+"?(.*?)"?)?\s*')
_BESIDE = re.compile(r";;;|\s*$|\d\d:\d\d:\d\d echo:|\[[^\]]*@[^\]]*\]")
_PAIR = re.compile(r"([a-z][a-z0-9-]*)=(\"(?:[^\"\\]|\\.)*\"|.*?)(?=\s+[a-z][a-z0-9-]*=|\s*$)")
_SKIP = re.compile(r"Flags:|Columns:|[A-Za-z+-] - |\d\d:\d\d:\d\d echo: |\[[^\]]*@[^\]]*\]|\s*$")
_REFUSAL = re.compile(r"bad command name|expected end of command|no such|syntax error|failure:")


@dataclass(frozen=True, slots=True)
class Record:
    """One item of a `print detail`."""

    flags: str
    values: Mapping[str, str]
    line: int

    def get(self, key: str) -> str:
        """A value; empty where it is not printed."""
        return self.values.get(key, "")


def refused(output: Output) -> bool:
    """Did RouterOS refuse the command, as where the menu does not exist on this version?"""
    return any(_REFUSAL.match(line) for line in output.lines)


def settings(outputs: Outputs, read: str) -> dict[str, tuple[str, Evidence]]:
    """Settings by name, with their evidence; nothing where the read was not made or not understood.

    Live reads only add to what the export says, so one that cannot be read adds nothing.
    """
    output = outputs.get(read)
    if output is None:
        return {}
    found: dict[str, tuple[str, Evidence]] = {}
    for number, line in enumerate(output.text.splitlines(), start=1):
        setting = _SETTING.fullmatch(line)
        if setting is not None:
            where = Evidence(output.command, number, line.strip())
            found[setting[1]] = (setting[2] or "", where)
        elif not _BESIDE.match(line):
            return {}  # the rows of another kind of output: no answer to this command
    return found


def table(outputs: Outputs, read: str) -> list[Row] | Unknown:
    """Rows of a table that has a template of the same name."""
    output = outputs.get(read)
    if output is None:
        return Unknown(f"no output of {read!r}")
    template = {"users": "user_active", "packages": "system_package"}[read]
    try:
        return rows(_PARSE / f"{template}.textfsm", output.text)
    except ParseError as error:
        return Unknown(error.message, (output.evidence(1),))


@lru_cache(maxsize=64)
def records(output: Output) -> tuple[Record, ...]:
    """Items of a `print detail`. Raises ParseError on lines that are none.

    Several parts of one state come from one output, which is parsed once.
    """
    found: list[tuple[str, int, list[str]]] = []
    legend = False
    for number, line in enumerate(output.lines, start=1):
        start = _START.match(line)
        if start is not None:
            found.append(
                ((start["flags"] or start["only"] or "").strip(), number, [line[start.end() :]])
            )
        elif _SKIP.match(line):
            # The legend of flags goes on over several lines.
            legend = line.startswith("Flags:") and line.rstrip().endswith(",")
        elif found and line.startswith(" "):
            found[-1][2].append(line.strip())
        elif legend:
            legend = line.rstrip().endswith(",")
        else:
            raise ParseError(f"line {number} is no item of a print: {line.strip()[:60]}")
    return tuple(Record(flags, _pairs(lines), number) for flags, number, lines in found)


def unreadable(outputs: Outputs, *reads: str) -> Unknown | None:
    """Why one of these reads cannot be relied upon; None where all made can, or were not made.

    RouterOS refuses commands of menus that it does not have; that is an answer too.
    """
    for read in reads:
        output = outputs.get(read)
        if output is None or refused(output):
            continue
        try:
            records(output)
        except ParseError as error:
            return Unknown(f"{output.command}: {error.message}", (output.evidence(1),))
    return None


def _pairs(lines: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    if lines and lines[0].startswith(";;;"):
        values["comment"] = lines[0][3:].strip()
        lines = lines[1:]
    for key, value in _PAIR.findall(" ".join(lines)):
        values[key] = value.strip('"') if value.startswith('"') else value
    return values


def session_source(outputs: Outputs) -> str | None:
    """Where the session that reads comes from: the newest login over ssh.

    None where that cannot be told: two sessions of the same second from two places.
    """
    found = table(outputs, "users")
    if isinstance(found, Unknown):
        return None
    logins = [(_moment(row["WHEN"]), row["ADDRESS"]) for row in found if row["VIA"] == "ssh"]
    if not logins:
        return None
    newest = max(when for when, _ in logins)
    addresses = {address for when, address in logins if when == newest}
    return addresses.pop() if len(addresses) == 1 else None


_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def _moment(text: str) -> tuple[str, str, str, str]:
    """A sortable moment of `jul/21/2023 09:38:39` (RouterOS 6) or `2023-07-21 09:38:39` (7.10+)."""
    day, _, clock = text.partition(" ")
    parts = day.lower().split("/")
    if len(parts) == 3 and parts[0] in _MONTHS:
        return parts[2], f"{_MONTHS.index(parts[0]) + 1:02}", parts[1], clock
    parts = [*day.split("-"), "", "", ""][:3]
    return parts[0], parts[1], parts[2], clock
