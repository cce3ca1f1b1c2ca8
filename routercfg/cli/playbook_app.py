"""The commands of `routercfg playbook`."""
# ruff: noqa: PLC0415 - `routercfg --help` answers at once only if commands import late
# ruff: noqa: PLR0913, PLR0917 - Typer makes a parameter of each option

from __future__ import annotations

from typing import Annotated

import typer

from routercfg.cli import options as o
from routercfg.cli.given import source_of

playbook_app = typer.Typer(help="Check playbooks, and run them over the inventory.")


@playbook_app.command("check")
def check_playbooks(files: o.Playbooks, as_json: o.Json = False) -> int:
    """Find mistakes in playbooks, without reaching any router."""
    from routercfg.cli.playbooks import checked

    return checked(files, as_json=as_json)


@playbook_app.command("run")
def run_playbooks(
    files: o.Playbooks,
    inventory: o.Inventory = None,
    limit: o.Limit = "",
    tags: o.Tags = "",
    skip_tags: o.SkipTags = "",
    check: Annotated[
        bool, typer.Option("--check", "-C", help="Change nothing: only show what would change.")
    ] = False,
    vault: o.Vault = None,
    known_hosts: o.KnownHosts = None,
    workers: o.Workers = 20,
    journal: o.Journal = None,
    yes: o.Yes = False,
    accept_lockout_risk: o.AcceptLockoutRisk = False,
    accept_no_revert: o.AcceptNoRevert = False,
    as_json: o.Json = False,
) -> int:
    """Carry out playbooks, batch by batch, in each batch task by task."""
    from routercfg.batch.playbook_stage import Settings
    from routercfg.cli.playbooks import performed

    settings = Settings(
        workers,
        check,
        _words(tags),
        _words(skip_tags),
        accept_lockout_risk=accept_lockout_risk,
        accept_no_revert=accept_no_revert,
    )
    source = source_of(inventory, limit, vault, known_hosts)
    return performed(files, source, settings, journal=journal, yes=yes, as_json=as_json)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())
