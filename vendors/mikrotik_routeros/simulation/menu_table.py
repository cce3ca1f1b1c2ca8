"""Every menu the simulator knows, in the order of an export."""

from __future__ import annotations

from functools import cache

from .firewall_menus import FIREWALL_4, FIREWALL_6, TRACKING
from .menus import Kind, Menu, fields
from .release import Release

_END = 'disabled:bool=no comment:text=""'
_LINK = "mtu:text arp:text arp-timeout:text mac-address:mac"


def _settings(path: str, *texts: str, since: tuple[int, int] = (0, 0), **more: object) -> Menu:
    return Menu(path, Kind.SETTINGS, fields(*texts), since=since, **more)  # type: ignore[arg-type]  # keywords of Menu


def _reading(path: str, *texts: str, columns: str = "", **more: object) -> Menu:
    return Menu(path, Kind.READING, fields(*texts), columns=tuple(columns.split()), **more)  # type: ignore[arg-type]  # keywords of Menu


_INTERFACES = (
    Menu(
        "interface",
        Kind.FIXED,
        fields(f"name:name default-name:text type:text mtu:text actual-mtu:text {_END}"),
        key="name",
        columns=("name", "type", "actual-mtu"),
        read_only=("running", "dynamic", "slave", "mac-address", "l2mtu", "default-name", "type"),
    ),
    Menu(
        "interface bridge",
        Kind.LIST,
        fields(
            f"name:name {_LINK} admin-mac:mac auto-mac:bool=yes ageing-time:time=5m"
            " protocol-mode:text=rstp priority:text=0x8000 fast-forward:bool=yes igmp-snooping:bool=no"
            " vlan-filtering:bool=no dhcp-snooping:bool=no port-cost-mode:short|long=long@7.13-"
            f" pvid:int(1..4094) frame-types:text ingress-filtering:bool {_END}"
        ),
        key="name",
        columns=("name", "protocol-mode"),
        unique=("name",),
        read_only=("running", "dynamic", "actual-mtu"),
    ),
    Menu(
        "interface ethernet",
        Kind.FIXED,
        fields(
            "name:name default-name:text mtu:text=1500 l2mtu:text mac-address:mac arp:text=enabled"
            " arp-timeout:text=auto auto-negotiation:bool=yes advertise:text speed:text"
            " full-duplex:bool bandwidth:text=unlimited/unlimited rx-flow-control:text=off"
            f" tx-flow-control:text=off poe-out:text loop-protect:text=default {_END}"
        ),
        key="name",
        columns=("name", "mtu", "mac-address", "arp"),
        read_only=("running", "slave", "orig-mac-address"),
    ),
    Menu(
        "interface pppoe-client",
        Kind.LIST,
        fields(
            "name:name interface:iface user:text password:text# service-name:text ac-name:text"
            " add-default-route:bool=no default-route-distance:int=1 dial-on-demand:bool=no"
            " use-peer-dns:bool=no profile:text=default keepalive-timeout:text=10 max-mtu:text=auto"
            ' max-mru:text=auto mrru:text=disabled allow:*pap|chap|mschap1|mschap2 host-uniq:text=""'
            f" {_END}"
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
            f" arp-timeout:text=auto loop-protect:text=default use-service-tag:bool=no {_END}"
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
            f" lease-script:text authoritative:text=yes bootp-support:text add-arp:bool=no {_END}"
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
            f' encryption-password:text#="" {_END}'
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
            f" ingress-filtering:bool trusted:bool {_END}"
        ),
        columns=("interface", "bridge"),
        unique=("interface",),
        read_only=("inactive", "dynamic"),
    ),
)
_IP = (
    TRACKING,
    _settings(
        "ip neighbor discovery-settings",
        "discover-interface-list:!iflist=static protocol:*cdp|lldp|mndp=cdp,lldp,mndp",
    ),
    _settings(
        "ip settings",
        "ip-forward:bool=yes send-redirects:bool=yes accept-source-route:bool=no"
        " accept-redirects:bool=no secure-redirects:bool=yes rp-filter:no|loose|strict=no"
        " tcp-syncookies:bool=no max-neighbor-entries:int arp-timeout:time=30s"
        " icmp-rate-limit:int=10 icmp-rate-mask:text=0x1818 route-cache:bool=yes@-7.12"
        " allow-fast-path:bool=yes",
    ),
    _settings(
        "ipv6 settings",
        "disable-ipv6:bool=no@7- forward:bool=yes"
        " accept-redirects:no|yes-if-forwarding-disabled=yes-if-forwarding-disabled"
        " accept-router-advertisements:no|yes|yes-if-forwarding-disabled=yes-if-forwarding-disabled"
        " disable-link-local-address:bool=no@7.18- allow-fast-path:bool=yes@7.18-"
        " max-neighbor-entries:int",
    ),
    Menu(
        "interface list member",
        Kind.LIST,
        fields(f"list:iflist! interface:iface! {_END}"),
        columns=("list", "interface"),
        unique=("list", "interface"),
        read_only=("dynamic",),
    ),
    Menu(
        "ip address",
        Kind.LIST,
        fields(f"address:if4! network:ip^ broadcast:ip netmask:ip interface:iface! {_END}"),
        columns=("address", "network", "interface"),
        read_only=("dynamic", "invalid", "actual-interface", "slave"),
    ),
    _settings(
        "ip cloud",
        "ddns-enabled:text=no ddns-update-interval:time=none update-time:bool=yes"
        " back-to-home-vpn:text@7.13-",
        read_only=("public-address", "dns-name", "status"),
    ),
    Menu(
        "ip dhcp-client",
        Kind.LIST,
        fields(
            "interface:iface! add-default-route:no|yes|special-classless=yes"
            " default-route-distance:int=1 use-peer-dns:bool=yes use-peer-ntp:bool=yes"
            f" dhcp-options:text default-route-tables:text@7.18- script:text {_END}"
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
    _settings(
        "ip dns",
        'servers:ips="" use-doh-server:text="" verify-doh-cert:bool=no'
        " allow-remote-requests:bool=no max-udp-packet-size:int=4096 query-server-timeout:time=2s"
        " query-total-timeout:time=10s max-concurrent-queries:int=100"
        " max-concurrent-tcp-sessions:int=20 cache-size:text=2048KiB cache-max-ttl:time=1w"
        " address-list-extra-time:time=0s@7.10-",
        read_only=("dynamic-servers", "cache-used"),
    ),
    Menu(
        "ip dns static",
        Kind.ORDERED,
        fields(
            "name:text regexp:text address:ip type:text cname:text forward-to:text ttl:time=1d"
            f" address-list:text match-subdomain:bool {_END}"
        ),
        columns=("name", "type", "address", "ttl"),
        read_only=("dynamic",),
    ),
    *FIREWALL_4,
    _settings("ip nat-pmp", "enabled:bool=no", since=(7, 0)),
    Menu(
        "ip nat-pmp interfaces",
        Kind.LIST,
        fields("interface:iface! type:external|internal! forced-ip:ip disabled:bool=no"),
        columns=("interface", "type"),
        since=(7, 0),
        read_only=("dynamic",),
    ),
    _settings(
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
            " check-gateway:text pref-src:ip routing-mark:text routing-table:text=main@7-"
            f" blackhole:text type:text vrf-interface:text suppress-hw-offload:bool=no@7-7.20 {_END}"
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
    _settings(
        "ip socks",
        "enabled:bool=no port:port=1080 connection-idle-timeout:time=2m max-connections:int=200"
        " version:4|5=4 auth-method:none|password=none vrf:text=main@7-",
    ),
    _settings(
        "ip ssh",
        "forwarding-enabled:no|local|remote|both=no always-allow-password-login:bool=no@-7.20"
        " strong-crypto:bool=no allow-none-crypto:bool=no@-7.16 host-key-size:1024|1536|2048|4096|8192=2048"
        " host-key-type:rsa|ed25519=rsa@7- ciphers:text=auto@7.17- password-authentication:text@7.21-",
        commands=("regenerate-host-key", "export-host-key", "import-host-key"),
    ),
    _settings(
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
_IPV6 = (
    Menu(
        "ipv6 address",
        Kind.LIST,
        fields(
            'address:if6 from-pool:text="" interface:iface! eui-64:bool=no advertise:bool=yes'
            f" no-dad:bool=no auto-link-local:bool=yes@7.18- {_END}"
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
            f" use-interface-duid:bool=no dhcp-options:text script:text {_END}"
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
            f" ra-preference:text=medium@7- {_END}"
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
            " check-gateway:text blackhole:text type:text routing-table:text=main@7-"
            f" suppress-hw-offload:bool=no@7.12-7.20 {_END}"
        ),
        columns=("dst-address", "gateway", "distance"),
        read_only=("dynamic", "active", "connect", "static", "inactive"),
    ),
)
_POLICY = "policy:text=ftp,reboot,read,write,policy,test,password,sniff,sensitive,romon"
_SYSTEM = (
    _settings(
        "snmp",
        'enabled:bool=no contact:text="" location:text="" engine-id:text="" trap-target:text=""'
        " trap-community:text=public trap-version:1|2|3=1 trap-generators:text=temp-exception"
        ' trap-interfaces:text="" src-address:ip=::',
    ),
    _settings(
        "system clock",
        "time-zone-autodetect:bool=yes time-zone-name:text=manual time:text date:text",
        read_only=("gmt-offset", "dst-active"),
    ),
    _settings("system identity", "name:name=MikroTik"),
    _settings("system note", 'note:text="" show-at-login:bool=yes show-at-cli-login:bool=no@7.14-'),
    _settings(
        "system ntp client",
        "enabled:bool=no mode:text=unicast@7- servers:text@7- primary-ntp:ip=0.0.0.0@-6.99"
        " secondary-ntp:ip=0.0.0.0@-6.99 server-dns-names:text@-6.99",
    ),
    Menu(
        "system scheduler",
        Kind.LIST,
        fields(
            "name:name! start-date:text^ start-time:text^ interval:time=0s on-event:text"
            f" {_POLICY} {_END}"
        ),
        key="name",
        columns=("name", "start-date", "start-time", "interval", "on-event", "run-count"),
        unique=("name",),
        read_only=("run-count", "next-run", "owner"),
    ),
    Menu(
        "system script",
        Kind.LIST,
        fields(f'name:name source:text="" owner:text {_POLICY} dont-require-permissions:bool=no'
               ' comment:text=""'),
        key="name",
        columns=("name", "owner", "run-count"),
        unique=("name",),
        commands=("run",),
        read_only=("run-count", "last-started", "invalid"),
    ),
    _settings(
        "tool bandwidth-server",
        "enabled:bool=yes authenticate:bool=yes allocate-udp-ports-from:int=2000"
        " max-sessions:int=100 allowed-addresses4:nets@7.18- allowed-addresses6:nets@7.18-",
    ),
    _settings("tool mac-server", "allowed-interface-list:iflist=all"),
    _settings("tool mac-server mac-winbox", "allowed-interface-list:iflist=all"),
    _settings("tool mac-server ping", "enabled:bool=yes"),
    _settings("tool romon", 'enabled:bool=no id:text=00:00:00:00:00:00 secrets:text#=""'),
)  # fmt: skip
_NOT_EXPORTED = (
    Menu(
        "user",
        Kind.LIST,
        fields(f'name:name! group:text! address:nets="" password:text!# {_END}'),
        key="name",
        columns=("name", "group", "address", "last-logged-in"),
        unique=("name",),
        read_only=("last-logged-in", "expired"),
    ),
    _reading("user active", "when:text name:text address:text via:text group:text",
             columns="when name address via group", read_only=("radius", "by-romon")),
    _reading(
        "system resource",
        "uptime:text version:text build-time:text factory-software:text free-memory:text"
        " total-memory:text cpu:text cpu-count:text cpu-frequency:text cpu-load:text"
        " free-hdd-space:text total-hdd-space:text architecture-name:text board-name:text"
        " platform:text",
    ),
    _reading(
        "system routerboard",
        "routerboard:text board-name:text model:text serial-number:text firmware-type:text"
        " factory-firmware:text current-firmware:text upgrade-firmware:text",
        commands=("upgrade",),
    ),
    _reading(
        "system package",
        "name:text version:text build-time:text size:text scheduled:text",
        columns="name version scheduled",
        key="name",
        commands=("enable", "disable", "uninstall"),
        read_only=("disabled",),
    ),
    _reading(
        "system device-mode",
        "mode:text allowed-versions:text flagged:text flagging-enabled:text scheduler:text"
        " socks:text fetch:text pptp:text l2tp:text bandwidth-test:text traffic-gen:text"
        " sniffer:text ipsec:text romon:text proxy:text hotspot:text smb:text email:text"
        " zerotier:text container:text attempt-count:text",
        since=(7, 0),
        commands=("update",),
    ),
    _reading("system history", "action:text by:text policy:text", columns="action by policy"),
    _reading("file", "name:text type:text size:text creation-time:text contents:text",
             columns="name type size creation-time", key="name", commands=("remove",)),
    _reading("log", "time:text topics:text message:text", columns="time topics message",
             commands=("info", "warning", "error", "debug")),
    Menu("system backup", Kind.ACTIONS, commands=("save", "load")),
    Menu("safe-mode", Kind.ACTIONS, commands=("take", "release", "unroll"), since=(7, 18)),
)  # fmt: skip

MENUS = {menu.path: menu for menu in (*_INTERFACES, *_IP, *_IPV6, *_SYSTEM, *_NOT_EXPORTED)}
EXPORTED = tuple(menu.path for menu in (*_INTERFACES[1:], *_IP, *_IPV6, *_SYSTEM))


@cache
def branches(release: Release, with_ipv6: bool) -> dict[str, tuple[str, ...]]:
    """Menu words by parent path, for a release; the root's path is empty.

    Without the IPv6 package of version 6 the branch `/ipv6` is there and empty: a router recorded
    without it answers `/ipv6 address print` with `bad command name address (line 1 column 7)`.
    """
    children: dict[str, dict[str, None]] = {"": {}, "ipv6": {}}
    for path, menu in MENUS.items():
        words = path.split()
        if not menu.in_release(release):
            continue
        children[""].setdefault(words[0])
        if words[0] == "ipv6" and not with_ipv6:
            continue
        for depth in range(1, len(words)):
            children.setdefault(" ".join(words[:depth]), {}).setdefault(words[depth])
    return {parent: tuple(words) for parent, words in children.items()}
