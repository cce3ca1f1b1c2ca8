"""Configurations to start from: as shipped, and as a customer's router may be found."""

from __future__ import annotations

_SYSTEM = """
set system host-name ubnt
set system login user ubnt authentication encrypted-password '!'
set system login user ubnt level admin
set system ntp server 0.ubnt.pool.ntp.org
set system syslog global facility all level notice
set system time-zone UTC
"""
_SERVICES = """
set service gui http-port 80
set service gui https-port 443
set service gui older-ciphers enable
set service ssh port 22
set service ssh protocol-version v2
set service unms
"""
#: As 2.0.9 is shipped: no firewall, no WAN, all management on every address.
_FACTORY = f"""
set interfaces ethernet eth0 address 192.168.1.1/24
set interfaces ethernet eth0 duplex auto
set interfaces ethernet eth1 duplex auto
set interfaces loopback lo
{_SERVICES}{_SYSTEM}"""
_FORWARDS = """
set port-forward auto-firewall enable
set port-forward hairpin-nat enable
set port-forward lan-interface eth1
set port-forward wan-interface {wan}
set port-forward rule 1 description 'phone system'
set port-forward rule 1 forward-to address 192.168.1.50
set port-forward rule 1 original-port 5060
set port-forward rule 1 protocol udp
set port-forward rule 2 description speech
set port-forward rule 2 forward-to address 192.168.1.50
set port-forward rule 2 original-port 10000-20000
set port-forward rule 2 protocol udp
set port-forward rule 3 description 'old game server'
set port-forward rule 3 forward-to address 192.168.1.70
set port-forward rule 3 forward-to port 8000-12000
set port-forward rule 3 original-port 8000-12000
set port-forward rule 3 protocol tcp_udp
set port-forward rule 4 description 'web interface of the switch'
set port-forward rule 4 forward-to address 192.168.1.60
set port-forward rule 4 forward-to port 443
set port-forward rule 4 original-port 8443
set port-forward rule 4 protocol tcp
set service nat rule 10 description 'web shop'
set service nat rule 10 destination port 443
set service nat rule 10 inbound-interface {wan}
set service nat rule 10 inside-address address 192.168.1.60
set service nat rule 10 protocol tcp
set service nat rule 10 type destination
set service nat rule 5010 outbound-interface {wan}
set service nat rule 5010 type masquerade
"""
_LAN = """
set interfaces ethernet eth1 address 192.168.1.1/24
set interfaces ethernet eth1 address 2001:db8:1:1::1/64
set interfaces ethernet eth1 ipv6 router-advert send-advert true
set interfaces loopback lo
set service dns forwarding cache-size 150
set service dns forwarding listen-on eth1
set service snmp community public authorization ro
set service telnet port 23
set service upnp2 listen-on eth1
set service upnp2 nat-pmp enable
set service upnp2 wan {wan}
set system conntrack modules tftp disable
set system offload hwnat enable
"""
_ETHERNET = """
set interfaces ethernet eth0 address 192.0.2.2/24
set interfaces ethernet eth0 address 2001:db8:0:1::2/64
set interfaces ethernet eth0 description Internet
set protocols static route 0.0.0.0/0 next-hop 192.0.2.1
set protocols static route6 ::/0 next-hop 2001:db8:0:1::1
"""
_PPPOE = """
set interfaces ethernet eth0 vif 34 pppoe 0 default-route auto
set interfaces ethernet eth0 vif 34 pppoe 0 dhcpv6-pd pd 0 interface eth1 service slaac
set interfaces ethernet eth0 vif 34 pppoe 0 dhcpv6-pd pd 0 prefix-length 48
set interfaces ethernet eth0 vif 34 pppoe 0 firewall in name WAN_IN
set interfaces ethernet eth0 vif 34 pppoe 0 firewall local name WAN_LOCAL
set interfaces ethernet eth0 vif 34 pppoe 0 password secret
set interfaces ethernet eth0 vif 34 pppoe 0 user-id customer
set protocols static interface-route6 ::/0 next-hop-interface pppoe0
"""


def _ruleset(kind: str, name: str, *rules: str) -> str:
    top = f"set firewall {kind} {name}"
    lines = [
        f"{top} default-action drop",
        f"{top} rule 10 action accept",
        f"{top} rule 10 state established enable",
        f"{top} rule 10 state related enable",
        f"{top} rule 20 action drop",
        f"{top} rule 20 state invalid enable",
        *(f"{top} rule {rule}" for rule in rules),
    ]
    return "\n".join(lines) + "\n"


#: A LAN that may only browse, which keeps telephones from their provider.
_BROWSING = (
    _ruleset("name", "LAN_IN", "30 action accept", "30 protocol tcp")
    + "set interfaces ethernet eth1 firewall in name LAN_IN\n"
)
_WIZARD = _ruleset("name", "WAN_IN") + _ruleset(
    "name", "WAN_LOCAL", "30 action accept", "30 protocol tcp", "30 destination port 22,443"
)


def preset(name: str) -> str:
    """The `set` lines of a preset; any other text is taken for the lines themselves."""
    match name:
        case "factory":
            return _FACTORY
        case "messy":
            wan = (_LAN + _FORWARDS).format(wan="eth0")
            return _ETHERNET + wan + _BROWSING + _SERVICES + _SYSTEM
        case "pppoe":
            wan = (_LAN + _FORWARDS).format(wan="pppoe0")
            return _PPPOE + wan + _WIZARD + _BROWSING + _SERVICES + _SYSTEM
    return name
