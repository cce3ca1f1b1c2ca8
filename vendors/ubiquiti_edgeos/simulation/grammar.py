"""Which configuration paths EdgeOS has: a small part of the real tree, and nothing beyond.

A pattern's last word says what the node is: `=type` a leaf with one value, `+type` a leaf with
several, `!` a leaf without. `*` is the name of a tag node.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address, ip_interface, ip_network

from ...vyatta.simulation.machine import Path, Verdict

_FILTER_RULE = """
action =verdict
description =text
disable !
log =onoff
protocol =protocol
state established =onoff
state related =onoff
state invalid =onoff
state new =onoff
source port =ports
destination port =ports
"""
_RULE4 = (
    _FILTER_RULE
    + """
source address =match4
destination address =match4
source group network-group =word
source group address-group =word
destination group network-group =word
destination group address-group =word
destination group port-group =word
icmp type =number
icmp type-name =word
"""
)
# Groups in rules of ipv6-name are left out: no source shows that the router takes them.
_RULE6 = _FILTER_RULE + "source address =match6\ndestination address =match6\nicmpv6 type =word\n"
_BINDINGS = "".join(
    f"firewall {side} {leaf} =word\n"
    for side in ("in", "out", "local")
    for leaf in ("name", "ipv6-name")
)
_INTERFACE = (
    _BINDINGS
    + """
address +address
description =text
disable !
duplex =word
speed =word
mtu =number
ipv6 address autoconf !
ipv6 address eui64 +prefix
ipv6 dup-addr-detect-transmits =number
ipv6 router-advert send-advert =bool
ipv6 router-advert prefix * autonomous-flag =bool
dhcpv6-pd rapid-commit =onoff
dhcpv6-pd pd * prefix-length =text
dhcpv6-pd pd * interface * host-address =text
dhcpv6-pd pd * interface * prefix-id =text
dhcpv6-pd pd * interface * service =word
"""
)
_PPPOE = (
    _BINDINGS
    + """
