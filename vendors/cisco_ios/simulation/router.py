"""The simulated router: what outlives its sessions, and its timers."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address, ip_interface

from .admission import admits
from .files import Files
from .flows import Flow
from .grammar import Refusal
from .nodes import Node, Place
from .printing import printed
from .replacing import archived
from .running import Running
from .session import Session

_NOT_PENDING = "%No Rollback Confirmed Change pending\n"


class Router:
    """One router. Its state outlives logins."""

    def __init__(self, text: str, version: str, clock: Callable[[], float], privilege: int) -> None:
        self.running = Running()
        self.version = version
        self.privilege = privilege
        self.enable_secret: str | None = "enable"  # noqa: S105 - of a simulated router
        self.live: set[str] = set()
        self.flows: list[Flow] = []
        self.leases: dict[str, str] = {}
        self.sessions: list[Session] = []
        self.restarts = 0
        self.tcl = True
        self.files = Files("flash")
        if int(re.findall(r"\d+", version)[0]) >= 16:
            self.files = Files("bootflash", "flash")
        self._clock = clock
        self._revert: tuple[float, Running, str] | None = None
        self._revert_minutes = 0
        self._backups = 0
        self._reload: float | None = None
        self._load(text)
        self.startup = self.running.copy()

    # -- the lab's protocol ----------------------------------------------------------------------

    @property
    def hostname(self) -> str:
        """The name in the prompt."""
        found = self.running.top("hostname")
        return found[0].text.split()[1] if found else "Router"

    def login(self, user: str, source: str) -> Session:
        """A terminal session."""
        self.tick()
        session = Session(self, user, source)
        self.sessions.append(session)
        return session

    def execute(self, command: str, user: str, source: str) -> tuple[str, int]:
        """One command without a terminal."""
        session = self.login(user, source)
        session.length = 0
        try:
            return session.run(command).replace("\n", "\r\n"), 0
        finally:
            session.hangup()

    def configuration(self) -> str:
        """The running configuration as printed, without header."""
        self.tick()
        return printed(self.running, self.numbered)

    def persisted(self) -> str:
        """The saved configuration."""
        return printed(self.startup, self.numbered)

    def may_connect(self, source: str, port: int) -> bool:
        """By the list and zones on the way in, and by the classes of the terminal lines."""
        self.tick()
        if port != 22:
            return False
        family = ip_address(source).version
        entry = self._entry(source)
        if entry is not None and not self._passes(entry, source, port, family):
            return False
        return any(self._line_takes(line, source, family) for line in self.running.top("line vty"))

    # -- what sessions do ------------------------------------------------------------------------

    @property
    def numbered(self) -> bool:
        """From 16.12 on, the configuration prints sequence numbers."""
        first, second = (int(n) for n in re.findall(r"\d+", self.version)[:2])
        return (first, second) >= (16, 12)

    @property
    def is_xe(self) -> bool:
        """Is it IOS-XE, by its number?"""
        return int(self.version.split(".", maxsplit=1)[0]) >= 16

    def under_way(self, *flows: tuple[str, str, str, str, str]) -> None:
        """Translations from now on: protocol and the four ends, for tests."""
        self.flows = [Flow(*flow) for flow in flows]

    def apply(self, *lines: str) -> None:
        """Configure from the console, for tests. Raises Refusal."""
        stack = [Place("config", self.running.root)]
        for line in lines:
            self.running.configure(line, stack, self.live, forced=True)

    def save(self) -> None:
        """Write the running configuration to where it survives."""
        self.startup = self.running.copy()

    @property
    def asks_no_names(self) -> bool:
        """Are the questions of file commands switched off?"""
        return bool(self.running.top("file prompt quiet"))

    def arm(self, minutes: int, user: str) -> str:
        """Start a rollback timer. It needs the archive, and keeps what it goes back to there."""
        if not archived(self.running):
            raise Refusal("%Turn config archive on before using Rollback Confirmed Change\n")
        if self._revert is not None:
            raise Refusal("%Rollback Confirmed Change already pending\n")
        kept = self._keep()
        self._revert = (self._clock() + 60 * minutes, self.running.copy(), user)
        self._revert_minutes = minutes
        return f"Rollback Confirmed Change: Backing up current running config to {kept}\n\n"

    def extend(self, minutes: int, user: str) -> None:
        """Let a running rollback timer start anew; only for the user that started it."""
        if self._revert is None or self._revert[2] != user:
            raise Refusal(_NOT_PENDING)
        self._revert = (self._clock() + 60 * minutes, *self._revert[1:])
        self._revert_minutes = minutes

    def confirm(self, user: str) -> str:
        """Keep what was changed; only for the user that started the timer."""
        if self._revert is None or self._revert[2] != user:
            return _NOT_PENDING
        self._revert = None
        return ""

    def revert_now(self, user: str) -> str:
        """Go back to what the timer would go back to; only for the user that started it."""
        if self._revert is None or self._revert[2] != user:
            return _NOT_PENDING
        self._roll_back()
        return "Rollback Confirmed Change: rolling back\nTotal number of passes: 1\nRollback Done\n"

    def pending(self) -> str:
        """`show archive config rollback timer`: the time that was set, not what is left."""
        if self._revert is None:
            return _NOT_PENDING
        return (
            "Time configured(or reconfigured): 10:01:46 UTC Wed Nov 25 2026\n"
            "Timer type: absolute timer\n"
            f"Timer value: {self._revert_minutes} min\n"
            f"User: {self._revert[2]}\n"
        )

    def put(self, running: Running) -> None:
        """Let this be the running configuration from now on."""
        self.running.root, self.running.acls = running.root, running.acls
        for session in self.sessions:
            session.displaced()

    def restart_in(self, minutes: int | None) -> None:
        """Plan a restart, or cancel it."""
        self._reload = None if minutes is None else self._clock() + 60 * minutes

    @property
    def restart_planned(self) -> bool:
        """Is a restart to come?"""
        return self._reload is not None

    def restart_told(self) -> str:
        """`show reload`."""
        if self._reload is None:
            return "No reload is scheduled.\n"
        minutes = int(self._reload - self._clock()) // 60
        return f"Reload scheduled in {minutes} minutes by admin\n"

    def locked_against(self, session: Session) -> str:
        """Why this session may not configure: another does, and locks as `auto` says.

        One that is dead holds the lock until the router notices.
        """
        if not self.running.top("configuration mode exclusive auto"):
            return ""
        for number, other in enumerate(self.sessions):
            if other is not session and other.configures:
                return (
                    f"Configuration mode locked exclusively by user '{other.user}' process '88' "
                    f"from terminal '{number}'. Please try later.\n"
                )
        return ""

    def restart(self) -> None:
        """Start again from what was saved."""
        self.running = self.startup.copy()
        self._revert = self._reload = None
        self.restarts += 1
        for session in self.sessions:
            session.lost()
        self.sessions.clear()

    def tick(self) -> None:
        """Let the timers that have run out do their work."""
        now = self._clock()
        if self._reload is not None and now >= self._reload:
            self.restart()
        if self._revert is not None and now >= self._revert[0]:
            self._roll_back()

    def printed(self) -> str:
        """`show running-config`."""
        body = printed(self.running, self.numbered)
        stamp = "!\n! Last configuration change at 10:01:46 UTC Wed Nov 25 2026 by admin\n"
        whole = stamp + body
        return f"Building configuration...\n\nCurrent configuration : {len(whole)} bytes\n{whole}"

    def _roll_back(self) -> None:
        if self._revert is None:
            return
        _, before, _ = self._revert
        self._revert = None
        self.put(before)

    def _keep(self) -> str:
        """A copy of the running configuration in the archive, if that is on flash."""
        path = next(
            c.text.split()[1]
            for n in self.running.top("archive")
            for c in n.children
            if c.text.startswith("path ")
        )
        url = f"{path}-Nov-25-10-01-46.355-UTC-{self._backups}"
        self._backups += 1
        if self.files.named(url):
            self.files.write(url, printed(self.running, self.numbered))
        return url

    def _load(self, text: str) -> None:
        stack = [Place("config", self.running.root)]
        version = ".".join(re.findall(r"\d+", self.version)[:2])
        lines = [f"version {version}", *text.splitlines()]
        for line in lines:
            if not line.strip() or line.strip() in ("!", "end"):
                continue
            if not line.startswith(" "):
                del stack[1:]
            depth = len(line) - len(line.lstrip())
            while len(stack) > depth + 1:
                stack.pop()
            self.running.configure(line.strip(), stack, set(), forced=True)

    def _entry(self, source: str) -> Node | None:
        """The interface that a packet from this address comes in by."""
        value = ip_address(source)
        outside = None
        for node in self.running.top("interface"):
            for child in node.children:
                words = child.text.split()
                if words[1:2] == ["address"] and words[0] in ("ip", "ipv6"):
                    text = "/".join(words[2:4]) if words[0] == "ip" else words[2]
                    try:
                        network = ip_interface(text).network
                    except ValueError:
                        continue
                    if value.version == network.version and value in network:
                        return node
            if any(c.text == "ip nat outside" for c in node.children):
                outside = node
        return outside

    def _passes(self, entry: Node, source: str, port: int, family: int) -> bool:
        command = "ip access-group" if family == 4 else "ipv6 traffic-filter"
        bound = [c.text.split() for c in entry.children if c.text.startswith(f"{command} ")]
        names = [words[2] for words in bound if words[-1] == "in"]
        own = [
            c.text.split()[2].split("/")[0]
            for c in entry.children
            if re.match(rf"{'ip' if family == 4 else 'ipv6'} address [\dA-Fa-f]", c.text)
        ]
        groups = self.running.groups()
        return all(
            admits(self.running.acls.get(name), source, own[0] if own else "0.0.0.0", port, groups)  # noqa: S104
            for name in names
        )

    def _line_takes(self, line: Node, source: str, family: int) -> bool:
        prefix = "access-class" if family == 4 else "ipv6 access-class"
        for child in line.children:
            if child.text.startswith("transport input") and not re.search(
                r"\b(?:ssh|all)\b", child.text
            ):
                return False
            if child.text.startswith(f"{prefix} "):
                name = child.text.split()[len(prefix.split())]
                acl = self.running.acls.get(name)
                if not admits(acl, source, source, 22, self.running.groups()):
                    return False
        return True
