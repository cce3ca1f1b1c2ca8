"""Commands that read and judge, and change nothing."""
# ruff: noqa: PLC0415 - `routercfg --help` answers at once only if commands import late
# ruff: noqa: PLR0913, PLR0917 - Typer makes a parameter of each option

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from routercfg.cli import options as o
from routercfg.cli.given import ids_of, source_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from routercfg.model.intent import Intent
    from routercfg.report.entry import Entry


def check(inventory: o.Inventory = None, vault: o.Vault = None, as_json: o.Json = False) -> int:
    """Find mistakes in the inventory, without reaching any router."""
    from routercfg.cli.listings import checked

    return checked(source_of(inventory, "", vault), as_json=as_json)


def audit(
    files: o.Files = None,
    platform: o.Platform = "",
    service: o.ServiceName = None,
    intent: o.IntentFile = None,
    wan: o.Wan = None,
    management_source: o.ManagementSource = None,
    provider_prefix: o.ProviderPrefix = None,
    inventory: o.Inventory = None,
    limit: o.Limit = "",
    only: o.Only = None,
    skip: o.Skip = None,
    vault: o.Vault = None,
    known_hosts: o.KnownHosts = None,
    workers: o.Workers = 20,
    as_json: o.Json = False,
) -> int:
    """Judge routers, from files or live, and show what each verdict rests on."""
    from routercfg.cli.output import show

    if files:
        told = _told(service, intent, wan, management_source, provider_prefix)
        entries = _offline(files, platform, told, ids_of(only, skip))
    else:
        from routercfg.cli.live import inspected

        source = source_of(inventory, limit, vault, known_hosts)
        entries = inspected(source, ids_of(only, skip), workers)
    return show(entries, as_json=as_json)


def plan(
    files: o.Files = None,
    platform: o.Platform = "",
    service: o.ServiceName = None,
    intent: o.IntentFile = None,
    wan: o.Wan = None,
    management_source: o.ManagementSource = None,
    provider_prefix: o.ProviderPrefix = None,
    inventory: o.Inventory = None,
    limit: o.Limit = "",
    only: o.Only = None,
    skip: o.Skip = None,
    vault: o.Vault = None,
    known_hosts: o.KnownHosts = None,
    workers: o.Workers = 20,
    as_json: o.Json = False,
) -> int:
    """Show what a push would change, and the very commands it would send."""
    from routercfg.cli.output import show

    if files:
        told = _told(service, intent, wan, management_source, provider_prefix)
        entries = _offline(files, platform, told, ids_of(only, skip))
    else:
        from routercfg.cli.live import inspected

        source = source_of(inventory, limit, vault, known_hosts)
        entries = inspected(source, ids_of(only, skip), workers)
    return show(entries, as_json=as_json, with_plan=True)


def render(
    inventory: o.Inventory = None,
    limit: o.Limit = "",
    only: o.Only = None,
    skip: o.Skip = None,
    vault: o.Vault = None,
    as_json: o.Json = False,
) -> int:
    """Print the configuration a router fresh from the factory would get."""
    from routercfg.cli.listings import rendered
    from routercfg.report import console, contract

    entries = rendered(source_of(inventory, limit, vault), ids_of(only, skip))
    if as_json:
        sys.stdout.writelines(contract.pieces(map(contract.router_text, entries)))
        sys.stdout.write("\n")
        return 0
    texts = (text for one in entries if (text := console.planned([one])))
    sys.stdout.write(next(texts, "").lstrip("\n") + "\n")
    sys.stdout.writelines(f"{text}\n" for text in texts)
    return 0


def verify(
    inventory: o.Inventory = None,
    limit: o.Limit = "",
    only: o.Only = None,
    skip: o.Skip = None,
    vault: o.Vault = None,
    known_hosts: o.KnownHosts = None,
    workers: o.Workers = 20,
    as_json: o.Json = False,
) -> int:
    """Read every router again; well only if a plan has nothing left to do."""
    from routercfg.cli.live import inspected
    from routercfg.cli.output import show

    source = source_of(inventory, limit, vault, known_hosts)
    return show(inspected(source, ids_of(only, skip), workers), as_json=as_json)


def _told(
    service: list[str] | None,
    intent: Path | None,
    wan: list[str] | None,
    management_source: list[str] | None,
    provider_prefix: list[str] | None,
) -> Intent:
    from routercfg.cli.intents import told_intent

    return told_intent(
        service or (), intent, wan or (), management_source or (), provider_prefix or ()
    )


def _offline(
    files: list[str], platform: str, told: Intent, ids: tuple[str, ...]
) -> Iterable[Entry]:
    from routercfg.cli.inspecting import offline
    from routercfg.errors import InputError
    from routercfg.platforms import pack_folders

    if not platform:
        known = ", ".join(sorted(pack_folders()))
        raise InputError(
            "nothing says which platform the files are of", hint=f"--platform: {known}"
        )
    return offline(files, platform, told, ids)
