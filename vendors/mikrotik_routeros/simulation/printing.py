"""`print`: tables, detail, terse lines and settings, in the form of each release."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from .menus import Kind, Menu
from .quoting import shown, written
from .store import Item, Store

_FLAGS = (
    ("disabled", "X", "disabled"), ("invalid", "I", "invalid"), ("dynamic", "D", "dynamic"),
    ("active", "A", "active"), ("connect", "C", "connect"), ("static", "S", "static"),
    ("running", "R", "running"), ("slave", "S", "slave"), ("default", "*", "default"),
    ("global", "G", "global"), ("link-local", "L", "link-local"), ("builtin", "*", "builtin"),
    ("seen-reply", "S", "seen-reply"), ("assured", "A", "assured"), ("confirmed", "C", "confirmed"),
    ("radius", "R", "radius"), ("by-romon", "M", "by-romon"),
)  # fmt: skip
_UNQUOTED = frozenset({"text", "name"})
_BARE_KEYS = frozenset({"chain", "action", "jump-target", "src-address-list", "dst-address-list",
                        "list", "address-list", "limit", "ipsec-policy", "packet-mark",
                        "gateway", "protocol", "src-address", "dst-address"})  # fmt: skip


def flags_of(menu: Menu) -> tuple[tuple[str, str, str], ...]:
    """The flags a menu's items can have: property, letter, word."""
    known = {f.name for f in menu.fields} | set(menu.read_only)
    return tuple(flag for flag in _FLAGS if flag[0] in known)


def _letters(menu: Menu, item: Item) -> str:
    return "".join(letter for name, letter, _ in flags_of(menu) if item.get(name) == "yes")


def legend(store: Store, menu: Menu, items: Sequence[Item], *, table: bool) -> list[str]:
    """The line that explains the flags. A version 7 table names only those in use, in capitals."""
    flags = flags_of(menu)
    if store.release.is_six or not table:
        if not flags:
            return []
        parts = [f"{letter} - {word}" for _, letter, word in flags]
        if store.release.is_six or "D - dynamic" not in parts:
            return [f"Flags: {', '.join(parts)} "]
        parts.remove("D - dynamic")
        return [f"Flags: {', '.join(parts)}; D - dynamic "]
    used = [f for f in flags if any(item.get(f[0]) == "yes" for item in items)]
    return [f"Flags: {', '.join(f'{x} - {word.upper()}' for _, x, word in used)}"] if used else []


def table(store: Store, menu: Menu, numbered: Sequence[tuple[int, Item]]) -> list[str]:
    """The short form: one line an item."""
    items = [item for _, item in numbered]
    columns = [c for c in menu.columns if _has_column(store, menu, c)]
    if not store.release.is_six:
        columns = [c for c in columns if any(item.get(c) for item in items)]
    widths = (
        {c: max(len(c), *(len(i.get(c) or "") for i in items)) for c in columns} if items else {}
    )
    lines = legend(store, menu, items, table=True)
    heads = "  ".join(c.upper().ljust(widths.get(c, len(c))) for c in columns)
    if store.release.is_six:
        lines.append(f" #   {heads}")
        return lines + [
            line for n, item in numbered for line in _row_6(menu, n, item, columns, widths)
        ]
    if not items:
        return lines
    lines.append(f"Columns: {', '.join(c.upper() for c in columns)}")
    flagged = max(len(_letters(menu, item)) for item in items)
    wide = len(str(numbered[-1][0]))
    lines.append(f"{'#'.ljust(wide)} {' ' * flagged}{' ' if flagged else ''}{heads}")
    for number, item in numbered:
        if item.get("comment"):
            lines.append(f";;; {item.get('comment')}")
        cells = "  ".join((item.get(c) or "").ljust(widths[c]) for c in columns)
        flag = _letters(menu, item).ljust(flagged) + (" " if flagged else "")
        lines.append(f"{str(number).rjust(wide)} {flag}{cells}")
    return lines


def _row_6(
    menu: Menu, number: int, item: Item, columns: Sequence[str], widths: dict[str, int]
) -> list[str]:
    front = f"{number:>2} {_letters(menu, item):<1} "
    cells = "  ".join((item.get(c) or "").ljust(widths[c]) for c in columns)
    if item.get("comment"):
        return [f"{front};;; {item.get('comment')}", f"     {cells}"]
    return [f"{front}{cells}"]


def _has_column(store: Store, menu: Menu, name: str) -> bool:
    found = menu.field(name)
    return found is None or found.in_release(store.release)


def detail(
    store: Store, menu: Menu, numbered: Sequence[tuple[int, Item]], width: int, *, brief: bool
) -> list[str]:
    """The long form: `name=value` pairs, wrapped to the terminal's width."""
    lines = legend(store, menu, [item for _, item in numbered], table=False)
    for number, item in numbered:
        front = f"{number:>2} {_letters(menu, item):<2} "
        indent = " " * len(front)
        pairs = [_pair(menu, n, v) for n, v in _shown(store, menu, item, brief=brief)]
        body = textwrap.wrap(
            " ".join(pairs), max(40, width - len(indent) - 1), break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip
        comment = item.get("comment")
        parts = [f";;; {comment}", *body] if comment else body
        lines += [f"{indent if n else front}{part} " for n, part in enumerate(parts)]
        lines.append("")
    return lines


def terse(store: Store, menu: Menu, numbered: Sequence[tuple[int, Item]]) -> list[str]:
    """One unwrapped line an item."""
    lines = []
    for number, item in numbered:
        pairs = [f"{name}={value}" for name, value in _shown(store, menu, item, brief=False)]
        if item.get("comment"):
            pairs.insert(0, f"comment={item.get('comment')}")
        lines.append(f"{number:>2} {_letters(menu, item):<2} {' '.join(pairs)} ")
    return lines


def _shown(store: Store, menu: Menu, item: Item, *, brief: bool) -> list[tuple[str, str]]:
    hidden = {"comment", "disabled", "dynamic"} | {name for name, _, _ in flags_of(menu)}
    if brief and menu.rules:
        hidden |= {name for name in ("log", "log-prefix") if item.get(name) in ("no", "", None)}
    names = [f.name for f in menu.fields if f.in_release(store.release) and not f.secret]
    names += [n for n in menu.read_only if n not in names and n not in ("bytes", "packets")]
    return [(n, item.get(n) or "") for n in names if n not in hidden and item.get(n) is not None]


def _pair(menu: Menu, name: str, value: str) -> str:
    found = menu.field(name)
    quote = found is not None and found.type.name in _UNQUOTED and name not in _BARE_KEYS
    return f"{name}={shown(value) if quote else value}"


def settings(store: Store, menu: Menu, facts: dict[str, str]) -> list[str]:
    """A menu without items: names to the right, values to the left."""
    values: dict[str, str] = {}
    for found in menu.fields:
        if found.in_release(store.release) and not found.secret:
            value = store.settings(menu.path).get(found.name, store.default(menu, found.name))
            if value is not None:
                values[found.name] = value
    values |= facts
    if menu.kind is Kind.READING:
        values = facts
    width = max((len(name) for name in values), default=0) + 2
    return [f"{name:>{width}}: {value}" for name, value in values.items()]


def value_list(store: Store, menu: Menu, items: Sequence[Item]) -> list[str]:
    """`print value-list`: one line a property."""
    return [
        f"{name}: {written(value, is_six=store.release.is_six)}"
        for item in items
        for name, value in _shown(store, menu, item, brief=False)
    ]
