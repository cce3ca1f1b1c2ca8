"""`copy` and `delete` on the simulated router, with the questions they ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .grammar import Refusal
from .merging import Merging

if TYPE_CHECKING:
    from .router import Router
    from .session import Session

_RUNNING = ("running-config", "system:running-config")
_STARTUP = ("startup-config", "nvram:startup-config")


class Copying:
    """One `copy`, from its first question to its last word."""

    def __init__(self, router: Router, session: Session, source: str, target: str) -> None:
        self._router = router
        self._session = session
        self._source = source
        self._target = target

    def begin(self) -> str:
        """What is printed up to the first question, or all of it. Raises Refusal."""
        self._text = _contents(self._router, self._source)
        if self._router.asks_no_names:
            return self._named("")
        default = self._target.rsplit(":", 1)[-1].lstrip("/")
        self._session.ask(self._named)
        return f"Destination filename [{default}]? "

    def _named(self, answer: str) -> str:
        target = self._target
        if answer and answer not in target:
            target = f"{self._router.files.system}:/{answer}"
        if target in _RUNNING:
            return self._merge(Merging(self._router, self._text))
        if target in _STARTUP:
            return self._save()
        if target == "null:":
            return self._done()
        if self._router.files.holds(target) and not self._router.asks_no_names:
            self._session.ask(lambda sure: self._overwrite(target, sure))
            return (
                "%Warning:There is a file already existing with this name \n"
                "Do you want to over write? [confirm]"
            )
        return self._overwrite(target, "")

    def _save(self) -> str:
        if self._source not in _RUNNING:
            return "%Error copying: only the running configuration is saved here\n"
        self._router.save()
        return "Building configuration...\n[OK]\n"

    def _overwrite(self, target: str, sure: str) -> str:
        if sure.lower() not in ("", "y", "yes"):
            return ""
        try:
            self._router.files.write(target, self._text)
        except Refusal as refusal:
            return str(refusal)
        return self._done()

    def _merge(self, merging: Merging, said: str = "") -> str:
        more, question = merging.go_on()
        if question is None:
            return said + more + self._done()
        self._session.ask(lambda answer: self._merge(merging, merging.answer(question, answer)))
        return said + more + question.text

    def _done(self) -> str:
        size = len(self._text.encode())
        return f"{size} bytes copied in 0.020 secs ({size * 50} bytes/sec)\n"


def deleting(router: Router, session: Session, url: str, *, forced: bool) -> str:
    """`delete`: the name again, then whether that is really meant. Raises Refusal."""
    files = router.files

    def confirmed(sure: str) -> str:
        if sure.lower() in ("", "y", "yes"):
            files.delete(url)
        return ""

    def named(answer: str) -> str:
        if answer and answer != files.named(url):
            return f"%Error deleting {files.path(answer)} (No such file or directory)\n"
        session.ask(confirmed)
        return f"Delete {files.path(files.named(url) or '')}? [confirm]"

    if not files.holds(url):
        raise Refusal(
            f"%Error deleting {files.path(files.named(url) or '')} (No such file or directory)\n"
        )
    if forced or router.asks_no_names:
        return confirmed("")
    session.ask(named)
    return f"Delete filename [{files.named(url)}]? "


def _contents(router: Router, source: str) -> str:
    if source in _RUNNING:
        return router.printed().split("bytes\n", 1)[1]
    if source in _STARTUP:
        return router.persisted()
    return "" if source == "null:" else router.files.read(source)
