"""The running configuration of the simulated router as it prints it, in the router's own order."""

from __future__ import annotations

from .commands import ORDER
from .lists import Acl
from .nodes import Node
from .running import Running


def printed(running: Running, numbered: bool) -> str:
    """The whole text. `numbered`: this release prints the sequence numbers of entries."""
    sections = [(_rank(node.text), _printed(node, 0)) for node in running.root.children]
    for acl in running.acls.values():
        lines = _acl_text(acl, numbered)
        sections.append((_rank(lines[0]) if lines else 0, lines))
    sections.sort(key=lambda section: section[0])
    out: list[str] = []
    last = -1
    for rank, lines in sections:
        if rank != last or any(line.startswith(" ") for line in lines):
            out.append("!")
        out += lines
        last = rank
    return "\n".join([*out, "!", "end"]) + "\n"


def _rank(text: str) -> int:
    text = text.removeprefix("no ")
    return next((n for n, p in enumerate(ORDER) if f"{text} ".startswith(f"{p} ")), len(ORDER))


def _printed(node: Node, depth: int) -> list[str]:
    lines = [" " * depth + node.text]
    for child in node.children:
        lines += _printed(child, depth + 1)
    return lines


def _acl_text(acl: Acl, numbered: bool) -> list[str]:
    def shown(text: str) -> str:
        return text.replace("deny ", "deny   ", 1) if acl.kind != "ipv6" else text

    if acl.name.isdecimal() and not numbered:
        return [f"access-list {acl.name} {shown(text)}" for _, text in acl.entries]
    header = "ipv6 access-list" if acl.kind == "ipv6" else f"ip access-list {acl.kind}"
    lines = [f"{header} {acl.name}"]
    for number, text in acl.entries:
        if not numbered:
            lines.append(f" {shown(text)}")
        elif acl.kind == "ipv6":
            lines.append(f" sequence {number} {text}")
        else:
            lines.append(f" {number} {shown(text)}")
    return lines
