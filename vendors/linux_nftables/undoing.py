"""The way back from a confirmed change, from the readings before it, after it and now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from routercfg.model.undo import Undo
from routercfg.platforms.outputs import Outputs

from .listing import read_listing
from .ruleset import Json
from .undoing_rules import undo_rules
from .undoing_system import undo_system

#: A terminal cuts a line at 4095 characters.
_WIDTH = 160


def undo(before: Outputs, after: Outputs, now: Outputs) -> Undo:
    """Rules go back in one atomic step, as JSON: so nothing is lost in between two spellings."""
    rules, in_rules = undo_rules(*(read_listing(one["nft"]) for one in (before, after, now)))
    blocks, in_system = undo_system(before, after, now)
    commands = ((_nft(rules),) if rules else ()) + blocks
    return Undo(commands, in_rules + in_system)


def _nft(commands: Sequence[Json]) -> str:
    lines = [line for one in commands[:-1] for line in _filled(one, ",")]
    refused = 'echo "routercfg"-error: nft refused to put the rules back'
    first = f"nft -j -f - <<'ROUTERCFG' || {refused}"
    return "\n".join(
        (first, '{"nftables": [', *lines, *_filled(commands[-1], ""), "]}", "ROUTERCFG")
    )


def _filled(command: Json, ending: str) -> Iterator[str]:
    """One command as JSON, broken between its parts where a line becomes long."""
    line = ""
    for part in json.JSONEncoder().iterencode(command):
        if line and len(line) + len(part) > _WIDTH:
            yield line.rstrip()
            line = ""
        line += part
    yield line + ending
