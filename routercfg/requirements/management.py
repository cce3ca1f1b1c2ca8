"""`management`: only the management sources reach the router's management from outside."""

from __future__ import annotations

from routercfg.model.change import (
    Change,
    DisableListener,
    RestrictForward,
    RestrictManagement,
)
from routercfg.model.evidence import Unknown
from routercfg.model.finding import Finding, Item, Status, worst
from routercfg.model.intent import Intent
from routercfg.model.state import Forward, ForwardKind, Listener, RouterState
from routercfg.net import EVERYBODY, NOBODY, Family, PortSet, PrefixSet
from routercfg.net.intervals import count
from routercfg.requirements.outside import FAMILIES, reaches_inside, reaches_router, wans

ID = "management"

#: Ports that mean management wherever they lead: ftp, ssh, telnet, web, RDP, VNC, Winbox.
MANAGEMENT_PORTS = PortSet.of(21, 22, 23, 80, 443, 3389, 5900, 8080, 8291, 8443)

#: Plaintext services that are a violation only where WAN can reach them; all others always are.
_ONLY_FROM_WAN = frozenset({"http", "www", "snmp"})


def check(intent: Intent, state: RouterState) -> Finding:
    """Judge the router's own services, then the forwards to management ports.

    What cannot be known hides no violation that can be seen: telnet that is on is one, whichever
    interface turns out to be WAN.
    """
    outside = wans(intent, state)
    areas = (state.listeners, state.forwards, outside)
    blind = tuple(area for area in areas if isinstance(area, Unknown))
    items: list[Item] = []
    changes: list[Change] = []
    open_ones: list[Listener] = []
    for listener in () if isinstance(state.listeners, Unknown) else state.listeners:
        judged = _judge_listener(listener, intent, state, outside)
        items += judged
        if _always_off(listener):
            changes.append(DisableListener(listener))
        elif listener.management and any(i.verdict is Status.VIOLATION for i in judged):
            open_ones.append(listener)
    for forward in () if isinstance(state.forwards, Unknown) else state.forwards:
        judged = _judge_forward(forward, intent, state, outside)
        items += judged
        if intent.management_sources and any(i.verdict is Status.VIOLATION for i in judged):
            changes.append(RestrictForward(forward, intent.management_sources))
    if open_ones and not isinstance(outside, Unknown):
        changes.append(RestrictManagement(outside, intent.management_sources, tuple(open_ones)))
    return _finding(items, changes, blind)


def _finding(items: list[Item], changes: list[Change], blind: tuple[Unknown, ...]) -> Finding:
    verdicts = [item.verdict for item in items] + [Status.UNKNOWN] * len(blind)
    bad = [item for item in items if item.verdict.needs_attention]
    notes = [item.note for item in bad] + [area.reason for area in blind]
    evidence = [line for item in bad or items for line in item.evidence]
    evidence += [line for area in blind for line in area.evidence]
    return Finding(
        ID,
        worst(verdicts),
        "; ".join(dict.fromkeys(notes))
        or "management is closed to the internet, or open to the management sources only",
        tuple(dict.fromkeys(evidence)),
        tuple(items),
        tuple(changes),
    )


def _always_off(listener: Listener) -> bool:
    return (
        listener.enabled
        and listener.management
        and listener.plaintext
        and listener.name not in _ONLY_FROM_WAN
    )


def _judge_listener(
    listener: Listener, intent: Intent, state: RouterState, outside: tuple[str, ...] | Unknown
) -> list[Item]:
    if not listener.enabled:
        return [_listener_item(listener, 4, NOBODY, Status.OK, f"{listener.name} is off")]
    items = []
    for family in FAMILIES:
        if family not in listener.families:
            continue
        reached = _reaches(listener, family, state, outside)
        if not isinstance(reached, Unknown):
            items.append(_reached(listener, family, reached - intent.management_sources))
        elif family == 6 and _no_ipv6(state):
            continue
        elif _always_off(listener):
            note = f"{listener.name} is plaintext and on"
            items.append(_listener_item(listener, family, None, Status.VIOLATION, note))
        else:
            items.append(_listener_item(listener, family, None, Status.UNKNOWN, reached.reason))
    return items


