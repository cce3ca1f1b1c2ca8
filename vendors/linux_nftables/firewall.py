"""The packet filters of all tables as the four rulesets a packet meets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum

from routercfg.model.firewall import Chain, Firewall, Match, Rule, Ruleset, Verdict

from .matching import Decided, decided
from .ruleset import FAMILIES, Nft, NftChain, NftRule

TAG = "routercfg:"
_REFUSING = frozenset({Verdict.DROP, Verdict.JUMP, Verdict.GOTO})


def tag_of(rule: NftRule) -> str | None:
    """Our own mark on a rule, if it is ours."""
    return rule.comment if rule.comment.startswith(TAG) else None


def read_firewall(nft: Nft) -> Firewall:
    """The rulesets for packets to the router and through it, in either family."""
    return Firewall(
        _ruleset(nft, "input", 4),
        _ruleset(nft, "input", 6),
        _ruleset(nft, "forward", 4),
        _ruleset(nft, "forward", 6),
    )


class _Stage(Enum):
    """How far the kernel is with a packet when a chain sees it; the value marks such chains' ids.

    Connections are known from priority -200 of prerouting on, translated destinations from -100.
    """

    UNTRACKED = " (before tracking)"
    UNTRANSLATED = " (before translation)"
    FINAL = ""


def _stage(chain: NftChain) -> _Stage:
    if chain.hook != "prerouting" or chain.priority > -100:
        return _Stage.FINAL
    return _Stage.UNTRACKED if chain.priority <= -200 else _Stage.UNTRANSLATED


def _ruleset(nft: Nft, hook: str, family: int) -> Ruleset:
    ours = [chain for chain in nft.chains if family in FAMILIES.get(chain.table.family, ())]
    # A prerouting chain that refuses nothing has no say.
    early = tuple(one for one in _base(nft, ours, "prerouting", family) if _refuses(one))
    base = (*early, *_base(nft, ours, hook, family))
    chains = {one.id: _chain(nft, one, family, _Stage.FINAL) for one in ours if not one.hook}
    # The same chain means something else to a packet that is not tracked or translated yet.
    wanted = [target for chain in early for target in _targets(chain) if target not in chains]
    for name in wanted:
        stage = next(one for one in _Stage if name.endswith(one.value))
        called = nft.by_id.get(name.removesuffix(stage.value))
        if called is not None and name not in chains:
            chains[name] = _chain(nft, called, family, stage)
            wanted += _targets(chains[name])
    return Ruleset(base, chains)


def _targets(chain: Chain) -> list[str]:
    return [rule.target for rule in chain.rules if rule.target is not None]


def _base(nft: Nft, chains: Iterable[NftChain], hook: str, family: int) -> tuple[Chain, ...]:
    found = [chain for chain in chains if chain.hook == hook and chain.type == "filter"]
    ordered = sorted(found, key=lambda chain: chain.priority)
    return tuple(_chain(nft, chain, family, _stage(chain)) for chain in ordered)


def _refuses(chain: Chain) -> bool:
    return chain.policy is Verdict.DROP or any(rule.verdict in _REFUSING for rule in chain.rules)


def _chain(nft: Nft, chain: NftChain, family: int, stage: _Stage) -> Chain:
    if chain.hook:
        name, policy = chain.id, Verdict.DROP if chain.policy == "drop" else Verdict.ACCEPT
    else:
        name, policy = chain.id + stage.value, Verdict.RETURN
    rules = tuple(
        _rule(rule, one, one.verdict, stage)
        for rule in chain.rules
        for one in decided(nft, rule)
        if family in one.families and one.verdict is not None and _possible(one.match, stage)
    )
    return Chain(name, rules, policy, chain.evidence)


def _possible(match: Match, stage: _Stage) -> bool:
    """Can the rule match at all? What is not tracked yet is `invalid` to `ct state`."""
    return stage is not _Stage.UNTRACKED or match.states is None or "invalid" in match.states


def _rule(rule: NftRule, one: Decided, verdict: Verdict, stage: _Stage) -> Rule:
    match = one.match
    if stage is _Stage.UNTRACKED:
        match = replace(match, states=None)
    if stage is not _Stage.FINAL and _translatable(match):
        # Before translation a packet still has the address and port from outside, while the
        # question is about those inside.
        match = replace(
            match,
            destinations=None,
            ports=None,
            dnat=None,
            opaque=(*match.opaque, "before dnat"),
        )
    identity = rule.id if one.part is None else f"{rule.id}#{one.part}"
    target = None if one.target is None else one.target + stage.value
    limited = set(match.opaque) == {"limit"}
    return Rule(verdict, match, target, identity, tag_of(rule), rule.evidence, limited)


def _translatable(match: Match) -> bool:
    return not (match.destinations is None and match.ports is None and match.dnat is None)
