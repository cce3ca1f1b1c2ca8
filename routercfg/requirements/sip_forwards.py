"""`sip-forwards`: nothing inbound and new reaches a LAN host on SIP or RTP."""

from __future__ import annotations

from dataclasses import dataclass, replace

from routercfg.model.change import Change, RemoveForward, SplitForward
from routercfg.model.evidence import Unknown
from routercfg.model.finding import Finding, Item, Status, worst
from routercfg.model.firewall import Hook, Rule, Ruleset, Verdict
from routercfg.model.intent import Intent, OnPartial
from routercfg.model.reachability import Fit, Query, exposed, fit
from routercfg.model.state import Forward, ForwardKind, RouterState
from routercfg.net import ALL_PORTS, EVERYBODY, NOBODY, PortSet, PrefixSet
from routercfg.requirements import provider_access
from routercfg.requirements.outside import internet, reaches_inside, wans

ID = "sip-forwards"

#: A forward of more RTP ports than this is telephony; fewer may be a VPN or a game.
_FEW_PORTS = 16


@dataclass(frozen=True, slots=True)
class _Judgement:
    verdict: Status
    note: str
    change: Change | None = None


def check(intent: Intent, state: RouterState) -> Finding:
    """Judge every forward, then every explicit IPv6 accept to the LAN."""
    if isinstance(state.forwards, Unknown):
        return Finding(ID, Status.UNKNOWN, state.forwards.reason, state.forwards.evidence)
    outside = wans(intent, state)
    if isinstance(outside, Unknown):
        return Finding(ID, Status.UNKNOWN, outside.reason, outside.evidence)
    # What the same plan is about to open counts as open: a forward that only the filter closes
    # would else be found when the provider is let through, and not before.
    access = provider_access.check(intent, state)
    opening = intent.provider if access.status is Status.VIOLATION else NOBODY
    pairs = [
        (forward, _judge(forward, intent, state, outside, opening)) for forward in state.forwards
    ]
    pairs += _ipv6_accepts(intent, state, outside)
    items = [_item(forward, judgement) for forward, judgement in pairs]
    items += _unseen(state)
    changes = tuple(judgement.change for _, judgement in pairs if judgement.change is not None)
    status = worst(item.verdict for item in items)
    bad = [item for item in items if item.verdict.needs_attention]
    summary = (
        "; ".join(item.note for item in bad) if bad else "no forward leads to SIP or RTP inside"
    )
    evidence = tuple(line for item in bad or items for line in item.evidence)
    return Finding(ID, status, summary, evidence, tuple(items), changes)


def _item(forward: Forward, judgement: _Judgement) -> Item:
    return Item(
        judgement.verdict,
        (
            ("protocol", protocol_text(forward)),
            ("ports", str(forward.ports)),
            ("to", str(forward.to)),
            ("id", forward.id),
        ),
        f"{protocol_text(forward)} {forward.ports} to {forward.to}: {judgement.note}",
        forward.evidence,
    )


def _unseen(state: RouterState) -> list[Item]:
    """What inside hosts may have opened by UPnP, where no output shows it."""
    mappers = state.port_mappers if isinstance(state.port_mappers, tuple) else ()
    return [
        Item(
            Status.UNKNOWN,
            (
                ("protocol", "any"),
                ("ports", str(ALL_PORTS)),
                ("to", str(EVERYBODY.only(4))),
                ("id", mapper.id),
            ),
            f"{mapper.id} is on, and nothing read here shows which ports it has opened",
            mapper.evidence,
        )
        for mapper in mappers
        if mapper.enabled and not mapper.leases_known
    ]


def protocol_text(forward: Forward) -> str:
    """The forward's protocols for people and JSON: `tcp`, `tcp+udp`, `any`."""
    return "any" if forward.protocols is None else "+".join(sorted(forward.protocols))


def _judge(
    forward: Forward,
    intent: Intent,
    state: RouterState,
    outside: tuple[str, ...],
    opening: PrefixSet,
) -> _Judgement:
    if not forward.enabled:
        return _Judgement(Status.OK, "disabled")
    covered = {protocol: _covered(forward, protocol, intent) for protocol in ("tcp", "udp")}
    if not any(covered.values()):
        return _Judgement(Status.OK, "neither SIP nor RTP")
    closed = _closed(forward, covered, state, outside, opening)
    if closed is not None:
        return closed
    if forward.kind is ForwardKind.LEASE:
        return _Judgement(Status.VIOLATION, "opened by UPnP; goes when that is switched off")
    if forward.kind is not ForwardKind.PORT or forward.ports.is_all:
        return _Judgement(Status.DECISION, "covers every port, SIP and RTP among them")
    return _telephony(forward, covered, intent)


def _covered(forward: Forward, protocol: str, intent: Intent) -> PortSet:
    """The external ports of the forward that lead to SIP or RTP, by external or internal number."""
    if forward.protocols is not None and protocol not in forward.protocols:
        return PortSet()
    wanted = intent.sip_ports | intent.rtp_ports if protocol == "udp" else intent.sip_ports
    inside = forward.to_ports
    if inside is not None and inside != forward.ports and inside & wanted:
        return forward.ports
    return forward.ports & wanted


