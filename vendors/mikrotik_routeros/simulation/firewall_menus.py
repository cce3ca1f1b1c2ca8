"""The firewall's menus."""

from __future__ import annotations

from .menus import Kind, Menu, fields

_YES_NO_LOG = 'log:bool=no log-prefix:text="" disabled:bool=no comment:text=""'
_STATES = "connection-state:!*invalid|established|related|new|untracked"
_NAT_STATE = "connection-nat-state:!*srcnat|dstnat"
_TYPES = "connection-type:!*ftp|h323|irc|pptp|quake3|sip|tftp"
_LISTING = "address-list:text address-list-timeout:time jump-target:text"


def _matchers(family: str) -> str:
    """What every table can match, for `4` or `6`."""
    only = {
        "4": "fragment:bool hotspot:text ipv4-options:text psd:text ttl:text"
        " src-address-type:!*unicast|local|broadcast|multicast|blackhole"
        " dst-address-type:!*unicast|local|broadcast|multicast|blackhole",
        "6": "headers:text hop-limit:text"
        " src-address-type:!*unicast|local|anycast|multicast|unreachable"
        " dst-address-type:!*unicast|local|anycast|multicast|unreachable",
    }[family]
    return (
        f"protocol:!proto src-address:!net{family} dst-address:!net{family}"
        " src-address-list:text dst-address-list:text"
        f" {only}"
        " in-interface:!iface out-interface:!iface in-interface-list:!iflist"
        " out-interface-list:!iflist in-bridge-port:!iface out-bridge-port:!iface"
        " in-bridge-port-list:!iflist out-bridge-port-list:!iflist"
        " src-port:!ports dst-port:!ports port:!ports src-mac-address:!mac"
        " icmp-options:text tcp-flags:text tcp-mss:text packet-size:text packet-mark:text"
        " dscp:!int(0..63) priority:text ingress-priority:text per-connection-classifier:text"
        " content:text limit:text dst-limit:text nth:text random:int(1..99) time:text"
        " tls-host:text ipsec-policy:text"
    )


_TRACKED = (
    "connection-mark:text connection-bytes:text connection-limit:text connection-rate:text"
    " layer7-protocol:text realm:text routing-mark:text"
)
_TRACKED6 = _TRACKED.replace(" layer7-protocol:text realm:text", "")
_LIST_ACTIONS = "add-dst-to-address-list|add-src-to-address-list"
_COUNTERS = ("reset-counters", "reset-counters-all")
_DYNAMIC = ("dynamic", "invalid", "bytes", "packets")


def _rules(path: str, *texts: str) -> Menu:
    return Menu(
        path,
        Kind.ORDERED,
        fields("chain:name!^", *texts, _YES_NO_LOG),
        commands=_COUNTERS,
        read_only=_DYNAMIC,
        rules=True,
    )


def _nat(path: str, family: str, actions: str) -> Menu:
    to = "to-addresses" if family == "4" else "to-address"
    only4 = "randomise-ports:bool@7.10- same-not-by-dst:bool psd:text" if family == "4" else ""
    tls = " tls-host:text@-7.15"
    matchers = _matchers(family).replace(" tls-host:text", tls).replace(" psd:text", "")
    if family == "4":
        matchers = matchers.replace(" tcp-flags:text", "")
    menu = _rules(
        path,
        f"action:accept|{actions}^=accept {to}:to{family} to-ports:ports {_LISTING}",
        _TYPES if family == "4" else f"{_TYPES} {_STATES}",
        matchers,
        _TRACKED if family == "4" else _TRACKED6,
        only4,
    )
    return menu if family == "4" else _since(menu, (7, 0))


def _since(menu: Menu, since: tuple[int, int]) -> Menu:
    return Menu(
        menu.path, menu.kind, menu.fields, commands=menu.commands, since=since,
        read_only=menu.read_only, rules=True,
    )  # fmt: skip


_FILTER_ACTIONS = (
    f"accept|{_LIST_ACTIONS}|drop|fasttrack-connection|jump|log|passthrough|reject|return"
)
_MANGLE_ACTIONS = (
    f"accept|{_LIST_ACTIONS}|change-dscp|change-mss|change-ttl|clear-df|fasttrack-connection|jump"
    "|log|mark-connection|mark-packet|mark-routing|passthrough|return|route|set-priority|sniff-pc"
    "|sniff-tzsp|strip-ipv4-options"
)
_MARKS = (
    "new-connection-mark:text new-dscp:int(0..63) new-mss:text new-packet-mark:text"
    " new-priority:text new-routing-mark:text passthrough:bool=yes"
)
_RAW_ACTIONS = f"accept|{_LIST_ACTIONS}|drop|jump|log|notrack|passthrough|return"

