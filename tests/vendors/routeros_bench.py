"""A simulated RouterOS router with a clock to turn, and short ways to talk to it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from routercfg.platforms.registry import load_simulator

LAN, OUTSIDE, OFFICE = "192.168.10.50", "198.51.100.77", "198.51.100.3"
SIMULATOR = load_simulator("mikrotik_routeros")
SIMULATION = f"{SIMULATOR.__package__}.simulation"
VERSIONS = ("6.49.17", "7.12.2", "7.18.2", "7.20.8")


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Bench:
    """A router with a clock to turn, and short ways to talk to it."""

    configuration: str = "messy"
    version: str = "7.18.2"
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.router = SIMULATOR.create(
            self.configuration, version=self.version, clock=self.clock, **self.options
        )

    def __call__(self, command: str) -> str:
        output, status = self.router.execute(command, "admin", LAN)
        assert status == 0
        return output.replace("\r\n", "\n").strip("\n")

    def terminal(self, source: str = LAN, user: str = "admin+ct511w4098h") -> Any:
        shell = self.router.login(user, source)
        shell.start()
        return shell


def part(module: str) -> ModuleType:
    """A module of the simulation."""
    return importlib.import_module(f"{SIMULATION}.{module}")
