"""From inventory to targets: which routers, how to reach them, what must hold there."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from routercfg.cli.asking import AskedPassword, ask_first
from routercfg.cli.intents import intent_of
from routercfg.errors import InputError, InventoryError, VariableError
from routercfg.inventory import (
    Host,
    Inventory,
    VaultPasswordFile,
    load_inventory,
    read_pattern,
    router_vars,
)
from routercfg.platforms.registry import manifest, resolve
from routercfg.services import Service, load_services
from routercfg.transport.route import configured_user
from routercfg.transport.target import Target


@dataclass(frozen=True, slots=True)
class Source:
    """Where routers come from: the inventory's place, a pattern, and how secrets open."""

    inventory: Path | None = None
    limit: str = ""
    vault_password_file: Path | None = None
    known_hosts: Path | None = None


def opened(source: Source) -> Inventory:
    """The inventory. Raises InventoryError where there is none."""
    path = source.inventory or _default()
    vault = source.vault_password_file
    return load_inventory(path, AskedPassword() if vault is None else VaultPasswordFile(vault))


def known_services(inventory: Inventory) -> dict[str, Service]:
    """Our services, and those in `services/` beside the inventory."""
    return load_services(inventory.folder / "services")


def selected(inventory: Inventory, limit: str) -> tuple[Host, ...]:
    """The routers that `--limit` means; all without it."""
    return inventory.select(read_pattern(limit)) if limit else tuple(inventory.hosts.values())


def targets(source: Source) -> tuple[Target, ...]:
    """One target for each router. Raises InputError before any router is reached.

    All routers are checked before the first is worked on: a mistake in the last one's variables
    must not be found when the others have been changed already.
    """
    inventory = opened(source)
    services = known_services(inventory)
    found = tuple(
        replace(target_of(host, services), known_hosts=source.known_hosts)
        for host in selected(inventory, source.limit)
    )
    ask_first(secret for one in found for secret in (one.password, one.enable_password))
    # All that is here now lives as long as the command does: modules, inventory, targets. To look
    # for garbage in it again and again takes a tenth of the time of a run.
    gc.freeze()
    return found


def target_of(host: Host, services: Mapping[str, Service]) -> Target:
    """One router as a target. Raises InputError naming the variable that is missing or wrong."""
    values = router_vars(host)
    intent = intent_of(values, services, host.where("provider_prefixes"))
    platform = platform_of(host)
    library = values.connection or "netmiko"
    if library == "napalm" and manifest(platform).napalm is None:
        raise VariableError(
            f"{platform} is not proved through NAPALM",
            where=host.where("connection"),
            hint="Set connection: netmiko, or leave it out",
        )
    found = host.connection
    user = found.user or configured_user(found.address)
    if not user:
        raise VariableError(
            "nothing says which user logs in",
            where=host.where("ansible_user"),
            hint="Set ansible_user, for example in group_vars/all.yml, or User in ~/.ssh/config",
        )
    return Target(
        router=host.name,
        platform=platform,
        intent=intent,
        host=found.address,
        port=found.port or 22,
        user=user,
        password=found.password,
        enable_password=found.enable_password,
        key_file=found.private_key_file,
        known_hosts=None,
        library=library,
    )


def platform_of(host: Host) -> str:
    """Our name of the router's platform. Raises VariableError or UnknownPlatformError."""
    name = host.platform
    if name is None:
        raise VariableError(
            "nothing says which platform this router has",
            where=host.where("platform"),
            hint="Set platform or ansible_network_os, for example on a group",
        )
    try:
        return resolve(name)
    except InputError as problem:
        problem.where = host.where("platform")
        raise


def _default() -> Path:
    for path in (Path("inventories"), Path("hosts.yml")):
        if path.exists():
            return path
    raise InventoryError(
        "there is no inventories/ and no hosts.yml here",
        hint="Name the inventory with -i, or FILEs to look at",
    )
