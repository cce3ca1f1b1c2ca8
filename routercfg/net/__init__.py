"""Exact set algebra on addresses and ports. Knows nothing else."""

from routercfg.net.ports import PortSet
from routercfg.net.prefixes import (
    EVERYBODY,
    INTERNET,
    NOBODY,
    NOT_INTERNET,
    Address,
    Family,
    Network,
    PrefixSet,
)

__all__ = [
    "EVERYBODY",
    "INTERNET",
    "NOBODY",
    "NOT_INTERNET",
    "Address",
    "Family",
    "Network",
    "PortSet",
    "PrefixSet",
]
