"""Which things on a router are ours, and from where our session comes."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from routercfg.model.state import Owned
from routercfg.platforms.outputs import Outputs

from .config import Config
from .tree import Node

TAG = "routercfg:"


def tag_of(node: Node) -> str | None:
    """Our own mark on a rule, ruleset or group."""
    text = node.value("description")
    return text if text is not None and text.startswith(TAG) else None


def owned(config: Config) -> tuple[Owned, ...]:
    """Everything whose description is our tag."""
    return tuple(_tagged(config, config.root, ()))


def _tagged(config: Config, node: Node, path: tuple[str, ...]) -> Iterator[Owned]:
    for child in node.children.values():
        tag = tag_of(child)
        here = (*path, child.word)
        if tag is not None:
            yield Owned(tag.removeprefix(TAG), " ".join(here), config.found(child, *here))
        yield from _tagged(config, child, here)


def session_source(outputs: Outputs) -> str | None:
    """The client in `$SSH_CONNECTION`: client, its port, server, its port."""
    words = outputs["session"].text.split() if "session" in outputs else []
    if len(words) != 4:
        return None
    try:
        found = ip_address(words[0].partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
