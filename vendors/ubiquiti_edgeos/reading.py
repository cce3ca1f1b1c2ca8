"""One router's configuration, with what every area of it needs: release, ports, evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from routercfg.errors import ParseError
from routercfg.model.evidence import Evidence
from routercfg.platforms.outputs import Output, Outputs

from ..vyatta.tree import Node, Tree, parse

_VERSION = re.compile(r"(?m)^Version:\s+v(\d\S*)")
_MODEL = re.compile(r"(?m)^HW model:\s+(\S.*?)\s*$")
#: `v1.9.1.4939093.161214.0705`: release, build, day, time. Only the release is compared.
_RELEASE = re.compile(r"v?(\d+\.\d+(?:\.\d{1,3})?)(?:[.-]|$)")


@dataclass(frozen=True, slots=True)
class Port:
    """One network interface: the name it has, its path in the configuration, and what is there."""

    name: str
    path: str
    node: Node

    @property
    def inward(self) -> bool:
        """Is it the loopback? No host is behind it."""
        return self.path.startswith("interfaces loopback ")


@dataclass(frozen=True, slots=True)
class Config:
    """The parsed main read. `version` and `model` are empty where no output names them."""

    output: Output
    tree: Tree
    version: str
    model: str
    version_evidence: tuple[Evidence, ...]
    ports: tuple[Port, ...]

    @property
    def root(self) -> Node:
        """The root of the tree."""
        return self.tree.root

    def evidence(self, line: int, text: str = "") -> Evidence:
        """Evidence for a line of the configuration."""
        return self.output.evidence(line) if line else Evidence(self.output.command, 0, text)

    def found(self, node: Node, *path: str) -> Evidence:
        """Evidence for a node."""
        return self.evidence(node.line, " ".join(path) or node.word)

    def absent(self, *path: str) -> Evidence:
        """Evidence that a path is not there."""
        return self.output.absent(" ".join(path))


def read_config(outputs: Outputs) -> Config:
    """Parse the main read. Raises ParseError where it is not whole, or not of this platform.

    `show configuration commands` prints the top nodes in alphabetical order and says nowhere that
    it has ended: every router has `system login` in its last part.
    """
    output = outputs["config"]
    tree = parse(output.text)
    root = tree.root
    if not root.has("system") and not root.has("interfaces"):
        raise ParseError("this is no configuration of EdgeOS: neither `interfaces` nor `system`")
    if not root.has("interfaces") or not root.has("system", "login"):
        raise ParseError("the configuration has no `interfaces` or no `system login`: it is cut")
    if root.has("nat", "destination") or root.has("nat", "source") or root.has("firewall", "ipv4"):
        raise ParseError("this is a configuration of VyOS, not of EdgeOS")
    version, model = tree.release, ""
    evidence: tuple[Evidence, ...] = ()
    if "version" in outputs:
        text = outputs["version"].text
        match = _VERSION.search(text)
        if match is not None:
            version = match[1]
            line = text[: match.start()].count("\n") + 1
            evidence = (outputs["version"].evidence(line),)
        named = _MODEL.search(text)
        model = named[1] if named else ""
    number = _RELEASE.match(version)
    return Config(output, tree, number[1] if number else "", model, evidence, tuple(_ports(root)))


def _ports(root: Node) -> list[Port]:
    found = []
    for kind in root.below("interfaces"):
        for node in kind.children.values():
            found += _port(node.word, f"interfaces {kind.word} {node.word}", node)
    return found


def _port(name: str, path: str, node: Node) -> list[Port]:
    """An interface, its VLANs, and the PPPoE sessions that are written within it."""
    found = [Port(name, path, node)]
    for vlan in node.below("vif"):
        found += _port(f"{name}.{vlan.word}", f"{path} vif {vlan.word}", vlan)
    for session in node.below("pppoe"):
        found.append(Port(f"pppoe{session.word}", f"{path} pppoe {session.word}", session))
    return found
