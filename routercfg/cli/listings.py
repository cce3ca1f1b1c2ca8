"""The commands that only look at files: check, inventory, vendors, render."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from routercfg.cli.intents import intent_of
from routercfg.cli.output import counted, table
from routercfg.cli.targets import Source, known_services, opened, platform_of, selected
from routercfg.cli.texts import recorded
from routercfg.errors import PackError, Where
from routercfg.inventory import Problem, Severity, check, router_vars
from routercfg.model.intent import Intent
from routercfg.model.state import RouterState
from routercfg.planning import make_plan
from routercfg.platforms import load_pack, manifest, pack_folders
from routercfg.report.console import clean
from routercfg.report.entry import Entry


def checked(source: Source, *, as_json: bool) -> int:
    """Print every problem of the inventory. 2 if one of them would stop a push."""
    inventory = opened(source)
    problems = check(inventory, known_services(inventory))
    if as_json:
        _print_json({"problems": [_problem(problem) for problem in problems]})
    else:
        for problem in problems:
            sys.stdout.write(clean(str(problem)) + "\n")
        errors = sum(problem.severity is Severity.ERROR for problem in problems)
        routers, wrong = counted(len(inventory.hosts), "router"), counted(errors, "error")
        warned = counted(len(problems) - errors, "warning")
        sys.stdout.write(f"{routers}, {wrong}, {warned}\n")
    return 2 if any(problem.severity is Severity.ERROR for problem in problems) else 0


def listed(source: Source, *, host: str, graph: bool) -> int:
    """Print the inventory as `ansible-inventory` does."""
    inventory = opened(source)
    if graph:
        sys.stdout.write(inventory.graph() + "\n")
        return 0
    found = inventory.host_json(host) if host else inventory.to_ansible()
    sys.stdout.write(json.dumps(found, indent=4, ensure_ascii=False, default=str) + "\n")
    return 0


def vendors(*, as_json: bool) -> int:
    """Print the vendor packs."""
    found = [manifest(name) for name in sorted(pack_folders())]
    if as_json:
        _print_json({"vendors": [_vendor(one.platform) for one in found]})
        return 0
    rows = [["platform", "title", "certified", "revert"]]
    for one in found:
        versions = ", ".join(entry.versions for entry in one.certified)
        revert = one.reverts[0].title if one.reverts else "none"
        rows.append([one.platform, one.title, versions, revert])
    table(rows)
    return 0


def rendered(source: Source, ids: tuple[str, ...]) -> Iterator[Entry]:
    """The configuration that a factory router of each host would get, one by one.

    Raises InputError before the first, wherever in the inventory a mistake is.
    """
    inventory = opened(source)
    services = known_services(inventory)
    wanted = [
        (
            host.name,
            platform_of(host),
            intent_of(router_vars(host), services, host.where("provider_prefixes")),
        )
        for host in selected(inventory, source.limit)
    ]
    for platform in {platform for _, platform, _ in wanted}:
        _factory(platform)
    return (_rendered(*one, ids) for one in wanted)


def _rendered(router: str, platform: str, intent: Intent, ids: tuple[str, ...]) -> Entry:
    pack, state = load_pack(platform), _factory(platform)
    return Entry(router, pack.platform, make_plan(router, pack, state, intent, ids))


@cache
def _factory(platform: str) -> RouterState:
    """What a router fresh from the factory is."""
    pack = load_pack(platform)
    folder = pack.folder / "samples" / "factory"
    if not folder.is_dir():
        raise PackError("it has no sample of a factory router", where=Where(file=folder))
    return pack.state(recorded(str(folder), pack).texts)


def _problem(problem: Problem) -> dict[str, str]:
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "where": str(problem.where),
        "message": problem.message,
        "hint": problem.hint,
    }


def _vendor(platform: str) -> dict[str, Any]:
    found = manifest(platform)
    return {
        "platform": found.platform,
        "title": found.title,
        "vendor": found.vendor,
        "certified": [
            {"models": list(entry.models), "versions": entry.versions} for entry in found.certified
        ],
        "reads": [{"id": read.id, "command": read.command} for read in found.reads],
        "reverts": [_revert(revert) for revert in found.reverts],
        "unverified": list(found.unverified),
    }


def _revert(revert: Any) -> dict[str, Any]:
    return {
        "id": revert.id,
        "title": revert.title,
        "within": revert.within,
        "reboots": revert.reboots,
    }


def _print_json(data: dict[str, Sequence[Any]]) -> None:
    text = json.dumps({"schema": 1, **data}, indent=2, ensure_ascii=False)
    sys.stdout.write(text + "\n")
