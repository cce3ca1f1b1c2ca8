"""Three readings of one ordered menu, merged: how it must look when a change is taken back.

A menu is a list of rules without ids, so a rule is known by all it says. What stands in the same
order before and after the change is its backbone: what goes back is placed by it, and what others
added since stays where they put it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from routercfg.model.undo import Conflict

from .export import Statement
from .likeness import Said, Token, backbone, content, edited, likest, line, tokens
from .naming import tag_of


@dataclass(eq=False, slots=True)
class Node:
    """One rule: as it stands (None: not yet there), and as it must be (None: it goes)."""

    now: Statement | None
    then: Statement | None
    moved: bool = False

    @property
    def still(self) -> bool:
        """Does it stand, and stay where it is?"""
        return self.now is not None and self.then is not None and not self.moved


@dataclass(slots=True)
class Merged:
    """A menu's rules in the order that they must get, those that go among them.

    `live`: those that stand, in the order of now.
    """

    nodes: list[Node]
    live: list[Node]
    conflicts: list[Conflict] = field(default_factory=list)


def merge(
    before: Sequence[Statement], after: Sequence[Statement], now: Sequence[Statement]
) -> Merged:
    """The menu `now` with what differs between `before` and `after` taken back."""
    return _Merge(before, after, now).run()


class _Merge:
    def __init__(
        self, before: Sequence[Statement], after: Sequence[Statement], now: Sequence[Statement]
    ) -> None:
        self.before = tokens(before)
        self.after = tokens(after)
        self.now = tokens(now)
        self.nodes = {token: Node(one, one) for token, one in self.now.items()}
        self.order = list(self.nodes.values())
        self.conflicts: list[Conflict] = []
        self.edited = edited(self.before, self.after)
        #: What the change added, removed or moved: copies cannot be told apart, so all count.
        self.copied: set[Said] = set()
        #: Rules of others, and rules that somebody edited since.
        self.strangers = [t for t in self.now if t not in self.before and t not in self.after]
        self.copies: dict[Token, Node] = {}
        self.lost: Counter[Said] = Counter()
        #: By the name that a rule has before the change: what stands in its place now.
        self.standing: dict[Token, Node] = {}

    def run(self) -> Merged:
        live = list(self.order)
        if list(self.before) == list(self.after):
            return Merged(self.order, live)
        names = {token: old for old, token in self.edited.items()}
        sequence = [names.get(token, token) for token in self.after]
        firm = self._firm(sequence)
        for old in firm:
            self._stand(old)
        as_left = self._as_left(sequence)
        self._take_away()
        self.copies = self._match_copies()
        self.lost = self._lost()
        for old in self.before:
            stayed = old in firm and old not in self.edited
            if old not in self.standing and not stayed:
                self._bring_back(old, moved_by_us=old[0] in as_left)
        return Merged(self.order, live, self.conflicts)

    def _firm(self, sequence: list[Token]) -> set[Token]:
        """What our change neither added nor removed nor moved; it may have edited it."""
        run = set(backbone(list(self.before), sequence))
        self.copied = {token[0] for token in (*self.before, *self.after) if token not in run}
        firm = {token for token in run if token[0] not in self.copied}
        self.edited = {old: new for old, new in self.edited.items() if old in firm}
        return firm

    def _as_left(self, sequence: list[Token]) -> set[Said]:
        """Rules that stand where our change left them."""
        return {
            old[0]
            for old in sequence
            if old in self.nodes
            and self._between(self.nodes[old], *self._neighbours(old, sequence))
        }

    def _lost(self) -> Counter[Said]:
        """How many of each that our change left, and that must be there again, are gone by hand."""
        was, left, found = (
            Counter(t[0] for t in one) for one in (self.before, self.after, self.now)
        )
        return Counter({one: min(was[one], left[one]) - found[one] for one in self.copied})

    def _stand(self, old: Token) -> None:
        """A rule of the backbone: it stands, as our change or somebody since left it, or not."""
        new = self.edited.get(old)
        if new is None:
            if old in self.nodes:
                self.standing[old] = self.nodes[old]
            return
        if old in self.nodes:
            self.standing[old] = self.nodes[old]
            if new in self.nodes:
                self.nodes[new].then = None
        elif new in self.nodes:
            self._become(self.nodes[new], old)
        else:
            found = self._stranger_like(self.after[new], self.before[old])
            self._conflict(self.after[new], found)
            if found is not None:
                self._become(found, old)

    def _take_away(self) -> None:
        """What our change added, and what bears its mark or is a copy of it: all the same thing.

        Gone by hand, a rule is as it was before the change.
        """
        added = [t for t in self.after if t not in self.before and t not in self.edited.values()]
        missing = [self.after[token] for token in added if token not in self.nodes]
        for token in added:
            if token in self.nodes:
                self.nodes[token].then = None
        tags = {tag_of(self.after[t]) for t in self.after if t not in self.before} - {None}
        for token in [
            t for t in self.strangers if t[0] in self.copied or tag_of(self.now[t]) in tags
        ]:
            self.strangers.remove(token)
            node = self.nodes[token]
            left = likest(self.now[token], missing)
            if left is not None:
                missing.remove(left)
            self._conflict(left, node)
            node.then = None

    def _bring_back(self, old: Token, *, moved_by_us: bool) -> None:
        """A rule that our change removed or moved: back to its place among what stands."""
        left = self.before[old] if (old[0], 0) in self.after else None
        node = self.copies.get(old)
        there = node is not None
        if node is None and old not in self.edited:
            node = self._stranger_like(self.before[old])
            if node is not None or self.lost[old[0]] > 0:
                self.lost[old[0]] -= 1
                self._conflict(left, node)
            if node is not None:
                self._become(node, old)
        if node is None:
            self._place(Node(None, self.before[old]), old)
            return
        neighbours = self._neighbours(old, list(self.before))
        if not self._between(node, *neighbours):
            if there and not moved_by_us:
                self._misplaced(left, old, node)
            self.order.remove(node)
            node.moved = True
            self._place(node, old)
        self.standing[old] = node

    def _match_copies(self) -> dict[Token, Node]:
        """Rules that are to come back and stand already; of copies each where it fits best.

        Each place is a stretch between two neighbours: copies in their order, and to each the
        place that ends first, serve as many places as can be served.
        """
        places: dict[Token, tuple[int, int]] = {}
        for old in self.before:
            if old[0] in self.copied and old not in self.standing:
                places[old] = self._stretch(*self._neighbours(old, list(self.before)))
        found: dict[Token, Node] = {}
        spare: list[tuple[Said, Node]] = []
        for at, node in enumerate(self.order):
            if node.now is None or node.then is None:
                continue
            said = content(node.now)
            fits = [t for t, (low, high) in places.items() if t[0] == said and low < at < high]
            if fits:
                best = min(fits, key=lambda token: places[token][1])
                found[best] = node
                del places[best]
            elif said in self.copied:
                spare.append((said, node))
        for said, node in spare:
            other = next((token for token in places if token[0] == said), None)
            if other is not None:
                found[other] = node
                del places[other]
        return found

    def _place(self, node: Node, old: Token) -> None:
        ahead, behind = self._neighbours(old, list(self.before))
        if behind is not None:
            self.order.insert(self.order.index(behind), node)
        elif ahead is not None:
            self.order.insert(self.order.index(ahead) + 1, node)
        else:
            self.order.insert(0, node)
        self.standing[old] = node

    def _neighbours(self, old: Token, sequence: list[Token]) -> tuple[Node | None, Node | None]:
        """The nearest that stand, ahead of a rule and behind it."""
        at = sequence.index(old)
        ahead = (self.standing[t] for t in reversed(sequence[:at]) if t in self.standing)
        behind = (self.standing[t] for t in sequence[at + 1 :] if t in self.standing)
        return next(ahead, None), next(behind, None)

    def _between(self, node: Node, ahead: Node | None, behind: Node | None) -> bool:
        low, high = self._stretch(ahead, behind)
        return low < self.order.index(node) < high

    def _stretch(self, ahead: Node | None, behind: Node | None) -> tuple[int, int]:
        high = len(self.order) if behind is None else self.order.index(behind)
        low = -1 if ahead is None else self.order.index(ahead)
        # Where somebody turned the neighbours round, the one behind counts.
        return (low if low < high else -1), high

    def _become(self, node: Node, old: Token) -> None:
        node.then = self.before[old]
        self.standing[old] = node

    def _stranger_like(self, *wanted: Statement) -> Node | None:
        """A rule that is one of these, edited."""
        for one in wanted:
            found = likest(one, [self.now[token] for token in self.strangers])
            if found is not None:
                token = next(token for token in self.strangers if self.now[token] is found)
                self.strangers.remove(token)
                return self.nodes[token]
        return None

    def _conflict(self, left: Statement | None, found: Node | None) -> None:
        stands = found.now if found is not None else None
        self.conflicts.append(
            Conflict((line(left),) if left else (), (line(stands),) if stands else ())
        )

    def _misplaced(self, left: Statement | None, old: Token, node: Node) -> None:
        at = self.order.index(node)
        behind = next((one.now for one in self.order[at + 1 :] if one.now is not None), None)
        where = f"# before {line(behind)}" if behind is not None else "# at the end"
        found = (line(self.before[old]), where)
        self.conflicts.append(Conflict((line(left),) if left else (), found))
