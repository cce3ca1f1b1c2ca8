"""Which sources can open a new connection? Computed from the router's own rules, exactly.

The analysis is a *may* analysis: `may(ruleset, query, ACCEPT)` holds every source that can possibly
be let in, `may(ruleset, query, DROP)` every source that can possibly be refused. What may be let in
is exposed; what cannot be refused is certain to pass. A matcher we do not understand, or one the
query only partly fits, makes a rule "maybe": it sends packets both ways. So an opaque accept
exposes all it might match, an opaque drop shields nothing, and for "may the provider pass" both err
the other way.

Sources are exact sets; every other dimension (protocol, port, destination, interface, state) is
judged against the query as yes, maybe or no. Within a run of rules that need no jump the verdict of
each source is that of the first rule covering it, found with one sweep: 10,000 rules take well
under 100 ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from heapq import heappop, heappush
from itertools import pairwise
from typing import TypeVar

from routercfg.model.firewall import Chain, Interfaces, Match, Rule, Ruleset, Verdict
from routercfg.net import EVERYBODY, NOBODY, Family, PortSet, PrefixSet
from routercfg.net import intervals as algebra
from routercfg.net.intervals import Interval, Intervals

_Set = TypeVar("_Set", PortSet, PrefixSet)

#: Deeper than any platform allows.
_MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Query:
    """A new connection: protocol and ports, where it comes in, where it goes.

    `ports` may be several: a rule on some of them fits partly. `destinations` None means unknown
    to us: every rule on a destination fits partly. Interfaces that are None are unknown likewise.
    """

    family: Family
    protocol: str
    ports: PortSet | None = None
    in_interface: str | None = None
    out_interface: str | None = None
    destinations: PrefixSet | None = None
    state: str = "new"
    dnat: bool = False
    icmp_type: int | None = None


class Fit(Enum):
    """How a rule's matchers, all but the source, fit a query."""

    NO = 0
    MAYBE = 1
    YES = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """Sources that may meet the wanted verdict, and those that may leave the chain undecided."""

    met: PrefixSet
    undecided: PrefixSet


def exposed(ruleset: Ruleset, query: Query) -> PrefixSet:
    """Sources that can open this connection, at most."""
    return may(ruleset, query, Verdict.ACCEPT)


def assured(ruleset: Ruleset, query: Query) -> PrefixSet:
    """Sources that certainly can open this connection."""
    return EVERYBODY.only(query.family) - may(ruleset, query, Verdict.DROP)


def may(ruleset: Ruleset, query: Query, verdict: Verdict) -> PrefixSet:
    """Sources for which the ruleset can possibly end in `verdict` (ACCEPT or DROP)."""
    everybody = EVERYBODY.only(query.family)
    met = everybody if verdict is Verdict.ACCEPT else NOBODY
    question = _Question(ruleset, query, verdict)
    for chain in ruleset.base:
        outcome = _walk(chain, question, 0)
        # A base chain whose policy nobody gave may do either.
        ends = chain.policy in (verdict, Verdict.RETURN)
        through = outcome.undecided if ends else NOBODY
        if verdict is Verdict.ACCEPT:
            met &= outcome.met | through
        else:
            met |= outcome.met | through
    return met


def fit(match: Match, query: Query) -> Fit:
    """How the matchers fit, the source address left aside."""
    if match.protocols is not None and query.protocol not in match.protocols:
        return Fit.NO
    if match.states is not None and query.state not in match.states:
        return Fit.NO
    if match.dnat is not None and match.dnat is not query.dnat:
        return Fit.NO
    fits = (
        _fit_set(match.ports, query.ports),
        _fit_set(match.destinations, query.destinations),
        _fit_interface(match.in_interfaces, query.in_interface),
        _fit_interface(match.out_interfaces, query.out_interface),
        _fit_icmp(match.icmp_types, query.icmp_type),
    )
    if Fit.NO in fits:
        return Fit.NO
    # The sender chooses its own port: an attacker makes such an accept match, such a drop not.
    chosen = match.source_ports is not None and not match.source_ports.is_all
    return Fit.MAYBE if match.opaque or chosen or Fit.MAYBE in fits else Fit.YES


def _fit_set(wanted: _Set | None, asked: _Set | None) -> Fit:
    if wanted is None:
        return Fit.YES
    if asked is None:
        return Fit.MAYBE
    if asked <= wanted:
        return Fit.YES
    return Fit.MAYBE if asked & wanted else Fit.NO


def _fit_interface(wanted: Interfaces | None, asked: str | None) -> Fit:
    if wanted is None:
        return Fit.YES
    if asked is None:
        return Fit.MAYBE
    return Fit.YES if asked in wanted else Fit.NO


