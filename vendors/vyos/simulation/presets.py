"""Configurations to start from: as shipped, and as a customer's router may be found."""

from __future__ import annotations

_SYSTEM = """
set system config-management commit-revisions 100
set system console device ttyS0 speed 115200
set system host-name vyos
set system login user vyos authentication encrypted-password '!'
set system login user vyos authentication plaintext-password ''
set system name-server 192.0.2.53
set system syslog global facility all level info
"""
_FACTORY = f"""
set interfaces ethernet eth0 hw-id 00:53:00:00:00:01
set interfaces ethernet eth1 hw-id 00:53:00:00:00:02
set interfaces loopback lo
{_SYSTEM}"""
_NETWORK = """
set interfaces ethernet eth0 address 192.0.2.2/24
set interfaces ethernet eth0 address 2001:db8:0:1::2/64
set interfaces ethernet eth0 description Internet
set interfaces ethernet eth1 address 192.168.1.1/24
set interfaces ethernet eth1 address 2001:db8:1:1::1/64
set interfaces loopback lo
set protocols static route 0.0.0.0/0 next-hop 192.0.2.1
set protocols static route6 ::/0 next-hop 2001:db8:0:1::1
set service ssh port 22
set service snmp community public authorization ro
"""
_FORWARDS = (
    (10, "udp", "5060", "192.168.1.50", "phone system"),
    (20, "udp", "10000-20000", "192.168.1.50", "speech"),
    (30, "tcp", "443", "192.168.1.60", "web shop"),
    (40, "tcp_udp", "8000-12000", "192.168.1.70", "old game server"),
)


def preset(name: str, release: tuple[int, int]) -> str:
    """The `set` lines of a preset; any other text is taken for the lines themselves."""
    if name == "factory":
        return _FACTORY
    if name == "messy":
        return _NETWORK + _nat(release) + _filter(release) + _extras(release) + _SYSTEM
    return name


def _nat(release: tuple[int, int]) -> str:
    named = "name " if release >= (1, 4) else ""
    lines = []
    for number, protocol, ports, to, what in _FORWARDS:
        rule = f"set nat destination rule {number}"
        lines += [
            f"{rule} description '{what}'",
            f"{rule} destination port {ports}",
            f"{rule} inbound-interface {named}eth0",
            f"{rule} protocol {protocol}",
            f"{rule} translation address {to}",
        ]
    lines += [
        f"set nat source rule 100 outbound-interface {named}eth0",
        "set nat source rule 100 source address 192.168.1.0/24",
        "set nat source rule 100 translation address masquerade",
    ]
    return "\n".join(lines) + "\n"


def _filter(release: tuple[int, int]) -> str:
    """A LAN that may only browse, which keeps telephones from their provider."""
    if release >= (1, 4):
        base = "set firewall ipv4 forward filter"
        on, lan, out = "", f"{base} rule 30 inbound-interface name eth1\n", ""
    else:
        base, on = "set firewall name LAN-OUT", " enable"
        lan, out = "", "set interfaces ethernet eth1 firewall in name LAN-OUT\n"
    translated = (
        f"{base} rule 40 action accept\n"
        f"{base} rule 40 inbound-interface name eth0\n"
        f"{base} rule 40 destination address 192.168.1.0/24\n"
        if release >= (1, 4)
        else ""
    )
    return (
        f"{base} default-action drop\n"
        f"{base} rule 10 action accept\n{base} rule 10 state established{on}\n"
        f"{base} rule 10 state related{on}\n"
        f"{base} rule 20 action drop\n{base} rule 20 state invalid{on}\n"
        f"{base} rule 30 action accept\n{base} rule 30 protocol tcp\n{lan}"
        f"{translated}{out}"
    )


def _extras(release: tuple[int, int]) -> str:
    if release == (1, 2):
        return "set service telnet port 23\nset system conntrack modules tftp disable\n"
    upnp = "set service upnp listen eth1\n" if release == (1, 4) else ""
    return f"{upnp}set system conntrack modules h323\nset system conntrack modules sip\n"
