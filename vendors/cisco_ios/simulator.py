"""A stateful IOS router for lab and tests: command line, configuration, reverts, restarts.

It shares nothing with the pack it tests, and refuses every command form that it does not know.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address, ip_interface

from .simulation import factories, grammar, shows
from .simulation.commands import EXEC, PRIVILEGED
from .simulation.grammar import Refusal
from .simulation.lists import admits
from .simulation.running import Node, Place, Question, Running

_FACTORIES = {"factory": factories.CLEAN, "messy": factories.MESSY}
_CONFIGURING = "Enter configuration commands, one per line.  End with CNTL/Z.\n"


def create(
    configuration: str | None = None,
    *,
    version: str | None = None,
    hostname: str | None = None,
    clock: Callable[[], float] = time.monotonic,
    privilege: int = 15,
    live: tuple[str, ...] | None = None,
) -> Router:
    """A router. `configuration`: `factory` (default), `messy`, or a text of configuration lines.

    `live`: lines of translations that are in use, about which the router asks before it removes
    them; by default the SIP forward of `messy`.
    """
    name = configuration or "factory"
    text = _FACTORIES.get(name, name)
    if version is None:
        version = "15.7(3)M3" if name == "messy" else "16.9.5"
    router = Router(text, version, clock, privilege)
    if hostname is not None:
        router.apply(f"hostname {hostname}")
        router.save()
    if live is None:
        live = tuple(
            n.text
            for n in router.running.top("ip nat inside source static udp")
            if " 5060" in n.text
        )
    router.live = set(live)
    return router


class Router:
    """One router. Its state outlives logins."""

    def __init__(self, text: str, version: str, clock: Callable[[], float], privilege: int) -> None:
        self.running = Running()
        self.version = version
        self.privilege = privilege
        self.live: set[str] = set()
        self.leases: dict[str, str] = {}
        self.sessions: list[Session] = []
        self.restarts = 0
        self._clock = clock
        self._revert: tuple[float, Running, str] | None = None
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
        return self.running.text(self.numbered)

    def persisted(self) -> str:
        """The saved configuration."""
        return self.startup.text(self.numbered)

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

    def apply(self, *lines: str) -> None:
        """Configure from the console, for tests. Raises Refusal."""
        stack = [Place("config", self.running.root)]
        for line in lines:
            self.running.configure(line, stack, self.live, forced=True)

    def save(self) -> None:
        """Write the running configuration to where it survives."""
        self.startup = self.running.copy()

    def arm(self, minutes: int, user: str) -> str:
        """Start a rollback timer. It needs the archive."""
        if "not enabled" in shows.archive(self.running):
            raise Refusal("%Turn config archive on before using Rollback Confirmed Change\n")
        if self._revert is not None:
            raise Refusal("%Rollback Confirmed Change already pending\n")
        self._revert = (self._clock() + 60 * minutes, self.running.copy(), user)
        return "Rollback Confirmed Change: Backing up current running config\n"

    def confirm(self, user: str) -> str:
        """Keep what was changed; only for the user that started the timer."""
        if self._revert is None or self._revert[2] != user:
            return "%No Rollback Confirmed Change pending\n"
        self._revert = None
        return ""

    def revert_now(self) -> str:
        """Go back to what the timer would go back to."""
        if self._revert is None:
            return "%No Rollback Confirmed Change pending\n"
        self._roll_back()
        return "Rollback Confirmed Change: rolling back\nTotal number of passes: 1\nRollback Done\n"

    def pending(self) -> str:
        """`show archive config rollback timer`."""
        if self._revert is None:
            return "%No Rollback Confirmed Change pending\n"
        left = int(self._revert[0] - self._clock())
        return f"Timer type: absolute timer\nTimer value: {left} sec\nUser: {self._revert[2]}\n"

    def restart_in(self, minutes: int | None) -> None:
        """Plan a restart, or cancel it."""
        self._reload = None if minutes is None else self._clock() + 60 * minutes

    @property
    def restart_planned(self) -> bool:
        """Is a restart to come?"""
        return self._reload is not None

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
        body = self.running.text(self.numbered)
        stamp = "!\n! Last configuration change at 10:01:46 UTC Wed Nov 25 2026 by admin\n"
        whole = stamp + body
        return f"Building configuration...\n\nCurrent configuration : {len(whole)} bytes\n{whole}"

    def _roll_back(self) -> None:
        if self._revert is None:
            return
        _, before, _ = self._revert
        self._revert = None
        self.running.root, self.running.acls = before.root, before.acls
        for session in self.sessions:
            session.displaced()

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


class Session:
    """One terminal: echo, prompts, modes, pages, questions."""

    def __init__(self, router: Router, user: str, source: str) -> None:
        self._router = router
        self.user = user
        self.source = source
        self.length = 24
        self._privileged = router.privilege >= 15
        self._stack: list[Place] = []
        self._typed = ""
        self._closed = False
        self._after_return = False
        self._pages: list[str] = []
        self._asked: list[Question] = []
        self._answers: Callable[[str], str] | None = None

    @property
    def closed(self) -> bool:
        """Has the session ended?"""
        return self._closed

    def start(self) -> str:
        """The first prompt."""
        return "\r\n" + self.prompt()

    def hangup(self) -> None:
        """The connection is gone. The router's timers go on."""
        self.lost()
        if self in self._router.sessions:
            self._router.sessions.remove(self)

    def lost(self) -> None:
        """The router went away."""
        self._closed = True

    def displaced(self) -> None:
        """The configuration was replaced: what the session was editing is no more."""
        if self._stack:
            self._stack = [Place("config", self._router.running.root)]

    def prompt(self) -> str:
        """Name and mode. In configuration mode the name is cut short."""
        if not self._stack:
            return self._router.hostname + ("#" if self._privileged else ">")
        return f"{self._router.hostname[:20]}({self._stack[-1].mode})#"

    def feed(self, data: str) -> str:
        """Characters typed; what the terminal shows."""
        out = ""
        for character in data:
            self._router.tick()
            if self.closed:
                break
            out += self._key(character)
        return out

    def _key(self, character: str) -> str:
        after, self._after_return = self._after_return, character == "\r"
        if character == "\n" and after:
            return ""
        if self._pages:
            return self._page(character)
        if character in "\r\n":
            return self._enter()
        if character == "\x1a":
            self._typed, self._stack = "", []
            return "^Z\r\n" + self.prompt()
        if character == "\x03":
            self._typed = ""
            self._answers = None
            return "\r\n" + self.prompt()
        if character == "\x04" and not self._typed:
            self._closed = True
            return "\r\n"
        if character in "\x7f\b":
            shown = "\b \b" if self._typed else ""
            self._typed = self._typed[:-1]
            return shown
        if character == "?" and self._answers is None:
            return "?\r\n" + self._help() + self.prompt() + self._typed
        self._typed += character
        return character

    def _help(self) -> str:
        return "  <cr>\r\n\r\n"

    def _enter(self) -> str:
        line, self._typed = self._typed, ""
        if self._answers is not None:
            answer, self._answers = self._answers, None
            reply = answer(line.strip())
        elif line.strip() and not line.strip().startswith("!"):
            reply = self._line(line)
        else:
            reply = ""
        return "\r\n" + self._shown(reply)

    def _shown(self, reply: str) -> str:
        if self._answers is not None:
            return reply.replace("\n", "\r\n")
        text = reply.replace("\n", "\r\n")
        if self._closed:
            return text
        lines = text.split("\r\n")
        if self.length and len(lines) > self.length:
            self._pages = lines
            return self._next(self.length - 1)
        return text + self.prompt()

    def _next(self, count: int) -> str:
        shown, self._pages = self._pages[:count], self._pages[count:]
        if self._pages and self._pages != [""]:
            return "\r\n".join(shown) + "\r\n --More-- "
        self._pages = []
        return "\r\n".join(shown) + "\r\n" + self.prompt()

    def _page(self, character: str) -> str:
        wipe = "\b" * 10 + " " * 10 + "\b" * 10
        if character == " ":
            return wipe + self._next(self.length - 1)
        if character in "\r\n":
            return wipe + self._next(1)
        self._pages = []
        return wipe + "\r\n" + self.prompt()

    def _line(self, line: str) -> str:
        prompt = self.prompt()
        try:
            return self.run(line)
        except Refusal as refusal:
            text = str(refusal)
            if not text.startswith("^"):
                return text + ("" if text.endswith("\n") or not text else "\n")
            column, rest = text[1:].split("\n", 1)
            return " " * (len(prompt) + int(column)) + "^\n" + rest + "\n"

    def run(self, line: str) -> str:
        """Carry a line out and give its reply. Raises Refusal."""
        text = line.strip()
        if self._stack:
            return self._configure(text)
        if "|" in text:
            return self._filtered(text)
        rows = PRIVILEGED if self._privileged else EXEC
        return self._command(grammar.match(rows, text)[1])

    def _configure(self, text: str) -> str:
        if text == "end":
            self._stack = []
            return ""
        if text in ("exit", "ex"):
            self._stack.pop()
            return ""
        if text.startswith("do "):
            return self._command(grammar.match(PRIVILEGED, text[3:].strip())[1])
        try:
            self._router.running.configure(text, self._stack, self._router.live)
        except Question as question:
            self._answers = partial(self._answered, question)
            return question.text
        return ""

    def _answered(self, question: Question, answer: str) -> str:
        if not answer.lower().startswith("y"):
            return question.refusal
        self._router.running.configure(
            f"no {question.line}", [self._stack[0]], self._router.live, forced=True
        )
        return ""

    def _filtered(self, text: str) -> str:
        command, _, rest = text.partition("|")
        word, _, pattern = rest.strip().partition(" ")
        if not word or not any(
            name.startswith(word) for name in ("include", "exclude", "section", "begin")
        ):
            raise Refusal(grammar.caret(text.find("|") + 2))
        output = self._command(grammar.match(PRIVILEGED, command.strip())[1])
        lines = output.splitlines()
        if word[0] == "i":
            lines = [one for one in lines if re.search(pattern, one)]
        elif word[0] == "e":
            lines = [one for one in lines if not re.search(pattern, one)]
        elif word[0] == "b":
            first = next((n for n, one in enumerate(lines) if re.search(pattern, one)), len(lines))
            lines = lines[first:]
        else:
            lines = _section(lines, pattern)
        return "".join(f"{one}\n" for one in lines)

    def _command(self, full: str) -> str:
        router = self._router
        words = full.split()
        if words[0] == "show":
            return self._show(full, words)
        match words:
            case ["exit"] | ["quit"] | ["logout"]:
                self._closed = True
            case ["enable"]:
                return self._enable()
            case ["disable"]:
                self._privileged = False
            case ["terminal", "length", number]:
                self.length = int(number)
            case ["configure", "terminal"]:
                self._stack = [Place("config", router.running.root)]
                return _CONFIGURING
            case ["configure", "terminal", "revert", "timer", minutes]:
                said = router.arm(int(minutes), self.user)
                self._stack = [Place("config", router.running.root)]
                return said + _CONFIGURING
            case ["configure", "confirm"]:
                return router.confirm(self.user)
            case ["configure", "revert", "now"]:
                return router.revert_now()
            case ["write"] | ["write", "memory"]:
                router.save()
                return "Building configuration...\n[OK]\n"
            case ["copy", *_]:
                self._answers = self._copied
                return "Destination filename [startup-config]? "
            case ["reload", *rest]:
                return self._reload(rest)
            case _:
                pass
        return ""

    def _enable(self) -> str:
        if self._privileged:
            return ""

        def answered(answer: str) -> str:
            self._privileged = answer == "enable"
            return "" if self._privileged else "% Bad secrets\n\n"

        self._answers = answered
        return "Password: "

    def _copied(self, answer: str) -> str:
        if answer not in ("", "startup-config"):
            return "%Error opening file (No such file or directory)\n"
        self._router.save()
        return "Building configuration...\n[OK]\n"

    def _reload(self, rest: list[str]) -> str:
        router = self._router
        if rest == ["cancel"]:
            if not router.restart_planned:
                return "%No reload is scheduled.\n"
            router.restart_in(None)
            return "\n\n***\n*** --- SHUTDOWN ABORTED ---\n***\n\n"
        minutes = int(rest[1]) if rest else None
        if router.configuration() != router.persisted():
            self._answers = lambda answer: self._saved_first(answer, minutes)
            return "\nSystem configuration has been modified. Save? [yes/no]: "
        return self._proceed(minutes)

    def _saved_first(self, answer: str, minutes: int | None) -> str:
        if answer.lower() not in ("yes", "no", "y", "n"):
            self._answers = lambda again: self._saved_first(again, minutes)
            return (
                "% Please answer 'yes' or 'no'.\n"
                "System configuration has been modified. Save? [yes/no]: "
            )
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

        self._answers = confirmed
        when = f"Reload scheduled in {minutes} minutes by {self.user}\n" if minutes else ""
        return f"{when}Proceed with reload? [confirm]"

    def _show(self, full: str, words: list[str]) -> str:
        router = self._router
        model = next(
            (n.text.split()[3] for n in router.running.top("license udi pid")), "ISR4331/K9"
        )
        name = words[3] if len(words) > 3 else None
        match full.split()[1:3]:
            case ["running-config"]:
                return router.printed()
            case ["startup-config"]:
                return f"Using {len(router.persisted())} out of 262136 bytes\n{router.persisted()}"
            case ["version"]:
                return shows.version_text(router.version, router.hostname, model)
            case ["ip", "interface"]:
                return shows.ip_brief(router.running, router.leases)
            case ["ipv6", "interface"]:
                return shows.ipv6_brief(router.running)
            case ["ip", "access-lists"]:
                return shows.access_lists(router.running, 4, name)
            case ["ipv6", "access-list"]:
                return shows.access_lists(router.running, 6, name)
            case ["users"]:
                rows = [(n, s.user, s.source, s is self) for n, s in enumerate(router.sessions)]
                return shows.users(rows)
            case ["archive"]:
                return shows.archive(router.running)
            case ["archive", "config"]:
                return router.pending()
            case ["clock"]:
                return "*10:01:46.355 UTC Wed Nov 25 2026\n"
        return ""


def _section(lines: list[str], pattern: str) -> list[str]:
    found, inside = [], False
    for line in lines:
        if not line.startswith(" "):
            inside = re.search(pattern, line) is not None
        if inside:
            found.append(line)
    return found
