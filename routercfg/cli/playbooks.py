"""The playbook commands: check files, and run them over the inventory."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from routercfg.batch import whitelist
from routercfg.batch.journal import Journal
from routercfg.batch.playbook import Play, Playbook
from routercfg.batch.playbook_actions import Pause, Report, Require, Whitelist
from routercfg.batch.playbook_hosts import played
from routercfg.batch.playbook_reading import load_playbook
from routercfg.batch.playbook_record import Done, Ended, Record
from routercfg.batch.playbook_run import Cast, Settings, check_casts, perform
from routercfg.batch.store import default_path
from routercfg.batch.whitelist import Admission
from routercfg.cli import output, whitelisting
from routercfg.cli.failures import printable
from routercfg.cli.live import agreed
from routercfg.cli.targets import Source, known_services, opened, selected, target_of
from routercfg.errors import InputError, PatternError, PlaybookError, Where
from routercfg.inventory import Host, Inventory
from routercfg.report import console, contract
from routercfg.report.entry import Entry
from routercfg.services import Service
from routercfg.transport.target import Target


def checked(files: Sequence[Path], *, as_json: bool) -> int:
    """Read every playbook. Raises PlaybookError at the first mistake."""
    books = [load_playbook(file) for file in files]
    if as_json:
        data = [
            {"file": str(book.file), "plays": [_outline(p) for p in book.plays]} for book in books
        ]
        _print_json({"playbooks": data})
        return 0
    for book in books:
        tasks = sum(len(play.tasks) for play in book.plays)
        counted = f"{_counted(len(book.plays), 'play')}, {_counted(tasks, 'task')}"
        sys.stdout.write(f"{book.file}: {counted}, no mistakes\n")
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
    casts = [_cast(play, book, inventory, source) for book in books for play in book.plays]
    check_casts(casts)
    _check_people(casts, settings, yes=yes)
    record, stage = Record(), _Terminal(quiet=as_json, yes=yes)
    done: list[Done] = []
    with ExitStack() as opened_files:
        if any(_pushes(cast, settings) for cast in casts):
            found = opened_files.enter_context(Journal.open(journal or default_path()))
            settings = replace(settings, journal=found)
        for one in perform(casts, settings, stage, record):
            done.append(one)
            if not as_json:
                _tell(one)
    if as_json:
        _print_json(_as_data(books, record, done))
    return record.status


class _Terminal:
    """The person who runs it, and the files that tasks write."""

    def __init__(self, *, quiet: bool, yes: bool) -> None:
        self._quiet = quiet
        self._yes = yes

    def agreed(self, prompt: str) -> bool:
        """Yes without asking, if that was said beforehand."""
        return self._yes or agreed(printable(prompt))

    def report(self, report: Report, record: Record) -> str:
        """A report in the form and the place that the task names."""
        entries = entries_of(record)
        if report.to is None and report.format == "console":
            if not self._quiet and entries:
                output.show(entries, as_json=False)
            return ""
        text = (
            contract.as_text(entries) + "\n" if report.format == "json" else _console_text(entries)
        )
        return self._written(report.to, text)

    def whitelist(self, wanted: Whitelist, rows: Sequence[Admission]) -> str:
        """The addresses in the form and the place that the task names."""
        if wanted.to is None and wanted.format == "console":
            if not self._quiet:
                whitelisting.table(rows)
            return ""
        match wanted.format:
            case "csv":
                text = whitelist.as_csv(rows)
            case "json":
                text = _json({"addresses": whitelist.as_data(rows)})
            case _:
                text = console.aligned(whitelist.as_cells(rows)) + "\n"
        return self._written(wanted.to, text)

    def _written(self, to: str | None, text: str) -> str:
        if to is None:
            if not self._quiet:
                sys.stdout.write(text)
            return ""
        path = Path(to).expanduser()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        except OSError as problem:
            raise InputError(
                f"cannot be written: {problem.strerror}", where=Where(file=path)
            ) from problem
        return str(path)


def entries_of(record: Record) -> list[Entry]:
    """One entry for each router that was read: its latest reading, and what was pushed."""
    return [_entry(record, router) for router in record.latest]


def _entry(record: Record, router: str) -> Entry:
    latest, pushes = record.latest[router], record.pushed.get(router, [])
    entry = Entry(router, latest.platform, latest.plan, error=latest.error, revert=latest.revert)
    if not pushes:
        return entry
    told = next((one for one in reversed(pushes) if one.outcome.value != "unchanged"), pushes[-1])
    return replace(
        entry,
        outcome=told.outcome.value,
        before=told.before,
        steps=tuple((moment.step.value, moment.detail) for moment in told.moments),
        error=latest.error or told.error,
        revert=told.revert,
    )


def _cast(play: Play, book: Playbook, inventory: Inventory, source: Source) -> Cast:
    hosts = [played(host, play, book.file) for host in _hosts(play, inventory, source)]
    services = known_services(inventory)
    targets = tuple(_target(play, host, services, source) for host in hosts)
    sites = {host.name: whitelisting.site_of(host, services) for host in hosts}
    return Cast(play, targets, sites)


def _target(play: Play, host: Host, services: Mapping[str, Service], source: Source) -> Target:
    try:
        return replace(target_of(host, services), known_hosts=source.known_hosts)
    except InputError as problem:
        if problem.where.file is None:
            problem.where = replace(play.where, router=host.name, field=problem.where.field)
        raise


def _hosts(play: Play, inventory: Inventory, source: Source) -> tuple[Host, ...]:
    """The routers that the play and `--limit` both mean; a play may be left without one."""
    try:
        meant = inventory.select(play.head.hosts)
    except PatternError as problem:
        problem.where = replace(play.where, field="hosts")
        raise
    limited = {host.name for host in selected(inventory, source.limit)}
    return tuple(host for host in meant if host.name in limited)


def _check_tags(books: Sequence[Playbook], settings: Settings) -> None:
    known = sorted(set().union(*(book.tags for book in books)))
    for tag in sorted(settings.tags):
        if tag not in known:
            raise PlaybookError(
                f"no task has the tag {tag!r}",
                where=Where(field="--tags"),
                hint=f"Tags: {', '.join(known) or 'none'}",
            )


def _check_people(casts: Iterable[Cast], settings: Settings, *, yes: bool) -> None:
    """Raises InputError where nobody is there to agree to a push, or to answer a pause."""
    if yes or settings.check or sys.stdin.isatty():
        if not yes and not settings.check:
            _agree(casts, settings)
        return
    for cast in casts:
        for task in cast.play.chosen(settings.tags):
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
        for task in cast.play.chosen(settings.tags)
    )


def _tell(done: Done) -> None:
    """One line for each thing done, as it is done; what routers print follows it."""
    if done.task is not None and not done.router and done.ended is Ended.OK and not done.detail:
        return
    what = done.task.title if done.task is not None else done.play
    parts = [what, done.router, done.ended.value]
    text = ": ".join(part for part in parts if part) + (f": {done.detail}" if done.detail else "")
    sys.stdout.write(printable(text) + "\n")
    for command, shown in done.outputs:
        sys.stdout.write(printable(f"  {command}\n"))
        sys.stdout.writelines(f"    {console.clean(line)}\n" for line in shown.splitlines())


def _as_data(books: Sequence[Playbook], record: Record, done: Sequence[Done]) -> dict[str, Any]:
    rows = [row for part in record.rows.values() for row in part]
    return {
        "playbooks": [str(book.file) for book in books],
        "status": record.status,
        "stopped": record.stopped,
        "done": [_done(one) for one in done],
        "routers": contract.as_data(entries_of(record))["routers"],
        "addresses": whitelist.as_data(rows),
    }


def _done(done: Done) -> Mapping[str, Any]:
    found: dict[str, Any] = {
        "play": done.play,
        "task": done.task.title if done.task is not None else "",
        "does": done.task.word if done.task is not None else "",
        "router": done.router,
        "ended": done.ended.value,
        "detail": done.detail,
    }
    if done.outputs:
        found["outputs"] = [{"command": command, "text": text} for command, text in done.outputs]
    if done.error is not None:
        found["error"] = contract.error_data(done.error)
    return found


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _outline(play: Play) -> Mapping[str, Any]:
    return {
        "name": play.title,
        "hosts": play.head.hosts,
        "tasks": [{"name": task.title, "does": task.word} for task in play.tasks],
    }


def _console_text(entries: Sequence[Entry]) -> str:
    if not entries:
        return ""
    return f"{console.aligned(console.cells(entries))}\n{console.details(entries)}\n"


def _print_json(data: Mapping[str, Any]) -> None:
    sys.stdout.write(_json(data))


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps({"schema": 1, **data}, indent=2, ensure_ascii=False, default=str) + "\n"
