"""The commands and their options. Each loads what it works with only when it runs."""
# ruff: noqa: PLC0415 - `routercfg --help` answers at once only if commands import late
# ruff: noqa: PLR0913, PLR0917 - Typer makes a parameter of each option

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from routercfg.cli import options as o
from routercfg.cli.failures import misused
from routercfg.cli.journal_app import journal_app

if TYPE_CHECKING:
    from collections.abc import Iterable

    from routercfg.cli.targets import Source
    from routercfg.model.intent import Intent
    from routercfg.report.entry import Entry

# Markup in help texts would load rich, which takes longer than everything else together.
app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Make customers' routers fit for hosted telephony, and prove that they are.",
)


app.add_typer(journal_app, name="journal")


def command(arguments: list[str]) -> int:
    """Run one command line; its exit status."""
    try:
        status = app(arguments or ["--help"], prog_name="routercfg", standalone_mode=False)
    except typer.Abort:
        sys.stderr.write("aborted\n")
        return 2
    except typer.Exit as stop:
        return stop.exit_code
    except Exception as error:
        # Typer carries its own copy of click, or not, by its version; the shape is the same.
        message = getattr(error, "format_message", None)
        if message is None:
            raise
        if text := message():
            misused(text, as_json="--json" in arguments)
        return 2
    return status if isinstance(status, int) else 0


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"routercfg {version('routercfg')}\n")
        raise typer.Exit


@app.callback()
def everything(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error; goes anywhere.")
    ] = False,
) -> None:
    """Make customers' routers fit for hosted telephony, and prove that they are.

    Exit status: 0 all is well, 1 findings, 2 bad input, 3 a router could not be reached or was
    rolled back.
    """


@app.command()
def check(inventory: o.Inventory = None, vault: o.Vault = None, as_json: o.Json = False) -> int:
    """Find mistakes in the inventory, without reaching any router."""
    from routercfg.cli.listings import checked

    return checked(_source(inventory, "", vault), as_json=as_json)


@app.command()
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
        entries = _offline(files, platform, told, _ids(only, skip))
    else:
        from routercfg.cli.live import inspected

        source = _source(inventory, limit, vault, known_hosts)
        entries = inspected(source, _ids(only, skip), workers)
    return show(entries, as_json=as_json)


@app.command()
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
        entries = _offline(files, platform, told, _ids(only, skip))
    else:
        from routercfg.cli.live import inspected

        source = _source(inventory, limit, vault, known_hosts)
        entries = inspected(source, _ids(only, skip), workers)
    return show(entries, as_json=as_json, with_plan=True)


@app.command()
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

    entries = rendered(_source(inventory, limit, vault), _ids(only, skip))
    text = contract.as_text(entries) if as_json else console.planned(entries).lstrip("\n")
    sys.stdout.write(text + "\n")
    return 0


@app.command()
def push(
    inventory: o.Inventory = None,
    limit: o.Limit = "",
    only: o.Only = None,
    skip: o.Skip = None,
    vault: o.Vault = None,
    known_hosts: o.KnownHosts = None,
    workers: o.Workers = 20,
    yes: o.Yes = False,
    dry_run: o.DryRun = False,
    accept_lockout_risk: o.AcceptLockoutRisk = False,
    accept_no_revert: o.AcceptNoRevert = False,
    backups: o.Backups = None,
    journal: o.Journal = None,
    serial: o.Serial = "100%",
    max_failures: o.MaxFailures = None,
    resume: o.Resume = "",
    again: o.Again = "",
    per_jump_host: o.PerJumpHost = 10,
    engine: o.Engine = "threads",
    splay: o.Splay = 0.0,
    retries: o.Retries = 0,
    router_timeout: o.RouterTimeout = 0.0,
    run_timeout: o.RunTimeout = 0.0,
    as_json: o.Json = False,
) -> int:
    """Change what must change, each router inside a revert that the router itself carries out.

    Ctrl-C finishes the routers under way; a second one rolls them back.
    """
    from routercfg.batch.pace import Pace
    from routercfg.batch.stop import Stop
    from routercfg.cli.output import show
    from routercfg.cli.pushing import pushed
    from routercfg.cli.runs import Running, sizes
    from routercfg.push import Options

    pace = Pace(
        serial=sizes(serial),
        max_failures=max_failures,
        workers=workers,
        per_jump_host=per_jump_host,
        engine=engine,
        splay=splay,
        retries=retries,
        router_timeout=router_timeout,
        run_timeout=run_timeout,
    )
    options = Options(
        ids=_ids(only, skip) if only or skip else None,
        accept_lockout_risk=accept_lockout_risk,
        accept_no_revert=accept_no_revert,
        backup_folder=backups,
    )
    source = _source(inventory, limit, vault, known_hosts)
    running = Running(pace, journal, resume, again)
    stop = Stop()
    entries = pushed(source, options, running, stop, yes=yes, dry_run=dry_run)
    status = show(entries, as_json=as_json, with_plan=dry_run)
    return 130 if stop.interrupted else status


@app.command()
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

    source = _source(inventory, limit, vault, known_hosts)
    return show(inspected(source, _ids(only, skip), workers), as_json=as_json)


