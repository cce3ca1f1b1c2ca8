"""Commands that keep, collect or show what is known of routers."""
# ruff: noqa: PLC0415 - `routercfg --help` answers at once only if commands import late

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from routercfg.cli import options as o
from routercfg.cli.given import source_of


def backup(
    inventory: o.Inventory = None,
    limit: o.Limit = "",
    vault: o.Vault = None,
    known_hosts: o.KnownHosts = None,
    workers: o.Workers = 20,
    folder: Annotated[
        Path, typer.Option("--folder", help="Where to; made for its owner only.")
    ] = Path("backups"),
    redact: Annotated[
        bool, typer.Option("--redact", help="Without secrets: to show to somebody, not to restore.")
    ] = False,
    as_json: o.Json = False,
) -> int:
    """Keep the configuration of each router in a file that only its owner can read."""
    from routercfg.cli.backing_up import kept

    source = source_of(inventory, limit, vault, known_hosts)
    return kept(source, folder, workers, redact=redact, as_json=as_json)


def trust(
    inventory: o.Inventory = None,
    limit: o.Limit = "",
    vault: o.Vault = None,
    known_hosts: o.KnownHosts = None,
    yes: o.Yes = False,
) -> int:
    """Show the host keys of routers, and remember those you accept. Sends no credential."""
    from routercfg.cli.trusting import trusted

    return trusted(source_of(inventory, limit, vault, known_hosts), yes=yes)


def whitelist(
    inventory: o.Inventory = None,
    limit: o.Limit = "",
    vault: o.Vault = None,
    known_hosts: o.KnownHosts = None,
    workers: o.Workers = 20,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
    as_json: o.Json = False,
) -> int:
    """Show the public addresses of all sites that the VoIP provider has to admit."""
    from routercfg.cli.whitelisting import whitelisted

    source = source_of(inventory, limit, vault, known_hosts)
    return whitelisted(source, workers, as_csv=as_csv, as_json=as_json)


def show_inventory(
    inventory: o.Inventory = None,
    vault: o.Vault = None,
    listing: Annotated[bool, typer.Option("--list", help="All groups and variables.")] = False,
    host: Annotated[str, typer.Option("--host", help="One router's variables.")] = "",
    graph: Annotated[bool, typer.Option("--graph", help="Groups as a tree.")] = False,
    as_json: o.Json = False,
) -> int:
    """Print the inventory in the shapes of ansible-inventory; secrets are ***."""
    from routercfg.cli.listings import listed
    from routercfg.errors import InputError

    if listing + bool(host) + graph > 1:
        raise InputError("--list, --host and --graph exclude each other")
    if graph and as_json:
        raise InputError("--graph is text: leave --json out, or use --list")
    return listed(source_of(inventory, "", vault), host=host, graph=graph)


def vendors(as_json: o.Json = False) -> int:
    """List the vendor packs: platforms, certified versions, and how each undoes a bad push."""
    from routercfg.cli.listings import vendors as print_vendors

    return print_vendors(as_json=as_json)
