"""`/system`, `/tool`, `/snmp`, and the menus that no export shows."""

from __future__ import annotations

from .menus import END, Kind, Menu, fields, reading, settings

_POLICY = "policy:text=ftp,reboot,read,write,policy,test,password,sniff,sensitive,romon"
SYSTEM = (
    settings(
        "snmp",
        'enabled:bool=no contact:text="" location:text="" engine-id:text="" trap-target:text=""'
        " trap-community:text=public trap-version:1|2|3=1 trap-generators:text=temp-exception"
        ' trap-interfaces:text="" src-address:ip=:: engine-id-suffix:text@7.10- vrf:text=main@7-',
    ),
    settings(
        "system clock",
        "time-zone-autodetect:bool=yes time-zone-name:text=manual time:text date:text",
        read_only=("gmt-offset", "dst-active"),
    ),
    settings("system identity", "name:name=MikroTik"),
    settings("system note", 'note:text="" show-at-login:bool=yes show-at-cli-login:bool=no@7.14-'),
    settings(
        "system ntp client",
        "enabled:bool=no mode:text=unicast@7- servers:text@7- primary-ntp:ip=0.0.0.0@-6.99"
        " secondary-ntp:ip=0.0.0.0@-6.99 server-dns-names:text@-6.99",
    ),
    Menu(
        "system scheduler",
        Kind.LIST,
        fields(
            "name:name! start-date:text^ start-time:text^ interval:time=0s on-event:text"
            f" {_POLICY} {END}"
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
    settings(
        "tool bandwidth-server",
        "enabled:bool=yes authenticate:bool=yes allocate-udp-ports-from:int=2000"
        " max-sessions:int=100 allowed-addresses4:nets@7.18- allowed-addresses6:nets@7.18-",
    ),
    settings("tool mac-server", "allowed-interface-list:iflist=all"),
    settings("tool mac-server mac-winbox", "allowed-interface-list:iflist=all"),
    settings("tool mac-server ping", "enabled:bool=yes"),
    settings("tool romon", 'enabled:bool=no id:text=00:00:00:00:00:00 secrets:text#=""'),
)  # fmt: skip
NOT_EXPORTED = (
    Menu(
        "user",
        Kind.LIST,
        fields(
            'name:name! group:text! address:nets="" password:text!#'
            f" inactivity-timeout:time@7.16- inactivity-policy:text@7.16- {END}"
        ),
        key="name",
        columns=("name", "group", "address", "last-logged-in"),
        unique=("name",),
        read_only=("last-logged-in", "expired"),
    ),
    reading("user active", "when:text name:text address:text via:text group:text",
             columns="when name address via group", read_only=("radius", "by-romon")),
    reading(
        "system resource",
        "uptime:text version:text build-time:text factory-software:text free-memory:text"
        " total-memory:text cpu:text cpu-count:text cpu-frequency:text cpu-load:text"
        " free-hdd-space:text total-hdd-space:text architecture-name:text board-name:text"
        " platform:text",
    ),
    reading(
        "system routerboard",
        "routerboard:text board-name:text model:text serial-number:text firmware-type:text"
        " factory-firmware:text current-firmware:text upgrade-firmware:text",
        commands=("upgrade",),
    ),
    reading(
        "system package",
        "name:text version:text build-time:text size:text scheduled:text",
        columns="name version scheduled",
        key="name",
        commands=("enable", "disable", "uninstall"),
        read_only=("disabled",),
    ),
    reading(
        "system device-mode",
        "mode:text allowed-versions:text flagged:text flagging-enabled:text scheduler:text"
        " socks:text fetch:text pptp:text l2tp:text bandwidth-test:text traffic-gen:text"
        " sniffer:text ipsec:text romon:text proxy:text hotspot:text smb:text email:text"
        " zerotier:text container:text attempt-count:text",
        since=(7, 0),
        commands=("update",),
    ),
    reading("system history", "action:text by:text policy:text", columns="action by policy"),
    reading("file", "name:text type:text size:text creation-time:text contents:text",
             columns="name type size creation-time", key="name", commands=("remove",)),
    reading("log", "time:text topics:text message:text", columns="time topics message",
             commands=("info", "warning", "error", "debug")),
    Menu("system backup", Kind.ACTIONS, commands=("save", "load")),
    Menu("safe-mode", Kind.ACTIONS, commands=("take", "release", "unroll"), since=(7, 18)),
)  # fmt: skip
