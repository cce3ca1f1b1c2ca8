"""Services that both platforms configure alike."""

from __future__ import annotations

from routercfg.net import EVERYBODY, PrefixSet

from .matching import prefixes
from .tree import Node


def snmp_clients(node: Node) -> PrefixSet:
    """Whom SNMP answers: without `network` or `client` a community answers everybody."""
    communities = node.below("community")
    if node.has("v3") or not communities:
        return EVERYBODY
    found = PrefixSet()
    for community in communities:
        words = (*community.words("network"), *community.words("client"))
        found |= (prefixes(words) or EVERYBODY) if words else EVERYBODY
    return found
