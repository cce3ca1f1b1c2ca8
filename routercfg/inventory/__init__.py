"""An Ansible-layout inventory: routers, groups, variables, patterns, secrets."""

from routercfg.inventory.connection import Connection
from routercfg.inventory.loader import VaultPasswordFile, load_inventory, read_pattern
from routercfg.inventory.model import Group, Host, Inventory
from routercfg.inventory.secret import Secret

__all__ = [
    "Connection",
    "Group",
    "Host",
    "Inventory",
    "Secret",
    "VaultPasswordFile",
    "load_inventory",
    "read_pattern",
]
