"""One router's configuration, with what every area of it needs: interfaces and evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from routercfg.model.evidence import Evidence
from routercfg.platforms.outputs import Output

from .tree import Node, Tree


@dataclass(frozen=True, slots=True)
class Port:
    """One network interface: the name it has, its path in the configuration, and what is there."""

    name: str
    path: str
    node: Node

    @property
    def inward(self) -> bool:
        """Is it a loopback, or a dummy, which is one by another name? No host is behind it."""
        return self.path.startswith(("interfaces loopback ", "interfaces dummy "))


@dataclass(frozen=True, slots=True)
class Config:
    """The parsed main read. `version` is empty where no output names it."""

    output: Output
    tree: Tree
    version: str
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


def ports_of(root: Node, vlans: Collection[str]) -> Iterator[Port]:
    """All interfaces, their VLANs below any of these tags, and the PPPoE sessions within them."""
    for kind in root.below("interfaces"):
        for node in kind.children.values():
            yield from _port(node.word, f"interfaces {kind.word} {node.word}", node, vlans)


def _port(name: str, path: str, node: Node, vlans: Collection[str]) -> Iterator[Port]:
    yield Port(name, path, node)
    for tag in vlans:
        for vlan in node.below(tag):
            yield from _port(f"{name}.{vlan.word}", f"{path} {tag} {vlan.word}", vlan, vlans)
    for session in node.below("pppoe"):
        yield Port(f"pppoe{session.word}", f"{path} pppoe {session.word}", session)
