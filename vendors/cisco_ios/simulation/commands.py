"""The command forms that the simulated router knows, mode by mode. Everything else is refused."""

from __future__ import annotations

from .grammar import Row

EXEC: tuple[Row, ...] = (
    Row("enable"), Row("disable"), Row("exit"), Row("logout"), Row("quit"),
    Row("terminal length <num>"), Row("terminal width <num>"), Row("terminal monitor"),
    Row("show version"), Row("show users"), Row("show ip interface brief"),
    Row("show ipv6 interface brief"), Row("show clock"),
)  # fmt: skip

PRIVILEGED: tuple[Row, ...] = (
    *EXEC,
    Row("show running-config"), Row("show startup-config"),
    Row("show ip access-lists [<name>]"), Row("show ipv6 access-list [<name>]"),
    Row("show archive"), Row("show archive config rollback timer"), Row("show ip nat translations"),
    Row("configure terminal"), Row("configure terminal revert timer <minutes>"),
    Row("configure confirm"), Row("configure revert now"), Row("configure revert timer <minutes>"),
    Row("configure replace <file> [list] [force] [ignorecase] "
        "[revert trigger [error] [timer <minutes>]]"),
    Row("write memory"), Row("write"),
    Row("copy <place> <place>"),
    Row("dir [<file>]"), Row("more <file>"), Row("verify /md5 <file>"),
    Row("delete [/force] <file>"), Row("show file systems"), Row("tclsh"),
    Row("show archive config differences [<file>] [<file>]"),
    Row("show archive config incremental-diffs <file> [ignorecase]"),
    Row("reload"), Row("reload in <num>"), Row("reload cancel"), Row("show reload"),
    Row("clear ip nat translation *"), Row("clear ip nat translation forced"),
    Row("clear ip nat translation (tcp|udp) inside <ip> <port> <ip> <port> "
        "outside <ip> <port> <ip> <port>"),
)  # fmt: skip

_OPTIONS = "[vrf <name>] [route-map <name>] [extendable] [no-alias]"

