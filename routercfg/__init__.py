"""Make customers' routers fit for hosted telephony, and prove that they are.

The names below are the public API. Each is imported from its own module when it is first used, so
that importing the package costs next to nothing. `routercfg.push.push` carries a plan out.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routercfg.batch import roll_back as roll_back
    from routercfg.batch import run as run
    from routercfg.errors import RoutercfgError as RoutercfgError
    from routercfg.inventory import load_inventory as load_inventory
    from routercfg.model.finding import Finding as Finding
    from routercfg.model.finding import Status as Status
    from routercfg.model.intent import Intent as Intent
    from routercfg.net import PortSet as PortSet
    from routercfg.net import PrefixSet as PrefixSet
    from routercfg.planning import Plan as Plan
    from routercfg.planning import make_plan as make_plan
    from routercfg.platforms import load_pack as load_pack
    from routercfg.push import Options as Options
    from routercfg.push import Outcome as Outcome
    from routercfg.push import Result as Result
    from routercfg.push import inspect as inspect
    from routercfg.services import load_services as load_services
    from routercfg.transport import Target as Target

_HOME = {
    "Finding": "routercfg.model.finding",
    "Intent": "routercfg.model.intent",
    "Options": "routercfg.push",
    "Outcome": "routercfg.push",
    "Plan": "routercfg.planning",
    "PortSet": "routercfg.net",
    "PrefixSet": "routercfg.net",
    "Result": "routercfg.push",
    "RoutercfgError": "routercfg.errors",
    "Status": "routercfg.model.finding",
    "Target": "routercfg.transport",
    "inspect": "routercfg.push",
    "load_inventory": "routercfg.inventory",
    "load_pack": "routercfg.platforms",
    "load_services": "routercfg.services",
    "make_plan": "routercfg.planning",
    "roll_back": "routercfg.batch",
    "run": "routercfg.batch",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'routercfg' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
