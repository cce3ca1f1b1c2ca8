"""Which configuration paths each release has: a small part of the real tree, and nothing beyond.

A pattern's last word says what the node is: `=type` a leaf with one value, `+type` a leaf with
several, `!` a leaf without. `*` is the name of a tag node.
"""

from __future__ import annotations

import re
from functools import cache
from ipaddress import ip_address, ip_interface, ip_network

from ...vyatta.simulation.machine import Path, Verdict

_OLD = ((1, 2), (1, 3))
_NEW = ((1, 4), (1, 5))
_ALL = (*_OLD, *_NEW)

_RULE = """
action =word
description =text
disable !
protocol =protocol
state established
state related
state invalid
state new
source address =match
source port =ports
source group network-group =word
source group address-group =word
destination address =match
destination port =ports
destination group network-group =word
destination group address-group =word
"""
_OLD_STATES = "".join(f"state {s} =onoff\n" for s in ("established", "related", "invalid", "new"))
_NEW_STATES = "".join(f"state {s} !\n" for s in ("established", "related", "invalid", "new"))
_PLAIN_RULE = re.sub(r"(?m)^state \w+\n", "", _RULE)
_OLD_RULE = _PLAIN_RULE + _OLD_STATES + "log =onoff\nicmp type =word\nicmpv6 type =word\n"
_NEW_RULE = (
    _PLAIN_RULE
    + _NEW_STATES
    + "log !\nicmp type =word\nicmpv6 type =word\nicmpv6 type-name =word\njump-target =word\n"
    "inbound-interface name =word\ninbound-interface group =word\n"
    "outbound-interface name =word\noutbound-interface group =word\n"
)


def _rules(prefix: str, rule: str) -> str:
    return "".join(f"{prefix} rule * {line}\n" for line in rule.split("\n") if line)


_COMMON = """
interfaces loopback lo
system host-name =word
system domain-name =word
system name-server +ip
system time-zone =text
system login user * authentication encrypted-password =text
system login user * authentication plaintext-password =text
system config-management commit-revisions =number
system console device * speed =number
system syslog global facility * level =word
service ssh port +number
service ssh listen-address +ip
service ssh disable-password-authentication !
service snmp community * authorization =word
service snmp community * network +prefix
service snmp community * client +ip
service snmp listen-address *
service dns forwarding listen-address +ip
service dns forwarding allow-from +prefix
service dns forwarding cache-size =number
service tftp-server directory =text
service tftp-server listen-address +ip
service router-advert interface * prefix * valid-lifetime =number
service router-advert interface * prefix *
protocols static route * next-hop *
protocols static route6 * next-hop *
protocols static route6 * next-hop * interface =word
firewall group network-group * network +prefix
firewall group network-group * description =text
firewall group ipv6-network-group * network +prefix
firewall group ipv6-network-group * description =text
firewall group address-group * address +ip
firewall group port-group * port +ports
"""
_INTERFACE = """
address +address
description =text
disable !
ipv6 address autoconf !
ipv6 address eui64 +prefix
dhcpv6-options pd * length =number
dhcpv6-options pd * interface * address =number
dhcpv6-options pd * interface * sla-id =number
"""
_NAT = """
description =text
disable !
protocol =protocol
source address =match
source port =ports
destination address =match
destination port =ports
translation address =text
translation port =ports
"""
_PPPOE = "source-interface =word\nauthentication username =text\nauthentication password =text\n"


def _interfaces(extra: str) -> str:
    found = ""
    for kind in ("ethernet *", "ethernet * vif *", "pppoe *", "bridge *"):
        body = _INTERFACE + extra + (_PPPOE if kind.startswith("pppoe") else "hw-id =text\n")
        found += "".join(f"interfaces {kind} {line}\n" for line in body.split("\n") if line)
    return found


def _nat(place: str, rule: str) -> str:
    return _rules(place, rule)