def _reaches(
    listener: Listener, family: Family, state: RouterState, outside: tuple[str, ...] | Unknown
) -> PrefixSet | Unknown:
    if isinstance(outside, Unknown):
        return outside
    reached = reaches_router(state, listener, family, outside)
    if isinstance(reached, Unknown):
        return Unknown(f"over IPv{family}: {reached.reason}", reached.evidence)
    return reached


def _no_ipv6(state: RouterState) -> bool:
    return not isinstance(state.ipv6, Unknown) and not state.ipv6.enabled


def _reached(listener: Listener, family: Family, strangers: PrefixSet) -> Item:
    if _always_off(listener):
        note = f"{listener.name} is plaintext and on"
        return _listener_item(listener, family, strangers, Status.VIOLATION, note)
    if not strangers:
        note = f"{listener.name} is closed to strangers"
        return _listener_item(listener, family, strangers, Status.OK, note)
    verdict = Status.VIOLATION if listener.management else Status.DECISION
    # A resolver answers over both protocols, which are two services to close.
    port = str(listener.ports) if listener.management else f"{listener.protocol} {listener.ports}"
    note = f"{listener.name} ({port}) is open to {_who(strangers)} over IPv{family}"
    return _listener_item(listener, family, strangers, verdict, note)


def _listener_item(
    listener: Listener, family: int, sources: PrefixSet | None, verdict: Status, note: str
) -> Item:
    facts = (
        ("service", listener.name),
        ("port", str(listener.ports)),
        ("family", family),
        ("from", _who(sources)),
    )
    return Item(verdict, facts, note, listener.evidence)


def _who(sources: PrefixSet | None) -> str:
    """Sources in a few words: most of a family is the internet, a few prefixes are themselves."""
    if sources is None:
        return "unknown"
    if not sources:
        return "nobody"
    if count(sources.v4) > 2**31 or count(sources.v6) > 2**127:
        return "the internet"
    prefixes = sources.prefixes()
    if len(prefixes) > 8:
        return f"{prefixes[0]} and {len(prefixes) - 1} more prefixes"
    return ", ".join(str(prefix) for prefix in prefixes)


def _judge_forward(
    forward: Forward, intent: Intent, state: RouterState, outside: tuple[str, ...] | Unknown
) -> list[Item]:
    """A forward counts by its external or its internal port, or when it leads to the router."""
    if not forward.enabled or forward.kind is ForwardKind.LEASE:
        return []
    if forward.protocols is not None and "tcp" not in forward.protocols:
        return []
    wanted = MANAGEMENT_PORTS | intent.pbx_web_ports
    inside = forward.to_ports or forward.ports
    if not (forward.ports & wanted or inside & wanted or forward.to_router):
        return []
    to = f"{forward.to}:{inside}"
    if isinstance(outside, Unknown):
        facts = _forward_facts(forward, to, None)
        return [Item(Status.UNKNOWN, facts, outside.reason, forward.evidence)]
    reached = reaches_inside(state, forward, "tcp", forward.ports, outside)
    # An unreadable filter closes nothing that we can show.
    sources = EVERYBODY if isinstance(reached, Unknown) else reached
    strangers = (sources & forward.sources) - intent.management_sources
    facts = _forward_facts(forward, to, strangers)
    if not strangers:
        note = f"forward {forward.ports} to {to} is closed to strangers"
        return [Item(Status.OK, facts, note, forward.evidence)]
    what = "the router's own management" if forward.to_router else "management"
    note = f"forward {forward.ports} leads {_who(strangers)} to {what} at {to}"
    return [Item(Status.VIOLATION, facts, note, forward.evidence)]


def _forward_facts(
    forward: Forward, to: str, sources: PrefixSet | None
) -> tuple[tuple[str, object], ...]:
    return (("port", str(forward.ports)), ("to", to), ("from", _who(sources)))
