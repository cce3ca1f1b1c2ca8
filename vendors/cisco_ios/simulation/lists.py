"""Access lists of the simulated router: entries with numbers, and what they do to a packet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from .grammar import Refusal, caret

NAMES = {
    "tcp": {"telnet": 23, "www": 80, "smtp": 25, "ftp": 21, "ftp-data": 20, "domain": 53,
            "bgp": 179},
    "udp": {
        "domain": 53, "snmp": 161, "tftp": 69, "ntp": 123, "isakmp": 500, "syslog": 514,
        "bootps": 67, "bootpc": 68, "non500-isakmp": 4500,
    },
}  # fmt: skip
_PROTOCOLS = ("ip", "ipv6", "tcp", "udp", "icmp", "esp", "gre", "ahp", "ospf", "object-group")
_FLAGS = ("established", "log", "log-input", "reflect")
_ICMP4 = (
    "echo",
    "echo-reply",
    "unreachable",
    "time-exceeded",
    "packet-too-big",
    "traceroute",
    "ttl-exceeded",
)
_ICMP6 = (
    "nd-ns", "nd-na", "router-solicitation", "router-advertisement", "echo-request", "echo-reply",
    "packet-too-big", "time-exceeded", "parameter-problem", "unreachable",
)  # fmt: skip


@dataclass(slots=True)
class Acl:
    """One list: `kind` is standard, extended or ipv6. Entries are (number, text)."""

    kind: str
    name: str
    entries: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: str) -> None:
        """Take a line typed in the list's mode. Raises Refusal."""
        words = line.split()
        number: int | None = None
        if words and words[0].isdecimal():
            number, words = int(words[0]), words[1:]
        elif (
            self.kind == "ipv6"
            and words[:1] == ["sequence"]
            and words[1:2]
            and words[1].isdecimal()
        ):
            number, words = int(words[1]), words[2:]
        text = self.canonical(words, line)
        if not text.startswith("remark") and any(old == text for _, old in self.entries):
            return  # the same entry again changes nothing, whatever its number
        if number is None:
            number = max((n for n, _ in self.entries), default=0) + 10
        elif any(n == number for n, _ in self.entries):
            raise Refusal("% Duplicate sequence number\n")
        self.entries.append((number, text))
        self.entries.sort(key=lambda entry: entry[0])

    def remove(self, line: str) -> None:
        """`no 10` or `no permit …`. What is not there is refused."""
        words = line.split()
        if len(words) == 1 and words[0].isdecimal():
            kept = [e for e in self.entries if e[0] != int(words[0])]
        else:
            if words[:1] and words[0].isdecimal():
                words = words[1:]
            text = self.canonical(words, line)
            kept = [e for e in self.entries if e[1] != text]
        if len(kept) == len(self.entries):
            raise Refusal("% Error: Specified ACE does not exist\n")
        self.entries = kept

    def resequence(self, start: int, step: int) -> None:
        """Number the entries anew."""
        self.entries = [(start + step * n, text) for n, (_, text) in enumerate(self.entries)]

    def canonical(self, words: list[str], line: str) -> str:
        """An entry as the router prints it. Raises Refusal at the first word it does not know."""
        if not words:
            raise Refusal("% Incomplete command.\n")
        if words[0] == "remark":
            return " ".join(words)
        reader = _Reader(words, line, self.kind)
        return reader.read()


