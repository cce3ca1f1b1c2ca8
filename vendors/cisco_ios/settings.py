"""Which lines of a running configuration are one setting, and what takes a line away."""

from __future__ import annotations

import re

#: Lines whose value the next line of the same setting replaces; the groups tell settings apart.
_REPLACED = tuple(
    re.compile(pattern)
    for pattern in (
        r"(hostname|description|udp idle-time|tcp idle-time|transport (?:input|output)) .*",
        r"(ip address)(?! .* secondary$) .*",
        r"(ip http access-class(?: ipv4| ipv6)?) \S+",
        r"((?:netconf-yang ssh|restconf) ipv[46] access-list) .*",
        r"(ip nat translation (?:\S+-timeout|timeout)(?: (?:udp|tcp) \d+)?) (?:\d+|never)",
        r"(ip inspect (?:udp|tcp) idle-time) \d+",
        r"(ipv?6? inspect name \S+ \S+)(?: .*)?",
        r"((?:ipv6 )?access-class) \S+ (in|out)\b.*",
        r"(ip access-group|ipv6 traffic-filter|ip inspect|ipv6 inspect) \S+ (in|out)",
        r"(service-policy type inspect) \S+",
        r"(snmp-server community \S+) .*",
        r"(exec-timeout|zone-member security|zone-pair security \S+) .*",
    )
)
#: The same, but the router refuses a second one while the first is there.
_UNIQUE = tuple(
    re.compile(pattern)
    for pattern in (
        r"ip nat (?:inside )?(source static (?:tcp|udp)) \S+ \d+ ((?:interface )?\S+ \d+)(?: .*)?",
        r"ip nat (?:inside )?(source static) \d\S* ((?:interface )?\S+)(?: .*)?",
        r"(ip nat pool \S+) .*",
        r"(ip nat inside destination list \S+) .*",
        r"((?:class|policy)-map type inspect)(?: match-\w+)? (\S+)",
    )
)
#: An action of a class: one of them at a time.
_ACTION = re.compile(r"(?:inspect|pass|drop)(?: .*)?")
#: What a router prints anew by itself.
_VOLATILE = re.compile(
    r"(?:Building configuration|Current configuration|Using \d+ out of|Load for |Time source is "
    r"|ntp clock-period )"
)


def volatile(text: str) -> bool:
    """Is this no configuration, but something that changes by itself?"""
    return _VOLATILE.match(text) is not None


def body(text: str) -> str:
    """The line without the `no` that may stand before it."""
    return text.removeprefix("no ")


def setting(text: str) -> str:
    """What a line sets: two lines of the same setting cannot both hold."""
    plain = body(text)
    if _ACTION.fullmatch(plain):
        return "action"
    for pattern in (*_REPLACED, *_UNIQUE):
        found = pattern.fullmatch(plain)
        if found is not None:
            return " ".join(found.groups())
    return plain


def replaces(text: str) -> bool:
    """Does this line take the place of another of its setting without that going first?"""
    plain = body(text)
    return plain != text or not any(pattern.fullmatch(plain) for pattern in _UNIQUE)


def negated(text: str) -> str:
    """What takes a line away."""
    if text.startswith("no "):
        return body(text)
    if text.startswith("transport input "):
        # With a protocol it would take that one out of those that are allowed.
        return "no transport input"
    return f"no {text}"