default-route =word
mtu =number
name-server =word
user-id =text
password =text
dhcpv6-pd pd * prefix-length =text
dhcpv6-pd pd * interface * prefix-id =text
dhcpv6-pd pd * interface * service =word
"""
)
_NAT = """
description =text
disable !
exclude !
log =onoff
protocol =protocol
type =nat
inbound-interface =word
outbound-interface =word
source address =match4
source port =ports
destination address =match4
destination port =ports
inside-address address =ip4
inside-address port =ports
"""
_FORWARD = """
description =text
disable !
original-port =ports
protocol =protocol
forward-to address =ip4
forward-to port =ports
"""
_OTHERS = """
firewall all-ping =onoff
firewall broadcast-ping =onoff
firewall send-redirects =onoff
firewall syn-cookies =onoff
firewall group network-group * description =text
firewall group network-group * network +net4
firewall group address-group * description =text
firewall group address-group * address +ip4
firewall group port-group * port +ports
interfaces loopback lo
port-forward auto-firewall =onoff
port-forward hairpin-nat =onoff
port-forward lan-interface +word
port-forward wan-interface =word
protocols static route * next-hop *
protocols static route6 * next-hop *
protocols static interface-route * next-hop-interface *
protocols static interface-route6 * next-hop-interface *
service dns forwarding cache-size =number
service dns forwarding listen-on +word
service gui http-port =number
service gui https-port =number
service gui listen-address +ip
service gui older-ciphers =onoff
service snmp community * authorization =word
service snmp community * client +ip
service snmp community * network +prefix
service ssh listen-address +ip
service ssh port =number
service ssh protocol-version =word
service telnet port =number
service telnet listen-address +ip
service ubnt-discover disable !
service unms disable !
service upnp listen-on * outbound-interface =word
service upnp2 listen-on +word
service upnp2 nat-pmp =onoff
service upnp2 secure-mode =onoff
service upnp2 wan =word
system analytics-handler send-analytics-report =bool
system conntrack timeout udp other =number
system conntrack timeout udp stream =number
system gateway-address =ip4
system host-name =word
system ipv6 disable !
system login user * authentication encrypted-password =text
system login user * authentication plaintext-password =text
system login user * level =word
system name-server +ip
system ntp server *
system offload hwnat =onoff
system offload ipv4 forwarding =onoff
system offload ipv4 pppoe =onoff
system syslog global facility * level =word
system time-zone =text
"""


def _below(prefix: str, body: str) -> list[str]:
    return [f"{prefix} {line}" for line in body.splitlines() if line]


def _patterns() -> list[str]:
    found = [line for line in _OTHERS.splitlines() if line]
    for kind in ("ethernet *", "switch *", "bridge *"):
        for vlan in ("", " vif *"):
            found += _below(f"interfaces {kind}{vlan}", _INTERFACE)
            found += _below(f"interfaces {kind}{vlan} pppoe *", _PPPOE)
    found += _below("interfaces switch * switch-port", "interface *\nvlan-aware =onoff")
    for leaf, rule in (("name", _RULE4), ("ipv6-name", _RULE6)):
        top = f"firewall {leaf} *"
        found += _below(top, "default-action =verdict\ndescription =text\nenable-default-log !")
        found += _below(f"{top} rule *", rule)
    found += _below("service nat rule *", _NAT)
    found += _below("port-forward rule *", _FORWARD)
    for name in ("ftp", "gre", "h323", "pptp", "sip", "tftp"):
        found.append(f"system conntrack modules {name} disable !")
    return found


@dataclass(slots=True)
class _Branch:
    words: dict[str, _Branch] = field(default_factory=dict)
    leaf: str = ""
    valueless: bool = False


@cache
def _tree() -> _Branch:
    root = _Branch()
    for pattern in _patterns():
        branch = root
        for word in pattern.split():
            if word[0] in "=+":
                branch.leaf = word
            elif word == "!":
                branch.valueless = True
            else:
                branch = branch.words.setdefault(word, _Branch())
    return root


def judge(words: Path) -> Verdict:
    """Is this a path of the router? An inner node is one too: it can be deleted."""
    branch = _tree()
    for place, word in enumerate(words):
        if branch.leaf:
            if place + 1 < len(words):
                return Verdict(bad=place + 1)
            return (
                Verdict(branch.leaf)
                if fits(branch.leaf[1:], word)
                else Verdict(bad=place, value=word)
            )
        if word in branch.words and word != "*":
            branch = branch.words[word]
        elif "*" in branch.words and re.fullmatch(r"[\w.:/-]+", word):
            branch = branch.words["*"]
        else:
            return Verdict(bad=place)
    return Verdict("!" if branch.valueless or not branch.words else "*")


_CHOICES = {
    "onoff": {"enable", "disable"},
    "bool": {"true", "false"},
    "verdict": {"accept", "drop", "reject"},
    "nat": {"destination", "source", "masquerade"},
}


def fits(kind: str, text: str) -> bool:
    """Is the text a value of this kind?"""
    if kind in _CHOICES:
        return text in _CHOICES[kind]
    if kind == "word":
        return re.fullmatch(r"[\w.:/@!*+-]+", text) is not None
    try:
        return _fits_number(kind, text)
    except ValueError:
        return False


def _fits_number(kind: str, text: str) -> bool:
    plain = text.removeprefix("!")
    match kind:
        case "number":
            return text.isdecimal() and int(text) < 2**32
        case "ip":
            return bool(ip_address(text))
        case "ip4":
            return ip_address(text).version == 4
        case "prefix":
            return "/" in text and bool(ip_network(text))
        case "net4":
            return "/" in text and ip_network(text).version == 4
        case "address":
            return text in ("dhcp", "dhcpv6") or ("/" in text and bool(ip_interface(text)))
        case "match4" | "match6":
            parts = plain.split("-")
            return all(str(ip_network(p).version) == kind[-1] for p in parts) and len(parts) < 3
        case "ports":
            return len(re.findall(r"[^,-]+", plain)) <= 15 and all(map(_port, plain.split(",")))
        case "protocol":
            known = r"all|tcp|udp|tcp_udp|icmp|icmpv6|ipv6-icmp|igmp|gre|esp|ah|\d{1,3}"
            return re.fullmatch(known, plain) is not None
    return True


def _port(text: str) -> bool:
    if re.fullmatch(r"[a-z][\w-]*", text):
        return True
    low, _, high = text.partition("-")
    return 1 <= int(low) <= int(high or low) <= 65535
