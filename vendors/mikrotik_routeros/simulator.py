"""A simulated RouterOS router for the lab and for tests.

    router = create("messy", version="7.18.2")
    router.execute("/ip firewall service-port set sip disabled=yes", "admin", "192.168.10.50")

Independent of this pack: it has its own understanding of the platform, in `simulation/`.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping

from .simulation.admission import admits
from .simulation.commands import Commands
from .simulation.exporting import Form, Plate, export
from .simulation.factory import ADDRESSES, named
from .simulation.interpreter import Interpreter, Stop
from .simulation.machine import SAFE_MODE_TIMEOUT, Machine, Session
from .simulation.menu_table import MENUS
from .simulation.refusals import ParseRefusal, Refusal
from .simulation.release import Release
from .simulation.resolving import Resolver
from .simulation.runtime import Ask
from .simulation.store import Store, furnish
from .simulation.syntax import joined_lines
from .simulation.terminal import Terminal
from .simulation.tree import Statement

_BOARDS = {
    "RB4011iGS+": ("arm", "RB4011iGS+", "al2", "1024.0MiB", "ARM", 10),
    "RB750Gr3": ("mmips", "hEX", "mt7621L", "256.0MiB", "MIPS 1004Kc V2.15", 5),
    "CHR": ("x86_64", "CHR", "", "256.0MiB", "QEMU", 5),
}


_LINK_NAME = re.compile(r"\b(?:default-)?name=([\w.@+-]+)")


class ConfigurationRefusedError(ValueError):
    """The router would not take this configuration; says which line and what it answers."""


class RouterOs:
    """One router. Implements `routercfg.lab.simulator.Simulator`."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._lock = threading.RLock()
        self._terminals: list[Terminal] = []
        self._resolver = Resolver(machine.store.release, machine.store.ipv6_package)
        machine.run_script = self._run_script

    @property
    def hostname(self) -> str:
        with self._lock:
            self._machine.pass_time()
            return self._machine.store.setting("system identity", "name")

    def login(self, user: str, source: str) -> LockedShell:
        """Open a terminal. `user` may bear RouterOS login options: `admin+ct511w4098h`."""
        name, _, options = user.partition("+")
        with self._lock:
            self._machine.pass_time()
            session = self._machine.log_in(name, source, "ssh")
            terminal = Terminal.open(self._machine, session, self._resolver, options)
            self._terminals = [*(t for t in self._terminals if not t.closed), terminal]
        return LockedShell(terminal, self._lock)

    def execute(self, command: str, user: str, source: str) -> tuple[str, int]:
        """Run one command without a terminal. The status is always 0, refusals are printed."""
        with self._lock:
            self._machine.pass_time()
            session = self._machine.log_in(user.partition("+")[0], source, "ssh")
            run = Interpreter(self._resolver, Commands(self._machine, session))
            try:
                run.run(command)
            except Refusal as refusal:
                run.print(str(refusal) + self._whereabouts(run, refusal))
            except Ask as ask:
                run.printed.append(ask.question)  # nobody answers; nothing happens
            except Stop:
                pass
            if self._machine.safe is not None and self._machine.safe.owner is session:
                self._machine.unroll()  # its session ends here. UNVERIFIED: at once, not later
            self._machine.log_out(session)
            return "".join(f"{line}\r\n" for line in run.printed), 0

    def configuration(self) -> str:
        """Everything that is configured, secrets included, one full command a line."""
        with self._lock:
            self._machine.pass_time()
            lines = export(self._machine.store, Form(terse=True, secrets=True))
            for item in self._machine.store.rows("user"):
                fields = [f"{k}={v}" for k, v in sorted(item.values.items()) if v]
                lines.append(f"/user {' '.join(fields)}")
            return "\n".join(lines) + "\n"

    def persisted(self) -> str:
        """RouterOS writes every change at once; there is nothing to save.

        UNVERIFIED: what a reboot during safe mode leaves. Taken here: the changes stay.
        """
        return self.configuration()

    def may_connect(self, source: str, port: int) -> bool:
        with self._lock:
            self._machine.pass_time()
            return self._machine.is_up and admits(self._machine, source, port)

    def log(self, line: str) -> None:
        """Let a log line appear on every open terminal, before the next reply."""
        with self._lock:
            for terminal in self._terminals:
                terminal.log_lines.append(line)

    def map_port(self, protocol: str, port: int, address: str, to_port: int) -> bool:
        """A LAN host asks for a port over UPnP; whether the router opened it."""
        store = self._machine.store
        outside = [i for i in store.rows("ip upnp interfaces") if i.values["type"] == "external"]
        with self._lock:
            if store.setting("ip upnp", "enabled") != "yes" or not outside:
                return False
            values = {
                "chain": "dstnat", "action": "dst-nat", "protocol": protocol,
                "dst-port": str(port), "to-addresses": address, "to-ports": str(to_port),
                "in-interface": outside[0].values["interface"],
                "comment": f"upnp {address}: lab",
            }  # fmt: skip
            store.add("ip firewall nat", values, {"dynamic": "yes"})
            return True

    def track(self, protocol: str, source: str, destination: str) -> None:
        """Put a connection into the tracking table; both ends are `address:port`."""
        values = {"protocol": protocol, "timeout": "2m59s"}
        for name, end in (("src", source), ("dst", destination)):
            address, _, port = end.rpartition(":")
            if self._machine.store.release.is_six:
                values[f"{name}-address"] = end
            else:
                values |= {f"{name}-address": address, f"{name}-port": port}
        facts = {"seen-reply": "yes", "assured": "yes", "confirmed": "yes"}
        with self._lock:
            self._machine.store.add("ip firewall connection", values, facts)

    def _whereabouts(self, run: Interpreter, refusal: Refusal) -> str:
        release, call = self._machine.store.release, run.last_call
        if not release.names_the_command_in_failures or isinstance(refusal, ParseRefusal):
            return ""
        if call is None or not str(refusal).startswith(("failure:", "not enough", "missing")):
            return ""
        path = f"/{call.path}/{call.command}".replace(" ", "/")
        return f" ({path}; line {call.spot.line})"

    def _run_script(self, script: str | tuple[Statement, ...], menu: str) -> None:
        session = Session(0, "*script", "", "script", self._machine.now())
        run = Interpreter(
            self._resolver, Commands(self._machine, session), menu=menu, background=True
        )
        try:
            if isinstance(script, tuple):
                run.block(script)
            else:
                by_name = [
                    i for i in self._machine.store.rows("system script")
                    if i.values.get("name") == script
                ]  # fmt: skip
                run.run(by_name[0].values.get("source", "") if by_name else script)
        except (Refusal, Stop):
            return  # a script that fails only writes to the log


