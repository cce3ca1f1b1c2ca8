"""Simulated routers behind a real SSH server, for tests, benchmarks and `routercfg demo`.

Needs the extra `routercfg[lab]` (asyncssh). Nothing outside this package imports it.
"""

from __future__ import annotations

from routercfg.lab.faults import Fault, Trouble
from routercfg.lab.server import Lab
from routercfg.lab.simulator import Shell, Simulator

__all__ = ["Fault", "Lab", "Shell", "Simulator", "Trouble"]
