"""`ipv6`: filtered as RFC 4890 asks, or not there at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from routercfg.model.change import DefendIpv6, DisableIpv6
from routercfg.model.evidence import Unknown
from routercfg.model.finding import Finding, Item, Status, worst
from routercfg.model.firewall import Chain, Hook, Rule, Ruleset, Verdict
from routercfg.model.intent import Intent, Ipv6Mode
from routercfg.model.reachability import Fit, Query, exposed, fit
from routercfg.model.state import Ipv6, RouterState
from routercfg.net import PortSet, PrefixSet
from routercfg.requirements.outside import internet, wans

ID = "ipv6"

_LINK_LOCAL = PrefixSet.of("fe80::/10")

#: RFC 4890 section 4.4: what a router must take itself, and at which of its addresses (RFC 4861).
#: Errors may ride on `related`.
_NEEDED = (
    (135, "neighbour solicitation", PrefixSet.of("ff02::1:ff00:0/104")),
    (136, "neighbour advertisement", _LINK_LOCAL),
    (128, "echo", PrefixSet.of("2000::/3") | _LINK_LOCAL),
)


def check(intent: Intent, state: RouterState) -> Finding:
    """Judge by the mode that the inventory asks for."""
    if isinstance(state.ipv6, Unknown):
        return Finding(ID, Status.UNKNOWN, state.ipv6.reason, state.ipv6.evidence)
    if intent.ipv6 is Ipv6Mode.OFF:
        return _off(state.ipv6)
    if not state.ipv6.in_use:
        return Finding(
            ID, Status.NOT_APPLICABLE, "IPv6 is not in use on this router", state.ipv6.evidence
        )
    return _firewall(intent, state, state.ipv6)


def _off(ipv6: Ipv6) -> Finding:
    if not ipv6.in_use:
        return Finding(ID, Status.OK, "no IPv6 address, advertisement or route", ipv6.evidence)
    return Finding(
        ID,
        Status.VIOLATION,
        f"IPv6 is to be off, and is in use: {ipv6.detail}",
        ipv6.evidence,
        changes=(DisableIpv6(),),
    )


def _firewall(intent: Intent, state: RouterState, ipv6: Ipv6) -> Finding:
    outside = wans(intent, state)
    if isinstance(outside, Unknown):
        return Finding(ID, Status.UNKNOWN, outside.reason, outside.evidence)
    # Whom the inventory names may come in: that is what their rules are for.
    known = intent.provider | intent.management_sources
    items = []
    for hook, target in ((Hook.INPUT, "router"), (Hook.FORWARD, "LAN")):
        ruleset = state.firewall.ruleset(hook, 6)
        if isinstance(ruleset, Unknown):
            items.append(Item(Status.UNKNOWN, (("target", target),), ruleset.reason))
            continue
        items += [_judge(ruleset, hook, target, wan, state, known) for wan in outside]
    status = worst(item.verdict for item in items)
    bad = [item for item in items if item.verdict.needs_attention]
    summary = "; ".join(dict.fromkeys(item.note for item in bad))
    violated = {item.facts[0][1] for item in items if item.verdict is Status.VIOLATION}
    change = DefendIpv6(
        outside, "router" in violated, "LAN" in violated, intent.management_sources.only(6)
    )
    return Finding(
        ID,
        status,
        summary or "IPv6 from outside is refused unless asked for",
        ipv6.evidence,
        tuple(items),
        (change,) if violated else (),
    )


def _judge(
    ruleset: Ruleset, hook: Hook, target: str, wan: str, state: RouterState, known: PrefixSet
) -> Item:
    facts = (("target", target), ("wan", wan))
    if _open_by_default(ruleset, wan, state, known):
        return Item(Status.VIOLATION, facts, f"anybody can reach the {target} over IPv6 by {wan}")
    sure = _sure(ruleset)
    doubts = []
    for query, sources, name in _wanted(hook, target, wan):
        let_in = exposed(ruleset, query) & sources
        if not let_in:
            return Item(Status.VIOLATION, facts, f"{name} refused on {wan}")
        if let_in - exposed(sure, query):
            conditions = ", ".join(_conditions(ruleset, query))
            doubts.append(f"{name} let in on {wan} only as far as this holds: {conditions}")
    if doubts:
        return Item(Status.UNKNOWN, facts, "; ".join(doubts))
    return Item(Status.OK, facts, f"the {target} is closed on {wan}")


def _wanted(hook: Hook, target: str, wan: str) -> Iterator[tuple[Query, PrefixSet, str]]:
    """What has to come in, from whom at least, and the begin of a sentence about it."""
    replies = Query(6, "udp", state="established", in_interface=wan)
    yield replies, PrefixSet.all(6), f"replies to the {target} are"
    for number, name, where in _NEEDED if hook is Hook.INPUT else ():
        query = Query(6, "icmpv6", in_interface=wan, destinations=where, icmp_type=number)
        yield query, _LINK_LOCAL, f"ICMPv6 {name} is"


def _doubtful(rule: Rule) -> bool:
    """Lets in only what meets a condition that we do not understand, and that is no mere limit.

    RFC 4890 allows limits on the rate.
    """
    passes = rule.verdict in (Verdict.ACCEPT, Verdict.JUMP, Verdict.GOTO)
    return passes and bool(rule.match.opaque) and not rule.limited


def _sure(ruleset: Ruleset) -> Ruleset:
    """The ruleset as it is where no condition holds that we do not understand."""
    if not any(map(_doubtful, ruleset.rules())):
        return ruleset

    def kept(chain: Chain) -> Chain:
        return replace(chain, rules=tuple(one for one in chain.rules if not _doubtful(one)))

    chains = {name: kept(chain) for name, chain in ruleset.chains.items()}
    return Ruleset(tuple(map(kept, ruleset.base)), chains)


def _conditions(ruleset: Ruleset, query: Query) -> list[str]:
    """The conditions that decide about this."""
    found = [
        text
        for rule in ruleset.rules()
        if _doubtful(rule) and fit(rule.match, query) is not Fit.NO
        for text in rule.match.opaque
    ]
    return list(dict.fromkeys(found))[:3]


def _open_by_default(ruleset: Ruleset, wan: str, state: RouterState, known: PrefixSet) -> bool:
    """Does a port and address that no rule speaks of let a stranger in?"""
    for protocol in ("tcp", "udp"):
        query = Query(
            6,
            protocol,
            _unmentioned_port(ruleset),
            in_interface=wan,
            destinations=_unmentioned_address(ruleset),
        )
        if (exposed(ruleset, query) & internet(state, wan).only(6)) - known:
            return True
    return False


def _unmentioned_port(ruleset: Ruleset) -> PortSet | None:
    mentioned = PortSet()
    for rule in ruleset.rules():
        if rule.match.ports is not None and len(rule.match.ports) < 60000:
            mentioned |= rule.match.ports
    free = PortSet.of("1024-65535") - mentioned
    return PortSet.of(free.intervals[-1][1]) if free else None


def _unmentioned_address(ruleset: Ruleset) -> PrefixSet | None:
    free = PrefixSet.of("2000::/3")
    for rule in ruleset.rules():
        wanted = rule.match.destinations
        if wanted is not None and not PrefixSet.of("2000::/3") <= wanted:
            free -= wanted
    return PrefixSet((), ((free.v6[-1][1], free.v6[-1][1]),)) if free else None
