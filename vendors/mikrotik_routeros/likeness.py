"""Which rule of one reading is which of another: an export holds no ids, so what they say tells."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping

from .export import Statement
from .naming import tag_of

#: All that a rule says.
Said = tuple[tuple[str, str], ...]
#: A rule: what it says, and which of those that say just this it is.
Token = tuple[Said, int]
#: Most properties in which an edited rule of ours, known by its comment, differs.
_MOST_EDITED = 3
#: Properties that a rule without our comment must share with another to be the same one, edited.
_LEAST_SHARED = 3
#: The one property in which it may then differ: not what the rule is about.
_EDITABLE = {"comment", "disabled", "log", "log-prefix", "to-addresses", "to-address", "to-ports",
             "in-interface", "in-interface-list", "src-address", "src-address-list"}  # fmt: skip


def content(one: Statement) -> Said:
    """All that a rule says."""
    return tuple(sorted(one.values.items()))


def line(one: Statement) -> str:
    """The rule as an export has it."""
    words = " ".join(f"{key}={_shown(value)}" for key, value in one.values.items())
    return f"/{one.menu} {one.verb} {words}"


def tokens(rules: Iterable[Statement]) -> dict[Token, Statement]:
    """The rules by what they say, in their order."""
    seen: Counter[Said] = Counter()
    found: dict[Token, Statement] = {}
    for one in rules:
        said = content(one)
        found[said, seen[said]] = one
        seen[said] += 1
    return found


def edited(
    before: Mapping[Token, Statement], after: Mapping[Token, Statement]
) -> dict[Token, Token]:
    """Rules that our change edited: what each was before it, and what after."""
    fresh = [token for token in after if token not in before]
    found: dict[Token, Token] = {}
    for old in (token for token in before if token not in after):
        one = before[old]
        alike = [after[token] for token in fresh if tag_of(after[token]) == tag_of(one)]
        new = likest(one, alike)
        if new is not None:
            found[old] = next(token for token in fresh if after[token] is new)
            fresh.remove(found[old])
    return found


def likest(one: Statement, others: Iterable[Statement]) -> Statement | None:
    """The one among others that may be this rule, edited, with the fewest differences."""
    differences = ((_difference(one, other), other) for other in others)
    alike = [(number, other) for number, other in differences if number is not None]
    return min(alike, key=lambda pair: pair[0])[1] if alike else None


def _difference(one: Statement, other: Statement) -> int | None:
    """In how many properties two rules differ; None where they are no editions of one rule."""
    if one.get("chain") != other.get("chain"):
        return None
    keys = one.values.keys() | other.values.keys()
    differing = {key for key in keys if one.values.get(key) != other.values.get(key)}
    ours = tag_of(one) is not None and one.get("comment") == other.get("comment")
    if ours and len(differing) <= _MOST_EDITED:
        return len(differing)
    if len(differing) == 1 and differing <= _EDITABLE and len(keys) > _LEAST_SHARED:
        return 1
    return None


def backbone(before: list[Token], after: list[Token]) -> list[Token]:
    """The longest run of rules that stand in the same order in both."""
    places = {token: place for place, token in enumerate(after)}
    ends: list[int] = []
    runs: list[Token] = []
    link: dict[Token, Token | None] = {}
    for token in before:
        if token not in places:
            continue
        at = bisect_left(ends, places[token])
        link[token] = runs[at - 1] if at else None
        ends[at : at + 1] = [places[token]]
        runs[at : at + 1] = [token]
    found: list[Token] = []
    last = runs[-1] if runs else None
    while last is not None:
        found.append(last)
        last = link[last]
    return found[::-1]


def _shown(value: str) -> str:
    plain = value and not any(c in value for c in ' "\\=;')
    return value if plain else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
