"""What listens on the network, from `ss -H -lntup`."""

from __future__ import annotations

import re
from ipaddress import ip_address

from routercfg.model.evidence import Evidence, NotApplicable, Unknown
from routercfg.model.firewall import Interfaces, Verdict
from routercfg.model.state import Listener, PortMapper
from routercfg.net import EVERYBODY, PortSet, PrefixSet
from routercfg.platforms.outputs import Output, Outputs

from .matching import decided
from .ruleset import Nft

#: Port and protocol -> name and whether it is plaintext management.
_BY_PORT: dict[tuple[str, int], tuple[str, bool]] = {
    ("tcp", 21): ("ftp", True),
    ("tcp", 22): ("ssh", False),
    ("tcp", 23): ("telnet", True),
    ("tcp", 80): ("http", True),
    ("tcp", 8080): ("http", True),
    ("tcp", 443): ("https", False),
    ("tcp", 8443): ("https", False),
    ("udp", 161): ("snmp", True),
    ("tcp", 830): ("netconf", False),
    ("tcp", 5900): ("vnc", False),
    ("tcp", 9090): ("cockpit", False),
    ("tcp", 10000): ("webmin", False),
}
_BY_PROGRAM: dict[str, tuple[str, bool]] = {
    "sshd": ("ssh", False),
    "dropbear": ("ssh", False),
    "telnetd": ("telnet", True),
    "in.telnetd": ("telnet", True),
    "vsftpd": ("ftp", True),
    "proftpd": ("ftp", True),
    "snmpd": ("snmp", True),
    "cockpit-tls": ("cockpit", False),
    "miniserv.pl": ("webmin", False),
}
#: Services of the router that are no management, and still none of the internet's business.
_OTHERS: dict[tuple[str, int], str] = {
    ("tcp", 53): "dns",
    ("udp", 53): "dns",
    ("tcp", 1080): "socks",
    ("tcp", 3128): "proxy",
    ("tcp", 5201): "iperf3",
    ("udp", 123): "ntp",
}
_LINE = re.compile(
    r"(?P<protocol>tcp|udp)\s+(?P<state>\S+)\s+\d+\s+\d+\s+(?P<local>\S+):(?P<port>\d+)\s+\S+(?P<rest>.*)"
)
_PROGRAM = re.compile(r'\("([^"]+)"')


def read_listeners(outputs: Outputs, nft: Nft) -> tuple[Listener, ...] | Unknown:
    """Every service on an address that others can reach."""
    output = outputs.get("ss")
    if output is None:
        return Unknown("no output of ss: what listens on the router was not read")
    sockets = _sockets(output)
    if isinstance(sockets, Unknown):
        return sockets
    off = _closed_everywhere(nft)
    listeners = [_listener(match, evidence, off) for match, evidence in sockets]
    return tuple(one for one in listeners if one is not None)


def _sockets(output: Output) -> list[tuple[re.Match[str], Evidence]] | Unknown:
    """Every socket. The last line tells that the output is whole."""
    lines = output.text.rstrip().splitlines()
    if not lines or lines[-1].strip() != "ss: read":
        return Unknown("the output of ss is cut off", (output.evidence(len(lines)),))
    found = []
    for number, line in enumerate(lines[:-1], start=1):
        if not line.strip():
            continue
        match = _LINE.match(line.strip())
        if match is None:
            return Unknown("the output of ss is not understood", (output.evidence(number),))
        found.append((match, output.evidence(number)))
    return found


def _listener(match: re.Match[str], evidence: Evidence, off: dict[str, PortSet]) -> Listener | None:
    protocol, port = match["protocol"], int(match["port"])
    program = _PROGRAM.search(match["rest"])
    name = program[1] if program else ""
    known = _BY_PROGRAM.get(name) or _BY_PORT.get((protocol, port))
    other = _OTHERS.get((protocol, port))
    if known is None and other is None:
        return None
    families, addresses = _where(match["local"])
    if addresses is None:
        return None
    ports = PortSet.of(port)
    service, plaintext = known or (other or "", False)
    return Listener(
        name=service,
        protocol=protocol,
        ports=ports,
        enabled=not ports <= off.get(protocol, PortSet()),
        management=known is not None,
        plaintext=plaintext,
        families=families,
        addresses=addresses,
        id=f"{protocol} {match['local']}:{port}",
        evidence=(evidence,),
    )


def _where(local: str) -> tuple[frozenset[int], PrefixSet | None]:
    """Families and addresses a socket answers on; None for those of the router alone."""
    address = local.partition("%")[0].strip("[]")
    if address == "*":
        return frozenset({4, 6}), EVERYBODY
    try:
        found = ip_address(address)
    except ValueError:
        return frozenset({4, 6}), EVERYBODY
    if found.is_loopback:
        return frozenset(), None
    families = frozenset({found.version})
    if found.is_unspecified:
        return families, EVERYBODY.only(4 if found.version == 4 else 6)
    return families, PrefixSet.of(found)


def _closed_everywhere(nft: Nft) -> dict[str, PortSet]:
    """Ports by protocol that our own chain refuses on every interface but the loopback."""
    chain = nft.by_id.get("inet routercfg plaintext")
    closed: dict[str, PortSet] = {}
    for rule in chain.rules if chain else ():
        for one in decided(nft, rule):
            match = one.match
            plain = match.sources is None and match.destinations is None and not match.opaque
            plain = plain and match.in_interfaces == Interfaces(frozenset({"lo"}), negated=True)
            if one.verdict is Verdict.DROP and plain and match.ports and match.protocols:
                for name in match.protocols:
                    closed[name] = closed.get(name, PortSet()) | match.ports
    return closed


def read_port_mappers(
    outputs: Outputs, nft: Nft
) -> tuple[PortMapper, ...] | NotApplicable | Unknown:
    """miniupnpd, by its process or by the port it answers discovery on."""
    output = outputs.get("ss")
    if output is None:
        return Unknown("no output of ss: whether UPnP is on was not read")
    sockets = _sockets(output)
    if isinstance(sockets, Unknown):
        return sockets
    found = [
        evidence
        for match, evidence in sockets
        if '"miniupnpd"' in match["rest"]
        or (match["protocol"] == "udp" and match["port"] in ("1900", "5351"))
    ]
    if found:
        return (
            PortMapper("miniupnpd", enabled=True, evidence=tuple(found[:3]), leases_known=True),
        )
    traces = [c.evidence for c in nft.chains if "miniupnpd" in c.id.lower()]
    if traces:
        return (PortMapper("miniupnpd", enabled=False, evidence=tuple(traces[:1])),)
    return (PortMapper("miniupnpd", enabled=False, evidence=(output.absent("miniupnpd"),)),)
