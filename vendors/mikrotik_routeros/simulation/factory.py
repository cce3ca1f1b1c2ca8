"""Named configurations: what a home board ships with, and a customer's router as one finds it."""

from __future__ import annotations

from .release import Release

_LAN = """\
/interface bridge
add admin-mac=02:00:5E:10:00:02 auto-mac=no comment=defconf name=bridge
/interface list
add comment=defconf name=WAN
add comment=defconf name=LAN
/ip pool
add name=dhcp ranges={pool}
/ip dhcp-server
add address-pool=dhcp disabled=no interface=bridge name=defconf
/interface bridge port
add bridge=bridge comment=defconf interface=ether2
add bridge=bridge comment=defconf interface=ether3
add bridge=bridge comment=defconf interface=ether4
add bridge=bridge comment=defconf interface=ether5
/interface list member
add comment=defconf interface=bridge list=LAN
add comment=defconf interface={wan} list=WAN
/ip address
add address={lan}/24 comment=defconf interface=bridge
/ip dhcp-server network
add address={network}/24 comment=defconf dns-server={lan} gateway={lan}
/ip dns
set allow-remote-requests=yes
/ip dns static
add address={lan} comment=defconf name=router.lan
"""
_DEFCONF_FILTER = """\
/ip firewall filter
add action=accept chain=input comment="defconf: accept established,related,untracked" \
connection-state=established,related,untracked
add action=drop chain=input comment="defconf: drop invalid" connection-state=invalid
add action=accept chain=input comment="defconf: accept ICMP" protocol=icmp
add action=accept chain=input comment="defconf: accept to local loopback (for CAPsMAN)" \
dst-address=127.0.0.1
add action=drop chain=input comment="defconf: drop all not coming from LAN" \
in-interface-list=!LAN
add action=accept chain=forward comment="defconf: accept in ipsec policy" ipsec-policy=in,ipsec
add action=accept chain=forward comment="defconf: accept out ipsec policy" ipsec-policy=out,ipsec
add action=fasttrack-connection chain=forward comment="defconf: fasttrack" \
connection-state=established,related{offload}
add action=accept chain=forward comment="defconf: accept established,related, untracked" \
connection-state=established,related,untracked
add action=drop chain=forward comment="defconf: drop invalid" connection-state=invalid
add action=drop chain=forward comment="defconf: drop all from WAN not DSTNATed" \
connection-nat-state=!dstnat connection-state=new in-interface-list=WAN
/ip firewall nat
add action=masquerade chain=srcnat comment="defconf: masquerade" ipsec-policy=out,none \
out-interface-list=WAN
"""
_DEFCONF_6 = """\
/ipv6 firewall address-list
add address=::/128 comment="defconf: unspecified address" list=bad_ipv6
add address=::1/128 comment="defconf: lo" list=bad_ipv6
add address=fec0::/10 comment="defconf: site-local" list=bad_ipv6
add address=::ffff:0.0.0.0/96 comment="defconf: ipv4-mapped" list=bad_ipv6
add address=::/96 comment="defconf: ipv4 compat" list=bad_ipv6
add address=100::/64 comment="defconf: discard only " list=bad_ipv6
add address=2001:db8::/32 comment="defconf: documentation" list=bad_ipv6
add address=2001:10::/28 comment="defconf: ORCHID" list=bad_ipv6
add address=3ffe::/16 comment="defconf: 6bone" list=bad_ipv6
/ipv6 firewall filter
add action=accept chain=input comment="defconf: accept established,related,untracked" \
connection-state=established,related,untracked
add action=drop chain=input comment="defconf: drop invalid" connection-state=invalid
add action=accept chain=input comment="defconf: accept ICMPv6" protocol=icmpv6
add action=accept chain=input comment="defconf: accept UDP traceroute" dst-port=33434-33534 \
protocol=udp
add action=accept chain=input comment="defconf: accept DHCPv6-Client prefix delegation." \
dst-port=546 protocol=udp src-address=fe80::/10
add action=accept chain=input comment="defconf: accept IKE" dst-port=500,4500 protocol=udp
add action=accept chain=input comment="defconf: accept ipsec AH" protocol=ipsec-ah
add action=accept chain=input comment="defconf: accept ipsec ESP" protocol=ipsec-esp
add action=accept chain=input comment="defconf: accept all that matches ipsec policy" \
ipsec-policy=in,ipsec
add action=drop chain=input comment="defconf: drop everything else not coming from LAN" \
in-interface-list=!LAN
add action=accept chain=forward comment="defconf: accept established,related,untracked" \
connection-state=established,related,untracked
add action=drop chain=forward comment="defconf: drop invalid" connection-state=invalid
add action=drop chain=forward comment="defconf: drop packets with bad src ipv6" \
src-address-list=bad_ipv6
add action=drop chain=forward comment="defconf: drop packets with bad dst ipv6" \
dst-address-list=bad_ipv6
add action=drop chain=forward comment="defconf: rfc4890 drop hop-limit=1" hop-limit=equal:1 \
protocol=icmpv6
add action=accept chain=forward comment="defconf: accept ICMPv6" protocol=icmpv6
add action=accept chain=forward comment="defconf: accept HIP" protocol=139
add action=accept chain=forward comment="defconf: accept IKE" dst-port=500,4500 protocol=udp
add action=accept chain=forward comment="defconf: accept ipsec AH" protocol=ipsec-ah
add action=accept chain=forward comment="defconf: accept ipsec ESP" protocol=ipsec-esp
add action=accept chain=forward comment="defconf: accept all that matches ipsec policy" \
ipsec-policy=in,ipsec
add action=drop chain=forward comment="defconf: drop everything else not coming from LAN" \
in-interface-list=!LAN
"""
_DEFCONF_END = """\
/ip dhcp-client
add comment=defconf disabled=no interface=ether1
/ip neighbor discovery-settings
set discover-interface-list=LAN
/tool mac-server
set allowed-interface-list=LAN
/tool mac-server mac-winbox
set allowed-interface-list=LAN
"""
_MESSY = """\
/interface pppoe-client
add add-default-route=yes disabled=no interface=ether1 name=pppoe-out1 password=secret \
use-peer-dns=yes user=customer@isp.example
/interface list member
add interface=ether1 list=WAN
/ip firewall address-list
add address=198.51.100.0/28 comment="old office" list=support
/ip firewall filter
add action=accept chain=input comment="remote winbox" dst-port=8291 in-interface=pppoe-out1 \
protocol=tcp
add action=accept chain=input comment="remote ssh, www, telnet" dst-port=22,80,23 protocol=tcp
add action=accept chain=input comment="established" connection-state=established,related
add action=accept chain=input comment="dns" dst-port=53 protocol=udp
add action=accept chain=input protocol=icmp
add action=drop chain=input comment="drop rest from WAN" in-interface-list=WAN
add action=accept chain=forward connection-state=established,related
add action=drop chain=forward comment="drop invalid" connection-state=invalid
add action=drop chain=forward comment="drop from WAN" connection-nat-state=!dstnat \
connection-state=new in-interface-list=WAN
/ip firewall nat
add action=masquerade chain=srcnat comment="internet" out-interface=pppoe-out1
add action=dst-nat chain=dstnat comment="PBX SIP" dst-port=5060-5061 \
in-interface=pppoe-out1 protocol=udp to-addresses=192.168.10.20 to-ports=5060-5061
add action=dst-nat chain=dstnat comment="PBX RTP" dst-port=10000-20000 \
in-interface=pppoe-out1 protocol=udp to-addresses=192.168.10.20
add action=dst-nat chain=dstnat comment="camera" dst-port=8443 in-interface=pppoe-out1 \
protocol=tcp to-addresses=192.168.10.30 to-ports=443
add action=dst-nat chain=dstnat comment="everything else to the old server" disabled=no \
in-interface=pppoe-out1 to-addresses=192.168.10.5
/ip firewall service-port
set tftp disabled=yes
/ip upnp
set enabled=yes
/ip upnp interfaces
add interface=pppoe-out1 type=external
add interface=bridge type=internal
/snmp
set enabled=yes
/system identity
set name=klant-router
"""
_MESSY_6 = """\
/ipv6 address
add address=2001:db8:10::1/64 interface=bridge
add address=2001:db8:ff::2/64 advertise=no interface=pppoe-out1
/ipv6 route
add dst-address=::/0 gateway=2001:db8:ff::1
"""


