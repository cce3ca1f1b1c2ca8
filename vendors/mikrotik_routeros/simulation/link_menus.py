"""Interfaces, and what an export lists before addresses."""

from __future__ import annotations

from .menus import END, Kind, Menu, fields

LINKS = (
    Menu(
        "interface",
        Kind.FIXED,
        fields(f"name:name default-name:text type:text mtu:text actual-mtu:text {END}"),
        key="name",
        columns=("name", "type", "actual-mtu"),
        read_only=(
            "running",
            "dynamic",
            "slave",
            "mac-address",
            "actual-mtu",
            "default-name",
            "type",
        ),
    ),
    Menu(
        "interface bridge",
        Kind.LIST,
        fields(
            "name:name mtu:text arp:text arp-timeout:text admin-mac:mac auto-mac:bool=yes"
            " ageing-time:time=5m forward-delay:text max-message-age:text transmit-hold-count:text"
            " igmp-version:text multicast-querier:bool multicast-router:text ether-type:text"
            " add-dhcp-option82:bool mvrp:bool@7.15- forward-reserved-addresses:bool@7.16-"
            " protocol-mode:text=rstp priority:text=0x8000"
            " fast-forward:bool=yes igmp-snooping:bool=no"
            " vlan-filtering:bool=no dhcp-snooping:bool=no port-cost-mode:short|long=long@7.13-"
            f" pvid:int(1..4094) frame-types:text ingress-filtering:bool {END}"
        ),
        key="name",
        columns=("name", "protocol-mode"),
        unique=("name",),
        read_only=("running", "dynamic", "actual-mtu", "mac-address"),
    ),
    Menu(
        "interface ethernet",
        Kind.FIXED,
        fields(
            "name:name default-name:text mtu:text=1500 l2mtu:text mac-address:mac arp:text=enabled"
            " arp-timeout:text=auto auto-negotiation:bool=yes advertise:text speed:text"
            " full-duplex:bool@-7.11 disable-running-check:bool sfp-shutdown-temperature:text"
            " bandwidth:text=unlimited/unlimited rx-flow-control:text=off"
            f" tx-flow-control:text=off poe-out:text loop-protect:text=default"
            " loop-protect-disable-time:time=5m loop-protect-send-interval:time=5s"
            f" orig-mac-address:mac {END}"
        ),
        key="name",
        columns=("name", "mtu", "mac-address", "arp"),
        read_only=("running", "slave"),
    ),
    Menu(
        "interface pppoe-client",
        Kind.LIST,
        fields(
            "name:name interface:iface user:text password:text# service-name:text ac-name:text"
            " add-default-route:bool=no default-route-distance:int=1 dial-on-demand:bool=no"
            " use-peer-dns:bool=no profile:text=default keepalive-timeout:text=10 max-mtu:text=auto"
            " max-mru:text=auto mrru:text=disabled allow:*pap|chap|mschap1|mschap2"
            ' host-uniq:text=""'
            f" {END}"
        ),
        key="name",
        columns=("name", "interface", "user"),
        unique=("name",),
        read_only=("running", "invalid"),
    ),
    Menu(
        "interface vlan",
        Kind.LIST,
        fields(
            f"name:name interface:iface! vlan-id:int(1..4095)! mtu:text=1500 arp:text=enabled"
            " arp-timeout:text=auto loop-protect:text=default mvrp:bool@7.15-"
            f" use-service-tag:bool=no {END}"
        ),
        key="name",
        columns=("name", "mtu", "arp", "vlan-id", "interface"),
        unique=("name",),
        read_only=("running", "mac-address"),
    ),
    Menu(
        "interface list",
        Kind.LIST,
        fields('name:name! include:text="" exclude:text="" comment:text=""'),
        key="name",
        columns=("name", "include", "exclude"),
        unique=("name",),
        read_only=("builtin", "dynamic"),
    ),
    Menu(
        "ip pool",
        Kind.LIST,
        fields('name:name ranges:text! next-pool:text comment:text=""'),
        key="name",
        columns=("name", "ranges"),
        unique=("name",),
    ),
    Menu(
        "ip dhcp-server",
        Kind.LIST,
        fields(
            "name:name interface:iface! address-pool:text=static-only lease-time:time"
            " lease-script:text authoritative:text=yes bootp-support:text add-arp:bool=no"
            " relay:ip server-address:ip always-broadcast:bool"
            f" use-radius:text conflict-detection:bool dhcp-option-set:text {END}"
        ),
        key="name",
        columns=("name", "interface", "address-pool", "lease-time"),
        read_only=("dynamic", "invalid"),
    ),
    Menu(
        "snmp community",
        Kind.LIST,
        fields(
            "name:name addresses:nets=::/0 security:none|authorized|private=none"
            " read-access:bool=yes write-access:bool=no authentication-protocol:MD5|SHA1=MD5"
            ' encryption-protocol:DES|AES=DES authentication-password:text#=""'
            f' encryption-password:text#="" {END}'
        ),
        key="name",
        columns=("name", "addresses", "security", "read-access", "write-access"),
        unique=("name",),
        read_only=("default",),
    ),
    Menu(
        "interface bridge port",
        Kind.ORDERED,
        fields(
            "bridge:iface! interface:iface! path-cost:text internal-path-cost:text priority:text"
            " pvid:int(1..4094) edge:text learn:text horizon:text frame-types:text hw:bool"
            " ingress-filtering:bool trusted:bool bpdu-guard:bool auto-isolate:bool"
            f" point-to-point:text broadcast-flood:bool restricted-role:bool {END}"
        ),
        columns=("interface", "bridge"),
        unique=("interface",),
        read_only=("inactive", "dynamic"),
    ),
)
