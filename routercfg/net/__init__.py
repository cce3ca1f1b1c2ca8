"""Exact set algebra on addresses and ports. Knows nothing else."""

from routercfg.net.ports import ALL_PORTS, NO_PORTS, PortSet
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
    "ALL_PORTS",
    "EVERYBODY",
    "INTERNET",
    "NOBODY",
    "NOT_INTERNET",
    "NO_PORTS",
    "Address",
    "Family",
    "Network",
    "PortSet",
    "PrefixSet",
]
