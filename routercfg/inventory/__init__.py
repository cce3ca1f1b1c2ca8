"""An Ansible-layout inventory: routers, groups, variables, patterns, secrets.

Each name is imported from its own module when it is first used: whoever works on a router needs
its secret and not the inventory, whose checks take a quarter of a second to load.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routercfg.inventory.checking import Problem as Problem
    from routercfg.inventory.checking import Severity as Severity
    from routercfg.inventory.checking import check as check
    from routercfg.inventory.connection import Connection as Connection
    from routercfg.inventory.loader import load_inventory as load_inventory
    from routercfg.inventory.loader import read_pattern as read_pattern
    from routercfg.inventory.model import Group as Group
    from routercfg.inventory.model import Host as Host
    from routercfg.inventory.model import Inventory as Inventory
    from routercfg.inventory.secret import Secret as Secret
    from routercfg.inventory.variables import Pbx as Pbx
    from routercfg.inventory.variables import RouterVars as RouterVars
    from routercfg.inventory.variables import router_vars as router_vars
    from routercfg.inventory.vault_file import VaultPasswordFile as VaultPasswordFile

_HOME = {
    "Connection": "connection",
    "Group": "model",
    "Host": "model",
    "Inventory": "model",
    "Pbx": "variables",
    "Problem": "checking",
    "RouterVars": "variables",
    "Secret": "secret",
    "Severity": "checking",
    "VaultPasswordFile": "vault_file",
    "check": "checking",
    "load_inventory": "loader",
    "read_pattern": "loader",
    "router_vars": "variables",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
