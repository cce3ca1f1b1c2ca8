"""The running configuration of the simulated router, and what configuration lines do to it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from . import grammar
from .commands import GLOBAL, LIST_MODES, MODES
from .grammar import Refusal, Row
from .lists import Acl
from .nodes import Node, Place, Question

#: Actions of a class and the like: one of them at a time.
_EXCLUSIVE = ("inspect", "pass", "drop")
_ENTRY = ("permit", "deny", "remark", "evaluate", "sequence")
_KIND = {"ip access-list standard": "standard", "ip access-list extended": "extended"}


@dataclass(slots=True)
class Running:
    """Everything that is configured. Copies of it are what reverts go back to."""

    root: Node = field(default_factory=lambda: Node(""))
    acls: dict[str, Acl] = field(default_factory=dict)

    def copy(self) -> Running:
        """A copy that shares nothing."""
        return copy.deepcopy(self)

    # -- reading ---------------------------------------------------------------------------------

    def top(self, prefix: str) -> list[Node]:
        """Top lines that start with these words."""
        return [n for n in self.root.children if f"{n.text} ".startswith(f"{prefix} ")]

    def groups(self) -> dict[str, list[str]]:
        """Members of network object groups."""
        return {
            n.text.split()[2]: [c.text for c in n.children]
            for n in self.top("object-group network")
        }

    # -- changing --------------------------------------------------------------------------------

    def configure(
        self, line: str, stack: list[Place], live: set[str], *, forced: bool = False
    ) -> None:
        """Carry one line out. Raises Refusal or Question."""
        text = line.strip()
        negative = text.startswith("no ")
        offset = len(line) - len(line.lstrip()) + (3 if negative else 0)
        body = text[3:].strip() if negative else text
        place = stack[-1]
        if place.acl is not None and self._entry(place.acl, body, negative):
            return
        try:
            self._try(place, MODES.get(place.mode, ()), body, negative, stack, live, forced)
        except Refusal as local:
            if place.mode in LIST_MODES or place.mode != "config":
                base = [stack[0]]
                try:
                    self._try(base[0], GLOBAL, body, negative, base, live, forced)
                except Refusal as general:
                    raise _deeper(_moved(local, offset), _moved(general, offset)) from None
                stack[:] = base
                return
            raise _moved(local, offset) from None

    def _entry(self, acl: Acl, body: str, negative: bool) -> bool:
        first = body.split(maxsplit=1)[0] if body.split() else ""
        if not (first.isdecimal() or any(w.startswith(first.lower()) for w in _ENTRY if first)):
            return False
        if negative:
            acl.remove(body)
        else:
            acl.add(body)
        return True

    def _try(
        self,
        place: Place,
        rows: tuple[Row, ...],
        body: str,
        negative: bool,
        stack: list[Place],
        live: set[str],
        forced: bool,
    ) -> None:
        rows = GLOBAL if place.mode == "config" else rows
        if negative:
            self._remove(place, rows, body, live, forced)
            return
        row, full = grammar.match(rows, body)
        if full.startswith(("ip access-list ", "ipv6 access-list ", "access-list ")):
            self._list(full, body, stack)
            return
        self._demand(full, place)
        node = self._set(place.node, row, full)
        if row.opens:
            stack.append(Place(row.opens, node))

    def _set(self, parent: Node, row: Row, full: str) -> Node:
        for sibling in parent.children:
            if sibling.text == full:
                return sibling
        kept: list[Node] = []
        replaced: Node | None = None
        spot: int | None = None
        for sibling in parent.children:
            if _collides(sibling.text, full, row):
                replaced = sibling
                spot = len(kept) if spot is None else spot
            else:
                kept.append(sibling)
        parent.children = kept
        node = Node(full)
        if row.opens and replaced is not None:
            node.children = replaced.children
        if row.default or full == "no shutdown":
            return node  # a default is not printed
        place = parent.children
        if spot is not None:
            place.insert(spot, node)
        elif full.startswith("class type") and place and place[-1].text == "class class-default":
            place.insert(len(place) - 1, node)
        else:
            place.append(node)
        return node

    def _demand(self, full: str, place: Place) -> None:
        words = full.split()
        if full.startswith("class type inspect") and not self._exists("class-map", words[3]):
            raise Refusal(f"% class map {words[3]} not configured\n")
        if full.startswith("service-policy type inspect") and not self.top(
            f"policy-map type inspect {words[3]}"
        ):
            raise Refusal(f"% policy-map {words[3]} not configured\n")
        if (
            words[0] == "inspect"
            and len(words) > 1
            and not self.top(f"parameter-map type inspect {words[1]}")
        ):
            raise Refusal(f"% Parameter-map {words[1]} not found\n")
        if full.startswith("zone-pair security"):
            for zone in (words[4], words[6]):
                if zone != "self" and not self.top(f"zone security {zone}"):
                    raise Refusal(f"% Zone {zone} not configured, cannot be used\n")
        if full.startswith("zone-member") and not self.top(f"zone security {words[2]}"):
            raise Refusal(f"% Zone {words[2]} not configured, cannot be used\n")
        if full.startswith("ip http access-class") and place.mode != "config":
            raise Refusal("% Incomplete command.\n")

    def _exists(self, prefix: str, name: str) -> bool:
        return any(n.text.split()[-1] == name for n in self.top(prefix))

    def _remove(
        self, place: Place, rows: tuple[Row, ...], body: str, live: set[str], forced: bool
    ) -> None:
        if body.startswith(("ip access-list ", "ipv6 access-list ", "access-list ")):
            self._no_list(body)
            return
        try:
            row, full = grammar.match(rows, body)
        except Refusal as refusal:
            found = [n for n in place.node.children if f"{n.text} ".startswith(f"{body} ")]
            if not found:
                if "Incomplete" in str(refusal):
                    return
                raise
            self._delete(place.node, found, live, forced)
            return
        if row.default or row.shown:
            place.node.children = [
                n for n in place.node.children if n.text not in (full, f"no {full}")
            ]
            extra = full.startswith("ip nat service sip") and not full.endswith(" 5060")
            if not extra:
                place.node.children.append(Node(f"no {full}"))
            return
        found = [n for n in place.node.children if n.text == full]
        if not found and row.key and not full.startswith(("ip nat inside", "ip nat source")):
            found = [n for n in place.node.children if _collides(n.text, full, row)]
        if not found and full.startswith(("ip nat inside source static", "ip nat source static")):
            raise Refusal("%Translation not found\n")
        self._delete(place.node, found, live, forced)

    def _delete(self, parent: Node, found: list[Node], live: set[str], forced: bool) -> None:
        for node in found:
            self._check_use(node.text)
            if node.text in live and not forced:
                if " static " in node.text:
                    raise Question(
                        "Static entry in use, do you want to delete child entries? [no]: ",
                        node.text,
                        "%: Error: static entry in use, cannot remove\n",
                    )
                raise Question(
                    "Dynamic mapping in use, do you want to delete all entries? [no]: ",
                    node.text,
                    "%Dynamic mapping in use, cannot remove\n",
                )
            live.discard(node.text)
            parent.children.remove(node)

    def _check_use(self, text: str) -> None:
        words = text.split()
        if text.startswith("ip nat pool ") and any(
            f" pool {words[3]}" in f"{n.text} "
            for n in (*self.top("ip nat inside source"), *self.top("ip nat inside destination"))
        ):
            raise Refusal(f"%Pool {words[3]} in use, cannot destroy\n")
        if text.startswith("object-group") and any(
            f"object-group {words[2]} " in f"{entry} "
            for acl in self.acls.values()
            for _, entry in acl.entries
        ):
            raise Refusal(f"% Object-group {words[2]} cannot be deleted, it is in use\n")
        if text.startswith("class-map") and any(
            c.text == f"class type inspect {words[-1]}"
            for p in self.top("policy-map")
            for c in p.children
        ):
            raise Refusal(f"% Class-map {words[-1]} is being used\n")

    # -- lists -----------------------------------------------------------------------------------

    def _list(self, full: str, typed: str, stack: list[Place]) -> None:
        words = full.split()
        if full.startswith("ip access-list resequence"):
            acl = self.acls.get(words[3])
            if acl is None:
                raise Refusal(f"% Access list {words[3]} does not exist\n")
            acl.resequence(int(words[4]), int(words[5]))
            return
        if words[0] == "access-list":
            number = int(words[1])
            kind = "standard" if number < 100 or 1300 <= number < 2000 else "extended"
            self._open(kind, words[1]).add(" ".join(typed.split()[2:]))
            return
        kind = "ipv6" if words[0] == "ipv6" else words[2]
        acl = self._open(kind, words[-1])
        mode = next(m for m, k in LIST_MODES.items() if k == kind)
        stack[:] = [stack[0], Place(mode, Node(""), acl)]

    def _open(self, kind: str, name: str) -> Acl:
        acl = self.acls.setdefault(name, Acl(kind, name))
        if acl.kind != kind:
            raise Refusal(
                "Access-list type conflicts with prior definition\n"
                f"% A named {acl.kind} access list with this name already exists\n"
            )
        return acl

    def _no_list(self, body: str) -> None:
        words = body.split()
        name = words[1] if words[0] == "access-list" else words[-1]
        if words[0] == "access-list" and len(words) > 2:
            # The whole list goes, whatever entry was named.
            name = words[1]
        if name not in self.acls:
            raise Refusal("% Access list does not exist\n" if words[0] != "access-list" else "")
        del self.acls[name]


def _collides(old: str, new: str, row: Row) -> bool:
    """Does the new line take the old one's place?"""
    if old in (f"no {new}", new) or new == f"no {old}":
        return True
    first, words = old.split(), new.split()
    if row.pattern.endswith("(in|out)"):
        depth = len(row.pattern.split()) - 2
        return first[:depth] == words[:depth] and first[-1] == words[-1]
    if words[0] in _EXCLUSIVE and first[0] in _EXCLUSIVE:
        return True
    if not row.key:
        return False
    if first[-1] == "secondary":
        return False
    return first[: row.key] == words[: row.key] and len(first) >= row.key


def _moved(refusal: Refusal, offset: int) -> Refusal:
    text = str(refusal)
    if not text.startswith("^"):
        return refusal
    column, rest = text[1:].split("\n", 1)
    return Refusal(f"^{int(column) + offset}\n{rest}")


def _deeper(one: Refusal, other: Refusal) -> Refusal:
    """Of two parsers' refusals, that of the one which came furthest."""

    def depth(refusal: Refusal) -> int:
        text = str(refusal)
        return int(text[1:].split("\n", 1)[0]) if text.startswith("^") else 10_000

    return one if depth(one) > depth(other) else other
