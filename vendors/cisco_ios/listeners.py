"""Services of the router itself: terminal lines, web, SNMP, NETCONF, RESTCONF, and others."""

from __future__ import annotations

from dataclasses import dataclass, replace

from routercfg.model.evidence import Evidence
from routercfg.model.state import Listener
from routercfg.net import EVERYBODY, NOBODY, Family, PortSet, PrefixSet

from . import polling
from .config import Line
from .interfaces import read_ipv6
from .source import Source


def read_listeners(source: Source) -> tuple[Listener, ...]:
    """Every service."""
    found = (
        *_terminals(source),
        *_web(source),
        *_snmp(source),
        *_netconf(source),
        *_others(source),
    )
    # Where no interface has IPv6 nothing answers over it.
    families = frozenset({4, 6} if read_ipv6(source.config, source.ports).enabled else {4})
    return tuple(replace(listener, families=families) for listener in found)


def _terminals(source: Source) -> list[Listener]:
    """SSH and telnet, by all vty lines together: the router takes whichever line lets one in."""
    blocks = source.config.all("line vty")
    found = []
    for name, port in (("ssh", 22), ("telnet", 23)):
        users = [block for block in blocks if _takes(block, name)]
        sources = NOBODY
        for block in users:
            sources |= _line_sources(source, block, PortSet.of(port))
        evidence: list[Evidence] = []
        for block in users or blocks:
            evidence.append(source.evidence(block))
            for prefix in ("access-class", "ipv6 access-class", "transport input"):
                evidence += (source.evidence(line) for line in block.all(prefix))
        for one in source.ports.values():
            vrf = one.line.child("ip vrf forwarding") or one.line.child("vrf forwarding")
            if vrf is not None:
                evidence.append(source.evidence(vrf))
        found.append(
            Listener(
                name,
                "tcp",
                PortSet.of(port),
                enabled=bool(users),
                plaintext=name == "telnet",
                sources=sources,
                id="line vty",
                evidence=tuple(evidence) or source.config.absent("line vty"),
            )
        )
    return found


def _takes(block: Line, name: str) -> bool:
    """Without a line `transport input` the old default is all (UNVERIFIED for new releases)."""
    lines = block.all("transport input")
    if not lines:
        return True
    words = lines[-1].words[2:]
    return name in words or "all" in words


def _line_sources(source: Source, block: Line, ports: PortSet) -> PrefixSet:
    found = NOBODY
    for family, prefix in ((4, "access-class"), (6, "ipv6 access-class")):
        names = [
            line.words[len(prefix.split())]
            for line in block.all(prefix)
            if "in" in line.words and len(line.words) > len(prefix.split())
        ]
        found |= _listed(source, 4 if family == 4 else 6, names, ports)
    return found


def _listed(source: Source, family: Family, names: list[str], ports: PortSet) -> PrefixSet:
    allowed = EVERYBODY.only(family)
    for name in names:
        allowed &= source.acls.sources(family, name, "tcp", ports)
    return allowed


@dataclass(frozen=True, slots=True)
class _Classes:
    """Names of access lists by family, and the lines that bind them."""

    names4: list[str]
    names6: list[str]
    lines: list[Line]

    def sources(self, source: Source, ports: PortSet) -> PrefixSet:
        """Whom both lists let in."""
        return _listed(source, 4, self.names4, ports) | _listed(source, 6, self.names6, ports)


def _web(source: Source) -> list[Listener]:
    """HTTP and HTTPS. One access class per family covers both, and RESTCONF."""
    config = source.config
    classes = _web_classes(source)
    bound = tuple(source.evidence(line) for line in classes.lines)
    found = []
    for name, switch, number, default in (
        ("http", "ip http server", "ip http port", 80),
        ("https", "ip http secure-server", "ip http secure-port", 443),
    ):
        line = config.first(switch)
        port = config.first(number)
        ports = PortSet.of(port.words[3] if port is not None else default)
        off = config.first(f"no {switch}")
        evidence = tuple(source.evidence(one) for one in (line or off, port) if one is not None)
        found.append(
            Listener(
                name,
                "tcp",
                ports,
                enabled=line is not None,
                plaintext=name == "http",
                sources=classes.sources(source, ports),
                id=switch,
                evidence=evidence + bound or config.absent(switch),
            )
        )
    rest = config.first("restconf")
    if rest is not None and found[1].enabled:
        own = _bound(source, "restconf")
        found.append(
            Listener(
                "restconf",
                "tcp",
                found[1].ports,
                sources=found[1].sources & own.sources(source, found[1].ports),
                id="restconf",
                evidence=(source.evidence(rest), *map(source.evidence, own.lines)),
            )
        )
    return found


