"""What the areas of the state are read from: configuration, access lists and live tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from routercfg.errors import ParseError
from routercfg.model.evidence import Evidence
from routercfg.model.state import Interface
from routercfg.net import Family
from routercfg.platforms.outputs import Output, Outputs

from .acl import Acls, read_acls
from .config import Config, Line, parse
from .interfaces import Port, read_ports

_ANSWER = re.compile(r"(?m)^\s*% ?(?:Invalid|Incomplete|Ambiguous)|Command authorization failed")


@dataclass(frozen=True)
class Source:
    """Everything that one reading holds."""

    outputs: Outputs
    config: Config
    acls: Acls
    ports: Mapping[str, Port]
    version: str
    version_evidence: tuple[Evidence, ...]
    #: Numbers of the entries of each list, as the live tables show them.
    numbers: Mapping[tuple[Family, str], list[int]]

    @cached_property
    def interfaces(self) -> tuple[Interface, ...]:
        """The interfaces as the state holds them."""
        return tuple(port.interface for port in self.ports.values())

    @property
    def is_xe(self) -> bool:
        """IOS-XE 16 or later: its zone firewall inspects applications, and filters IPv6."""
        return self.major >= 16

    @property
    def major(self) -> int:
        """First number of the version, 0 where nothing says it."""
        match = re.match(r"\d+", self.version)
        return int(match[0]) if match else 0

    @cached_property
    def zones(self) -> dict[str, frozenset[str]]:
        """Interfaces by security zone."""
        found: dict[str, set[str]] = {
            line.words[2]: set() for line in self.config.all("zone security") if len(line.words) > 2
        }
        for port in self.ports.values():
            if port.zone is not None:
                found.setdefault(port.zone, set()).add(port.name)
        return {zone: frozenset(names) for zone, names in found.items()}

    def evidence(self, line: Line) -> Evidence:
        """Evidence for a line of the running configuration."""
        return self.config.evidence(line)


def make_source(outputs: Outputs) -> Source:
    """Raises ParseError where the configuration is none, cut off, or another system's."""
    config = parse(outputs["config"])
    version, evidence = _version(config, live(outputs, "version"))
    numbers: dict[tuple[Family, str], list[int]] = {}
    for read, family in (("acls", 4), ("acls6", 6)):
        output = live(outputs, read)
        if output is not None:
            numbers.update(_numbers(output, 4 if family == 4 else 6))
    ports = read_ports(config, live(outputs, "ip_brief"), live(outputs, "ipv6_brief"))
    return Source(outputs, config, read_acls(config, numbers), ports, version, evidence, numbers)


def live(outputs: Outputs, read: str) -> Output | None:
    """A live table, or None where it was not read or the router refused the command."""
    output = outputs.get(read)
    if output is None or not output.text.strip() or _ANSWER.search(output.text):
        return None
    return output


def _version(config: Config, shown: Output | None) -> tuple[str, tuple[Evidence, ...]]:
    if shown is not None:
        if not re.search(r"Cisco (?:IOS|Internetwork Operating System)|IOS-XE", shown.text):
            raise ParseError("`show version` is not that of IOS")
        if re.search(r"(?mi)^Router operating mode: *Controller-Managed", shown.text):
            # SD-WAN: a controller pushes the configuration, and lines are transactions.
            raise ParseError("this router is run by an SD-WAN controller: change it there")
        for number, text in enumerate(shown.lines, start=1):
            match = re.search(r"\bVersion (\d+\.[\w.()]+)", text)
            if match is not None:
                return match[1], (shown.evidence(number),)
    line = config.first("version")
    if line is not None and len(line.words) > 1:
        return line.words[1], (config.evidence(line),)
    return "", ()


def _numbers(output: Output, family: Family) -> dict[tuple[Family, str], list[int]]:
    """Sequence numbers by list. IPv4 prints them first, IPv6 last."""
    found: dict[tuple[Family, str], list[int]] = {}
    numbers: list[int] | None = None
    for text in output.lines:
        header = re.match(r"\S.* access list (\S+)", text)
        if header is not None:
            numbers = found.setdefault((family, header[1]), [])
            continue
        entry = re.match(r"\s+(\d+) (?:permit|deny|evaluate|Dynamic)\b", text) or re.search(
            r"\bsequence (\d+)\s*$", text
        )
        if entry is not None and numbers is not None:
            numbers.append(int(entry[1]))
    return found
