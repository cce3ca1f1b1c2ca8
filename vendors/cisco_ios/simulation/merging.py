"""A file of configuration lines, carried out on the running configuration as `copy` does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .grammar import Refusal
from .nodes import Place, Question

if TYPE_CHECKING:
    from .router import Router


class Merging:
    """One file on its way in. What is refused is printed, and the next line is tried.

    UNVERIFIED: that each refused line is repeated above its refusal, as at the start of a router;
    that a question about entries in use is put to the terminal that copies.
    """

    def __init__(self, router: Router, text: str) -> None:
        self._router = router
        self._lines = iter(text.splitlines())
        self._stack = [Place("config", router.running.root)]
        self.refused: list[str] = []

    def go_on(self) -> tuple[str, Question | None]:
        """Carry lines out up to the end of the file or a question; what was printed meanwhile."""
        said = ""
        for line in self._lines:
            text = line.strip()
            if text == "end":
                break
            if not text or text.startswith("!"):
                continue
            if text == "exit":
                if len(self._stack) > 1:
                    self._stack.pop()
                continue
            try:
                self._router.running.configure(text, self._stack, self._router.live)
            except Question as question:
                return said, question
            except Refusal as refusal:
                self.refused.append(text)
                said += _printed(text, str(refusal))
        return said, None

    def answer(self, question: Question, answer: str) -> str:
        """Carry out, or leave, what was asked about; what the router says to it."""
        if not answer.lower().startswith("y"):
            self.refused.append(question.line)
            return question.refusal
        self._router.running.configure(
            f"no {question.line}", [self._stack[0]], self._router.live, forced=True
        )
        return ""


def _printed(line: str, refusal: str) -> str:
    if not refusal.startswith("^"):
        return f"{line}\n{refusal}" + ("" if refusal.endswith("\n") else "\n")
    column, rest = refusal[1:].split("\n", 1)
    return f"{line}\n{' ' * int(column)}^\n{rest}\n"