_BINDINGS = "".join(
    f"firewall {side} {leaf} =word\n"
    for side in ("in", "out", "local")
    for leaf in ("name", "ipv6-name")
)
_LEGACY = (
    _interfaces(_BINDINGS)
    + "".join(
        f"firewall {leaf} * default-action =word\nfirewall {leaf} * description =text\n"
        f"firewall {leaf} * enable-default-log !\n" + _rules(f"firewall {leaf} *", _OLD_RULE)
        for leaf in ("name", "ipv6-name")
    )
    + "".join(
        f"firewall state-policy {s} action =word\n" for s in ("established", "related", "invalid")
    )
    + _nat("nat destination", _NAT + "inbound-interface =word\nexclude !\n")
    + _nat("nat source", _NAT + "outbound-interface =word\n")
    + "zone-policy zone * default-action =word\nzone-policy zone * interface +word\n"
    "zone-policy zone * local-zone !\n"
    "zone-policy zone * from * firewall name =word\n"
    "zone-policy zone * from * firewall ipv6-name =word\n"
    "system ntp server *\nsystem ipv6 disable !\n"
)
_MODERN = (
    _interfaces("")
    + "firewall group interface-group * interface +word\n"
    "firewall group interface-group * description =text\n"
    + "".join(
        f"firewall {top} {where} default-action =word\nfirewall {top} {where} description =text\n"
        f"firewall {top} {where} default-log !\n" + _rules(f"firewall {top} {where}", _NEW_RULE)
        for top in ("ipv4", "ipv6")
        for where in ("name *", "input filter", "forward filter", "output filter")
    )
    + "".join(
        f"firewall global-options state-policy {s} action =word\n"
        for s in ("established", "related", "invalid")
    )
    + "".join(
        _nat(place, _NAT + f"{side}-interface name =word\n{side}-interface group =word\n"
             "source group network-group =word\nexclude !\n")
        for place, side in (
            ("nat destination", "inbound"),
            ("nat source", "outbound"),
            ("nat66 destination", "inbound"),
        )
    )
    + _nat("nat static", "description =text\ndestination address =match\ninbound-interface =word\n"
           "translation address =text\n")
    + "firewall zone * default-action =word\nfirewall zone * interface +word\n"
    "firewall zone * local-zone !\nfirewall zone * from * firewall name =word\n"
    "firewall zone * from * firewall ipv6-name =word\n"
    "service ntp server *\nservice ntp allow-client address +prefix\n"
    "service https port =number\nservice https listen-address +ip\n"
    "service https allow-client address +prefix\n"
    "protocols static route * interface *\n"
)  # fmt: skip
_MODULES = ("ftp", "h323", "nfs", "pptp", "sip", "sqlnet", "tftp")


def _of(release: tuple[int, int]) -> str:
    text = _COMMON + (_LEGACY if release in _OLD else _MODERN)
    kind = " disable !" if release == (1, 2) else " !"
    text += "".join(f"system conntrack modules {name}{kind}\n" for name in _MODULES)
    timers = "firewall global-options" if release >= (1, 5) else "system conntrack"
    text += f"{timers} timeout udp stream =number\n{timers} timeout udp other =number\n"
    if release == (1, 2):
        text += "".join(
            f"interfaces ethernet * {vlan}pppoe * {line}\n"
            for vlan in ("", "vif * ")
            for line in ("user-id =text", "password =text", *_BINDINGS.split("\n"))
            if line
        )
        text += "service telnet port =number\nservice telnet listen-address +ip\n"
    if release == (1, 5):
        text += "system config-management commit-confirm action =word\n"
    if release == (1, 4):
        text += (
            "service upnp listen +word\nservice upnp wan-interface =word\nservice upnp nat-pmp !\n"
        )
    return text


@cache
def _tree(release: tuple[int, int]) -> dict[str, object]:
    root: dict[str, object] = {}
    for line in _of(release).splitlines():
        node = root
        for word in line.split():
            node = node.setdefault(word, {})  # type: ignore[assignment]  # nested dictionaries
    return root


def judge(release: tuple[int, int], words: Path) -> Verdict:
    """Is this a path of the release? An inner node is one too: it can be deleted."""
    node: dict[str, object] = _tree(release)
    for place, word in enumerate(words):
        leaf = next((key for key in node if key[0] in "=+"), None)
        if word in node and word[0] not in "=+!*":
            node = node[word]  # type: ignore[assignment]
        elif leaf is not None:
            if place + 1 < len(words):
                return Verdict(bad=place + 1)
            return Verdict(leaf) if fits(leaf[1:], word) else Verdict(bad=place, value=word)
        elif "*" in node and re.fullmatch(r"[\w.:/@-]+", word):
            node = node["*"]  # type: ignore[assignment]
        else:
            return Verdict(bad=place)
    if "!" in node or not node:
        return Verdict("!")
    return Verdict("*")


def fits(kind: str, text: str) -> bool:
    """Is the text a value of this kind?"""
    try:
        match kind:
            case "number":
                return text.isdecimal() and int(text) < 2**32
            case "onoff":
                return text in ("enable", "disable")
            case "ip":
                return bool(ip_address(text))
            case "prefix":
                return "/" in text and bool(ip_network(text))
            case "address":
                return text in ("dhcp", "dhcpv6") or ("/" in text and bool(ip_interface(text)))
            case "match":
                return all(ip_interface(part) for part in text.removeprefix("!").split("-"))
            case "ports":
                return all(_port(part) for part in text.removeprefix("!").split(","))
            case "protocol":
                return (
                    re.fullmatch(r"!?(all|tcp|udp|tcp_udp|icmp|icmpv6|ipv6-icmp|gre|esp|\d+)", text)
                    is not None
                )
            case "word":
                return re.fullmatch(r"[\w.:/@!*+-]+", text) is not None
    except ValueError:
        return False
    return True


def _port(text: str) -> bool:
    if re.fullmatch(r"[a-z][\w-]*", text):
        return True
    low, _, high = text.partition("-")
    return 1 <= int(low) <= int(high or low) <= 65535
