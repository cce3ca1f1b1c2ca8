"""Everything that is wrong or doubtful in an inventory, found without reaching any router."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from routercfg.errors import InputError, SecretError, Where
from routercfg.inventory.connection import PASSWORD_NAMES
from routercfg.inventory.layers import Layer
from routercfg.inventory.model import Host, Inventory
from routercfg.inventory.suggestions import did_you_mean, nearest
from routercfg.inventory.templating import is_template, references
from routercfg.inventory.variables import NAMES, PREFIX, RouterVars, router_vars
from routercfg.net import PrefixSet
from routercfg.services import Service

#: How alike an unknown name must be to one of ours to be taken for a typing mistake.
_ALIKE = 0.84
_FOREIGN = ("ansible_",)


class Severity(Enum):
    """An error stops a push; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing a person should look at. `code` is stable."""

    code: str
    severity: Severity
    where: Where
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = str(self.where)
        text = f"{self.severity.value} {self.code}: {place + ': ' if place else ''}{self.message}"
        return f"{text}. {self.hint}" if self.hint else text


def check(inventory: Inventory, services: Mapping[str, Service]) -> tuple[Problem, ...]:
    """All problems, in the order of the hosts file. Secrets are not read."""
    return (
        *_unused_files(inventory),
        *_names(inventory),
        *_plain_passwords(inventory),
        *_duplicate_addresses(inventory),
        *(found for host in inventory.hosts.values() for found in _router(host, services)),
    )


def _router(host: Host, services: Mapping[str, Service]) -> Iterator[Problem]:
    try:
        values = router_vars(host)
    except InputError as problem:
        yield _from_error(problem)
        return
    yield from _reach(host)
    yield from _services(host, values, services)
    yield from _management(host, values)


def _reach(host: Host) -> Iterator[Problem]:
    try:
        platform = host.platform
        _without_secrets(host)
    except InputError as problem:
        yield _from_error(problem)
        return
    if platform is None:
        yield _error(
            "platform-missing",
            host.where("platform"),
            "nothing says which platform this router has",
            "Set platform or ansible_network_os, for example on a group",
        )


def _without_secrets(host: Host) -> None:
    """Check the connection variables; a user name that is a secret is checked at the push."""
    with suppress(SecretError):
        _ = host.connection


def _services(host: Host, values: RouterVars, services: Mapping[str, Service]) -> Iterator[Problem]:
    where = host.where("provider_prefixes")
    for name in values.service:
        if name not in services:
            yield _error(
                "service-unknown",
                host.where("service"),
                f"there is no service {name!r}",
                did_you_mean(name, services) or f"Services: {', '.join(sorted(services))}",
            )
        elif not values.provider_prefixes.get(name):
            yield _error(
                "provider-prefixes-missing",
                where,
                f"the prefixes of {services[name].title} are not known",
                f"Ask the provider, and set provider_prefixes: {{{name}: [...]}}",
            )
        elif _is_everybody(values.provider_prefixes[name]):
            yield _error(
                "provider-prefixes-open", where, f"the prefixes of {name} hold the whole internet"
            )
        if name in services and services[name].needs_customer and not values.customer:
            yield Problem(
                "customer-missing",
                Severity.WARNING,
                host.where("customer"),
                f"the provisioning address of {name} needs the customer's name",
                "Set customer",
            )
    for name in values.provider_prefixes:
        if name not in services:
            yield _error(
                "service-unknown",
                where,
                f"provider_prefixes names a service that does not exist: {name!r}",
                did_you_mean(name, services),
            )


def _management(host: Host, values: RouterVars) -> Iterator[Problem]:
    where = host.where("management_sources")
    if not values.management_sources:
        yield _error(
            "management-sources-missing",
            where,
            "nothing says from where this router may be managed",
            "Set management_sources to your own prefixes",
        )
    elif _is_everybody(values.management_sources):
        yield _error(
            "management-sources-open", where, "management_sources holds the whole internet"
        )


def _is_everybody(prefixes: PrefixSet) -> bool:
    return prefixes.is_all(4) or prefixes.is_all(6)


def _duplicate_addresses(inventory: Inventory) -> Iterator[Problem]:
    seen: dict[tuple[str, int], Host] = {}
    for host in inventory.hosts.values():
        try:
            key = host.address.lower().rstrip("."), host.port or 22
        except InputError:
            continue  # reported with the router itself
        first = seen.setdefault(key, host)
        if first is not host:
            yield _error(
                "duplicate-address",
                host.where("ansible_host"),
                f"{key[0]} port {key[1]} is already {first.name}",
                "Two entries for one router would be pushed at the same time",
            )


def _unused_files(inventory: Inventory) -> Iterator[Problem]:
    for file in inventory.unused_files:
        known = inventory.groups if "group_vars" in file.parts else inventory.hosts
        yield Problem(
            "unused-file",
            Severity.WARNING,
            Where(file=file),
            "no router or group has this name",
            did_you_mean(file.stem, known),
        )


def _names(inventory: Inventory) -> Iterator[Problem]:
    """Unknown variables, once for each place they are written."""
    used = _referenced(inventory)
    seen: set[tuple[str, Where]] = set()
    for layer in _layers(inventory):
        for name in layer.variables:
            key = name, layer.where(name)
            if _is_known(name) or name in used or key in seen:
                continue
            seen.add(key)
            yield _unknown(*key)


def _layers(inventory: Inventory) -> tuple[Layer, ...]:
    """Every layer once; routers share those of their groups."""
    shared = (layer for host in inventory.hosts.values() for layer in host.layers)
    return tuple({id(layer): layer for layer in shared}.values())


def _is_known(name: str) -> bool:
    return name.removeprefix(PREFIX) in NAMES or name.startswith(_FOREIGN)


def _referenced(inventory: Inventory) -> frozenset[str]:
    layers = _layers(inventory)
    return frozenset().union(*(references(layer.variables) for layer in layers))


def _unknown(name: str, where: Where) -> Problem:
    ours = nearest(name.removeprefix(PREFIX), NAMES, cutoff=_ALIKE)
    place = Where(file=where.file, line=where.line, field=name)
    if ours is not None or name.startswith(PREFIX):
        return _error(
            "variable-mistyped",
            place,
            "routercfg has no such variable",
            f"Did you mean {ours}?" if ours else "Only its own variables begin with routercfg_",
        )
    return Problem(
        "variable-unknown",
        Severity.WARNING,
        place,
        "routercfg does not use this variable",
        did_you_mean(name, NAMES),
    )


def _plain_passwords(inventory: Inventory) -> Iterator[Problem]:
    seen: set[Where] = set()
    for host in inventory.hosts.values():
        for name in PASSWORD_NAMES & host.variables.keys():
            value = host.variables[name]
            where = host.where(name)
            place = Where(file=where.file, line=where.line, field=name)
            if isinstance(value, str) and not is_template(value) and place not in seen:
                seen.add(place)
                yield Problem(
                    "password-in-plain-text",
                    Severity.WARNING,
                    place,
                    "a password stands here in plain text",
                    "Write !env NAME, !keyring service/user or !vault instead",
                )


def _from_error(problem: InputError) -> Problem:
    return Problem(problem.code, Severity.ERROR, problem.where, problem.message, problem.hint)


def _error(code: str, where: Where, message: str, hint: str = "") -> Problem:
    return Problem(code, Severity.ERROR, where, message, hint)
