"""A play's variables over those of the inventory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from routercfg.batch.playbook import Play
from routercfg.documents import FrozenMapping
from routercfg.inventory import Host
from routercfg.inventory.layers import Layer


def played(host: Host, play: Play, file: Path) -> Host:
    """The router as this play sees it. An error in a variable names the playbook and its line."""
    if not play.vars:
        return host
    return replace(
        host,
        variables=FrozenMapping({**host.variables, **play.vars}),
        layers=(*host.layers, Layer("playbook", file, play.vars)),
    )