def named(name: str, release: Release, ipv6: bool) -> str | None:
    """The text of a named configuration; None for a name that is not one.

    `defconf` is a home board's factory configuration. `messy` is a customer's router: SIP helper
    on, SIP, RTP and everything else forwarded to the PBX and an old server, management open to the
    internet, UPnP on, IPv6 without a filter, an open DNS resolver. `blank` has nothing at all.
    """
    match name:
        case "blank":
            return ""
        case "defconf":
            lan = _LAN.format(
                pool="192.168.88.10-192.168.88.254", wan="ether1", lan="192.168.88.1",
                network="192.168.88.0",
            )  # fmt: skip
            offload = "" if release.is_six else " hw-offload=yes"
            six = _DEFCONF_6 if ipv6 and not release.is_six else ""
            return lan + _DEFCONF_FILTER.format(offload=offload) + six + _DEFCONF_END
        case "messy":
            lan = _LAN.format(
                pool="192.168.10.100-192.168.10.200", wan="pppoe-out1", lan="192.168.10.1",
                network="192.168.10.0",
            )  # fmt: skip
            before, _, after = lan.partition("/interface list member\n")
            tunnel, _, rest = _MESSY.partition("/interface list member\n")
            members = f"/interface list member\n{after}/interface list member\n{rest}"
            return before + tunnel + members + (_MESSY_6 if ipv6 else "")
    return None


ADDRESSES = {
    "defconf": {"ether1": "203.0.113.10/24"},
    "messy": {"pppoe-out1": "203.0.113.10/32"},
}
