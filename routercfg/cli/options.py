"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

Inventory = Annotated[
    Optional[Path],  # noqa: UP045 - Typer before 0.16 reads no `X | None` inside Annotated
    typer.Option(
        "--inventory",
        "-i",
        help="Hosts file, or the folder it is in. Default: inventories/, else ./hosts.yml.",
    ),
]
Limit = Annotated[
    str, typer.Option("--limit", "-l", help="Only the routers this Ansible host pattern means.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON (schema 1) instead of tables.")]
Only = Annotated[
    Optional[list[str]],  # noqa: UP045 - as above
    typer.Option("--only", metavar="REQUIREMENT", help="Only this requirement; repeatable."),
]
OnlyOrEnded = Annotated[
    Optional[list[str]],  # noqa: UP045 - as above
    typer.Option(
        "--only",
        metavar="REQUIREMENT|failed,unreached",
        help="Only this requirement; or only the routers that ended so in the run of --resume, "
        "else in the last one; repeatable.",
    ),
]
Skip = Annotated[
    Optional[list[str]],  # noqa: UP045 - as above
    typer.Option("--skip", metavar="REQUIREMENT", help="Not this requirement; repeatable."),
]
Vault = Annotated[
    Optional[Path],  # noqa: UP045 - as above
    typer.Option(
        "--vault-password-file",
        envvar="ROUTERCFG_VAULT_PASSWORD_FILE",
        show_envvar=False,
        help="File that holds the password of !vault texts, or a program that prints it; else it "
        "is asked for.",
    ),
]
KnownHosts = Annotated[
    Optional[Path],  # noqa: UP045 - as above
    typer.Option("--known-hosts", help="Store of host keys. Default: ~/.ssh/known_hosts."),
]
Workers = Annotated[
    int, typer.Option("--workers", min=1, max=500, help="Routers worked on at the same time.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Files = Annotated[
    Optional[list[str]],  # noqa: UP045 - as above
    typer.Argument(
        metavar="[FILE]...",
        help="Configuration of one router each: a file, a folder with one file per show command, "
        "or - for standard input. Without FILE the inventory's routers are read live.",
        show_default=False,
    ),
]
Platform = Annotated[str, typer.Option("--platform", "-p", help="Platform of the FILEs.")]
ServiceName = Annotated[
    Optional[list[str]],  # noqa: UP045 - as above
    typer.Option("--service", "-s", help="VoIP service behind the FILEs; repeatable."),
]
IntentFile = Annotated[
    Optional[Path],  # noqa: UP045 - as above
    typer.Option("--intent", help="YAML file that says what must hold on the FILEs."),
]
Wan = Annotated[
    Optional[list[str]],  # noqa: UP045 - as above
    typer.Option("--wan", metavar="IFACE", help="Interface to the internet; repeatable."),
]
ManagementSource = Annotated[
    Optional[list[str]],  # noqa: UP045 - as above
    typer.Option(
        "--management-source",
        metavar="PREFIX",
        help="Prefix from which the router may be managed; repeatable.",
    ),
]
ProviderPrefix = Annotated[
    Optional[list[str]],  # noqa: UP045 - as above
    typer.Option("--provider-prefix", metavar="PREFIX", help="The provider's prefix; repeatable."),
]
Playbooks = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Playbooks.", show_default=False)
]
Tags = Annotated[
    str, typer.Option("--tags", "-t", help="Only tasks with one of these tags; commas between.")
]
SkipTags = Annotated[
    str, typer.Option("--skip-tags", help="No tasks with one of these tags; commas between.")
]
Journal = Annotated[
    Optional[Path],  # noqa: UP045 - as above
    typer.Option(
        "--journal", help="The journal's file. Default: routercfg/journal.db in the state folder."
    ),
]
Serial = Annotated[
    Optional[str],  # noqa: UP045 - as above
    typer.Option(
        "--serial",
        metavar="SIZES",
        help="Sizes of batches, such as 1,10%,100%; each must verify before the next begins. "
        "Default: one batch, or those of the run that is resumed.",
    ),
]
MaxFailures = Annotated[
    Optional[str],  # noqa: UP045 - as above
    typer.Option(
        "--max-failures",
        metavar="N|N%",
        help="How many routers of the run, and of each batch, may fail before it stops. Default: "
        "none in any batch but the last.",
    ),
]
Resume = Annotated[
    str,
    typer.Option("--resume", metavar="RUN", help="Only what that run (or `last`) did not finish."),
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="threads|processes|dask://HOST:PORT",
        help="What the workers are: threads here, threads in a process for each core, or a Dask "
        "cluster's.",
    ),
]
PerJumpHost = Annotated[
    int,
    typer.Option(
        "--per-jump-host",
        min=0,
        help="Routers at the same time through one jump host; 0: any number.",
    ),
]
Splay = Annotated[
    float, typer.Option("--splay", min=0, help="Seconds over which connections are spread.")
]
Retries = Annotated[
    int, typer.Option("--retries", min=0, max=10, help="More attempts where nothing connects.")
]
RouterTimeout = Annotated[
    float,
    typer.Option("--router-timeout", min=0, help="Seconds until a router rolls back; 0: none."),
]
RunTimeout = Annotated[
    float,
    typer.Option(
        "--run-timeout", min=0, help="Seconds until no router is begun any more; 0: none."
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be sent.")]
AcceptLockoutRisk = Annotated[
    bool,
    typer.Option(
        "--accept-lockout-risk",
        help="Go on even where our own session cannot be shown to stay allowed.",
    ),
]
AcceptNoRevert = Annotated[
    bool,
    typer.Option(
        "--accept-no-revert",
        help="Go on even where the router offers no revert of its own: a mistake then stays.",
    ),
]
Backups = Annotated[
    Optional[Path],  # noqa: UP045 - as above
    typer.Option(
        "--backups",
        help="Folder for backups and for what a rollback needs. Default: backups/ beside the "
        "journal.",
        show_default=False,
    ),
]
