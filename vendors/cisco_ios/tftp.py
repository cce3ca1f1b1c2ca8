"""TFTP through the zone firewall: the server answers from a port that nobody has asked.

Before IOS-XE only a class with `match protocol tftp` expects that answer, and only where no more
general match comes first (Cisco document 98628, "Zone-Based Policy Firewall Design and Application
Guide": FTP, TFTP and voice need the specific match before `tcp` or `udp`). IOS-XE looks into plain
UDP as well, which `application-inspect tftp` switches. What is passed must be passed back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from routercfg.errors import PackError
from routercfg.model.change import EnableTftp
from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Ruleset
from routercfg.model.reachability import Query, exposed
from routercfg.model.state import Helper
from routercfg.net import PortSet

from .config import Line
from .interfaces import read_wans
from .naming import owner
from .quoting import line
from .rendering import split
from .source import Source
from .zones import Pair, class_map, classes_of, pairs

_TFTP = "match protocol tftp"
_PORT = PortSet.of(69)


def zone_tftp(source: Source) -> list[Helper]:
    """One helper per pair of zones from inside to outside that lets TFTP out."""
    found = []
    every = pairs(source)
    for pair in every:
        if not _leads_out(source, pair):
            continue
        helper = _judged(source, pair, every)
        if helper is not None:
            found.append(helper)
    return list({helper.id: helper for helper in found}.values())


def _leads_out(source: Source, pair: Pair) -> bool:
    wans = read_wans(source.config, source.ports)
    outer = frozenset() if isinstance(wans, Unknown) else frozenset(wan.name for wan in wans)
    here = source.zones.get(pair.source, frozenset())
    return bool(source.zones.get(pair.destination, frozenset()) & outer) and not here & outer


def _judged(source: Source, pair: Pair, every: list[Pair]) -> Helper | None:
    """By the first match that TFTP meets. None: it is refused, or goes by what passes our own."""
    for name, action in classes_of(source, pair.policy) if pair.policy else ():
        definition = class_map(source, name)
        met = _met(source, name, definition)
        if met is None:
            continue
        if owner(name) is not None or action.child("drop") is not None:
            return None
        place = f"policy-map type inspect {pair.policy} / {action.text}"
        if action.child("inspect") is not None:
            return _inspected(source, place, action, definition, met)
        if action.child("pass") is not None:
            back = [one for one in every if (one.source, one.destination) == _reverse(pair)]
            passed = any(_returns(source, one) for one in back)
            return Helper(f"{place} / pass", "tftp", passed, evidence=(source.evidence(action),))
        return None
    return None


def _reverse(pair: Pair) -> tuple[str, str]:
    return pair.destination, pair.source


def _met(source: Source, name: str, definition: Line | None) -> str | None:
    """The statement by which a class takes TFTP; None where it does not."""
    if name == "class-default":
        return name
    statements = definition.all("match") if definition is not None else []
    if definition is None or not statements:
        return None
    takes = [one for one in statements if _takes(source, one)]
    if "match-any" in definition.words:
        return takes[0].text if takes else None
    # All of them together: what is left out of one is left out of the class.
    return takes[-1].text if len(takes) == len(statements) else None


def _takes(source: Source, statement: Line) -> bool:
    match statement.words[1:]:
        case ["protocol", ("tftp" | "udp"), *_]:
            return True
        case ["access-group", "name", name] | ["access-group", name]:
            acl = source.acls.get(4, name)
            listed = Ruleset((source.acls.chain(acl),)) if acl is not None else None
            return listed is not None and bool(exposed(listed, Query(4, "udp", _PORT)))
    return False


def _inspected(
    source: Source, place: str, action: Line, definition: Line | None, met: str
) -> Helper:
    if source.is_xe or met == _TFTP or definition is None:
        enabled = source.is_xe or met == _TFTP
        return Helper(f"{place} / inspect", "tftp", enabled, evidence=(source.evidence(action),))
    evidence = [source.evidence(definition)]
    evidence += (source.evidence(one) for one in definition.all("match"))
    return Helper(f"{definition.text} / {_TFTP}", "tftp", enabled=False, evidence=tuple(evidence))


def _returns(source: Source, pair: Pair) -> bool:
    """Does a pair of zones let an answer from a new port in?"""
    for name, action in classes_of(source, pair.policy) if pair.policy else ():
        definition = class_map(source, name)
        statements = definition.all("match") if definition is not None else []
        texts = {one.text for one in statements}
        if name == "class-default" or "match protocol udp" in texts:
            return action.child("pass") is not None or action.child("inspect") is not None
    return False


def tftp_lines(change: EnableTftp) -> list[str]:
    """The lines that switch each helper on. Raises PackError where a person has to."""
    return [text for helper in change.helpers for text in _lines(helper)]


def _lines(helper: Helper) -> Iterator[str]:
    if helper.id.startswith("policy-map"):
        raise PackError(f"{helper.id}: it needs a class of its own for TFTP before it")
    if not helper.id.startswith("class-map"):
        yield from split(helper.id)
        return
    header, _, wanted = helper.id.partition(" / ")
    matches = [one.text for one in helper.evidence[1:]]
    if "match-all" in header.split() or any("access-group" in text for text in matches):
        raise PackError(f"{header}: it needs a class of its own for TFTP before it")
    yield line(header)
    if wanted not in matches:
        yield wanted
    # A match that is typed again comes last, behind the one for TFTP; the class is never empty.
    yield "no match protocol udp"
    yield "match protocol udp"


FILTERS: Mapping[str, Callable[..., Any]] = {"tftp_lines": tftp_lines}
