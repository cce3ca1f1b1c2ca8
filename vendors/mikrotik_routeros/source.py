"""An export together with the text that evidence points into."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from routercfg.model.evidence import Evidence, Unknown
from routercfg.net import PrefixSet
from routercfg.platforms.outputs import Output, Outputs
from routercfg.platforms.versions import numbers

from .addressing import Address, addresses
from .export import Export, Statement
from .lists import AddressLists, InterfaceLists
from .matchers import Matchers


@dataclass(frozen=True)
class Source:
    """What the router's reads say; `version` is the router's, from its export or its own word."""

    outputs: Outputs
    export: Export
    version: tuple[int, ...]
    lines: list[str] = field(repr=False)

    @cached_property
    def addresses(self) -> tuple[Address, ...]:
        """Every address in use on the router."""
        return tuple(addresses(self.export, self.outputs))

    @cached_property
    def own(self) -> PrefixSet:
        """The router's own addresses, as hosts."""
        return PrefixSet.of(*(str(one.value.ip) for one in self.addresses))

    @cached_property
    def interface_lists(self) -> InterfaceLists:
        """The interface lists."""
        return InterfaceLists(self.export)

    @cached_property
    def matchers(self) -> dict[int, Matchers]:
        """What reads the matchers of rules, by family."""
        return {
            family: Matchers(family, self.interface_lists, AddressLists(self.export, family))
            for family in (4, 6)
        }

    @property
    def seven(self) -> bool:
        """RouterOS 7 or later?"""
        return self.version >= (7,)

    @property
    def output(self) -> Output:
        """The export's own output."""
        return self.outputs["export"]

    def evidence(self, one: Statement) -> Evidence:
        """The first line of a statement."""
        return Evidence(self.output.command, one.line, self.lines[one.line - 1].strip())

    def absent(self, what: str) -> Evidence:
        """That the export does not say something, which on RouterOS means its default."""
        return self.output.absent(what)

    def trouble(self, *menus: str) -> Unknown | None:
        """Why these menus cannot be relied upon; None where they can."""
        for menu in menus:
            if menu in self.export.problems:
                number, what = self.export.problems[menu]
                text = self.lines[number - 1].strip()
                where = Evidence(self.output.command, number, text)
                return Unknown(f"/{menu} could not be read: {what}", (where,))
        return None


def make_source(outputs: Outputs, export: Export) -> Source:
    """A source, with the text split once."""
    return Source(outputs, export, numbers(export.version), outputs["export"].text.split("\n"))
