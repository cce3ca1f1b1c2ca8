"""The lock-out guard of a rollback: could we log in to what the router is about to become?"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_interface

from routercfg.errors import LockoutRiskError, Where
from routercfg.model.evidence import Unknown
from routercfg.model.firewall import Hook, Ruleset
from routercfg.model.reachability import Query, assured, exposed
from routercfg.model.state import Listener, RouterState
from routercfg.net import Family, PrefixSet
from routercfg.planning import Plan
from routercfg.push.guard import session_source
from routercfg.requirements.outside import internet, wans


def check_way_in(now: Plan, then: RouterState) -> None:
    """Raise LockoutRiskError unless the pushing session could certainly log in to `then`.

    `then` is what the router is about to become. Only what is certain counts there; of what the
    router is now, it is enough that the session may have come that way.
    """
    where = Where(router=now.router)
    text = session_source(now)
    problem = _shut(now, then, PrefixSet.of(text))
    if problem:
        raise LockoutRiskError(
            f"{text}, from where this is being pushed, could be locked out: {problem}",
            where=where,
            hint="Override with --accept-lockout-risk if you have another way in",
        )


def _shut(now: Plan, then: RouterState, source: PrefixSet) -> str:
    """What keeps the way in of `then` from being certain; empty where it is."""
    family: Family = 6 if source.only(6) else 4
    doors = _doors(then, family)
    if isinstance(doors, Unknown):
        return doors.reason
    if not doors:
        return "SSH was off then"
    rules = then.firewall.ruleset(Hook.INPUT, family)
    if isinstance(rules, Unknown):
        return rules.reason
    ways = _ways(now, then, source, family)
    if isinstance(ways, Unknown):
        return ways.reason
    for door in doors:
        if not source <= door.sources:
            return f"SSH admitted {door.sources} only"
        for way in ways:
            own = then.addresses_of(way) if way else then.own_addresses
            query = Query(
                family, "tcp", door.ports, way or None, destinations=own.only(family) or None
            )
            if not source <= assured(rules, query):
                return "the packet filter of then does not certainly let it in" + (
                    f" on {way}" if way else ""
                )
    return ""


def _doors(state: RouterState, family: Family) -> tuple[Listener, ...] | Unknown:
    if isinstance(state.listeners, Unknown):
        return state.listeners
    return tuple(
        one
        for one in state.listeners
        if one.name == "ssh" and one.enabled and not one.call_home and family in one.families
    )


def _ways(
    now: Plan, then: RouterState, source: PrefixSet, family: Family
) -> tuple[str, ...] | Unknown:
    """The interfaces that the session may come in by; an empty name where none can be told."""
    outside = wans(now.intent, then)
    if isinstance(outside, Unknown):
        return outside
    through = [wan for wan in outside if source & internet(then, wan)]
    rules = now.state.firewall.ruleset(Hook.INPUT, family)
    if through and isinstance(rules, Ruleset):
        # Of several, those whose filter lets us in now; it may be that no interface is named.
        open_now = [wan for wan in through if _lets_in(now.state, rules, wan, source, family)]
        through = open_now or through
    return tuple(through) or tuple(dict.fromkeys(_inside(then, source))) or ("",)


def _lets_in(
    state: RouterState, rules: Ruleset, wan: str, source: PrefixSet, family: Family
) -> bool:
    doors = _doors(state, family)
    if isinstance(doors, Unknown):
        return True
    own = state.addresses_of(wan).only(family) or None
    queries = (Query(family, "tcp", door.ports, wan, destinations=own) for door in doors)
    return any(source <= exposed(rules, query) for query in queries)


def _inside(state: RouterState, source: PrefixSet) -> Iterator[str]:
    """Interfaces on whose own network the source is."""
    if isinstance(state.interfaces, Unknown):
        return
    for one in state.interfaces:
        networks = PrefixSet.of(*(ip_interface(text).network for text in one.addresses))
        if source <= networks:
            yield one.name