def _fit_icmp(wanted: frozenset[int] | None, asked: int | None) -> Fit:
    if wanted is None:
        return Fit.YES
    if asked is None:
        return Fit.MAYBE
    return Fit.YES if asked in wanted else Fit.NO


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, and the answer of each chain so far.

    A chain answers for every source at once, so it is walked once however many rules jump to it.
    """

    ruleset: Ruleset
    query: Query
    verdict: Verdict
    answers: dict[str, Outcome] = field(default_factory=dict)


def _walk(chain: Chain, question: _Question, depth: int) -> Outcome:
    """Send everybody through the chain: who may meet the verdict, who may leave undecided."""
    query, verdict = question.query, question.verdict
    met, returned, live = NOBODY, NOBODY, EVERYBODY.only(query.family)
    run: list[tuple[Rule, Fit]] = []
    for rule in chain.rules:
        how = fit(rule.match, query)
        if how is Fit.NO:
            continue
        if rule.verdict not in (Verdict.JUMP, Verdict.GOTO):
            run.append((rule, how))
            continue
        part = _sweep(run, verdict, query.family, live)
        run = []
        met, returned, live = met | part.met, returned | part.returned, part.live
        inside = live if rule.match.sources is None else live & rule.match.sources
        sub = _enter(rule, question, inside, depth)
        met |= sub.met
        stay = live if how is Fit.MAYBE else live - inside
        if rule.verdict is Verdict.GOTO:
            returned, live = returned | sub.undecided, stay
        else:
            live = stay | sub.undecided
    part = _sweep(run, verdict, query.family, live)
    return Outcome(met | part.met, returned | part.returned | part.live)


def _enter(rule: Rule, question: _Question, inside: PrefixSet, depth: int) -> Outcome:
    if not inside:
        return Outcome(NOBODY, NOBODY)
    name = rule.target or ""
    target = question.ruleset.chains.get(name)
    if target is None or depth >= _MAX_DEPTH:
        # A chain we do not have, or jumps without end: everything may happen in there.
        return Outcome(inside, inside)
    if name not in question.answers:
        # Until the chain has answered, who meets it again is in a loop: everything may happen.
        everybody = EVERYBODY.only(question.query.family)
        question.answers[name] = Outcome(everybody, everybody)
        question.answers[name] = _walk(target, question, depth + 1)
    answer = question.answers[name]
    return Outcome(inside & answer.met, inside & answer.undecided)


@dataclass(frozen=True, slots=True)
class _Swept:
    met: PrefixSet
    returned: PrefixSet
    live: PrefixSet


def _sweep(
    run: Sequence[tuple[Rule, Fit]], verdict: Verdict, family: Family, live: PrefixSet
) -> _Swept:
    """Decide a run of rules without jumps: the first sure rule that covers a source decides it.

    A "maybe" rule sends its sources to its verdict as well, if no sure rule came before it.
    """
    if not run or not live:
        return _Swept(NOBODY, NOBODY, live)
    last = len(run)
    met: list[Interval] = []
    returned: list[Interval] = []
    decided: list[Interval] = []
    for segment, sure, maybe_met, maybe_returned in _segments(_spans(run, family), run, verdict):
        if sure < last:
            decided.append(segment)
        if maybe_met < sure or (sure < last and run[sure][0].verdict is verdict):
            met.append(segment)
        if maybe_returned < sure or (sure < last and run[sure][0].verdict is Verdict.RETURN):
            returned.append(segment)
    return _Swept(
        _set(met, family) & live, _set(returned, family) & live, live - _set(decided, family)
    )


def _spans(run: Sequence[tuple[Rule, Fit]], family: Family) -> Iterable[tuple[Interval, int]]:
    everything = EVERYBODY.v4 if family == 4 else EVERYBODY.v6
    for rank, (rule, _) in enumerate(run):
        sources = rule.match.sources
        pairs = everything if sources is None else sources.v4 if family == 4 else sources.v6
        for pair in pairs:
            yield pair, rank


def _segments(
    spans: Iterable[tuple[Interval, int]], run: Sequence[tuple[Rule, Fit]], verdict: Verdict
) -> Iterable[tuple[Interval, int, int, int]]:
    """Elementary segments with the ranks that decide there, `len(run)` standing for none.

    The ranks: the first sure rule, the first maybe with the wanted verdict, the first maybe return.
    """
    opens: dict[int, list[tuple[int, int]]] = {}
    points: set[int] = set()
    for (low, high), rank in spans:
        opens.setdefault(low, []).append((rank, high))
        points.update((low, high + 1))
    heaps: tuple[list[tuple[int, int]], ...] = ([], [], [])
    for start, end in pairwise(sorted(points)):
        for rank, high in opens.get(start, ()):
            rule, how = run[rank]
            if how is Fit.YES:
                heappush(heaps[0], (rank, high))
            elif rule.verdict is verdict:
                heappush(heaps[1], (rank, high))
            elif rule.verdict is Verdict.RETURN:
                heappush(heaps[2], (rank, high))
        for heap in heaps:
            while heap and heap[0][1] < start:
                heappop(heap)
        sure, met, returned = (heap[0][0] if heap else len(run) for heap in heaps)
        if min(sure, met, returned) < len(run):
            yield (start, end - 1), sure, met, returned


def _set(pairs: list[Interval], family: Family) -> PrefixSet:
    merged: Intervals = algebra.normalise(pairs)
    return PrefixSet(merged, ()) if family == 4 else PrefixSet((), merged)