GLOBAL: tuple[Row, ...] = (
    Row("version <name>", 1), Row("hostname <name>", 1),
    Row("service <line>"), Row("boot-start-marker"), Row("boot-end-marker"),
    Row("aaa new-model", shown=True), Row("aaa <line>"), Row("enable secret <line>", 2),
    Row("clock <line>", 2), Row("logging <line>"), Row("ntp server <name>"),
    Row("username <name> <line>", 2), Row("license udi pid <name> sn <name>", 2),
    Row("ip cef"), Row("ipv6 cef", shown=True), Row("ip domain name <name>", 3),
    Row("ip domain lookup", default=True), Row("ip name-server <line>", 2),
    Row("ip dhcp pool <name>", opens="config-dhcp"), Row("ip dhcp excluded-address <line>"),
    Row("ip dns server"), Row("ip ssh version <num>", 3), Row("ip scp server enable"),
    Row("ip forward-protocol nd"), Row("vstack"), Row("ip tftp source-interface <if>", 3),
    Row("archive", opens="config-archive"), Row("redundancy"), Row("spanning-tree <line>"),
    Row("file prompt (alert|noisy|quiet)", 2), Row("configuration mode exclusive auto"),
    Row("subscriber templating"), Row("multilink bundle-name authenticated"),
    Row("control-plane"), Row("ip vrf <name>", opens="config-vrf"),
    Row("vrf definition <name>", opens="config-vrf"),
    Row("interface <if>", opens="config-if"),
    Row("line con <num>", opens="config-line"), Row("line aux <num>", opens="config-line"),
    Row("line vty <num> [<num>]", opens="config-line"),
    # web, NETCONF, SNMP
    Row("ip http server", shown=True), Row("ip http secure-server", shown=True),
    Row("ip http port <port>", 3), Row("ip http secure-port <port>", 3),
    Row("ip http authentication local", 3),
    Row("ip http access-class <num>", 3), Row("ip http access-class ipv4 <name>", 4),
    Row("ip http access-class ipv6 <name>", 4),
    Row("netconf-yang"), Row("netconf-yang ssh ipv4 access-list name <name>", 3),
    Row("netconf-yang ssh ipv6 access-list name <name>", 3),
    Row("restconf"), Row("restconf ipv4 access-list name <name>", 2),
    Row("restconf ipv6 access-list name <name>", 2),
    Row("snmp-server community <name> [view <name>] (RO|RW) [ipv6 <name>] [<name>]", 3),
    Row("snmp-server location <line>", 2),
    # address translation
    Row("ip nat service sip udp port <port>", default=True),
    Row("ip nat service sip tcp port <port>", default=True),
    Row("ip nat service tftp", default=True), Row("ip nat service all-algs", default=True),
    Row("ip nat translation udp-timeout <num>", 4), Row("ip nat translation udp-timeout never", 4),
    Row("ip nat translation port-timeout udp <port> <num>", 6),
    Row("ip nat translation tcp-timeout <num>", 4), Row("ip nat translation max-entries <num>", 4),
    Row("ip nat pool <name> <ip> <ip> netmask <mask> [type rotary]", 4),
    Row("ip nat pool <name> <ip> <ip> prefix-length <num> [type rotary]", 4),
    Row("ip nat inside source list <name> interface <if> [overload]", 5),
    Row("ip nat inside source list <name> pool <name> [overload]", 5),
    Row(f"ip nat inside source static (tcp|udp) <ip> <port> <ip> <port> {_OPTIONS}"),
    Row(f"ip nat inside source static (tcp|udp) <ip> <port> interface <if> <port> {_OPTIONS}"),
    Row(f"ip nat inside source static <ip> <ip> {_OPTIONS}"),
    Row("ip nat inside source static <ip> interface <if>"),
    Row("ip nat inside source static network <ip> <ip> <len>"),
    Row("ip nat source static (tcp|udp) <ip> <port> <ip> <port> [extendable]"),
    Row("ip nat source static <ip> <ip>"), Row("ip nat source static <ip> interface <if>"),
    Row("ip nat inside destination list <name> pool <name>", 5),
    # classic inspection
    Row("ip inspect name <name> (tcp|udp|icmp|sip|sip-tls|ftp|tftp|h323|dns) [alert (on|off)] "
        "[audit-trail (on|off)] [timeout <num>] [router-traffic]", 5),
    Row("ip inspect udp idle-time <num>", 4), Row("ip inspect tcp idle-time <num>", 4),
    Row("ipv6 inspect name <name> (tcp|udp|icmp|ftp)", 5),
    # zones
    Row("zone security <name>", opens="config-sec-zone"),
    Row("zone-pair security <name> source <name> destination <name>", 3,
        opens="config-sec-zone-pair"),
    Row("class-map type inspect (match-any|match-all) <name>", opens="config-cmap"),
    Row("policy-map type inspect <name>", opens="config-pmap"),
    Row("parameter-map type inspect <name>", opens="config-profile"),
    Row("parameter-map type inspect-global", opens="config-profile"),
    # lists and objects
    Row("object-group network <name>", opens="config-network-group"),
    Row("object-group service <name>", opens="config-service-group"),
    Row("ip access-list standard <name>", opens="config-std-nacl"),
    Row("ip access-list extended <name>", opens="config-ext-nacl"),
    Row("ip access-list resequence <name> <num> <num>"),
    Row("ipv6 access-list <name>", opens="config-ipv6-acl"),
    Row("access-list <num> <line>"),
    # routing
    Row("ip route <ip> <mask> <ip>"), Row("ip route <ip> <mask> <if> [<ip>]"),
    Row("ip route <ip> <mask> dhcp"), Row("ip route vrf <name> <ip> <mask> <ip>"),
    Row("ipv6 unicast-routing"), Row("ipv6 route <prefix6> <if>"),
    Row("ipv6 route <prefix6> <ip6>"), Row("ipv6 route <prefix6> <if> <ip6>"),
    Row("dialer-list <line>"),
    Row("voice service voip", opens="config-voi-serv"),
)  # fmt: skip

