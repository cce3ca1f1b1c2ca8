"""`routercfg journal`: its commands and their options."""
# ruff: noqa: PLC0415 - `routercfg --help` answers at once only if commands import late

from __future__ import annotations

from typing import Annotated

import typer

from routercfg.cli import options as o

journal_app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Read what was done to which router, by whom, and what came of it.",
)

Run = Annotated[
    str, typer.Argument(metavar="RUN", help="Its name, the beginning of it, or `last`.")
]
Router = Annotated[str, typer.Argument(metavar="[ROUTER]", help="All that was done on this one.")]


@journal_app.command("list")
def list_runs(journal: o.Journal = None, as_json: o.Json = False) -> int:
    """List all runs, the newest first."""
    from routercfg.cli.journalling import listed

    return listed(journal, as_json=as_json)


@journal_app.command()
def show(run: Run, router: Router = "", journal: o.Journal = None, as_json: o.Json = False) -> int:
    """Show one run, or every step, command and reply of one router in it."""
    from routercfg.cli.journalling import shown

    return shown(journal, run, router, as_json=as_json)


@journal_app.command()
def check(journal: o.Journal = None, as_json: o.Json = False) -> int:
    """Check that no entry was changed or removed."""
    from routercfg.cli.journalling import checked

    return checked(journal, as_json=as_json)


@journal_app.command()
def export(
    journal: o.Journal = None,
    as_json: Annotated[bool, typer.Option("--json", help="The one format there is.")] = True,
) -> int:
    """Print every entry as JSON."""
    del as_json
    from routercfg.cli.journalling import exported

    return exported(journal)
