"""The simulated routers that faults are tried on, one for each platform, each in need of a push."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import routercfg.lab
from routercfg.inventory.secret import Secret
from routercfg.lab import Lab
from routercfg.lab.faults import Fault
from routercfg.model.intent import Intent
from routercfg.net import PrefixSet
from routercfg.platforms import load_simulator
from routercfg.push import Options
from routercfg.transport import Target
from routercfg.transport.hostkeys import entry_name

PASSWORD = "correct horse"


@dataclass(frozen=True)
class Subject:
    """One platform under test.

    `line` and `reading` find a line of the plan and the main show command among what is sent;
    `refusal` is one of the platform's ways to refuse a line; `hurry` is how much faster the
    router's clock runs, so that its own revert comes soon. `revert_seconds` shortens the revert
    where its time starts at the first line. `library` is the way to the router; NAPALM's `line` is
    the command that makes the whole candidate live. `log` is a line as the router's log prints it,
    and `lonely` a line of the plan that no other needs; without it, that is `line`.
    """

    platform: str
    configuration: str
    options: dict[str, Any]
    user: str
    engineer: str
    stranger: str
    intent: Intent
    line: str
    reading: str
    refusal: str
    hurry: float
    revert_seconds: int | None = None
    library: Literal["netmiko", "napalm"] = "netmiko"
    log: str = ""
    lonely: str = ""

    def router(
        self, *, hurry: float | None = None, clock: Callable[[], float] | None = None
    ) -> Any:
        start, factor = time.monotonic(), hurry or self.hurry

        def hurried() -> float:
            return start + (time.monotonic() - start) * factor

        create = load_simulator(self.platform).create
        return create(self.configuration, clock=clock or hurried, **self.options)

    def lab(self, router: Any, *, source: str | None = None) -> Lab:
        """A lab with this router, or with these by name."""
        routers = router if isinstance(router, dict) else {"gw": router}
        return Lab(routers, users={self.user: PASSWORD}, seen_from=source or self.engineer)

    def target(self, lab: Lab, folder: Path, timeout: float = 3.0, *, name: str = "gw") -> Target:
        host, port = lab.address(name)
        known = folder / "known_hosts"
        places = (entry_name(*lab.address(one)) for one in lab.routers)
        known.write_text("".join(f"{place} {lab.host_key}\n" for place in places))
        return Target(
            router=name,
            platform=self.platform,
            intent=self.intent,
            host=host,
            port=port,
            user=self.user,
            password=Secret.of(PASSWORD),
            known_hosts=known,
            library=self.library,
            timeout=timeout,
        )

    def pushing(self, **changes: Any) -> Options:
        return Options(revert_seconds=self.revert_seconds, **changes)

    def fault(self, one: Fault) -> Fault:
        """The fault of the matrix with this platform's own words in it."""
        words = {
            "{line}": self.line,
            "{lonely}": self.lonely or self.line,
            "{reading}": self.reading,
            "{refusal}": self.refusal,
            "{log}": self.log,
        }
        return replace(
            one,
            matching=words.get(one.matching, one.matching),
            text=words.get(one.text, one.text),
        )

    def patience(self) -> float:
        """Real seconds after which the router must have reverted by itself."""
        return (self.revert_seconds or 600) / self.hurry + 3

    def __str__(self) -> str:
        return self.platform if self.library == "netmiko" else f"{self.platform} by NAPALM"


_MESSY = Path(routercfg.lab.__file__).with_name("demo") / "messy.rsc"
_MANAGED = Intent(
    provider=PrefixSet.of("203.0.113.0/24"),
    management_sources=PrefixSet.of("192.0.2.0/24"),
    pbx=PrefixSet.of("192.168.30.20"),
)

_IOS_LOG = (
    "*Nov 25 17:20:06.123: %SYS-5-CONFIG_I: Configured from console by admin on vty0 (192.0.2.130)"
)
_EMERGENCY = "\r\n\x07Message from syslogd@gw at Nov 25 17:20:06 ...\r\n kernel:CPU#0 stuck"
_BRANCH = Intent(
    provider=PrefixSet.of("203.0.113.0/24", "2001:db8:5060::/48"),
    management_sources=PrefixSet.of("192.0.2.128/28", "2001:db8:99::/64"),
    voice_subnets=PrefixSet.of("192.168.1.0/24"),
    pbx=PrefixSet.of("192.168.1.20"),
)

SUBJECTS: tuple[Subject, ...] = (
    Subject(
        platform="mikrotik_routeros",
        configuration=_MESSY.read_text(encoding="utf-8"),
        options={"hostname": "gw", "version": "7.12.2"},
        user="admin",
        engineer="192.0.2.10",
        stranger="198.51.100.77",
        intent=_MANAGED,
        line="service-port set sip",
        reading="^/export",
        refusal="failure: not allowed by device-mode",
        log="17:20:06 echo: system,info,account user admin logged in from 192.0.2.10 via ssh",
        # Safe mode counts only from the moment its session is lost, nine minutes.
        hurry=600,
    ),
    Subject(
        platform="cisco_ios",
        configuration="messy",
        options={"hostname": "gw"},
        user="admin",
        engineer="192.0.2.130",
        stranger="198.51.100.77",
        intent=_BRANCH,
        line="^no ip nat service sip",
        reading="^show running-config",
        refusal="% Invalid input detected at '^' marker.",
        hurry=5,
        revert_seconds=60,
        log=_IOS_LOG,
    ),
    Subject(
        platform="cisco_ios",
        library="napalm",
        configuration="messy",
        options={"hostname": "gw"},
        user="admin",
        engineer="192.0.2.130",
        stranger="198.51.100.77",
        intent=_BRANCH,
        line=r"^copy \S+ running-config",
        reading="^show running-config",
        refusal="% Incomplete command.",
        # netmiko takes its time; the revert must not come before the confirmation.
        hurry=3,
        revert_seconds=60,
        log=_IOS_LOG,
    ),
    Subject(
        platform="vyos",
        configuration="messy",
        options={"hostname": "gw", "version": "1.4.0"},
        user="vyos",
        engineer="203.0.113.9",
        stranger="192.0.2.77",
        intent=Intent(
            provider=PrefixSet.of("198.51.100.0/24", "2001:db8:5060::/48"),
            management_sources=PrefixSet.of("203.0.113.0/24"),
        ),
        line="^set firewall group",
        reading="^show configuration commands",
        refusal="  Set failed",
        hurry=5,
        revert_seconds=60,
        log=_EMERGENCY,
        lonely="^set system conntrack timeout udp stream",
    ),
    Subject(
        platform="ubiquiti_edgeos",
        configuration="messy",
        options={"hostname": "gw"},
        user="ubnt",
        engineer="203.0.113.9",
        stranger="192.0.2.77",
        intent=Intent(
            provider=PrefixSet.of("198.51.100.0/24", "2001:db8:5060::/48"),
            management_sources=PrefixSet.of("203.0.113.0/24"),
        ),
        line="^set system conntrack",
        reading="^show configuration commands",
        refusal="Set failed",
        hurry=5,
        revert_seconds=60,
        log=_EMERGENCY,
    ),
)
