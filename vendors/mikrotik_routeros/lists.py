"""Interface lists and address lists: what a rule that names one matches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from routercfg.model.firewall import Interfaces
from routercfg.net import NOBODY, PrefixSet

from .export import Export, Statement

#: Built in. What is in them depends on what comes and goes at run time.
_FLUID = ("dynamic", "static")
#: Interface names that stand for every interface of a kind.
_KINDS = ("all-ethernet", "all-ppp", "all-vlan", "all-wireless", "all")


@dataclass(frozen=True)
class InterfaceLists:
    """The interface lists of one router."""

    export: Export

    def members(self, name: str, seen: frozenset[str] = frozenset()) -> frozenset[str] | None:
        """Interfaces on a list; None where the text cannot tell. `all` is `{"*"}`."""
        if name == "all":
            return frozenset({"*"})
        if name == "none":
            return frozenset()
        if name in _FLUID or name in self._fed or name in seen or name not in self._lists:
            return None
        found = set(self._members.get(name, ()))
        if any(one in _KINDS for one in found):
            return None
        for other, joins in self._relations(name):
            part = self.members(other, seen | {name})
            if part is None or ("*" in part and not joins):
                return None
            found = found | part if joins else found - part
        return frozenset(found)

    def match(self, text: str) -> tuple[Interfaces | None, bool]:
        """What a list asks, and whether we could tell. `(None, True)` asks nothing."""
        negated, name = text.startswith("!"), text.lstrip("!")
        found = self.members(name)
        if found is None:
            return None, False
        if found == {"*"} and not negated:
            return None, True
        return Interfaces(found, negated), True

    @property
    def names(self) -> Iterable[str]:
        """Names of the lists that the configuration makes."""
        return self._lists

    def _relations(self, name: str) -> list[tuple[str, bool]]:
        entry = self._lists[name]
        include = [(one, True) for one in entry.get("include").split(",") if one]
        return include + [(one, False) for one in entry.get("exclude").split(",") if one]

    @cached_property
    def _lists(self) -> dict[str, Statement]:
        return {one.get("name"): one for one in self.export.adds("interface list")}

    @cached_property
    def _members(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for one in self.export.adds("interface list member"):
            if not one.disabled and one.get("interface"):
                found.setdefault(one.get("list"), []).append(one.get("interface"))
        return found

    @cached_property
    def _fed(self) -> frozenset[str]:
        """Lists to which the router itself adds interfaces at run time."""
        detect = self.export.setting("interface detect-internet")
        fed = [one.get("interface-list") for one in self.export.all("ppp profile")]
        if detect is not None:
            kinds = ("detect", "internet", "lan", "wan")
            fed += [detect.get(f"{kind}-interface-list") for kind in kinds]
        return frozenset(fed) - {"", "none"}


@dataclass(frozen=True)
class AddressLists:
    """The address lists of one family."""

    export: Export
    family: int

    @property
    def menu(self) -> str:
        """Where this family's lists are kept."""
        return f"{'ip' if self.family == 4 else 'ipv6'} firewall address-list"

    def addresses(self, name: str) -> PrefixSet | None:
        """Addresses on a list; None where the text cannot tell.

        It cannot where the router adds addresses by itself (rules, DNS, DHCP, PPP), where an entry
        is a host name, and where a list has no entry: it is filled from outside, or a mistake.
        """
        return None if name in self._fed else self._sets.get(name)

    @cached_property
    def _sets(self) -> dict[str, PrefixSet | None]:
        entries: dict[str, list[str]] = {}
        for one in self.export.adds(self.menu):
            if not one.disabled:
                entries.setdefault(one.get("list"), []).append(one.get("address"))
        return {name: _set(texts) for name, texts in entries.items()}

    @cached_property
    def _fed(self) -> frozenset[str]:
        prefix = self.menu.removesuffix(" address-list")
        rules = (
            one
            for table in ("filter", "nat", "mangle", "raw")
            for one in self.export.adds(f"{prefix} {table}")
        )
        fed = {one.get("address-list") for one in rules if "to-address-list" in one.get("action")}
        fed |= {one.get("address-list") for one in self.export.adds("ip dns static")}
        fed |= {one.get("address-list") for one in self.export.all("ppp profile")}
        for menu in ("ip dhcp-server", "ip dhcp-server lease", "ipv6 dhcp-server"):
            for one in self.export.all(menu):
                fed |= set(one.get("address-lists").split(","))
        fed |= {one.get("list") for one in self.export.adds(self.menu) if one.get("timeout")}
        return frozenset(fed)


def _set(texts: list[str]) -> PrefixSet | None:
    try:
        return PrefixSet.of(*texts) if texts else NOBODY
    except ValueError:
        return None
