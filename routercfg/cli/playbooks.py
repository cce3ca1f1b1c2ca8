"""The playbook commands: check files, and run them over the inventory."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from routercfg.batch.journal import Journal
from routercfg.batch.playbook import Play, Playbook
from routercfg.batch.playbook_actions import Pause, Require
from routercfg.batch.playbook_hosts import played
from routercfg.batch.playbook_reading import load_playbook
from routercfg.batch.playbook_record import Record
from routercfg.batch.playbook_run import perform
from routercfg.batch.playbook_stage import Cast, Settings
from routercfg.batch.playbook_work import check_casts
from routercfg.batch.store import default_path
from routercfg.batch.whitelist import Site
from routercfg.cli import whitelisting
from routercfg.cli.asking import ask_first
from routercfg.cli.live import agreed
from routercfg.cli.output import counted, for_whoever_is_left
from routercfg.cli.playbook_output import (
    Lines,
    Terminal,
    as_json_text,
    done_text,
    json_parts,
    tell_end,
)
from routercfg.cli.sheet import Texts
from routercfg.cli.targets import Source, known_services, opened, selected, target_of
from routercfg.errors import InputError, PatternError, PlaybookError, Where
from routercfg.inventory import Host, Inventory
from routercfg.transport.target import Target


def checked(files: Sequence[Path], *, as_json: bool) -> int:
    """Read every playbook. Raises PlaybookError at the first mistake."""
    books = [load_playbook(file) for file in files]
    if as_json:
        data = [
            {"file": str(book.file), "plays": [_outline(p) for p in book.plays]} for book in books
        ]
        sys.stdout.write(as_json_text({"playbooks": data}))
        return 0
    for book in books:
        tasks = sum(len(play.tasks) for play in book.plays)
        outline = f"{counted(len(book.plays), 'play')}, {counted(tasks, 'task')}"
        sys.stdout.write(f"{book.file}: {outline}, no mistakes\n")
    return 0


def performed(
    files: Sequence[Path],
    source: Source,
    settings: Settings,
    *,
    journal: Path | None = None,
    yes: bool = False,
    as_json: bool = False,
) -> int:
    """Run the playbooks in order; the exit status. Raises InputError before a router is reached."""
    books = [load_playbook(file) for file in files]
    _check_tags(books, settings)
    inventory = opened(source)
    casting = _Casting(inventory, source)
    casts = [casting.cast(play, book) for book in books for play in book.plays]
    if not any(cast.targets for cast in casts):
        raise PatternError(
            "no play means any of the routers that --limit leaves",
            where=Where(field="--limit"),
            hint=f"Plays mean: {'; '.join(cast.play.head.hosts for cast in casts)}",
        )
    check_casts(casts)
    ask_first(
        secret
        for cast in casts
        for one in cast.targets
        for secret in (one.password, one.enable_password)
    )
    _check_people(casts, settings, yes=yes)
    record, stage = Record(), Terminal(quiet=as_json, yes=yes)
    told, lines = Texts(), Lines()
    with for_whoever_is_left(record), ExitStack() as opened_files:
        if any(_pushes(cast, settings) for cast in casts):
            found = opened_files.enter_context(Journal.open(journal or default_path()))
            settings = replace(settings, journal=found)
        # As in a plain run: what is here now lives as long as the command does.
        gc.freeze()
        # Closed before the journal is: what is under way when the reader of our output goes away
        # is still written down.
        doing = opened_files.enter_context(closing(perform(casts, settings, stage, record)))
        for one in doing:
            if as_json:
                told.add(done_text(one))
            else:
                lines.add(one)
        lines.end()
        tell_end(record)
        if as_json:
            sys.stdout.writelines(json_parts([book.file for book in books], record, told))
    return record.status


class _Casting:
    """Finds the routers of each play. Plays without variables of their own share them."""

    def __init__(self, inventory: Inventory, source: Source) -> None:
        self._inventory = inventory
        self._source = source
        self._services = known_services(inventory)
        self._limited = {host.name for host in selected(inventory, source.limit)}
        self._known: dict[str, tuple[Target, Site]] = {}

    def cast(self, play: Play, book: Playbook) -> Cast:
        """A play with its routers. Raises InputError."""
        found = [self._found(play, host, book) for host in self._hosts(play)]
        return Cast(
            play,
            tuple(target for target, _ in found),
            {target.router: site for target, site in found},
        )

    def _found(self, play: Play, host: Host, book: Playbook) -> tuple[Target, Site]:
        if play.vars:
            return self._made(play, played(host, play, book.file))
        if host.name not in self._known:
            self._known[host.name] = self._made(play, host)
        return self._known[host.name]

    def _made(self, play: Play, host: Host) -> tuple[Target, Site]:
        try:
            target = replace(target_of(host, self._services), known_hosts=self._source.known_hosts)
        except InputError as problem:
            if problem.where.file is None:
                problem.where = replace(play.where, router=host.name, field=problem.where.field)
            raise
        return target, whitelisting.site_of(host, self._services)

    def _hosts(self, play: Play) -> list[Host]:
        """The routers that the play and `--limit` both mean; a play may be left without one."""
        try:
            meant = self._inventory.select(play.head.hosts)
        except PatternError as problem:
            problem.where = replace(play.where, field="hosts")
            raise
        return [host for host in meant if host.name in self._limited]


def _check_tags(books: Sequence[Playbook], settings: Settings) -> None:
    known = sorted(set().union(*(book.tags for book in books)))
    for option, tags in (("--tags", settings.tags), ("--skip-tags", settings.skip_tags)):
        for tag in sorted(tags):
            if tag not in known:
                raise PlaybookError(
                    f"no task has the tag {tag!r}",
                    where=Where(field=option),
                    hint=f"Tags: {', '.join(known) or 'none'}",
                )
    chosen = (play.chosen(settings.tags, settings.skip_tags) for b in books for play in b.plays)
    if not any(chosen):
        raise PlaybookError(
            "no task is left",
            where=Where(field="--skip-tags" if settings.skip_tags else "--tags"),
            hint="A task tagged never has to be named with --tags",
        )


def _check_people(casts: Iterable[Cast], settings: Settings, *, yes: bool) -> None:
    """Raises InputError where nobody is there to agree to a push, or to answer a pause."""
    if yes or settings.check or sys.stdin.isatty():
        if not yes and not settings.check:
            _agree(casts, settings)
        return
    for cast in casts:
        for task in cast.play.chosen(settings.tags, settings.skip_tags):
            asks = isinstance(task.action, Pause) and task.action.prompt is not None
            pushes = isinstance(task.action, Require)
            if (asks or pushes) and not cast.play.only_checks(task) and cast.targets:
                raise InputError(
                    f"{task.title} needs somebody who agrees, and there is no terminal to ask on",
                    where=task.where,
                    hint="Look at it with --check first, then run it with --yes",
                )


def _agree(casts: Iterable[Cast], settings: Settings) -> None:
    routers = {
        target.router for cast in casts if _pushes(cast, settings) for target in cast.targets
    }
    if routers and not agreed(f"Push to as many of {len(routers)} routers as lack something?"):
        raise InputError("nothing was pushed", hint="Answer y to push, or look with --check")


def _pushes(cast: Cast, settings: Settings) -> bool:
    """May this play change a router?"""
    return not settings.check and any(
        isinstance(task.action, Require) and not cast.play.only_checks(task)
        for task in cast.play.chosen(settings.tags, settings.skip_tags)
    )


def _outline(play: Play) -> Mapping[str, Any]:
    return {
        "name": play.title,
        "hosts": play.head.hosts,
        "tasks": [{"name": task.title, "does": task.word} for task in play.tasks],
    }