FIREWALL_4 = (
    Menu(
        "ip firewall address-list",
        Kind.LIST,
        fields("list:name! address:list4 creation-time:text timeout:time dynamic:bool"
               ' disabled:bool=no comment:text=""'),
        columns=("list", "address", "creation-time", "timeout"),
        unique=("list", "address"),
        read_only=("creation-time",),
    ),
    _rules(
        "ip firewall filter",
        f"action:{_FILTER_ACTIONS}|tarpit^=accept hw-offload:bool@7-7.20 reject-with:text",
        f"{_LISTING} {_STATES} connection-nat-state:!*srcnat|dstnat|ein-snat|ein-dnat {_TYPES}",
        _matchers("4"),
        f"{_TRACKED} p2p:text",
    ),
    _rules(
        "ip firewall mangle",
        f"action:{_MANGLE_ACTIONS}^=accept {_MARKS} new-ttl:text route-dst:text sniff-id:text",
        f"sniff-target:text sniff-target-port:port {_LISTING} {_STATES} {_NAT_STATE} {_TYPES}",
        _matchers("4"),
        f"{_TRACKED} p2p:text",
    ),
    _nat(
        "ip firewall nat",
        "4",
        f"{_LIST_ACTIONS}|dst-nat|endpoint-independent-nat|jump|log|masquerade|netmap|passthrough"
        "|redirect|return|same|src-nat",
    ),
    _rules(
        "ip firewall raw",
        f"action:{_RAW_ACTIONS}^=accept {_LISTING}",
        _matchers("4"),
    ),
    Menu(
        "ip firewall service-port",
        Kind.FIXED,
        fields("name:name ports:ports sip-direct-media:bool sip-timeout:time disabled:bool=no"),
        key="name",
        columns=("name", "ports"),
        read_only=("invalid",),
    ),
    Menu(
        "ip firewall connection",
        Kind.READING,
        fields("protocol:text src-address:text src-port:text dst-address:text dst-port:text"
               " reply-src-address:text reply-src-port:text reply-dst-address:text"
               " reply-dst-port:text connection-type:text timeout:text orig-packets:text"
               " repl-packets:text"),
        columns=("protocol", "src-address", "dst-address", "timeout"),
        commands=("remove",),
        read_only=("assured", "confirmed", "dstnat", "srcnat", "seen-reply", "connection-mark",
                   "fasttrack", "uses-helper", "tcp-state", "expected", "dying"),
    ),
)  # fmt: skip

TRACKING = Menu(
    "ip firewall connection tracking",
    Kind.SETTINGS,
    fields(
        "enabled:yes|no|auto=auto tcp-syn-sent-timeout:time=5s tcp-syn-received-timeout:time=5s"
        " tcp-established-timeout:time=1d tcp-fin-wait-timeout:time=10s"
        " tcp-close-wait-timeout:time=10s tcp-last-ack-timeout:time=10s"
        " tcp-time-wait-timeout:time=10s tcp-close-timeout:time=10s"
        " tcp-max-retrans-timeout:time=5m tcp-unacked-timeout:time=5m loose-tcp-tracking:bool=yes"
        " liberal-tcp-tracking:bool=no@7.20- udp-timeout:time=10s udp-stream-timeout:time=3m"
        " icmp-timeout:time=10s generic-timeout:time=10m"
    ),
    read_only=("max-entries", "total-entries"),
)

FIREWALL_6 = (
    Menu(
        "ipv6 firewall address-list",
        Kind.LIST,
        fields("list:name! address:list6 creation-time:text timeout:time dynamic:bool"
               ' disabled:bool=no comment:text=""'),
        columns=("list", "address", "creation-time", "timeout"),
        unique=("list", "address"),
        read_only=("creation-time",),
    ),
    _rules(
        "ipv6 firewall filter",
        f"action:{_FILTER_ACTIONS}^=accept reject-with:text",
        f"{_LISTING} {_STATES} {_NAT_STATE} {_TYPES}",
        _matchers("6"),
        "connection-mark:text connection-bytes:text connection-limit:text connection-rate:text"
        " routing-mark:text",
    ),
    _rules(
        "ipv6 firewall mangle",
        f"action:{_LIST_ACTIONS}|accept|change-dscp|change-mss|jump|log|mark-connection|mark-packet"
        f"|mark-routing|passthrough|return|set-priority^=accept {_MARKS}",
        f"{_LISTING} {_STATES} {_NAT_STATE} {_TYPES}",
        _matchers("6"),
        "connection-mark:text connection-bytes:text routing-mark:text",
    ),
    _nat(
        "ipv6 firewall nat",
        "6",
        f"{_LIST_ACTIONS}|dst-nat|jump|log|masquerade|netmap|passthrough|redirect|return|src-nat",
    ),
    _rules(
        "ipv6 firewall raw",
        f"action:{_RAW_ACTIONS}^=accept {_LISTING}",
        _matchers("6"),
    ),
)  # fmt: skip
