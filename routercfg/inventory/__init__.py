"""An Ansible-layout inventory: routers, groups, variables, patterns, secrets."""

from routercfg.inventory.check import Problem, Severity, check
from routercfg.inventory.connection import Connection
from routercfg.inventory.loader import load_inventory, read_pattern
from routercfg.inventory.model import Group, Host, Inventory
from routercfg.inventory.secret import Secret
from routercfg.inventory.variables import Pbx, RouterVars, router_vars
from routercfg.inventory.vault_file import VaultPasswordFile

__all__ = [
    "Connection",
    "Group",
    "Host",
    "Inventory",
    "Pbx",
    "Problem",
    "RouterVars",
    "Secret",
    "Severity",
    "VaultPasswordFile",
    "check",
    "load_inventory",
    "read_pattern",
    "router_vars",
]
