"""The packet filters of all tables as the four rulesets a packet meets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from routercfg.model.firewall import Chain, Firewall, Rule, Ruleset, Verdict

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


def _ruleset(nft: Nft, hook: str, family: int) -> Ruleset:
    ours = [chain for chain in nft.chains if family in FAMILIES.get(chain.table.family, ())]
    chains = {chain.id: _chain(nft, chain, family, early=False) for chain in ours if not chain.hook}
    early = _base(ours, "prerouting", lambda chain: _chain(nft, chain, family, early=True))
    late = _base(ours, hook, lambda chain: _chain(nft, chain, family, early=False))
    # A prerouting chain that refuses nothing has no say.
    return Ruleset((*(chain for chain in early if _refuses(chain)), *late), chains)


def _base(
    chains: Iterable[NftChain], hook: str, read: Callable[[NftChain], Chain]
) -> tuple[Chain, ...]:
    found = [chain for chain in chains if chain.hook == hook and chain.type == "filter"]
    return tuple(read(chain) for chain in sorted(found, key=lambda chain: chain.priority))


def _refuses(chain: Chain) -> bool:
    return chain.policy is Verdict.DROP or any(rule.verdict in _REFUSING for rule in chain.rules)


def _chain(nft: Nft, chain: NftChain, family: int, *, early: bool) -> Chain:
    policy = Verdict.RETURN
    if chain.hook:
        policy = Verdict.DROP if chain.policy == "drop" else Verdict.ACCEPT
    rules = tuple(
        _rule(rule, one, early=early)
        for rule in chain.rules
        for one in decided(nft, rule)
        if family in one.families and one.verdict is not None
    )
    return Chain(chain.id, rules, policy, chain.evidence)


def _rule(rule: NftRule, one: Decided, *, early: bool) -> Rule:
    match = one.match
    if early and (match.destinations is not None or match.ports is not None):
        # Before translation a packet still has the address and port from outside, while the
        # question is about those inside.
        match = replace(match, destinations=None, ports=None, opaque=(*match.opaque, "before dnat"))
    if one.verdict is None:
        raise ValueError("a rule without a verdict")
    identity = rule.id if one.part is None else f"{rule.id}#{one.part}"
    return Rule(one.verdict, match, one.target, identity, tag_of(rule), rule.evidence)
