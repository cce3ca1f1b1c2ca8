"""`export` in its three forms: compact (what differs from the defaults), terse, and verbose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from .menus import Field, Kind, Menu
from .quoting import written
from .store import Item, Store, exported_menus

_WIDTH = 79
_INACTIVATED = "# inactivated, not allowed by device-mode"
_BLOCKED_IN_HOME_MODE = frozenset({"ip proxy", "ip socks"})


@dataclass(frozen=True, slots=True)
class Form:
    """How to export: `terse` puts the menu on every line, `verbose` adds defaults."""

    terse: bool = False
    verbose: bool = False
    secrets: bool = False


@dataclass(frozen=True, slots=True)
class Plate:
    """What the header of an export says of the hardware. `model` is empty on virtual routers."""

    software_id: str
    model: str
    serial: str


def header(store: Store, plate: Plate, now: datetime) -> list[str]:
    """The comment lines at the top of an export."""
    if store.release.dates_are_iso:
        stamp = now.strftime("%Y-%m-%d %H:%M:%S")
    else:
        stamp = now.strftime("%b/%d/%Y %H:%M:%S").lower()
    lines = [
        f"# {stamp} by RouterOS {store.release.text}",
        f"# software id = {plate.software_id}",
        "#",
    ]
    if plate.model:
        lines += [f"# model = {plate.model}", f"# serial number = {plate.serial}"]
    return lines


def export(
    store: Store,
    form: Form,
    under: str = "",
    numbers: frozenset[int] | None = None,
    *,
    home: bool = False,
) -> list[str]:
    """The lines of an export of everything below a menu path, without header.

    `numbers` keeps only the items of these numbers (`export where`); `home` tells that the
    device-mode is `home`.
    """
    lines = _kept(store, form, under, links=True)
    for menu in exported_menus(store):
        if under and menu.path != under and not menu.path.startswith(f"{under} "):
            continue
        commands = list(_commands(store, menu, form, numbers))
        if not commands:
            continue
        note = [_INACTIVATED] if home and menu.path in _BLOCKED_IN_HOME_MODE else []
        if form.terse:
            lines += note + [f"/{menu.path} {' '.join(words)}" for words in commands]
        else:
            lines += [f"/{menu.path}", *note]
            for words in commands:
                lines += wrapped(words)
    lines += _kept(store, form, under, links=False)
    return lines


def _kept(store: Store, form: Form, under: str, *, links: bool) -> list[str]:
    """Sections nobody here understands; those of interfaces come first, others refer to them."""
    lines: list[str] = []
    for path, kept in store.config.kept.items():
        outside = under and path != under and not path.startswith(f"{under} ")
        if outside or path.startswith("interface ") != links:
            continue
        lines += [f"/{path} {line}" for line in kept] if form.terse else [f"/{path}", *kept]
    return lines


def _commands(
    store: Store, menu: Menu, form: Form, numbers: frozenset[int] | None
) -> Iterator[list[str]]:
    if menu.kind is Kind.SETTINGS:
        words = list(_settings(store, menu, form))
        if words:
            yield ["set", *words]
        return
    for item in store.rows(menu.path):
        if item.dynamic or (numbers is not None and item.number not in numbers):
            continue
        if menu.kind is Kind.FIXED or "default" in item.facts:
            words = list(_changes(store, menu, item, form))
            if words:
                yield ["set", *_reference(menu, item), *words]
        elif "builtin" not in item.facts:
            yield ["add", *_values(store, menu, item, form)]


def _reference(menu: Menu, item: Item) -> list[str]:
    if "default" in item.facts:
        return ["[", "find", "default=yes", "]"]
    if menu.path == "interface ethernet":
        return ["[", "find", f"default-name={item.facts['default-name']}", "]"]
    return [item.values["name"]]


def _settings(store: Store, menu: Menu, form: Form) -> Iterator[str]:
    values = store.settings(menu.path)
    for entry in _alphabetical(store, menu, form):
        default = store.default(menu, entry.name)
        value = values.get(entry.name, default)
        if value is None or (not form.verbose and value == default):
            continue
        yield _word(store, entry.name, value)


def _changes(store: Store, menu: Menu, item: Item, form: Form) -> Iterator[str]:
    by_name = _reference(menu, item) == [item.values.get(menu.key)]
    for entry in _alphabetical(store, menu, form):
        value = item.values.get(entry.name)
        default = item.facts.get(f"default-{entry.name}", store.default(menu, entry.name))
        if entry.name == "default-name" or (by_name and entry.name == menu.key):
            continue  # said by the reference
        if value is None or (entry.name == "comment" and not value):
            continue
        if not form.verbose and value == default:
            continue
        yield _word(store, entry.name, value)


def _values(store: Store, menu: Menu, item: Item, form: Form) -> Iterator[str]:
    for entry in _alphabetical(store, menu, form):
        value = item.values.get(entry.name)
        if value is None:
            if form.verbose and menu.rules:
                yield f"!{entry.name}"
            continue
        usual = value == store.default(menu, entry.name)
        if usual and not entry.always and (not form.verbose or entry.name == "comment"):
            continue
        yield entry.name if entry.type.name == "flag" else _word(store, entry.name, value)


def _alphabetical(store: Store, menu: Menu, form: Form) -> Iterable[Field]:
    for entry in sorted(menu.fields, key=lambda found: found.name):
        if entry.in_release(store.release) and (form.secrets or not entry.secret):
            yield entry


def _word(store: Store, name: str, value: str) -> str:
    return f"{name}={written(value, is_six=store.release.is_six)}"


def wrapped(words: list[str]) -> list[str]:
    """One command over lines of at most 79 characters, broken the way RouterOS breaks them."""
    lines: list[str] = []
    line = words[0]
    for word in words[1:]:
        if len(line) + 1 + len(word) <= _WIDTH - 2:
            line += f" {word}"
            continue
        name, equals, value = word.partition("=")
        if equals and len(line) + len(name) + 3 <= _WIDTH:
            lines.append(f"{line} {name}=\\")
            line = "    " + value
        else:
            lines.append(f"{line} \\")
            line = "    " + word
        while len(line) > _WIDTH - 1:
            cut = _safe_cut(line)
            lines.append(f"{line[:cut]}\\")
            line = "    " + line[cut:]
    return [*lines, line]


def _safe_cut(line: str) -> int:
    # Never inside an escape, and never before a blank: reading drops the next line's indent.
    cut = _WIDTH - 1
    while line[cut] in " \t" or line[cut - 3 : cut].count("\\"):
        cut -= 1
    return cut
