"""The router around its configuration: clock, sessions, safe mode, schedulers, derived rows."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from .exporting import Plate
from .store import Configuration, Item, Store
from .tree import Statement
from .values import duration

# Seconds; the TCP timeout after which a lost session counts as ended, where the router has anything
# to send. UNVERIFIED: when it finds out about one that it owes nothing.
SAFE_MODE_TIMEOUT = 540.0
SAFE_MODE_ACTIONS = 100  # what the history holds; one more and safe mode is left without undoing
BOOT_TIME = 15.0  # seconds from a reboot to the next login (measured on a virtual 7.24.4)
_BOOT = datetime(2025, 9, 16, 8, 0, 0)  # noqa: DTZ001  - the router's own wall clock


@dataclass(slots=True)
class Session:
    """Somebody who is logged in."""

    number: int
    user: str
    source: str
    via: str
    since: datetime
    lost_until: float | None = None  # its connection is gone, which the router finds out then
    notices: list[str] = field(default_factory=list)
    numbering: dict[str, list[int]] = field(default_factory=dict)


@dataclass(slots=True)
class SafeMode:
    """A held safe mode: who holds it, and what it goes back to."""

    owner: Session
    before: Configuration
    actions: int = 0


@dataclass(slots=True)
class Job:
    """Statements of a script that wait for the clock."""

    due: float
    statements: tuple[Statement, ...]
    menu: str


@dataclass(slots=True)
class Machine:
    """One router. `run_script` carries out statements for schedulers and jobs; see `commands`."""

    store: Store
    plate: Plate
    hardware: dict[str, str]
    clock: Callable[[], float]
    addresses: Mapping[str, str]
    device_mode: str
    notices_after: float = SAFE_MODE_TIMEOUT
    sessions: list[Session] = field(default_factory=list)
    safe: SafeMode | None = None
    jobs: list[Job] = field(default_factory=list)
    due: dict[int, float] = field(default_factory=dict)  # next run of schedulers by item number
    history: list[tuple[str, str]] = field(default_factory=list)
    started: float = 0.0
    booted: float = 0.0
    down_until: float = 0.0
    last_session: int = 0
    job_time: float | None = None  # while a job runs: when it was due, however late that is seen
    run_script: Callable[[str | tuple[Statement, ...], str], None] = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.booted = self.clock()

    @property
    def home(self) -> bool:
        return self.device_mode == "home"

    def now(self) -> datetime:
        """The router's wall clock."""
        return _BOOT + timedelta(seconds=int(self.clock() - self.started))

    def log_in(self, user: str, source: str, via: str) -> Session:
        self.last_session += 1
        session = Session(self.last_session, user, source, via, self.now())
        self.sessions.append(session)
        return session

    def log_out(self, session: Session) -> None:
        if session in self.sessions:
            self.sessions.remove(session)

    def changed(self, action: str, session: Session) -> None:
        """Note one action that changed the configuration."""
        self.history.append((action, session.user))
        self.derive()
        if self.safe is None:
            return
        self.safe.actions += 1
        if self.safe.actions > SAFE_MODE_ACTIONS:
            self.safe = None

    def take(self, session: Session) -> None:
        self.safe = SafeMode(session, self.store.config.copy())

    def release(self) -> None:
        self.safe = None

    def unroll(self) -> None:
        """Go back to where safe mode began, changes of other sessions included."""
        if self.safe is not None:
            self.store.config = self.safe.before
            self.safe = None
            self.derive()

    def lost(self, session: Session) -> None:
        """A session's connection broke; the router finds out when TCP gives up.

        Until then it is logged in, and holds safe mode if it did.
        """
        session.lost_until = self.clock() + self.notices_after

    def reboot(self) -> None:
        """Sessions, safe mode, history, jobs and tracked connections are gone; files stay."""
        for session in list(self.sessions):
            self.log_out(session)
        self.safe = None
        self.history.clear()
        self.jobs.clear()
        self.due.clear()
        self.store.rows("ip firewall connection").clear()
        self.booted = self.clock()
        self.down_until = self.booted + BOOT_TIME
        self.derive()

    @property
    def is_up(self) -> bool:
        """Whether it answers; not while it boots."""
        return self.clock() >= self.down_until

    def pass_time(self) -> None:
        """Do everything that has become due since the last look."""
        now = self.clock()
        for session in [one for one in self.sessions if (one.lost_until or now + 1) <= now]:
            if self.safe is not None and self.safe.owner is session:
                self.unroll()
            self.log_out(session)
        self._run_jobs(now)
        self._run_schedulers(now)

    def later(self, seconds: int, statements: tuple[Statement, ...], menu: str) -> None:
        """Carry out statements some seconds from now; inside a job, from when it was due."""
        moment = self.clock() if self.job_time is None else self.job_time
        self.jobs.append(Job(moment + seconds, statements, menu))

    def _run_jobs(self, now: float) -> None:
        while ready := [job for job in self.jobs if job.due <= now]:
            job = min(ready, key=lambda waiting: waiting.due)
            self.jobs.remove(job)
            self.job_time = job.due
            try:
                self.run_script(job.statements, job.menu)
            finally:
                self.job_time = None

    def _run_schedulers(self, now: float) -> None:
        for item in list(self.store.rows("system scheduler")):
            due = self.due.setdefault(item.number, self._first_run(item))
            interval = duration(item.values.get("interval", "0s"))
            while due <= now and not item.disabled and item in self.store.rows("system scheduler"):
                item.facts["run-count"] = str(int(item.facts.get("run-count", "0")) + 1)
                self.due[item.number] = due = due + interval if interval else float("inf")
                self.run_script(item.values.get("on-event", ""), "")

    def _first_run(self, item: Item) -> float:
        start = item.values.get("start-time", "")
        if start == "startup":
            return self.clock() + 3
        interval = duration(item.values.get("interval", "0s"))
        try:
            at = time.fromisoformat(start)
        except ValueError:
            return self.clock() + interval
        wanted = datetime.combine(self._start_day(item), at)
        ahead = (wanted - self.now()).total_seconds()
        if ahead > 0:
            return self.clock() + ahead
        return self.clock() + (interval or float("inf"))

    def _start_day(self, item: Item) -> datetime:
        for form in ("%Y-%m-%d", "%b/%d/%Y"):
            try:
                return datetime.strptime(item.values.get("start-date", ""), form)  # noqa: DTZ007  - wall clock
            except ValueError:
                continue
        return self.now()

    def derive(self) -> None:
        """Bring the dynamic rows in line with the configuration: addresses, routes, UPnP rules."""
        wanted = self._dynamic_rows()
        for path in ("ip address", "ipv6 address", "ip route", "ipv6 route"):
            rows = self.store.rows(path)
            fresh = [values for where, values in wanted if where == path]
            kept = [i for i in rows if not i.dynamic or _core(i, fresh)]
            self.store.config.items[path] = kept
            for values in fresh:
                if not any(i.dynamic and _same(i, values) for i in kept):
                    self.store.add(path, {k: v for k, v in values.items() if k not in _FACTS},
                                   {k: v for k, v in values.items() if k in _FACTS})  # fmt: skip
        self._mark_ipv6()
        if self.store.setting("ip upnp", "enabled") == "no":
            nat = self.store.rows("ip firewall nat")
            self.store.config.items["ip firewall nat"] = [i for i in nat if not i.dynamic]

    def _dynamic_rows(self) -> list[tuple[str, dict[str, str]]]:
        rows: list[tuple[str, dict[str, str]]] = []
        clients = {i.values.get("interface"): i for i in self.store.rows("ip dhcp-client")}
        tunnels = {i.values["name"]: i for i in self.store.rows("interface pppoe-client")}
        for interface, address in self.addresses.items():
            source = clients.get(interface) or tunnels.get(interface)
            if source is None or source.disabled or ":" in address:
                continue
            found = ipaddress.ip_interface(address)
            source.facts |= {"status": "bound", "address": address}
            network = str(found.network.network_address)
            rows.append(("ip address", {"address": address, "network": network,
                                        "interface": interface, "dynamic": "yes"}))  # fmt: skip
            if source.values.get("add-default-route") != "no":
                gateway = (
                    interface if interface in tunnels else str(found.network.network_address + 1)
                )
                rows.append(("ip route", {"dst-address": "0.0.0.0/0", "gateway": gateway,
                                          "dynamic": "yes", "active": "yes"}))  # fmt: skip
        rows += self._connected(rows)
        return rows + self._ipv6_rows()

    def _connected(
        self, dynamic: list[tuple[str, dict[str, str]]]
    ) -> list[tuple[str, dict[str, str]]]:
        have = [i.values for i in self.store.rows("ip address") if not i.dynamic and not i.disabled]
        have += [values for path, values in dynamic if path == "ip address"]
        return [
            ("ip route", {"dst-address": str(ipaddress.ip_interface(v["address"]).network),
                          "gateway": v["interface"], "distance": "0", "scope": "10",
                          "dynamic": "yes", "active": "yes", "connect": "yes"})
            for v in have
        ]  # fmt: skip

    def _ipv6_rows(self) -> list[tuple[str, dict[str, str]]]:
        if not self.ipv6_runs():
            return []
        rows = []
        for number, link in enumerate(self.store.links(), 1):
            name = link.values["name"]
            if link.disabled or not self._has_address(name):
                continue
            address = f"fe80::200:5eff:fe10:{number:x}/64"
            rows.append(("ipv6 address", {"address": address, "interface": name, "advertise": "no",
                                          "dynamic": "yes", "link-local": "yes"}))  # fmt: skip
        for interface, address in self.addresses.items():
            if ":" in address:
                rows += _delegated(interface.removesuffix("/6"), address)
        return rows

    def ipv6_runs(self) -> bool:
        """Whether the router speaks IPv6 at all."""
        return (
            self.store.ipv6_package and self.store.setting("ipv6 settings", "disable-ipv6") != "yes"
        )

    def _has_address(self, interface: str) -> bool:
        rows = self.store.rows("ip address") + self.store.rows("ipv6 address")
        return interface in self.addresses or any(
            not row.dynamic and row.values.get("interface") == interface for row in rows
        )

    def _mark_ipv6(self) -> None:
        for item in self.store.rows("ipv6 address"):
            if item.dynamic:
                continue
            local = item.values.get("address", "").startswith("fe80")
            item.facts["link-local" if local else "global"] = "yes"
            item.facts["invalid"] = "no" if self.ipv6_runs() else "yes"


def _delegated(interface: str, address: str) -> list[tuple[str, dict[str, str]]]:
    """What the provider gives over IPv6: an address and a default route."""
    here = {"address": address, "interface": interface, "advertise": "no"}
    there = {"dst-address": "::/0", "gateway": f"fe80::1%{interface}"}
    return [
        ("ipv6 address", here | {"dynamic": "yes", "global": "yes"}),
        ("ipv6 route", there | {"dynamic": "yes", "active": "yes"}),
    ]


_FACTS = frozenset({"dynamic", "active", "connect", "link-local", "global"})


def _same(item: Item, values: dict[str, str]) -> bool:
    return all(item.get(name) == value for name, value in values.items())


def _core(item: Item, fresh: list[dict[str, str]]) -> bool:
    return any(_same(item, values) for values in fresh)
