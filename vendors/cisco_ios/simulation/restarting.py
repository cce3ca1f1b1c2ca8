"""`reload` on the simulated router, with the questions it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .router import Router
    from .session import Session

_SAVE = "System configuration has been modified. Save? [yes/no]: "


class Restarting:
    """One `reload`, now or in some minutes, or its cancelling."""

    def __init__(self, router: Router, session: Session) -> None:
        self._router = router
        self._session = session

    def begin(self, rest: list[str]) -> str:
        """What is printed up to the first question, or all of it."""
        router = self._router
        if rest == ["cancel"]:
            if not router.restart_planned:
                return "%No reload is scheduled.\n"
            router.restart_in(None)
            return "\n\n***\n*** --- SHUTDOWN ABORTED ---\n***\n\n"
        minutes = int(rest[1]) if rest else None
        if router.configuration() != router.persisted():
            self._session.ask(lambda answer: self._saved_first(answer, minutes))
            return f"\n{_SAVE}"
        return self._proceed(minutes)

    def _saved_first(self, answer: str, minutes: int | None) -> str:
        if answer.lower() not in ("yes", "no", "y", "n"):
            self._session.ask(lambda again: self._saved_first(again, minutes))
            return f"% Please answer 'yes' or 'no'.\n{_SAVE}"
        if answer.lower().startswith("y"):
            self._router.save()
        return self._proceed(minutes)

    def _proceed(self, minutes: int | None) -> str:
        def confirmed(answer: str) -> str:
            if answer.lower() not in ("", "y", "yes"):
                return ""
            if minutes is None:
                self._router.restart()
            else:
                self._router.restart_in(minutes)
            return ""

        self._session.ask(confirmed)
        user = self._session.user
        when = f"Reload scheduled in {minutes} minutes by {user}\n" if minutes else ""
        return f"{when}Proceed with reload? [confirm]"
