"""Addresses, routes, services and the rest of `/ip` and `/ipv6`."""

from __future__ import annotations

from .firewall_menus import FIREWALL_4, FIREWALL_6, TRACKING
from .menus import END, Kind, Menu, fields, settings

IP = (
    TRACKING,
    settings(
        "ip neighbor discovery-settings",
        "discover-interface-list:!iflist=static protocol:*cdp|lldp|mndp=cdp,lldp,mndp"
        " mode:text lldp-med-net-policy-vlan:text discover-interval:text@7.16-",
    ),
    settings(
        "ip settings",
        "ip-forward:bool=yes send-redirects:bool=yes accept-source-route:bool=no"
        " accept-redirects:bool=no secure-redirects:bool=yes rp-filter:no|loose|strict=no"
        " tcp-syncookies:bool=no max-neighbor-entries:int arp-timeout:time=30s"
        " icmp-rate-limit:int=10 icmp-rate-mask:text=0x1818 route-cache:bool=yes@-7.12"
        " allow-fast-path:bool=yes ipv4-multipath-hash-policy:text@7.16- tcp-timestamps:text@7.17-",
    ),
    settings(
        "ipv6 settings",
        "disable-ipv6:bool=no@7- forward:bool=yes"
        " accept-redirects:no|yes-if-forwarding-disabled=yes-if-forwarding-disabled"
        " accept-router-advertisements:no|yes|yes-if-forwarding-disabled=yes-if-forwarding-disabled"
        " disable-link-local-address:bool=no@7.18- allow-fast-path:bool=yes@7.18-"
        " max-neighbor-entries:int multipath-hash-policy:text@7.16-",
    ),
    Menu(
        "interface list member",
        Kind.LIST,
        fields(f"list:iflist! interface:iface@-6.99 interface:iface!@7- {END}"),
        columns=("list", "interface"),
        unique=("list", "interface"),
        read_only=("dynamic",),
    ),
    Menu(
        "ip address",
        Kind.LIST,
        fields(f"address:if4! network:ip^ broadcast:ip netmask:ip interface:iface! {END}"),
        columns=("address", "network", "interface"),
        read_only=("dynamic", "invalid", "actual-interface"),
    ),
    settings(
        "ip cloud",
        "ddns-enabled:no|yes=no@-6.99 ddns-enabled:auto|yes=auto@7-"
        " ddns-update-interval:time=none update-time:bool=yes",
        read_only=("public-address", "dns-name", "status"),
    ),
    Menu(
        "ip dhcp-client",
        Kind.LIST,
        fields(
            "interface:iface! add-default-route:no|yes|special-classless=yes"
            " default-route-distance:int=1 use-peer-dns:bool=yes use-peer-ntp:bool=yes"
            f" dhcp-options:text default-route-tables:text@7.18- script:text {END}"
        ),
        columns=("interface", "use-peer-dns", "add-default-route", "status", "address"),
        unique=("interface",),
        read_only=("dynamic", "invalid", "status", "address", "gateway"),
    ),
    Menu(
        "ip dhcp-server network",
        Kind.LIST,
        fields(
            "address:net4 gateway:ips dns-server:ips dns-none:bool netmask:text domain:text"
            " ntp-server:ips next-server:ip boot-file-name:text dhcp-option:text"
            ' dhcp-option-set:text caps-manager:text wins-server:ips comment:text=""'
        ),
        columns=("address", "gateway", "dns-server"),
        unique=("address",),
        read_only=("dynamic",),
    ),
    settings(
        "ip dns",
        'servers:ips="" use-doh-server:text="" verify-doh-cert:bool=no'
        " allow-remote-requests:bool=no max-udp-packet-size:int=4096 query-server-timeout:time=2s"
        " query-total-timeout:time=10s max-concurrent-queries:int=100"
        " max-concurrent-tcp-sessions:int=20 cache-size:text=2048KiB cache-max-ttl:time=1w"
        " address-list-extra-time:time=0s@7.10- vrf:text=main@7.15- mdns-repeat-ifaces:text@7.16-"
        " doh-timeout:time=5s@7- doh-max-server-connections:int=5@7-"
        " doh-max-concurrent-queries:int=50@7-",
        read_only=("dynamic-servers", "cache-used"),
    ),
    Menu(
        "ip dns static",
        Kind.ORDERED,
        fields(
            "name:text regexp:text address:ip type:text cname:text forward-to:text ttl:time=1d"
            f" address-list:text match-subdomain:bool {END}"
        ),
        columns=("name", "type", "address", "ttl"),
        read_only=("dynamic",),
    ),
    *FIREWALL_4,
    settings("ip nat-pmp", "enabled:bool=no", since=(7, 13)),
    Menu(
        "ip nat-pmp interfaces",
        Kind.LIST,
        fields("interface:iface! type:external|internal! forced-ip:ip disabled:bool=no"),
        columns=("interface", "type"),
        since=(7, 13),
        read_only=("dynamic",),
    ),
    settings(
        "ip proxy",
        "enabled:bool=no src-address:ip=:: port:ports=8080 anonymous:bool=no parent-proxy:ip=::"
        " parent-proxy-port:int=0 cache-administrator:text=webmaster max-cache-size:text=unlimited"
        " max-cache-object-size:text=2048KiB cache-on-disk:bool=no always-from-cache:bool=no"
        " max-client-connections:int=600 max-server-connections:int=600 max-fresh-time:time=3d"
        " serialize-connections:bool=no cache-hit-dscp:int=4 cache-path:text=web-proxy",
    ),
    Menu(
        "ip route",
        Kind.LIST,
        fields(
            "dst-address:net4=0.0.0.0/0 gateway:gw^ distance:int=1 scope:int=30 target-scope:int=10"
            " check-gateway:text pref-src:ip routing-mark:text@-6.99 routing-table:text=main@7-"
            " blackhole:flag@7- type:text@-6.99 vrf-interface:text"
            " suppress-hw-offload:bool=no@7-7.20"
            f" {END}"
        ),
        columns=("dst-address", "gateway", "distance"),
        read_only=("dynamic", "active", "connect", "static", "dhcp", "inactive", "immediate-gw"),
    ),
    Menu(
        "ip service",
        Kind.FIXED,
        fields(
            'name:name port:port address:nets="" certificate:text=none tls-version:text=any@6.46-'
            " vrf:text=main@7- max-sessions:int(1..1000)=20@7.16- disabled:bool=no"
        ),
        key="name",
        columns=("name", "port", "address", "certificate", "vrf"),
        read_only=("invalid", "dynamic"),
    ),
    settings(
        "ip socks",
        "enabled:bool=no port:port=1080 connection-idle-timeout:time=2m max-connections:int=200"
        " version:4|5=4 auth-method:none|password=none vrf:text=main@7-",
    ),
    settings(
        "ip ssh",
        "forwarding-enabled:no|local|remote|both=no always-allow-password-login:bool=no@-7.20"
        " strong-crypto:bool=no allow-none-crypto:bool=no@-7.16"
        " host-key-size:1024|1536|2048|4096|8192=2048 host-key-type:rsa|ed25519=rsa@7-"
        " ciphers:text=auto@7.17- password-authentication:text@7.21-",
        commands=("regenerate-host-key", "export-host-key", "import-host-key"),
    ),
    settings(
        "ip upnp",
        "enabled:bool=no allow-disable-external-interface:bool=no show-dummy-rule:bool=yes",
    ),
    Menu(
        "ip upnp interfaces",
        Kind.LIST,
        fields("interface:iface! type:external|internal! forced-ip:ip disabled:bool=no"),
        columns=("interface", "type"),
        read_only=("dynamic",),
    ),
)  # fmt: skip
IPV6 = (
    Menu(
        "ipv6 address",
        Kind.LIST,
        fields(
            'address:if6 from-pool:text="" interface:iface! eui-64:bool=no advertise:bool=yes'
            f" no-dad:bool=no auto-link-local:bool=yes@7.18- {END}"
        ),
        columns=("address", "from-pool", "interface", "advertise"),
        read_only=("dynamic", "invalid", "global", "link-local", "actual-interface"),
    ),
    Menu(
        "ipv6 dhcp-client",
        Kind.LIST,
        fields(
            "interface:iface! request:*info|address|prefix! pool-name:text"
            " pool-prefix-length:int(0..128)=64 prefix-hint:text add-default-route:bool=no"
            " default-route-distance:int=1 use-peer-dns:bool=yes rapid-commit:bool=yes"
            " use-interface-duid:bool=no dhcp-options:text script:text"
            " allow-reconfigure:bool@7.17-"
            f" prefix-address-lists:text@7.17- validate-server-duid:bool@7.18- {END}"
        ),
        columns=("interface", "status", "request", "prefix"),
        read_only=("dynamic", "status", "prefix", "address", "duid"),
    ),
    *FIREWALL_6,
    Menu(
        "ipv6 nd",
        Kind.LIST,
        fields(
            "interface:text ra-interval:text=3m20s-10m ra-delay:time=3s mtu:text"
            " reachable-time:text retransmit-interval:text ra-lifetime:time=30m hop-limit:text"
            " advertise-mac-address:bool=yes advertise-dns:text=yes dns:text"
            " managed-address-configuration:bool=no other-configuration:bool=no"
            f" ra-preference:text=medium@7- {END}"
        ),
        key="interface",
        columns=("interface", "ra-interval", "ra-lifetime"),
        unique=("interface",),
        read_only=("default", "invalid"),
    ),
    Menu(
        "ipv6 route",
        Kind.LIST,
        fields(
            "dst-address:net6=::/0 gateway:text^ distance:int=1 scope:int=30 target-scope:int=10"
            " check-gateway:text blackhole:flag@7- type:text@-6.99"
            " vrf-interface:text routing-table:text=main@7-"
            f" suppress-hw-offload:bool=no@7.12-7.20 {END}"
        ),
        columns=("dst-address", "gateway", "distance"),
        read_only=("dynamic", "active", "connect", "static", "inactive"),
    ),
)
