"""Lines of the simulated router's configuration, and where a session stands among them."""

from __future__ import annotations

from dataclasses import dataclass, field

from .lists import Acl


class Question(Exception):  # noqa: N818 - a question is no error
    """The router asks before it carries a line out; `yes` does it, `no` prints the refusal."""

    def __init__(self, text: str, line: str, refusal: str) -> None:
        super().__init__(text)
        self.text, self.line, self.refusal = text, line, refusal


@dataclass(slots=True)
class Node:
    """A configuration line with the lines under it."""

    text: str
    children: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Place:
    """Where a session stands: a mode, the node whose children it edits, or a list."""

    mode: str
    node: Node
    acl: Acl | None = None