@app.command()
def rollback(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Its name, or `last`.")],
    inventory: o.Inventory = None,
    limit: o.Limit = "",
    vault: o.Vault = None,
    known_hosts: o.KnownHosts = None,
    workers: o.Workers = 20,
    yes: o.Yes = False,
    dry_run: o.DryRun = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Also what others have changed since; their change is lost."),
    ] = False,
    accept_lockout_risk: o.AcceptLockoutRisk = False,
    accept_no_revert: o.AcceptNoRevert = False,
    backups: o.Backups = None,
    journal: o.Journal = None,
    serial: o.Serial = "100%",
    max_failures: o.MaxFailures = None,
    per_jump_host: o.PerJumpHost = 10,
    engine: o.Engine = "threads",
    splay: o.Splay = 0.0,
    retries: o.Retries = 0,
    router_timeout: o.RouterTimeout = 0.0,
    run_timeout: o.RunTimeout = 0.0,
    as_json: o.Json = False,
) -> int:
    """Bring routers back to before a run; what others changed since stays.

    A run of its own, as safe as a push. A router on which somebody has changed since what the run
    changed is refused, and the difference shown. Status 0: all are back.
    """
    from routercfg.batch.pace import Pace
    from routercfg.batch.stop import Stop
    from routercfg.cli.output import show
    from routercfg.cli.rolling_back import rolled_back
    from routercfg.cli.runs import Running, sizes
    from routercfg.push import Options

    pace = Pace(
        serial=sizes(serial),
        max_failures=max_failures,
        workers=workers,
        per_jump_host=per_jump_host,
        engine=engine,
        splay=splay,
        retries=retries,
        router_timeout=router_timeout,
        run_timeout=run_timeout,
    )
    options = Options(
        accept_lockout_risk=accept_lockout_risk,
        accept_no_revert=accept_no_revert,
        backup_folder=backups,
    )
    source = _source(inventory, limit, vault, known_hosts)
    stop = Stop()
    entries = rolled_back(
        source, run, options, Running(pace, journal), stop, force=force, yes=yes, dry_run=dry_run
    )
    status = show(entries, as_json=as_json, with_plan=dry_run)
    return 130 if stop.interrupted else status


@app.command()
def demo(as_json: o.Json = False) -> int:
    """Audit, plan, push and verify four simulated routers behind a real SSH server."""
    from routercfg.cli.demo import demonstrate

    return demonstrate(as_json=as_json)


@app.command()
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

    source = _source(inventory, limit, vault, known_hosts)
    return kept(source, folder, workers, redact=redact, as_json=as_json)


@app.command()
def trust(
    inventory: o.Inventory = None,
    limit: o.Limit = "",
    vault: o.Vault = None,
    known_hosts: o.KnownHosts = None,
    yes: o.Yes = False,
) -> int:
    """Show the host keys of routers, and remember those you accept. Sends no credential."""
    from routercfg.cli.trusting import trusted

    return trusted(_source(inventory, limit, vault, known_hosts), yes=yes)


@app.command()
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

    source = _source(inventory, limit, vault, known_hosts)
    return whitelisted(source, workers, as_csv=as_csv, as_json=as_json)


playbook = typer.Typer(help="Check playbooks, and run them over the inventory.")
app.add_typer(playbook, name="playbook")


@playbook.command("check")
def check_playbooks(files: o.Playbooks, as_json: o.Json = False) -> int:
    """Find mistakes in playbooks, without reaching any router."""
    from routercfg.cli.playbooks import checked

    return checked(files, as_json=as_json)


@playbook.command("run")
def run_playbooks(
    files: o.Playbooks,
    inventory: o.Inventory = None,
    limit: o.Limit = "",
    tags: o.Tags = "",
    check: Annotated[
        bool, typer.Option("--check", "-C", help="Change nothing: only show what would change.")
    ] = False,
    vault: o.Vault = None,
    known_hosts: o.KnownHosts = None,
    workers: o.Workers = 20,
    journal: o.Journal = None,
    yes: o.Yes = False,
    as_json: o.Json = False,
) -> int:
    """Carry out playbooks, batch by batch, in each batch task by task."""
    from routercfg.batch.playbook_stage import Settings
    from routercfg.cli.playbooks import performed

    wanted = frozenset(part.strip() for part in tags.split(",") if part.strip())
    settings = Settings(workers, check, wanted)
    source = _source(inventory, limit, vault, known_hosts)
    return performed(files, source, settings, journal=journal, yes=yes, as_json=as_json)


@app.command("inventory")
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
    return listed(_source(inventory, "", vault), host=host, graph=graph)


@app.command()
def vendors(as_json: o.Json = False) -> int:
    """List the vendor packs: platforms, certified versions, and how each undoes a bad push."""
    from routercfg.cli.listings import vendors as print_vendors

    return print_vendors(as_json=as_json)


def _source(
    inventory: Path | None,
    limit: str,
    vault: Path | None,
    known_hosts: Path | None = None,
) -> Source:
    from routercfg.cli.targets import Source

    return Source(inventory, limit, vault, known_hosts)


def _ids(only: list[str] | None, skip: list[str] | None) -> tuple[str, ...]:
    from routercfg.requirements import choose

    return choose(only or (), skip or ())


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