def _web_classes(source: Source) -> _Classes:
    names4, names6, lines = [], [], []
    for line in source.config.all("ip http access-class"):
        words = line.words[3:]
        lines.append(line)
        if words[:1] == ["ipv6"] and len(words) > 1:
            names6.append(words[1])
        elif words:
            names4.append(words[-1])
    return _Classes(names4, names6, lines)


def _bound(source: Source, prefix: str) -> _Classes:
    """`<prefix> ipv4 access-list [name] X` and the same for IPv6."""
    names: dict[str, list[str]] = {"ipv4": [], "ipv6": []}
    lines = []
    for family, listed in names.items():
        for line in source.config.all(f"{prefix} {family} access-list"):
            listed.append(line.words[-1])
            lines.append(line)
    return _Classes(names["ipv4"], names["ipv6"], lines)


def _snmp(source: Source) -> list[Listener]:
    """SNMP answers on every interface; each community or group has its own list."""
    allowed, plain = NOBODY, False
    evidence: list[Evidence] = []
    for line in source.config.all("snmp-server community"):
        names4, names6 = polling.lists(line.words)
        sources = _snmp_sources(source, names4, names6)
        allowed |= sources
        plain = True
        where = (source.config.output.command, line.number)
        text, words = polling.shown(line.words), tuple(line.words)
        evidence.append(polling.Community(*where, text, words, sources))
    for line in source.config.all("snmp-server group"):
        words4 = line.words
        names4 = [words4[words4.index("access") + 1]] if "access" in words4[:-1] else []
        allowed |= _snmp_sources(source, names4, [])
        evidence.append(source.evidence(line))
    if not evidence:
        return []
    return [
        Listener(
            "snmp",
            "udp",
            PortSet.of(161),
            plaintext=plain,
            sources=allowed,
            id="snmp-server",
            evidence=tuple(evidence),
        )
    ]


def _snmp_sources(source: Source, names4: list[str], names6: list[str]) -> PrefixSet:
    ports = PortSet.of(161)
    found = NOBODY
    for family, names in ((4, names4), (6, names6)):
        exact: Family = 4 if family == 4 else 6
        allowed = EVERYBODY.only(exact)
        for name in names:
            allowed &= source.acls.sources(exact, name, "udp", ports)
        found |= allowed
    return found


def _netconf(source: Source) -> list[Listener]:
    line = source.config.first("netconf-yang")
    if line is None:
        return []
    number = source.config.first("netconf-yang ssh port")
    ports = PortSet.of(number.words[3] if number is not None else 830)
    classes = _bound(source, "netconf-yang ssh")
    return [
        Listener(
            "netconf",
            "tcp",
            ports,
            sources=classes.sources(source, ports),
            id="netconf-yang ssh",
            evidence=(source.evidence(line), *map(source.evidence, classes.lines)),
        )
    ]


def _others(source: Source) -> list[Listener]:
    """Services one forgets: resolver, TFTP server, Smart Install, SIP of the router."""
    found = []
    for prefix, name, protocol, port, management in (
        ("ip dns server", "dns", "udp", 53, False),
        ("ip dns server", "dns", "tcp", 53, False),
        ("tftp-server", "tftp-server", "udp", 69, False),
        ("vstack", "smart-install", "tcp", 4786, True),
        ("voice service voip", "sip of the router", "udp", 5060, False),
    ):
        line = source.config.first(prefix)
        if line is not None:
            found.append(
                Listener(
                    name,
                    protocol,
                    PortSet.of(port),
                    management=management,
                    plaintext=management,
                    id=prefix,
                    evidence=(source.evidence(line),),
                )
            )
    return found
