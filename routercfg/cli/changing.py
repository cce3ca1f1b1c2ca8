"""Commands that change routers, inside their own reverts."""
# ruff: noqa: PLC0415 - `routercfg --help` answers at once only if commands import late
# ruff: noqa: PLR0913, PLR0917 - Typer makes a parameter of each option

from __future__ import annotations

from typing import Annotated

import typer

from routercfg.cli import options as o
from routercfg.cli.given import endings_of, ids_of, source_of


def push(
    inventory: o.Inventory = None,
    limit: o.Limit = "",
    only: o.OnlyOrEnded = None,
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
    serial: o.Serial = None,
    max_failures: o.MaxFailures = None,
    resume: o.Resume = "",
    per_jump_host: o.PerJumpHost = 10,
    engine: o.Engine = "threads",
    splay: o.Splay = 0.0,
    retries: o.Retries = 0,
    router_timeout: o.RouterTimeout = 0.0,
    run_timeout: o.RunTimeout = 0.0,
    as_json: o.Json = False,
) -> int:
    """Change what must change, each router inside a revert that the router itself carries out.

    Ctrl-C finishes the routers under way; a second one rolls them back. SIGTERM and SIGHUP finish
    them too.
    """
    from routercfg.batch.pace import Pace
    from routercfg.batch.stop import Stop
    from routercfg.cli.output import for_whoever_is_left, show_pages
    from routercfg.cli.pushing import pushed
    from routercfg.cli.runs import WHOLE, Running, settings_of, sizes
    from routercfg.push import Options

    before = settings_of(journal, resume) if resume else {}
    pace = Pace(
        serial=sizes(serial) if serial is not None else tuple(before.get("serial", WHOLE)),
        max_failures=before.get("max_failures") if max_failures is None else max_failures,
        workers=workers,
        per_jump_host=per_jump_host,
        engine=engine,
        splay=splay,
        retries=retries,
        router_timeout=router_timeout,
        run_timeout=run_timeout,
    )
    names, ended = endings_of(only)
    options = Options(
        ids=ids_of(names, skip) if names or skip else None,
        accept_lockout_risk=accept_lockout_risk,
        accept_no_revert=accept_no_revert,
        backup_folder=backups,
    )
    source = source_of(inventory, limit, vault, known_hosts)
    running = Running(pace, journal, resume, ended)
    stop = Stop()
    pages = pushed(source, options, running, stop, yes=yes, dry_run=dry_run, as_json=as_json)
    with for_whoever_is_left(stop):
        status = show_pages(pages, as_json=as_json)
    return stop.status or status


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
        typer.Option(
            "--force",
            help="Also what others have changed since, which is then lost, and routers that have "
            "another address by now.",
        ),
    ] = False,
    accept_lockout_risk: o.AcceptLockoutRisk = False,
    accept_no_revert: o.AcceptNoRevert = False,
    backups: o.Backups = None,
    journal: o.Journal = None,
    serial: o.Serial = None,
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
    from routercfg.cli.output import for_whoever_is_left, show
    from routercfg.cli.rolling_back import rolled_back
    from routercfg.cli.runs import WHOLE, Running, sizes
    from routercfg.push import Options

    pace = Pace(
        serial=WHOLE if serial is None else sizes(serial),
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
    source = source_of(inventory, limit, vault, known_hosts)
    stop = Stop()
    entries = rolled_back(
        source, run, options, Running(pace, journal), stop, force=force, yes=yes, dry_run=dry_run
    )
    with for_whoever_is_left(stop):
        status = show(entries, as_json=as_json, with_plan=dry_run)
    return stop.status or status


def demo(as_json: o.Json = False) -> int:
    """Audit, plan, push and verify four simulated routers behind a real SSH server."""
    from routercfg.cli.demo import demonstrate

    return demonstrate(as_json=as_json)
