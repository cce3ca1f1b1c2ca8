"""What RouterOS does where an export says nothing, for the settings that we change."""

from __future__ import annotations

from .services import SERVICES

#: Compact exports print `udp-timeout=10s` from some version after this one on, so the default is
#: another one there (30 s is believed): only the router's own word counts.
_UDP_TIMEOUT_KNOWN_TO = (7, 15)
#: On by default in 6 and 7 (verbose exports 6.43 to 7.18).
_HELPERS = frozenset({"ftp", "tftp", "h323", "sip", "pptp", "udplite", "dccp", "sctp"})
_SETTINGS = {
    ("ip firewall connection tracking", "udp-stream-timeout"): "3m",
    ("ip upnp", "enabled"): "no",
    ("ip nat-pmp", "enabled"): "no",
    ("ipv6 settings", "disable-ipv6"): "no",
    ("snmp", "enabled"): "no",
    ("tr069-client", "enabled"): "no",
}


def default(menu: str, name: str, key: str, version: tuple[int, ...]) -> str | None:
    """A setting's value where the export does not say it; None where no source tells.

    `name` is the item's, for menus that have items; `version` the router's.
    """
    match menu, key:
        case "ip service", "disabled":
            return _switch(on=SERVICES[name][1]) if name in SERVICES else None
        case "ip service", "address":
            return ""
        case "ip firewall service-port", "disabled":
            return _helper(name, seven=version >= (7,))
        case "ip firewall connection tracking", "udp-timeout":
            return "10s" if version[:2] <= _UDP_TIMEOUT_KNOWN_TO else None
        case _:
            return _SETTINGS.get((menu, key))


def _helper(name: str, *, seven: bool) -> str | None:
    if name in _HELPERS:
        return "no"
    return "yes" if seven and name in ("irc", "rtsp") else None


def _switch(*, on: bool) -> str:
    return "no" if on else "yes"
