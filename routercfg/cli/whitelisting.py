"""The whitelist command: the addresses of all sites that the VoIP provider has to admit."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

from routercfg import batch
from routercfg.batch import whitelist
from routercfg.batch.whitelist import Admission, Site, admissions, unread
from routercfg.cli import output
from routercfg.cli.asking import ask_first
from routercfg.cli.progress import watched
from routercfg.cli.targets import Source, known_services, opened, selected, target_of
from routercfg.errors import InputError
from routercfg.inventory import Host, router_vars
from routercfg.push import Outcome, Result, inspect
from routercfg.report.console import clean
from routercfg.services import Service, named_services
from routercfg.transport.target import Target

#: Shown under the table instead of in it: a way through a portal is as wide as the table itself.
_PORTAL = whitelist.COLUMNS.index("portal")


def whitelisted(source: Source, workers: int, *, as_csv: bool, as_json: bool) -> int:
    """Print the addresses. 1 if a site has none that can be admitted, 3 if one was not reached."""
    if as_csv and as_json:
        raise InputError("--csv and --json exclude each other")
    inventory = opened(source)
    services = known_services(inventory)
    hosts = selected(inventory, source.limit)
    sites = {host.name: site_of(host, services) for host in hosts}
    targets = [replace(target_of(host, services), known_hosts=source.known_hosts) for host in hosts]
    ask_first(secret for one in targets for secret in (one.password, one.enable_password))
    found: dict[str, tuple[Admission, ...]] = {}
    unreached = False
    for one in watched(batch.run(_read, targets, workers=workers), len(targets)):
        found[one.router] = rows_of(sites[one.router], one)
        unreached |= one.outcome is Outcome.UNREACHABLE
    rows = [row for part in found.values() for row in part]
    _print(rows, as_csv=as_csv, as_json=as_json)
    if unreached:
        return 3
    return 0 if all(whitelist.reachable(part) for part in found.values()) else 1


def site_of(host: Host, services: Mapping[str, Service]) -> Site:
    """What the inventory says of the place this router is at. Raises InputError."""
    values = router_vars(host)
    named = named_services(values.service, dict(services))
    return Site(host.name, values.site or values.customer or "", named)


def rows_of(site: Site, result: Result) -> tuple[Admission, ...]:
    """The addresses one reading shows, or why it shows none."""
    if result.plan is None:
        return unread(site, result.error.message if result.error else "the router was not read")
    return admissions(site, result.plan.intent, result.plan.state)


def table(rows: Sequence[Admission]) -> None:
    """Print the addresses for people, then where each service's portal takes them."""
    cells = whitelist.as_cells(rows)
    output.table([[clean(cell) for n, cell in enumerate(row) if n != _PORTAL] for row in cells])
    paths = {one.title: one.whitelisting for row in rows for one in row.site.services}
    for title, path in paths.items():
        if path is not None:
            sys.stdout.write(f"{title}: {path.en}\n")


def _read(target: Target) -> Result:
    # No requirement is judged: only the addresses are asked for.
    return inspect(target, ids=())


def _print(rows: Sequence[Admission], *, as_csv: bool, as_json: bool) -> None:
    if as_json:
        data = {"schema": 1, "addresses": whitelist.as_data(rows)}
        sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
        return
    if as_csv:
        sys.stdout.write(whitelist.as_csv(rows))
        return
    table(rows)
