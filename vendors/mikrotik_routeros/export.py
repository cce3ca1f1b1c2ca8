"""RouterOS exports, in every form they come in: compact, terse, verbose; RouterOS 6 and 7.

An export is a script. A statement is `/menu path` alone, `add …` or `set …` under the menu in
force, or both on one line (terse). Long lines end in `\\` and go on, indented, on the next one, in
the middle of a word if need be. The line number of a statement is that of its first physical line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from routercfg.errors import ParseError

from .lexing import PAIR, PAIRS, TOKEN, logical_lines, unescape

#: More unreadable lines than this, and it is not an export at all.
_MAX_PROBLEMS = 50
#: `# … by RouterOS 7.18.2` stands within the first few lines; a prompt and its echo may come first.
_HEADER_WITHIN = 12

_HEADER = re.compile(r"#\s*(?:.*\bby )?RouterOS (\d+\.\d\S*)\s*$")
_MODEL = re.compile(r"#\s*model\s*=\s*(.+?)\s*$")
_NOISE = re.compile(r"\d\d:\d\d:\d\d echo: |\[[^\]]*@[^\]]*\] (?:/[^>]*)?(?:>|<SAFE>)")
_REFUSAL = re.compile(
    r"(?:expected end of command|syntax error|bad command name|no such command|no such item"
    r"|invalid value|input does not match|ambiguous value|failure:|error:|script error:"
    r"|not enough permissions)",
    re.IGNORECASE,
)
#: Words above a statement by which RouterOS says that the statement is not in force.
_NOT_IN_FORCE = re.compile(r"inactivated|not possible|not ready|invalid|inactive", re.IGNORECASE)
_MENU = re.compile(r"/([a-z0-9-]+(?:[ /][a-z0-9-]+)*)")
#: A menu and what is done there, on one line, as terse exports have it.
_TERSE = re.compile(
    r"/((?:[a-z0-9-]+[ /])*?[a-z0-9-]+)[ /](add|set|remove|enable|disable|reset|unset)(?:\s+|$)"
)
_VERB = re.compile(r"(add|set|remove|enable|disable|reset|unset)(?:\s+|$)")
#: Sections that stand at the end of an export, and those of the same name that stand early in it.
_LAST = ("system", "tool", "user", "user-manager")
_EARLY = ("system logging action", "tool user-manager customer", "user group")
#: A whole router has at least one of these.
_ROUTER = ("interface", "ip address", "ip dhcp-client")


@dataclass(frozen=True, slots=True)
class Statement:
    """One `add` or `set`. `selector` is what `set` names: a name, a number, or `[ find … ]`."""

    menu: str
    verb: str
    line: int
    selector: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    in_force: bool = True

    def get(self, key: str, default: str = "") -> str:
        """A value as RouterOS means it, without quotes and escapes."""
        return self.values.get(key, default)

    def has(self, key: str, value: str) -> bool:
        """Is it said that the key has this value?"""
        return self.values.get(key) == value

    @property
    def disabled(self) -> bool:
        """Is it switched off by name?"""
        return self.values.get("disabled") in ("yes", "true")


@dataclass(frozen=True, slots=True)
class Export:
    """A whole export, read. `problems` are lines that could not be read, by the menu they hurt."""

    version: str
    model: str
    header: int
    menus: Mapping[str, tuple[Statement, ...]]
    problems: Mapping[str, tuple[int, str]]

    def all(self, menu: str) -> tuple[Statement, ...]:
        """The statements of one menu, in order."""
        return self.menus.get(menu, ())

    def adds(self, menu: str) -> tuple[Statement, ...]:
        """What is added in one menu, in order."""
        return tuple(one for one in self.all(menu) if one.verb == "add")

    def setting(self, menu: str) -> Statement | None:
        """The last `set` of a menu that has settings instead of items."""
        sets = [one for one in self.all(menu) if one.verb == "set"]
        return sets[-1] if sets else None

    def under(self, *prefixes: str) -> bool:
        """Is anything said under one of these menus?"""
        return any(menu == p or menu.startswith(f"{p} ") for menu in self.menus for p in prefixes)

    @property
    def verbose(self) -> bool:
        """Does it print defaults too? Only verbose exports list the services one by one."""
        return len(self.all("ip service")) >= 8 and len(self.all("ip firewall service-port")) >= 8


def parse(text: str) -> Export:
    """Read an export. Raises ParseError where it is none, is cut off, or is only part of one."""
    version, model, header = _header(text)
    reader = _Reader()
    reader.read(text)
    _whole(reader)
    return Export(
        version,
        model,
        header,
        {menu: tuple(found) for menu, found in reader.menus.items()},
        reader.problems,
    )


def _header(text: str) -> tuple[str, str, int]:
    head = text[:4000].splitlines()
    if "\x00" in text:
        raise ParseError("not an export of RouterOS: it is binary")
    for number, line in enumerate(head[:_HEADER_WITHIN], start=1):
        if _REFUSAL.match(line):
            raise ParseError(f"RouterOS refused the export: {line.strip()}")
        match = _HEADER.match(line)
        if match:
            models = (_MODEL.match(one) for one in head[number : number + 8])
            model = next((one[1] for one in models if one), "")
            return match[1], model, number
    raise ParseError("not an export of RouterOS: it has no line '# … by RouterOS <version>'")


def _whole(reader: _Reader) -> None:
    """Raise ParseError where nothing shows that this is the whole router.

    RouterOS prints sections in a fixed order with /system, /tool and /user last, so an export cut
    between two lines shows by its last section; so does the export of one menu.
    """
    last = reader.order[-1] if reader.order else ""
    if last and not reader.menus[last]:
        raise ParseError(f"the export is cut off: nothing follows /{last}")
    if reader.problem_line == reader.last_line:
        raise ParseError(f"the export is cut off: {reader.problems[last][1]}")
    early = any(last == menu or last.startswith(f"{menu} ") for menu in _EARLY)
    if early or last.split(" ")[0] not in _LAST:
        what = f"in /{last}" if last else "before its first section"
        raise ParseError(
            f"the export ends {what}, not in /system, /tool or /user: it is cut off, or only part"
        )
    if not any(menu == m or menu.startswith(f"{m} ") for menu in reader.order for m in _ROUTER):
        raise ParseError("the export is part of a router only: it holds no interface or address")


class _Reader:
    """Goes through an export line by line."""

    def __init__(self) -> None:
        self.menu = ""
        self.order: list[str] = []
        self.menus: dict[str, list[Statement]] = {}
        self.problems: dict[str, tuple[int, str]] = {}
        self.unreadable = 0
        self.problem_line = -1
        self.last_line = 0
        self.in_force = True

    def read(self, text: str) -> None:
        for number, line in logical_lines(text):
            if not line.strip() or _NOISE.match(line):
                continue
            if line.startswith("#"):
                self._comment(number, line)
            elif line[0] in " \t":
                self._problem(number, "goes on from a line that does not say so")
            else:
                self.last_line = number
                self._statement(number, line)
                self.in_force = True

    def _comment(self, number: int, line: str) -> None:
        if "#error exporting" in line or "# error exporting" in line:
            path = re.search(r"/[a-z0-9/ -]+", line)
            menu = path[0].strip("/ ").replace("/", " ") if path else ""
            if not menu:
                raise ParseError(f"RouterOS could not export all: {line.strip()}")
            self.problems.setdefault(menu, (number, line.strip()))
        elif _NOT_IN_FORCE.search(line):
            self.in_force = False

    def _statement(self, number: int, line: str) -> None:
        terse = _TERSE.match(line)
        if terse is not None:
            self._go(number, terse[1].replace("/", " "))
            self._arguments(number, terse[2], line[terse.end() :])
            return
        rest = self._enter(number, line) if line.startswith("/") else line
        if not rest:
            return
        verb = _VERB.match(rest)
        if verb is None or not self.menu:
            if _REFUSAL.match(line):
                raise ParseError(f"line {number} is a refusal: {line.strip()}")
            self._problem(number, f"is no statement of an export: {line.strip()[:60]}")
            return
        self._arguments(number, verb[1], rest[verb.end() :])

    def _enter(self, number: int, line: str) -> str | None:
        """Go to the menu that a line starts with; what is left of the line, None if unreadable."""
        match = _MENU.match(line)
        if match is None:
            self._problem(number, f"names no menu: {line.strip()[:60]}")
            return None
        words = re.split(r"[ /]", match[1])
        verb = next((i for i, word in enumerate(words) if _VERB.fullmatch(word)), len(words))
        menu = " ".join(words[:verb])
        left = "" if verb == len(words) else line[_offset(line, verb) :]
        if verb == len(words) and line[match.end() :].strip():
            self._problem(number, f"is no statement of an export: {line.strip()[:60]}")
            return None
        self._go(number, menu)
        return left

    def _go(self, number: int, menu: str) -> None:
        if menu == self.menu:
            return
        if menu in self.menus and menus_once(menu):
            self.problems.setdefault(menu, (number, f"/{menu} comes twice"))
        self.menu = menu
        self.order.append(menu)
        self.menus.setdefault(menu, [])

    def _arguments(self, number: int, verb: str, text: str) -> None:
        values: dict[str, str] = {}
        selector, at = "", 0
        if PAIRS.fullmatch(text):
            # Nearly every line: nothing but values, which need not be looked at one by one.
            for key, quoted, bare in PAIR.findall(text):
                values[key] = unescape(quoted) if quoted else bare
            at = len(text)
        while at < len(text):
            match = TOKEN.match(text, at)
            if match is None:
                if not text[at:].strip():
                    break
                self._problem(number, f"cannot be read from {text[at : at + 40]!r} on")
                return
            at = match.end()
            kind = match.lastgroup
            if kind in ("quoted", "bare"):
                values[match["key"]] = unescape(match[kind])
                if kind == "bare" and "=" in match["bare"]:
                    self._problem(number, f"runs two values together: {match[0].strip()[:60]!r}")
                    return
            elif kind == "unset":
                continue
            elif verb != "add" and not values and not selector:
                selector = match[0].strip()
            else:
                self._problem(number, f"has a word that is no value: {match[0].strip()[:40]!r}")
                return
        found = Statement(self.menu, verb, number, selector, values, self.in_force)
        self.menus[self.menu].append(found)

    def _problem(self, number: int, what: str) -> None:
        self.problems.setdefault(self.menu, (number, f"line {number} {what}"))
        self.unreadable += 1
        self.problem_line = number
        if self.unreadable > _MAX_PROBLEMS:
            raise ParseError(f"not an export of RouterOS: line {number} {what}")


def menus_once(menu: str) -> bool:
    """Does a real export print this menu in one piece? Firewall and services: always."""
    return menu.startswith(("ip ", "ipv6 ", "snmp"))


def _offset(line: str, words: int) -> int:
    """Where word number `words` of `/a b/c add` starts."""
    starts = [match.start() for match in re.finditer(r"[^/\s]+", line)]
    return starts[words]