class _Reader:
    def __init__(self, words: list[str], line: str, kind: str) -> None:
        self._words = words
        self._line = line
        self._kind = kind
        self._place = 0
        self._out: list[str] = []

    def read(self) -> str:
        verdict = self._take(
            ("permit", "deny", "evaluate") if self._kind != "standard" else ("permit", "deny")
        )
        if verdict == "evaluate":
            self._out.append(self._name())
            return self._end()
        if self._kind == "standard":
            self._address(bare=True)
            if self._more():
                self._take(("log",))
            return self._end()
        protocol = self._protocol()
        self._address()
        self._ports(protocol)
        self._address()
        self._ports(protocol)
        if (
            protocol == "icmp"
            and self._more()
            and self._peek() in (_ICMP6 if self._kind == "ipv6" else _ICMP4)
        ):
            self._take(_ICMP6 if self._kind == "ipv6" else _ICMP4)
        while self._more():
            flag = self._take(_FLAGS)
            if flag == "established" and protocol != "tcp":
                self._place -= 1
                self._wrong()
            if flag == "reflect":
                self._out.append(self._name())
        return self._end()

    def _protocol(self) -> str:
        if self._more() and self._peek().isdecimal() and int(self._peek()) < 256:
            word = self._peek()
            self._place += 1
            self._out.append(word)
            return word
        names = tuple(p for p in _PROTOCOLS if p != ("ipv6" if self._kind == "extended" else "ip"))
        protocol = self._take(names)
        if protocol == "object-group":
            self._out.append(self._name())
        return protocol

    def _address(self, *, bare: bool = False) -> None:
        if not self._more():
            raise Refusal("% Incomplete command.\n")
        word = self._peek()
        if word in ("any", "host", "object-group"):
            self._place += 1
            if word == "any":
                self._out.append("any")
                return
            if word == "object-group" and self._kind == "extended":
                self._out += ["object-group", self._name()]
                return
            if word == "host" and self._more():
                value = self._valid(IPv6Address if self._kind == "ipv6" else IPv4Address)
                self._out += [str(value).upper()] if bare else ["host", str(value).upper()]
                return
            self._wrong()
        if self._kind == "ipv6":
            value6 = self._valid(lambda text: IPv6Network(text, strict=False), needs="/")
            self._out.append(str(value6).upper())
            return
        address = self._valid(IPv4Address)
        if bare and (not self._more() or not re.match(r"\d+\.", self._peek())):
            self._out.append(str(address))
            return
        wild = self._valid(IPv4Address)
        low = IPv4Address(int(IPv4Address(str(address))) & ~int(IPv4Address(str(wild))))
        if int(IPv4Address(str(wild))) == 0:
            self._out += [str(low)] if bare else ["host", str(low)]
        elif int(IPv4Address(str(wild))) == 2**32 - 1:
            self._out.append("any")
        else:
            self._out += [str(low), str(wild)]

    def _ports(self, protocol: str) -> None:
        if protocol not in ("tcp", "udp") or not self._more():
            return
        if self._peek() not in ("eq", "range", "gt", "lt", "neq"):
            return
        operator = self._take(("eq", "range", "gt", "lt", "neq"))
        self._out.append(self._port(protocol))
        if operator == "range":
            self._out.append(self._port(protocol))

    def _port(self, protocol: str) -> str:
        if not self._more():
            raise Refusal("% Incomplete command.\n")
        word = self._peek()
        names = NAMES[protocol]
        if word in names:
            self._place += 1
            return word
        if not word.isdecimal() or int(word) > 65535:
            self._wrong()
        self._place += 1
        return next((name for name, number in names.items() if number == int(word)), str(int(word)))

    def _take(self, choices: tuple[str, ...]) -> str:
        if not self._more():
            raise Refusal("% Incomplete command.\n")
        word = self._peek().lower()
        found = [word] if word in choices else [c for c in choices if c.startswith(word)]
        if len(found) != 1:
            self._wrong()
        self._place += 1
        self._out.append(found[0])
        return found[0]

    def _name(self) -> str:
        if not self._more():
            raise Refusal("% Incomplete command.\n")
        self._place += 1
        return self._words[self._place - 1]

    def _valid(self, kind: object, needs: str = "") -> object:
        if not self._more():
            raise Refusal("% Incomplete command.\n")
        word = self._peek()
        try:
            value = kind(word) if needs in word else None  # type: ignore[operator]
        except ValueError:
            value = None
        if value is None:
            self._wrong()
        self._place += 1
        return value

    def _more(self) -> bool:
        return self._place < len(self._words)

    def _peek(self) -> str:
        return self._words[self._place]

    def _wrong(self) -> None:
        word = self._words[min(self._place, len(self._words) - 1)]
        raise Refusal(caret(max(self._line.find(word), 0)))

    def _end(self) -> str:
        if self._more():
            self._wrong()
        return " ".join(self._out)
