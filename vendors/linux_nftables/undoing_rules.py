"""The way back for tables, chains, sets, objects and rules of nft, as one atomic list of commands.

What differs between the readings before and after a change goes back; handles are those of now.
Elements of sets are left alone: the pack writes none, and fail2ban and its like do all the time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from routercfg.errors import PackError
from routercfg.model.undo import Conflict

from .firewall import TAG
from .listing import Line, Listing, Name
from .ruleset import Json, TableId
from .sequence import merge
from .wording import named_line, rule_line, table_line

_VERDICTS = frozenset({"accept", "drop", "return", "reject"})
_OBJECTS = frozenset(
    {"ct helper", "ct timeout", "ct expectation", "counter", "quota", "limit", "secmark"}
)


def undo_rules(
    before: Listing, after: Listing, now: Listing
) -> tuple[tuple[Json, ...], tuple[Conflict, ...]]:
    """Commands for `nft -j -f`, in order, and what stands in the way."""
    way = _Way(before, after, now)
    way.find()
    return way.commands, tuple(way.conflicts)


class _Way:
    """The commands as they are found. Their order: what stands in the way of what comes back goes
    first; a rule is put in before its neighbour of now, so before that neighbour may go.
    """

    def __init__(self, before: Listing, after: Listing, now: Listing) -> None:
        self._before, self._after, self._now = before, after, now
        self.conflicts: list[Conflict] = []
        self._clear: list[Json] = []
        self._made: list[Json] = []
        self._added: list[Json] = []
        self._inserted: list[Json] = []
        self._deleted: list[Json] = []
        self._dropped: list[Json] = []
        self._brought: set[object] = set()

    @property
    def commands(self) -> tuple[Json, ...]:
        """Everything in the order that nft can carry it out."""
        parts = (self._clear, self._made, self._added, self._inserted)
        return tuple(one for part in (*parts, self._deleted, self._dropped) for one in part)

    def find(self) -> None:
        """Go through every table of the three readings."""
        for table in self._after.tables:
            if table not in self._before.tables and table in self._now.tables:
                self._drop_table(table)
        for table in self._before.tables:
            if table in self._after.tables:
                self._undo_within(table)
            else:
                self._bring_back_table(table)

    def _drop_table(self, table: TableId) -> None:
        for name in self._now.of(table):
            self._note_changes(name)
        self._dropped.append(_command("delete", "table", _table(table)))

    def _note_changes(self, name: Name) -> None:
        """Conflicts: what is in a thing we made and are about to delete, and is not ours."""
        left, found = self._after.named.get(name), self._now.named[name]
        if left != found:
            self._conflict(
                (named_line(name, left),) if left else (),
                (named_line(name, found), *_lines(self._now, name)),
            )
            return
        ours = [line.said for line in self._after.rules.get(name, ())]
        lines = self._now.rules.get(name, ())
        done = merge([], ours, [line.said for line in lines], _kin)
        for index, place in done.changed:
            self._changed(name, index, place)
        for place in sorted(set(range(len(lines))) - set(done.removed)):
            self._conflict((), (rule_line(name, lines[place]),))

    def _bring_back_table(self, table: TableId) -> None:
        if table in self._now.tables:
            if _contents(self._before, table) == _contents(self._now, table):
                return
            found = [line for name in self._now.of(table) for line in _all(self._now, name)]
            self._conflict((), (table_line(table), *found))
            self._clear.append(_command("delete", "table", _table(table)))
        self._bring_table(table)
        for name in self._before.of(table):
            self._bring(name)

    def _undo_within(self, table: TableId) -> None:
        for name in self._after.of(table):
            if name not in self._before.named and name in self._now.named:
                self._note_changes(name)
                self._drop(name)
        for name in self._before.of(table):
            if name not in self._after.named:
                self._bring_back(name)
            elif name.kind == "chain":
                self._undo_chain(name)

    def _drop(self, name: Name) -> None:
        body = {**_table(name.table, "table"), "name": name.name}
        if name.kind == "chain":
            self._deleted.append(_command("flush", "chain", body))
        self._dropped.insert(0, _command("delete", name.kind, body))

    def _bring_back(self, name: Name) -> None:
        if name in self._now.named:
            if _content(self._before, name) == _content(self._now, name):
                return
            self._conflict((), _all(self._now, name))
            body = {**_table(name.table, "table"), "name": name.name}
            if name.kind == "chain":
                self._clear.append(_command("flush", "chain", body))
            self._clear.append(_command("delete", name.kind, body))
        self._bring(name)

    def _undo_chain(self, chain: Name) -> None:
        self._undo_definition(chain)
        before, after, now = (
            one.rules.get(chain, ()) for one in (self._before, self._after, self._now)
        )
        said = [[line.said for line in lines] for lines in (before, after, now)]
        if said[0] == said[1]:
            return
        found = merge(said[0], said[1], said[2], _kin)
        if not (found.removed or found.inserted or found.changed):
            return
        if any(_made_by_iptables(line) for line in (*before, *now)):
            raise PackError(
                f"chain {chain.table} {chain.name} holds rules that iptables made: "
                "what changed between them must be put back with iptables"
            )
        if chain not in self._now.named:
            self._need(chain)
            return
        for index, place in found.changed:
            self._changed(chain, index, place)
        place_of = {**_table(chain.table, "table"), "chain": chain.name}
        for place in found.removed:
            self._deleted.append(
                _command("delete", "rule", {**place_of, "handle": now[place].handle})
            )
        for slot, index in found.inserted:
            self._put(before[index], now[slot].handle if slot < len(now) else None)

    def _undo_definition(self, chain: Name) -> None:
        before, after = self._before.named[chain], self._after.named[chain]
        if before == after or chain not in self._now.named:
            return
        now = self._now.named[chain]
        if {**before, "policy": ""} != {**after, "policy": ""}:
            raise PackError(
                f"chain {chain.table} {chain.name} was made anew during that run, "
                "by somebody else: put it back by hand"
            )
        if now == before:
            return
        if now != after:
            self._conflict((named_line(chain, after),), (named_line(chain, now),))
        self._added.append(_command("add", "chain", before))

    def _put(self, line: Line, handle: int | None) -> None:
        self._need_all(line.body, TableId(line.body["family"], line.body["table"]))
        if handle is None:
            self._inserted.append(_command("add", "rule", line.body))
        else:
            self._inserted.append(_command("insert", "rule", {**line.body, "handle": handle}))

    def _bring(self, name: Name) -> None:
        """Add what the first reading had under this name, once; a chain with all its rules."""
        if name in self._brought:
            return
        self._brought.add(name)
        if name.table not in self._now.tables:
            self._bring_table(name.table)
        body = self._before.named[name]
        self._need_all(body, name.table)
        self._added.append(_command("add", name.kind, body))
        for line in self._before.rules.get(name, ()):
            self._put(line, None)

    def _bring_table(self, table: TableId) -> None:
        if table not in self._brought:
            self._brought.add(table)
            self._made.append(_command("add", "table", self._before.tables[table]))

    def _need_all(self, body: Any, table: TableId) -> None:
        for name in _names_in(body, table):
            self._need(name)

    def _need(self, name: Name) -> None:
        """What something that comes back cannot do without and somebody has removed since."""
        if name in self._now.named or name in self._brought or name not in self._before.named:
            return
        if name in self._after.named:
            self._conflict((named_line(name, self._after.named[name]),), ())
        self._bring(name)

    def _changed(self, chain: Name, index: int | None, place: int) -> None:
        left = () if index is None else (rule_line(chain, self._after.rules[chain][index]),)
        self._conflict(left, (rule_line(chain, self._now.rules[chain][place]),))

    def _conflict(self, left: Iterable[str], found: Iterable[str]) -> None:
        self.conflicts.append(Conflict(tuple(left), tuple(found)))


def _command(verb: str, kind: str, body: Json) -> Json:
    return {verb: {kind: body}}


def _table(table: TableId, key: str = "name") -> dict[str, Any]:
    return {"family": table.family, key: table.name}


def _lines(listing: Listing, name: Name) -> tuple[str, ...]:
    return tuple(rule_line(name, line) for line in listing.rules.get(name, ()))


def _all(listing: Listing, name: Name) -> tuple[str, ...]:
    return (named_line(name, listing.named[name]), *_lines(listing, name))


def _content(listing: Listing, name: Name) -> tuple[Json, list[str]]:
    return listing.named[name], [line.said for line in listing.rules.get(name, ())]


def _contents(listing: Listing, table: TableId) -> list[tuple[Json, list[str]]]:
    return [_content(listing, name) for name in sorted(listing.of(table), key=str)]


def _made_by_iptables(line: Line) -> bool:
    return any(isinstance(one, dict) and "xt" in one for one in line.body.get("expr", ()))


def _kin(one: str, other: str) -> bool:
    """May a rule be another that somebody edited: our mark, or the same packets and a like end?"""
    first, second = json.loads(one), json.loads(other)
    if first.get("comment", "").startswith(TAG) and first["comment"] == second.get("comment"):
        return True
    matches = [
        [part for part in rule.get("expr", ()) if "match" in part] for rule in (first, second)
    ]
    ends = [_end(rule.get("expr", ())) for rule in (first, second)]
    return bool(matches[0]) and matches[0] == matches[1] and ends[0] == ends[1]


def _end(expressions: list[Any]) -> str:
    word = next(iter(expressions[-1])) if expressions else ""
    return "verdict" if word in _VERDICTS else str(word)


def _names_in(value: Any, table: TableId) -> Iterator[Name]:
    """Sets, maps, objects and chains that a body refers to, as far as they can be told."""
    if isinstance(value, str) and value.startswith("@"):
        for kind in ("set", "map", "flowtable"):
            yield Name(kind, table, value[1:])
    elif isinstance(value, list):
        for one in value:
            yield from _names_in(one, table)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in _OBJECTS and isinstance(inner, str):
                yield Name(key, table, inner)
            elif key in ("jump", "goto") and isinstance(inner, dict):
                yield Name("chain", table, inner.get("target", ""))
            else:
                yield from _names_in(inner, table)
