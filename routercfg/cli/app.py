"""The commands and their options. Each loads what it works with only when it runs."""
# ruff: noqa: PLC0415 - `routercfg --help` answers at once only if commands import late

from __future__ import annotations

import sys
from typing import Annotated

import typer

from routercfg.cli import changing, judging, noting
from routercfg.cli.failures import misused
from routercfg.cli.journal_app import journal_app
from routercfg.cli.playbook_app import playbook_app

# Markup in help texts would load rich, which takes longer than everything else together.
app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


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

    Exit status: 0 all is well, 1 findings, 2 bad input, 3 a router could not be reached, was rolled
    back, or is in a state that nobody has proved.
    """


app.add_typer(journal_app, name="journal")
for one in (
    judging.check,
    judging.audit,
    judging.plan,
    judging.render,
    changing.push,
    judging.verify,
    changing.rollback,
    changing.demo,
    noting.backup,
    noting.trust,
    noting.whitelist,
):
    app.command()(one)
app.add_typer(playbook_app, name="playbook")
app.command("inventory")(noting.show_inventory)
app.command()(noting.vendors)
