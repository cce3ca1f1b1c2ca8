"""Comparing a file with the running configuration, and `configure replace`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .grammar import Refusal
from .merging import Merging
from .printing import printed
from .running import Running

if TYPE_CHECKING:
    from .router import Router
    from .session import Session

_WARNING = (
    "This will apply all necessary additions and deletions\n"
    "to replace the current running configuration with the\n"
    "contents of the specified configuration file, which is \n"
    "assumed to be a complete configuration, not a partial \n"
    "configuration. Enter Y if you are sure you want to proceed. ? [no]: "
)


class Replacing:
    """One `configure replace`, from its question to its last word."""

    def __init__(self, router: Router, session: Session, url: str, options: list[str]) -> None:
        self._router = router
        self._session = session
        self._url = url
        self._options = options

    def begin(self) -> str:
        """What is printed up to the question, or all of it. Raises Refusal."""
        self._text = self._router.files.read(self._url)
        if "trigger" in self._options and not archived(self._router.running):
            raise Refusal("%Please turn config archive on\n")
        if "force" in self._options:
            return self._sure("y")
        self._session.ask(self._sure)
        return _WARNING

    def _sure(self, answer: str) -> str:
        if not answer.lower().startswith("y"):
            return ""
        router, before, armed = self._router, self._router.running.copy(), ""
        try:
            if "timer" in self._options:
                armed = router.arm(int(self._options[-1]), self._session.user)
            said = replace(router, self._text)
        except Refusal as refusal:
            return armed + str(refusal)
        if "error" in self._options and "aborted" in said:
            router.put(before)
            said += "The original configuration has been successfully restored.\n"
        return armed + said


def archived(running: Running) -> bool:
    """Is there a place where configurations are kept?"""
    return any(c.text.startswith("path ") for n in running.top("archive") for c in n.children)


def differences(old: str, new: str) -> str:
    """`show archive config differences`: what the second text adds to the first, and lacks."""
    before, after = _sections(old), _sections(new)
    lines = _marked(after, before, "+") + _marked(before, after, "-")
    return _told("!Contextual Config Diffs:", lines, found=bool(lines))


def incremental(running: str, text: str) -> str:
    """`show archive config incremental-diffs`: the lines of a file that are not in force."""
    lines = _marked(_sections(text), _sections(running), "")
    return _told("!List of Commands:", [*lines, "end"], found=bool(lines))


def replace(router: Router, text: str) -> str:
    """Make the running configuration what a whole file says. Raises Refusal for no whole file."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("!")]
    if not any(line.startswith("version ") for line in lines) or lines[-1].strip() != "end":
        raise Refusal("%The input file is not a valid config file.\n")
    old = router.running
    router.running = Running()
    merging = Merging(router, text)
    merging.go_on()
    wanted = [n.text for n in router.running.top("license udi")]
    kept = [n.text for n in old.top("license udi")]
    for node in router.running.top("license udi"):
        node.text = kept[0] if kept else node.text
    new = router.running
    router.running = old
    router.put(new)
    failed = [*merging.refused, *(line for line in wanted if line not in kept)]
    if not failed:
        return "Total number of passes: 1\nRollback Done\n\n"
    listed = "".join(f"{line}\n" for line in failed)
    return (
        "The rollback configlet from the last pass is listed below:\n********\n"
        f"!List of Rollback Commands:\n{listed}end\n********\n\n\n"
        "Rollback aborted after 5 passes\n"
        "The following commands are failed to apply to the IOS image.\n"
        f"********\n{listed}********\n\n"
    )


def as_printed(router: Router) -> str:
    """The running configuration as comparisons see it."""
    return printed(router.running, router.numbered)


def _sections(text: str) -> dict[str, list[str]]:
    """Top lines with the lines below them; comments, version of the text and `end` left out."""
    found: dict[str, list[str]] = {}
    top = ""
    for line in text.splitlines():
        if not line.strip() or line.strip().startswith("!") or line.strip() == "end":
            continue
        if line.startswith(" ") and top:
            found[top].append(line.rstrip())
            continue
        top = line.rstrip()
        found.setdefault(top, [])
    return found


def _marked(one: dict[str, list[str]], other: dict[str, list[str]], mark: str) -> list[str]:
    """Lines of one text that the other lacks, each below the line it belongs to."""
    lines: list[str] = []
    for top, below in one.items():
        missing = [line for line in below if line not in other.get(top, [])]
        if top not in other:
            lines.append(mark + top)
        elif missing:
            lines.append(top)
        lines += [f" {mark}{line[1:]}" for line in missing]
    return lines


def _told(head: str, lines: list[str], *, found: bool) -> str:
    end = [] if found else ["!No changes were found"]
    return "\n".join([head, *lines, *end]) + "\n\n"
