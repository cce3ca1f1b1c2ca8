"""What listens on the router itself."""

from __future__ import annotations

from collections.abc import Iterator

from routercfg.model.evidence import Evidence, Unknown
from routercfg.model.state import Listener
from routercfg.net import EVERYBODY, NOBODY, PortSet, PrefixSet

from .export import Statement
from .source import Source
from .wans import read_wans

#: `/ip service`: port, and whether it is on unless told otherwise (verbose exports 6.43 to 7.18).
SERVICES = {
    "telnet": (23, True),
    "ftp": (21, True),
    "www": (80, True),
    "ssh": (22, True),
    "www-ssl": (443, False),
    "api": (8728, True),
    "winbox": (8291, True),
    "api-ssl": (8729, True),
}
_PLAINTEXT = ("telnet", "ftp", "www", "api")
#: UNVERIFIED: MAC telnet's port; an export does not name it.
_MAC_TELNET = 20561


def read_listeners(source: Source) -> tuple[Listener, ...] | Unknown:
    """Management services first, then what else answers on the network."""
    trouble = source.trouble(
        "ip service",
        "snmp",
        "snmp community",
        "ip dns",
        "ip socks",
        "ip proxy",
        "tool bandwidth-server",
        "tool mac-server",
        "tr069-client",
    )
    if trouble:
        return trouble
    try:
        return (
            *_services(source),
            *_snmp(source),
            *_tr069(source),
            *_others(source),
            *_mac_telnet(source),
        )
    except ValueError as error:
        return Unknown(f"a service cannot be understood: {error}")


def _services(source: Source) -> Iterator[Listener]:
    said = {one.selector.strip('"'): one for one in source.export.all("ip service")}
    for name, (port, usual) in SERVICES.items():
        one = said.get(name)
        enabled = usual if one is None or "disabled" not in one.values else not one.disabled
        yield Listener(
            name=name,
            protocol="tcp",
            ports=PortSet.of(one.get("port") or port if one else port),
            enabled=enabled,
            plaintext=name in _PLAINTEXT,
            sources=_sources(one.get("address") if one else ""),
            id=name,
            evidence=(_evidence(source, one, f"/ip service set {name}"),),
        )


def _sources(text: str) -> PrefixSet:
    """An access list; empty lets everybody in. Raises ValueError."""
    return PrefixSet.of(*(part for part in text.split(",") if part)) if text else EVERYBODY


def _evidence(source: Source, one: Statement | None, what: str) -> Evidence:
    return source.absent(what) if one is None else source.evidence(one)


def _snmp(source: Source) -> Iterator[Listener]:
    one = source.export.setting("snmp")
    sources, communities = _communities(source)
    yield Listener(
        name="snmp",
        protocol="udp",
        ports=PortSet.of(161),
        enabled=one is not None and one.has("enabled", "yes"),
        plaintext=True,
        sources=sources,
        id="snmp",
        evidence=(_evidence(source, one, "/snmp set enabled=yes"), *communities),
    )


def _communities(source: Source) -> tuple[PrefixSet, tuple[Evidence, ...]]:
    """Who may ask: the union over the communities. `public` is there unless it was changed."""
    found = source.export.all("snmp community")
    active = [one for one in found if not one.disabled]
    sources = EVERYBODY if not any(one.verb == "set" for one in found) else NOBODY
    for one in active:
        text = one.get("addresses")
        # Everything of one family stands for everything: the default was 0.0.0.0/0, and is ::/0.
        whole = not text or any(part in ("::/0", "0.0.0.0/0") for part in text.split(","))
        sources |= EVERYBODY if whole else _sources(text)
    return sources, tuple(source.evidence(one) for one in active)


def _tr069(source: Source) -> Iterator[Listener]:
    one = source.export.setting("tr069-client")
    if one is not None and one.has("enabled", "yes"):
        yield Listener(
            name="tr069",
            protocol="tcp",
            ports=PortSet.of(one.get("connection-request-port") or 7547),
            call_home=True,
            id="tr069",
            evidence=(source.evidence(one),),
        )


def _others(source: Source) -> Iterator[Listener]:
    yield from _other(source, "dns", "ip dns", "allow-remote-requests", ("udp", "tcp"), 53)
    yield from _other(source, "socks", "ip socks", "enabled", ("tcp",), 1080)
    yield from _other(source, "web-proxy", "ip proxy", "enabled", ("tcp",), 8080)
    yield from _other(
        source,
        "bandwidth-test",
        "tool bandwidth-server",
        "enabled",
        ("tcp", "udp"),
        2000,
        usual=True,
    )


def _other(
    source: Source,
    name: str,
    menu: str,
    switch: str,
    protocols: tuple[str, ...],
    port: int,
    *,
    usual: bool = False,
) -> Iterator[Listener]:
    one = source.export.setting(menu)
    said = one.get(switch) if one is not None else ""
    ports = one.get("port") if one is not None and menu != "ip dns" else ""
    allowed = "" if one is None else one.get("allowed-addresses4")
    for protocol in protocols:
        yield Listener(
            name=name,
            protocol=protocol,
            ports=PortSet.of(ports.split(",")[0] or port),
            enabled=said == "yes" if said else usual,
            management=False,
            sources=_sources(allowed),
            id=name,
            evidence=(_evidence(source, one, f"/{menu} set {switch}="),),
        )


def _mac_telnet(source: Source) -> Iterator[Listener]:
    """Telnet to the MAC address. It is open on the interfaces of one list, at first on all."""
    one = source.export.setting("tool mac-server")
    name = one.get("allowed-interface-list", "all") if one is not None else "all"
    members = source.interface_lists.members(name)
    if members is not None and "*" not in members:
        # A list of interfaces by name: open outside if one of them is WAN, by whatever shows WAN.
        wans = read_wans(source)
        enabled = bool(members) and (
            isinstance(wans, Unknown) or any(wan.name in members for wan in wans)
        )
    else:
        enabled = True
    yield Listener(
        name="mac-telnet",
        protocol="udp",
        ports=PortSet.of(_MAC_TELNET),
        enabled=enabled,
        management=False,
        families=frozenset({4}),
        id="mac-telnet",
        evidence=(_evidence(source, one, "/tool mac-server set allowed-interface-list="),),
    )
