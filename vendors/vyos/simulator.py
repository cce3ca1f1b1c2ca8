"""VyOS as a stateful fake: its command line, its commit, the reboot that takes a change back."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable

from .simulation.filtering import Packet
from .simulation.grammar import Path, judge
from .simulation.presets import preset
from .simulation.shell import Shell, in_order

_RELEASE = re.compile(r"(\d+)\.(\d+)")
Clock = Callable[[], float]


def create(
    configuration: str | None = None,
    *,
    version: str = "1.4.0",
    hostname: str = "vyos",
    clock: Clock = time.monotonic,
) -> Router:
    """A router with a preset (`factory`, `messy`, `managed`) or with `set` lines of one's own."""
    match = _RELEASE.match(version)
    if match is None:
        raise ValueError(f"{version!r} is no version of VyOS")
    release = (int(match[1]), int(match[2]))
    text = preset(configuration or "factory", release)
    return Router(_parse(text, release), version, release, hostname, clock)


def _parse(text: str, release: tuple[int, int]) -> list[Path]:
    paths = []
    for line in text.splitlines():
        if not line.strip():
            continue
        words = tuple(shlex.split(line))
        verdict = judge(release, words[1:])
        if words[0] != "set" or verdict.bad is not None:
            raise ValueError(f"this simulated VyOS has no {line!r}")
        paths.append(words[1:])
    return paths


class Router:
    """One router. Its state outlives logins."""

    def __init__(
        self,
        paths: list[Path],
        version: str,
        release: tuple[int, int],
        hostname: str,
        clock: Clock,
    ) -> None:
        self.version = version
        self.release = release
        self.running = [p for p in paths if p[:2] != ("system", "host-name")]
        self.running.append(("system", "host-name", hostname))
        self.running = in_order(self.running)
        self.saved = list(self.running)
        self.files: dict[str, list[Path]] = {}
        self.boots = 0
        #: When the router takes back a commit that nobody confirmed.
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
        return Packet(self.running, source, port, self.release >= (1, 4)).passes()

    def tick(self) -> None:
        """Boot, or reload, if nobody confirmed in time."""
        if self.pending is None or self.clock() < self.pending:
            return
        self.pending = None
        self.running = list(self.saved)
        reload = ("system", "config-management", "commit-confirm", "action", "reload")
        if reload not in self.saved:
            self.boots += 1

    def text(self, paths: list[Path]) -> str:
        """`set` lines with values in quotes, as `show configuration commands` prints them."""
        return "".join(f"set {self._line(path)}\n" for path in paths)

    def _line(self, path: Path) -> str:
        end = judge(self.release, path).end
        if end[0] in "=+":
            value = path[-1].replace("'", "'\\''")
            return " ".join((*path[:-1], f"'{value}'"))
        return " ".join(path)
