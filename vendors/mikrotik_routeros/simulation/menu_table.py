"""Every menu the simulator knows, in the order of an export."""

from __future__ import annotations

from functools import cache

from .ip_menus import IP, IPV6
from .link_menus import LINKS
from .release import Release
from .system_menus import NOT_EXPORTED, SYSTEM

MENUS = {menu.path: menu for menu in (*LINKS, *IP, *IPV6, *SYSTEM, *NOT_EXPORTED)}
EXPORTED = tuple(menu.path for menu in (*LINKS[1:], *IP, *IPV6, *SYSTEM))


@cache
def branches(release: Release, with_ipv6: bool) -> dict[str, tuple[str, ...]]:
    """Menu words by parent path, for a release; the root's path is empty.

    Without the IPv6 package of version 6 the branch `/ipv6` is there and empty: a router recorded
    without it answers `/ipv6 address print` with `bad command name address (line 1 column 7)`.
    """
    children: dict[str, dict[str, None]] = {"": {}, "ipv6": {}}
    for path, menu in MENUS.items():
        words = path.split()
        if not menu.in_release(release):
            continue
        children[""].setdefault(words[0])
        if words[0] == "ipv6" and not with_ipv6:
            continue
        for depth in range(1, len(words)):
            children.setdefault(" ".join(words[:depth]), {}).setdefault(words[depth])
    return {parent: tuple(words) for parent, words in children.items()}
