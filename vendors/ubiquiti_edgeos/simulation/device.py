"""The simulated router: what runs, what is saved, and the boot that nobody confirmed."""

from __future__ import annotations

from collections.abc import Callable

from .filtering import Packet
from .grammar import Path, judge
from .ordering import ordered
from .shell import Shell

Clock = Callable[[], float]


class Router:
    """One router. Its state outlives logins."""

    def __init__(
        self,
        paths: list[Path],
        version: str,
        hostname: str,
        clock: Clock,
    ) -> None:
        self.version = version
        self.running = [p for p in paths if p[:2] != ("system", "host-name")]
        self.running.append(("system", "host-name", hostname))
        self.running = ordered(self.running)
        self.saved = list(self.running)
        self.files: dict[str, list[Path]] = {}
        self.boots = 0
        #: When it boots, unless somebody confirms.
        self.pending: float | None = None
        self.clock = clock

    @property
    def hostname(self) -> str:
        """The name in the prompt."""
        return next(path[2] for path in self.running if path[:2] == ("system", "host-name"))

    def login(self, user: str, source: str) -> Shell:
        """A new interactive login."""
        self.tick()
        return Shell(self, user, source)

    def execute(self, command: str, user: str, source: str) -> tuple[str, int]:
        """The exec channel is a plain shell, which knows no `show`."""
        del user, source
        return f"bash: {command.split(maxsplit=1)[0]}: command not found\n", 127

    def configuration(self) -> str:
        """The running configuration."""
        self.tick()
        return self.text(self.running)

    def persisted(self) -> str:
        """What a boot would load."""
        return self.text(self.saved)

    def may_connect(self, source: str, port: int) -> bool:
        """Whether a new connection gets through the filter."""
        self.tick()
        return Packet(self.running, source, port).passes()

    def tick(self) -> None:
        """Boot the saved configuration if nobody confirmed in time."""
        if self.pending is None or self.clock() < self.pending:
            return
        self.pending = None
        self.running = list(self.saved)
        self.boots += 1

    def text(self, paths: list[Path]) -> str:
        """`set` lines with values in quotes, as `show configuration commands` prints them."""
        return "".join(f"set {self._line(path)}\n" for path in paths)

    def _line(self, path: Path) -> str:
        end = judge(path).end
        if end[0] in "=+":
            value = path[-1].replace("'", "'\\''")
            return " ".join((*path[:-1], f"'{value}'"))
        return " ".join(path)
