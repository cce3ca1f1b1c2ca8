"""Settings, taken back: what an export does not say has its default, which must then be known."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from routercfg.errors import PackError
from routercfg.model.undo import Conflict

from .defaults import default
from .prints import settings
from .rewriting import written
from .source import Source

#: Menus whose settings, or whose fixed items' settings, the pack changes.
SETTINGS = (
    "ip firewall connection tracking",
    "ip firewall service-port",
    "ip service",
    "ip upnp",
    "ip nat-pmp",
    "ipv6 settings",
    "snmp",
    "tr069-client",
)
_TRACKING = "ip firewall connection tracking"


@dataclass(frozen=True, slots=True)
class _Setting:
    """One setting; `item` is empty in menus without items."""

    menu: str
    item: str
    key: str

    def line(self, value: str) -> str:
        """The command that sets it."""
        return " ".join(
            word
            for word in (f"/{self.menu} set", self.item, f"{self.key}={written(value)}")
            if word
        )


@dataclass(slots=True)
class SettingsBack:
    """Commands, one for each item, and what stands in the way."""

    commands: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


def settings_back(before: Source, after: Source, now: Source) -> SettingsBack:
    """What brings the settings back that differ between `before` and `after`.

    Raises PackError where a default must be set that no source tells.
    """
    back = SettingsBack()
    todo: dict[tuple[str, str], list[str]] = {}
    was, left, found = _said(before), _said(after), _said(now)
    for one in dict.fromkeys((*was, *left)):
        if was.get(one) == left.get(one):
            continue
        old, new = _value(one, was, before), _value(one, left, after)
        current = _value(one, found, now)
        if current == old:
            continue
        if current != new:
            back.conflicts.append(Conflict(_lines(one, new), _lines(one, current)))
        todo.setdefault((one.menu, one.item), []).append(f"{one.key}={_back(one, old, before)}")
    for (menu, item), words in todo.items():
        back.commands.append(" ".join(filter(None, (f"/{menu} set", item, *words))))
    return back


def _said(source: Source) -> dict[_Setting, str]:
    return {
        _Setting(menu, statement.selector.strip('"'), key): value
        for menu in SETTINGS
        for statement in source.export.all(menu)
        if statement.verb == "set"
        for key, value in statement.values.items()
    }


@dataclass(frozen=True, slots=True)
class _Unsaid:
    """A default that is not known: equal to itself on one version only."""

    version: tuple[int, ...]


def _value(one: _Setting, said: dict[_Setting, str], source: Source) -> str | _Unsaid:
    """What holds on the router: what it says, prints, or does by default."""
    if one in said:
        return said[one]
    if one.menu == _TRACKING:
        live = settings(source.outputs, "tracking")
        if one.key in live:
            return live[one.key][0]
    usual = default(one.menu, one.item, one.key, source.version)
    return _Unsaid(source.version) if usual is None else usual


def _back(one: _Setting, value: str | _Unsaid, source: Source) -> str:
    if not re.fullmatch(r"[a-z0-9-]*", one.item):
        raise PackError(f"/{one.menu} set {one.item}: it is not known how to name this item")
    if isinstance(value, _Unsaid):
        raise PackError(
            f"/{one.menu} {one.item} {one.key} was at its default before the change, and what that "
            f"is on RouterOS {source.export.version} is not known",
            hint="Set it by hand, then roll back again",
        )
    return written(value)


def _lines(one: _Setting, value: str | _Unsaid) -> tuple[str, ...]:
    return () if isinstance(value, _Unsaid) else (one.line(value),)
