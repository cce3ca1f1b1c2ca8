"""The way back from a change that was confirmed: what a push touched, on the router as it is now.

Objects return before what uses them, and go after it; nothing that is in use is ever missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from routercfg.errors import PackError, ParseError
from routercfg.model.undo import Conflict, Undo
from routercfg.platforms.outputs import Outputs

from .config import Line
from .quoting import line as quoted
from .relisting import Listing, read_listings, relist
from .resetting import Resetter, Thing, things
from .source import Source, make_source

#: What others refer to, in the order in which it is made; it goes in the opposite order.
_OBJECTS = (
    "vrf definition ",
    "ip vrf ",
    "ipv6 unicast-routing",
    "object-group ",
    "access list",
    "parameter-map ",
    "class-map ",
    "policy-map ",
    "zone security ",
    "ip nat pool ",
)
#: Between what comes and what goes: everything else.
_MIDDLE = len(_OBJECTS)
_LISTS = re.compile(r"(?:no )?(?:ip access-list|ipv6 access-list|access-list) ")
#: How an object is named where it is used; a name alone is used by several kinds.
_USES = {
    "access list": r"(?:access-group(?: name)?|access-class(?: ipv[46])?|traffic-filter"
    r"|access-list(?: name)?|(?:ip|ipv6) address|list|R[OW](?: ipv6 \S+)?|R[OW] ipv6) {}(?: |$)",
    "object-group ": r"(?:object-group|group-object) {}(?: |$)",
    "parameter-map ": r"^inspect {}$",
    "class-map ": r"^class type inspect {}$",
    "policy-map ": r"^service-policy type inspect {}$",
    "zone security ": r"^zone-(?:member security|pair .* (?:source|destination)) {}(?: |$)",
    "ip nat pool ": r" pool {}(?: |$)",
}  # fmt: skip
_HIDDEN = re.compile(r"<(?:hidden|removed|redacted|secret)\b[^>]*>|\*{3,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines that are sent together, and when."""

    rank: int
    lines: tuple[str, ...]
    #: Header of an object that goes, or nothing.
    removes: str = ""


def undo(before: Outputs, after: Outputs, now: Outputs) -> Undo:
    """What brings back what differs between the first two readings.

    Raises ParseError where a reading is not the whole of one, PackError where something of ours
    that would go is used by others, or a secret would have to return that the reading hides.
    """
    sources = [_whole(outputs) for outputs in (before, after, now)]
    pieces, conflicts, gone = _lists(*sources)
    resetter = Resetter(conflicts)
    tops = (_tops(source) for source in sources)
    for thing in things(*tops):
        found = resetter.lines(thing)
        if found:
            pieces.append(_piece(thing, found))
    _check_free(sources[2], pieces, gone | resetter.gone)
    pieces.sort(key=lambda piece: piece.rank)
    commands = tuple(quoted(text) for piece in pieces for text in piece.lines)
    for text in commands:
        if _HIDDEN.search(text):
            what = " ".join(text.split()[:2])
            raise PackError(f"the reading hides a secret that would have to return: {what} …")
    return Undo(commands, tuple(resetter.conflicts))


def _whole(outputs: Outputs) -> Source:
    source = make_source(outputs)
    if not source.ports or source.config.first("version") is None:
        raise ParseError("the configuration lacks its head: it is not the whole of one")
    return source


def _tops(source: Source) -> list[Line]:
    return [line for line in source.config.lines if not _LISTS.match(line.text)]


def _lists(
    before: Source, after: Source, now: Source
) -> tuple[list[_Piece], list[Conflict], set[int]]:
    readings = [read_listings(source) for source in (before, after, now)]
    pieces: list[_Piece] = []
    conflicts: list[Conflict] = []
    gone: set[int] = set()
    for key in dict.fromkeys(key for reading in readings for key in reading):
        found = relist(*(reading.get(key) for reading in readings))
        conflicts += found.conflicts
        gone |= found.gone
        place = _OBJECTS.index("access list")
        if found.edit:
            pieces.append(_Piece(place, found.edit))
        if found.delete:
            header = _header(readings[2].get(key))
            pieces.append(_Piece(2 * _MIDDLE - place, found.delete, header))
    return pieces, conflicts, gone


def _header(listing: Listing | None) -> str:
    return f"access list {listing.name}" if listing is not None else ""


def _piece(thing: Thing, lines: list[str]) -> _Piece:
    shown = thing.before or thing.now
    text = shown.text if shown is not None else ""
    place = next((n for n, start in enumerate(_OBJECTS) if text.startswith(start)), None)
    if place is None:
        # A zone pair needs its zones and its policy, and both need it gone.
        return _Piece(_MIDDLE, tuple(lines))
    if thing.before is None:
        return _Piece(2 * _MIDDLE - place, tuple(lines), text)
    if thing.is_section and thing.now is not None:
        # An edit may take away what is about to go, or bring in what has just come.
        return _Piece(max(place, _MIDDLE) if text.startswith("policy-map") else place, tuple(lines))
    return _Piece(place, tuple(lines))


def _check_free(now: Source, pieces: list[_Piece], gone: set[int]) -> None:
    """Raise PackError where others use what would go: a list that is not there lets all in."""
    removed = [piece.removes for piece in pieces if piece.removes]
    for header in removed:
        kind = next((kind for kind in _USES if header.startswith(kind)), None)
        if kind is None:
            continue
        words = header.split()
        name = words[3] if kind == "ip nat pool " else words[-1]
        pattern = re.compile(_USES[kind].format(re.escape(name)))
        for line in _staying(now, gone):
            if pattern.search(line.text):
                # No more of the line: it may be one that holds a community.
                what = f"line {line.number}, {' '.join(line.words[:2])} …"
                raise PackError(f"{header} is used by others, so it cannot go: {what}")


def _staying(now: Source, gone: set[int]) -> Iterator[Line]:
    return (line for line in now.config.walk() if line.number not in gone)