def _closed(
    forward: Forward,
    covered: dict[str, PortSet],
    state: RouterState,
    outside: tuple[str, ...],
    opening: PrefixSet,
) -> _Judgement | None:
    sources = NOBODY
    wanted = forward.in_interfaces
    if wanted is None or any(wan in wanted for wan in outside):
        sources = forward.sources & opening
    for protocol, ports in covered.items():
        if not ports:
            continue
        reached = reaches_inside(state, forward, protocol, ports, outside)
        # An unreadable filter closes nothing that we can show.
        sources |= EVERYBODY if isinstance(reached, Unknown) else reached
    if sources:
        return None
    return _Judgement(Status.OK, "nobody on the internet can use it: closed by the router's rules")


def _telephony(forward: Forward, covered: dict[str, PortSet], intent: Intent) -> _Judgement:
    protocols = forward.protocols or frozenset({"tcp", "udp"})
    whole = all(covered[p] == forward.ports for p in ("tcp", "udp") if p in protocols)
    if whole and protocols <= {"tcp", "udp"}:
        return _inside(forward, intent)
    if intent.on_partial is OnPartial.REMOVE:
        return _Judgement(Status.VIOLATION, "overlaps SIP or RTP", RemoveForward(forward))
    if intent.on_partial is OnPartial.SPLIT:
        keep = tuple(
            (protocol, forward.ports - covered.get(protocol, PortSet()))
            for protocol in sorted(protocols)
            if forward.ports - covered.get(protocol, PortSet())
        )
        return _Judgement(Status.VIOLATION, "overlaps SIP or RTP", SplitForward(forward, keep))
    return _Judgement(Status.DECISION, "only partly SIP or RTP: set on_partial, or change it")


def _inside(forward: Forward, intent: Intent) -> _Judgement:
    """A forward that is SIP or RTP and nothing else."""
    ports = (
        forward.to_ports
        if forward.to_ports is not None and forward.to_ports != forward.ports
        else forward.ports
    )
    if (
        ports & intent.sip_ports
        or len(forward.ports) > _FEW_PORTS
        or _leads_to_voice(forward, intent)
    ):
        return _Judgement(Status.VIOLATION, "leads to SIP or RTP", RemoveForward(forward))
    return _Judgement(Status.DECISION, "a few RTP ports to another host: may be a VPN or a game")


def _leads_to_voice(forward: Forward, intent: Intent) -> bool:
    return bool(forward.to & (intent.pbx | intent.voice_subnets))


def _ipv6_accepts(
    intent: Intent, state: RouterState, outside: tuple[str, ...]
) -> list[tuple[Forward, _Judgement]]:
    """Explicit accepts of SIP or RTP to LAN hosts over IPv6, but for the provider's own access."""
    ruleset = state.firewall.ruleset(Hook.FORWARD, 6)
    if isinstance(ruleset, Unknown):
        return []
    found = []
    for rule in ruleset.rules():
        if rule.verdict is not Verdict.ACCEPT or rule.tag is not None:
            continue
        if rule.match.ports is None or rule.match.ports.is_all:
            continue
        if any(
            _opens(rule, ruleset, protocol, ports, state, outside, intent)
            for protocol, ports in _wanted(intent)
        ):
            found.append(_accept(rule, intent))
    return found


def _wanted(intent: Intent) -> tuple[tuple[str, PortSet], ...]:
    return (("tcp", intent.sip_ports), ("udp", intent.sip_ports | intent.rtp_ports))


def _opens(
    rule: Rule,
    ruleset: Ruleset,
    protocol: str,
    ports: PortSet,
    state: RouterState,
    outside: tuple[str, ...],
    intent: Intent,
) -> bool:
    asked = ports & (rule.match.ports or PortSet())
    if not asked:
        return False
    for wan in outside:
        query = Query(6, protocol, asked, in_interface=wan, destinations=rule.match.destinations)
        if fit(replace(rule.match, out_interfaces=None), query) is Fit.NO:
            continue
        sources = EVERYBODY if rule.match.sources is None else rule.match.sources
        if (exposed(ruleset, query) & sources & internet(state, wan)) - intent.provider:
            return True
    return False


def _accept(rule: Rule, intent: Intent) -> tuple[Forward, _Judgement]:
    forward = Forward(
        id=rule.id,
        family=6,
        to=rule.match.destinations or PrefixSet.all(6),
        kind=ForwardKind.ACCEPT,
        protocols=rule.match.protocols,
        ports=rule.match.ports or PortSet(),
        sources=EVERYBODY.only(6) if rule.match.sources is None else rule.match.sources,
        in_interfaces=rule.match.in_interfaces,
        opaque=rule.match.opaque,
        evidence=(rule.evidence,) if rule.evidence else (),
    )
    if forward.ports <= intent.sip_ports | intent.rtp_ports:
        note = "a rule lets SIP or RTP in over IPv6"
        return forward, _Judgement(Status.VIOLATION, note, RemoveForward(forward))
    return forward, _Judgement(Status.DECISION, "a rule lets SIP or RTP and more in over IPv6")
