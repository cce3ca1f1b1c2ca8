"""Sample cases of the vendor packs: recorded shows, an intent, and what must follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from routercfg.model.intent import Intent, Ipv6Mode, OnPartial
from routercfg.net import PortSet, PrefixSet
from routercfg.planning import Plan, make_plan
from routercfg.platforms import Pack, load_pack, pack_folders

_PREFIXES = ("provider", "management_sources", "voice_subnets", "pbx")
_PORTS = ("sip_ports", "rtp_ports", "pbx_web_ports")


@dataclass(frozen=True)
class Case:
    """One folder below a pack's `samples/`."""

    platform: str
    folder: Path

    @property
    def pack(self) -> Pack:
        return load_pack(self.platform)

    @property
    def intent(self) -> Intent:
        return read_intent(self.folder / "intent.yml")

    @property
    def expected(self) -> dict[str, Any]:
        return dict(yaml.safe_load((self.folder / "findings.yml").read_text(encoding="utf-8")))

    @property
    def commands(self) -> tuple[str, ...] | None:
        path = self.folder / "commands.txt"
        if not path.exists():
            return None
        text = path.read_text(encoding="utf-8")
        if self.pack.manifest.commands == "lines":
            return tuple(line for line in text.splitlines() if line.strip())
        return tuple(block.strip("\n") for block in text.split("\n\n") if block.strip())

    def plan(self, folder: Path | None = None) -> Plan:
        pack = self.pack
        return make_plan(self.folder.name, pack, pack.state(self.texts(folder)), self.intent)

    def texts(self, folder: Path | None = None) -> dict[str, str]:
        known = {read.id for read in self.pack.manifest.reads}
        return {
            path.stem: path.read_text(encoding="utf-8", errors="replace")
            for path in sorted((folder or self.folder).iterdir())
            if path.stem in known
        }

    @property
    def after(self) -> Path | None:
        folder = self.folder / "after"
        return folder if folder.is_dir() else None

    def __str__(self) -> str:
        return f"{self.platform}/{self.folder.name}"


def read_intent(path: Path) -> Intent:
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    for name in _PREFIXES:
        if name in data:
            data[name] = PrefixSet.of(
                *([data[name]] if isinstance(data[name], str) else data[name])
            )
    for name in _PORTS:
        if name in data:
            data[name] = PortSet.of(str(data[name]))
    for name, enum in (("ipv6", Ipv6Mode), ("on_partial", OnPartial)):
        if name in data:
            # YAML reads a bare `off` as false.
            data[name] = enum("off" if data[name] is False else data[name])
    for name in ("wan_interfaces", "services"):
        if name in data:
            data[name] = tuple(data[name])
    return Intent(**data)


def cases() -> list[Case]:
    return [
        Case(platform, folder)
        for platform, pack in sorted(pack_folders().items())
        if (pack / "samples").is_dir()
        for folder in sorted((pack / "samples").iterdir())
        if (folder / "findings.yml").is_file()
    ]