class LockedShell:
    """A terminal whose router other threads look at too."""

    def __init__(self, terminal: Terminal, lock: threading.RLock) -> None:
        self._terminal = terminal
        self._lock = lock

    @property
    def closed(self) -> bool:
        return self._terminal.closed

    def start(self) -> str:
        with self._lock:
            return self._terminal.start()

    def feed(self, data: str) -> str:
        with self._lock:
            return self._terminal.feed(data)

    def hangup(self) -> None:
        with self._lock:
            self._terminal.hangup()


def create(
    configuration: str | None = None,
    *,
    version: str = "7.18.2",
    model: str = "RB4011iGS+",
    hostname: str | None = None,
    clock: Callable[[], float] = time.monotonic,
    addresses: Mapping[str, str] | None = None,
    ipv6_package: bool | None = None,
    device_mode: str | None = None,
    notices_after: float = SAFE_MODE_TIMEOUT,
) -> RouterOs:
    """A router with a configuration: an export's text, or a name (`defconf`, `messy`, `blank`).

    Without a configuration: `defconf`. `addresses` are what the provider hands out, by interface
    (for an IPv6 address beside an IPv4 one, `interface/6`). `ipv6_package` is about version 6, off
    by default there. `device_mode` is `home` or `advanced`; by default what the release ships with.
    `notices_after`: seconds until the router finds out that a session's connection is gone.

    Raises:
        ConfigurationRefusedError: the router would refuse a line of the configuration.
    """
    release = Release(version)
    has_ipv6 = (not release.is_six) if ipv6_package is None else ipv6_package
    name = "defconf" if configuration is None else configuration
    text = named(name, release, has_ipv6) if "\n" not in name else None
    store = Store(release, has_ipv6)
    arch, board, firmware, memory, cpu, ports = _BOARDS.get(model, _BOARDS["RB4011iGS+"])
    furnish(store, tuple(f"ether{n}" for n in range(1, ports + 1)))
    virtual = model == "CHR"
    default_mode = "home" if release.ships_in_home_mode and not virtual else "advanced"
    machine = Machine(
        store,
        Plate("1A2B-3C4D", "" if virtual else model, "" if virtual else "D4500E123456"),
        {"architecture": arch, "board": board, "firmware": firmware, "memory": memory, "cpu": cpu},
        clock,
        ADDRESSES.get(name, {}) if addresses is None else addresses,
        device_mode or default_mode,
        notices_after,
    )
    router = RouterOs(machine)
    _load(machine, name if text is None else text)
    if hostname is not None:
        store.settings("system identity")["name"] = hostname
    machine.derive()
    machine.history.clear()
    return router


def _load(machine: Machine, text: str) -> None:
    """Apply an export. Sections that are not simulated are kept and exported to the letter."""
    session = Session(0, "admin", "", "load", machine.now())
    commands = Commands(machine, session, home_checks=False)
    resolver = Resolver(machine.store.release, machine.store.ipv6_package)
    menu = ""
    for number, line in enumerate(joined_lines(text.lstrip("\ufeff")).split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        path, command = _section(line, menu)
        menu = path if not command else menu
        if path not in MENUS:
            if command:
                machine.store.config.kept.setdefault(path, []).append(command)
                if path.startswith("interface "):
                    machine.store.config.foreign_links |= set(_LINK_NAME.findall(command))
            continue
        if not command:
            continue
        try:
            Interpreter(resolver, commands, menu=path).run(command)
        except Refusal as refusal:
            raise ConfigurationRefusedError(f"line {number}: {line.strip()}: {refusal}") from None


def _section(line: str, menu: str) -> tuple[str, str]:
    """The menu of an export line and the command in it, empty on a line that only names a menu."""
    if not line.startswith("/"):
        return menu, line.strip()
    words = line[1:].split(" ")
    for index, word in enumerate(words):
        if word in ("add", "set", "remove", "disable", "enable"):
            return " ".join(words[:index]).replace("/", " "), " ".join(words[index:])
    return " ".join(words).replace("/", " ").strip(), ""
