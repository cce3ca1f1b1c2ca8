"""`provider-access`: all traffic to and from the provider passes, before anything drops it."""

from __future__ import annotations

from routercfg.model.change import AllowProvider
from routercfg.model.evidence import Unknown
from routercfg.model.finding import Finding, Item, Status, worst
from routercfg.model.firewall import Hook, Ruleset
from routercfg.model.intent import Intent
from routercfg.model.reachability import Query, assured
from routercfg.model.state import RouterState
from routercfg.net import Family, PrefixSet
from routercfg.requirements.outside import FAMILIES, insides, networks, wans, without_ipv6

ID = "provider-access"


def check(intent: Intent, state: RouterState) -> Finding:
    """Ask the forward rules, in both directions, for every family the provider uses."""
    outside = wans(intent, state)
    if isinstance(outside, Unknown):
        return Finding(ID, Status.UNKNOWN, outside.reason, outside.evidence)
    if not intent.provider:
        return Finding(
            ID, Status.UNKNOWN, "the provider's prefixes are not given: set provider_prefixes"
        )
    items = [
        _judge(family, intent, state, outside)
        for family in FAMILIES
        if intent.provider.only(family) and not (family == 6 and without_ipv6(state))
    ]
    status = worst((item.verdict for item in items), Status.NOT_APPLICABLE)
    bad = [item for item in items if item.verdict.needs_attention]
    return Finding(
        ID,
        status,
        "; ".join(item.note for item in bad) or "the provider's traffic passes",
        tuple(line for item in bad for line in item.evidence),
        tuple(items),
        (AllowProvider(intent.provider),) if status is Status.VIOLATION else (),
    )


def _judge(family: Family, intent: Intent, state: RouterState, outside: tuple[str, ...]) -> Item:
    facts = (("family", family), ("prefixes", str(intent.provider.only(family))))
    ruleset = state.firewall.ruleset(Hook.FORWARD, family)
    if isinstance(ruleset, Unknown):
        return Item(Status.UNKNOWN, facts, ruleset.reason, ruleset.evidence)
    refused = _refused_out(ruleset, family, intent, state, outside)
    if refused:
        note = f"IPv{family} from {refused} to the provider may be refused"
        return Item(Status.VIOLATION, facts, note)
    refused = _refused_in(ruleset, family, intent, state, outside)
    if refused:
        note = f"IPv{family} from the provider's {refused} may be refused"
        return Item(Status.VIOLATION, facts, note)
    return Item(Status.OK, facts, f"IPv{family} to and from the provider passes")


def _refused_out(
    ruleset: Ruleset, family: Family, intent: Intent, state: RouterState, outside: tuple[str, ...]
) -> PrefixSet:
    """Inside sources that may be kept from the provider. With `egress`, only the voice counts."""
    lans = insides(outside, state)
    refused = PrefixSet()
    for wan in outside:
        for lan in lans:
            sources = networks((lan,), family)
            if intent.egress:
                sources &= intent.voice_subnets | intent.pbx
            # Asked apart: of a wider question, rules for SIP alone would fit only a part.
            for protocol, ports in (
                ("udp", intent.sip_ports),
                ("tcp", intent.sip_ports),
                ("udp", intent.rtp_ports),
            ):
                query = Query(
                    family,
                    protocol,
                    ports,
                    in_interface=lan.name,
                    out_interface=wan,
                    destinations=intent.provider.only(family),
                )
                refused |= sources - assured(ruleset, query)
    return refused


def _refused_in(
    ruleset: Ruleset, family: Family, intent: Intent, state: RouterState, outside: tuple[str, ...]
) -> PrefixSet:
    lans: tuple[str | None, ...] = tuple(lan.name for lan in insides(outside, state)) or (None,)
    provider = intent.provider.only(family)
    refused = PrefixSet()
    for wan in outside:
        for lan in lans:
            for kind in ("established", "new"):
                query = Query(family, "udp", None, wan, lan, state=kind)
                refused |= provider - assured(ruleset, query)
    return refused
