"""Numbers by the names that IOS prints for them (show captures and Cisco's port name tables)."""

from __future__ import annotations

PORTS: dict[str, int] = {
    "echo": 7, "discard": 9, "daytime": 13, "chargen": 19, "ftp-data": 20, "ftp": 21, "telnet": 23,
    "smtp": 25, "time": 37, "nameserver": 42, "whois": 43, "tacacs": 49, "domain": 53, "bootps": 67,
    "bootpc": 68, "tftp": 69, "gopher": 70, "finger": 79, "www": 80, "hostname": 101, "pop2": 109,
    "pop3": 110, "sunrpc": 111, "ident": 113, "nntp": 119, "ntp": 123, "netbios-ns": 137,
    "netbios-dgm": 138, "netbios-ss": 139, "snmp": 161, "snmptrap": 162, "xdmcp": 177, "bgp": 179,
    "irc": 194, "dnsix": 195, "mobile-ip": 434, "isakmp": 500, "exec": 512, "biff": 512,
    "login": 513, "who": 513, "cmd": 514, "syslog": 514, "lpd": 515, "talk": 517, "rip": 520,
    "uucp": 540, "klogin": 543, "kshell": 544, "drip": 3949, "non500-isakmp": 4500,
    "pim-auto-rp": 496, "msrpc": 135, "onep-plain": 15001, "onep-tls": 15002,
}  # fmt: skip

#: IP protocol numbers to the words that the rest of routercfg uses.
PROTOCOLS: dict[str, str] = {
    "1": "icmp", "6": "tcp", "17": "udp", "47": "gre", "50": "esp", "51": "ah", "58": "icmpv6",
    "ahp": "ah", "88": "eigrp", "89": "ospf", "103": "pim", "112": "vrrp", "2": "igmp",
    "4": "ipinip",
}  # fmt: skip

ICMP: dict[str, int] = {
    "echo-reply": 0, "unreachable": 3, "host-unreachable": 3, "net-unreachable": 3,
    "port-unreachable": 3, "packet-too-big": 3, "administratively-prohibited": 3,
    "source-quench": 4, "redirect": 5, "echo": 8, "router-advertisement": 9,
    "router-solicitation": 10, "time-exceeded": 11, "ttl-exceeded": 11, "parameter-problem": 12,
    "timestamp-request": 13, "timestamp-reply": 14, "traceroute": 30,
}  # fmt: skip

ICMP6: dict[str, int] = {
    "unreachable": 1, "destination-unreachable": 1, "port-unreachable": 1, "no-route": 1,
    "packet-too-big": 2, "time-exceeded": 3, "hop-limit": 3, "parameter-problem": 4,
    "echo-request": 128, "echo-reply": 129, "mld-query": 130, "mld-report": 131,
    "mld-reduction": 132, "router-solicitation": 133, "router-advertisement": 134, "nd-ns": 135,
    "nd-na": 136, "redirect": 137,
}  # fmt: skip

#: What `match protocol` of the zone firewall means, by protocol and ports.
APPLICATIONS: dict[str, tuple[tuple[str, str | None], ...]] = {
    "tcp": (("tcp", None),), "udp": (("udp", None),), "icmp": (("icmp", None), ("icmpv6", None)),
    "sip": (("udp", "5060"), ("tcp", "5060")), "sip-tls": (("tcp", "5061"),),
    "http": (("tcp", "80"),), "https": (("tcp", "443"),), "ssh": (("tcp", "22"),),
    "telnet": (("tcp", "23"),), "dns": (("udp", "53"), ("tcp", "53")), "ntp": (("udp", "123"),),
    "tftp": (("udp", "69"),), "ftp": (("tcp", "21"),), "smtp": (("tcp", "25"),),
    "snmp": (("udp", "161"),), "isakmp": (("udp", "500"),), "bootps": (("udp", "67"),),
    "bootpc": (("udp", "68"),), "pop3": (("tcp", "110"),), "imap": (("tcp", "143"),),
    "ipsec-msft": (("udp", "4500"),),
}  # fmt: skip
