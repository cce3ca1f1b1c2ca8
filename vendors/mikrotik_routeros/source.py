"""An export together with the text that evidence points into."""

from __future__ import annotations

from dataclasses import dataclass, field

from routercfg.model.evidence import Evidence, Unknown
from routercfg.platforms.outputs import Output, Outputs
from routercfg.platforms.versions import numbers

from .export import Export, Statement


@dataclass(frozen=True)
class Source:
    """What the router's reads say; `version` is the router's, from its export or its own word."""

    outputs: Outputs
    export: Export
    version: tuple[int, ...]
    lines: list[str] = field(repr=False)

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