MODES: dict[str, tuple[Row, ...]] = {
    "config-if": (
        Row("description <line>", 1), Row("ip address <ip> <mask>", 2),
        Row("ip address <ip> <mask> secondary"), Row("ip address dhcp", 2),
        Row("ip address negotiated", 2), Row("ip nat inside", 2), Row("ip nat outside", 2),
        Row("ip nat enable", 3), Row("shutdown"), Row("ip access-group <name> (in|out)"),
        Row("ip inspect <name> (in|out)"), Row("ipv6 inspect <name> (in|out)"),
        Row("ip vrf forwarding <name>", 3), Row("vrf forwarding <name>", 2),
        Row("zone-member security <name>", 2), Row("ip tcp adjust-mss <num>", 3),
        Row("ip mtu <num>", 2), Row("mtu <num>", 1), Row("negotiation auto"), Row("duplex auto"),
        Row("speed auto"), Row("encapsulation <line>", 1), Row("switchport <line>"),
        Row("pppoe enable group global"), Row("pppoe-client <line>"), Row("dialer <line>"),
        Row("ppp <line>"), Row("ipv6 address <prefix6> [eui-64]"), Row("ipv6 address autoconfig"),
        Row("ipv6 address <ip6> link-local"), Row("ipv6 address <name> <prefix6>"),
        Row("ipv6 enable"), Row("ipv6 traffic-filter <name> (in|out)"),
        Row("ipv6 dhcp client pd <name>"), Row("ipv6 nd <line>"), Row("ip virtual-reassembly"),
        Row("cdp enable", default=True),
    ),
    "config-line": (
        Row("login local", 1), Row("login", 1), Row("transport input (ssh|telnet|all|none)", 2),
        Row("transport input telnet ssh", 2), Row("transport input ssh telnet", 2),
        Row("exec-timeout <num> <num>", 1), Row("stopbits <num>", 1),
        Row("privilege level <num>", 1),
        Row("password <line>", 1), Row("length <num>", 1), Row("logging synchronous"),
        Row("access-class <name> in [vrf-also]", 1), Row("ipv6 access-class <name> in", 2),
    ),
    "config-archive": (Row("path <name>", 1), Row("maximum <num>", 1), Row("write-memory")),
    "config-sec-zone": (Row("description <line>", 1),),
    "config-sec-zone-pair": (Row("service-policy type inspect <name>", 3),),
    "config-cmap": (
        Row("match protocol <name>"), Row("match access-group name <name>"),
        Row("match access-group <num>"), Row("description <line>", 1),
    ),
    "config-pmap": (
        Row("class type inspect <name>", opens="config-pmap-c"),
        Row("class class-default", opens="config-pmap-c"),
    ),
    "config-pmap-c": (
        Row("inspect [<name>]", 1), Row("pass", 1), Row("drop [log]", 1),
        Row("class type inspect <name>", opens="config-pmap-c"),
    ),
    "config-profile": (
        Row("udp idle-time <num>", 2), Row("tcp idle-time <num>", 2),
        Row("audit-trail (on|off)", 1),
        Row("application-inspect (sip|tftp|ftp|h323|dns|all)", default=True),
    ),
    "config-network-group": (
        Row("description <line>", 1), Row("host <ip>"), Row("<ip> <mask>"), Row("range <ip> <ip>"),
        Row("group-object <name>"),
    ),
    "config-service-group": (
        Row("description <line>", 1), Row("(tcp|udp|tcp-udp) eq <name>"),
        Row("(tcp|udp|tcp-udp) range <port> <port>"), Row("(tcp|udp|icmp|ip)"),
    ),
    "config-dhcp": (
        Row("network <ip> <mask>", 1), Row("default-router <ip>", 1), Row("dns-server <line>", 1),
        Row("option <num> <line>", 2), Row("lease <line>", 1),
    ),
    "config-vrf": (Row("rd <name>", 1), Row("address-family <line>")),
    "config-voi-serv": (Row("ip address trusted list"), Row("allow-connections <line>")),
}  # fmt: skip

#: Order of top lines in a printed configuration.
ORDER: tuple[str, ...] = (
    "version", "service", "hostname", "boot-start-marker", "boot-end-marker", "enable", "aaa",
    "clock", "ip vrf", "vrf", "ip dhcp", "ip name-server", "ip domain", "ip inspect", "ip cef",
    "ipv6 unicast-routing", "ipv6 cef", "ipv6 inspect", "multilink", "parameter-map", "license",
    "file prompt", "spanning-tree", "object-group", "archive", "username", "redundancy", "voice",
    "class-map", "policy-map", "zone security", "zone-pair", "interface", "ip forward-protocol",
    "ip http",
    "ip dns", "ip nat service", "ip nat translation", "ip nat pool", "ip nat inside",
    "ip nat source", "ip route", "ip ssh",
    "ip tftp", "ip scp", "ip access-list", "logging", "dialer-list", "access-list", "ipv6 route",
    "snmp-server",
    "ipv6 access-list", "control-plane", "line", "ntp", "netconf-yang", "restconf", "vstack",
)  # fmt: skip

#: Modes whose lines are entries of an access list.
LIST_MODES: dict[str, str] = {
    "config-std-nacl": "standard",
    "config-ext-nacl": "extended",
    "config-ipv6-acl": "ipv6",
}
