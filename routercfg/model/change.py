"""Changes: vendor-neutral operations that close a finding. A pack renders each with one template.

The template of `DisableSipAlg` is `render/disable_sip_alg.j2`, and so on: the name in snake case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from routercfg.model.state import Forward, Helper, Listener, PortMapper, UdpTimer
from routercfg.net import PortSet, PrefixSet


@dataclass(frozen=True, slots=True)
class Change:
    """Base of all changes. `requirement` is the id of the requirement it serves."""

    requirement: ClassVar[str]
    #: Place in the plan, low first: what opens comes before what closes, so that a session that
    #: is pushing never loses its own way in between.
    order: ClassVar[int]

    @classmethod
    def template(cls) -> str:
        """Name of the pack's template for this change, without folder and ending."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @property
    def summary(self) -> str:
        """One line for the plan."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class AllowProvider(Change):
    """Let everything between the LAN and the provider's prefixes pass, before anything drops it."""

    requirement: ClassVar[str] = "provider-access"
    order: ClassVar[int] = 10
    prefixes: PrefixSet

    @property
    def summary(self) -> str:
        return f"let the provider pass: {self.prefixes}"


@dataclass(frozen=True, slots=True)
class EnableTftp(Change):
    """Make TFTP work through NAT."""

    requirement: ClassVar[str] = "tftp"
    order: ClassVar[int] = 20
    helpers: tuple[Helper, ...]

    @property
    def summary(self) -> str:
        return "let TFTP work through NAT"


@dataclass(frozen=True, slots=True)
class SetUdpTimeouts(Change):
    """Raise the named UDP timers to `seconds`."""

    requirement: ClassVar[str] = "udp-timeouts"
    order: ClassVar[int] = 30
    seconds: int
    timers: tuple[UdpTimer, ...]

    @property
    def summary(self) -> str:
        names = ", ".join(f"{timer.id} (now {timer.seconds} s)" for timer in self.timers)
        return f"raise UDP timers to {self.seconds} s: {names}"


@dataclass(frozen=True, slots=True)
class DisableSipAlg(Change):
    """Switch these SIP helpers off."""

    requirement: ClassVar[str] = "sip-alg"
    order: ClassVar[int] = 40
    helpers: tuple[Helper, ...]

    @property
    def summary(self) -> str:
        return f"switch the SIP ALG off: {', '.join(helper.id for helper in self.helpers)}"


@dataclass(frozen=True, slots=True)
class DisableUpnp(Change):
    """Switch UPnP, NAT-PMP and PCP off."""

    requirement: ClassVar[str] = "upnp"
    order: ClassVar[int] = 50
    mappers: tuple[PortMapper, ...]

    @property
    def summary(self) -> str:
        return f"switch off {', '.join(mapper.id for mapper in self.mappers)}"


@dataclass(frozen=True, slots=True)
class RemoveForward(Change):
    """Remove this forward."""

    requirement: ClassVar[str] = "sip-forwards"
    order: ClassVar[int] = 60
    forward: Forward

    @property
    def summary(self) -> str:
        return f"remove forward {self.forward.id} ({self.forward.ports} to {self.forward.to})"


@dataclass(frozen=True, slots=True)
class SplitForward(Change):
    """Narrow this forward to what is no SIP or RTP: `keep` is (protocol, external ports) pairs."""

    requirement: ClassVar[str] = "sip-forwards"
    order: ClassVar[int] = 61
    forward: Forward
    keep: tuple[tuple[str, PortSet], ...]

    @property
    def summary(self) -> str:
        kept = " and ".join(f"{protocol} {ports}" for protocol, ports in self.keep)
        return f"narrow forward {self.forward.id} to {kept}"


@dataclass(frozen=True, slots=True)
class RestrictForward(Change):
    """Let only these sources use this forward."""

    requirement: ClassVar[str] = "management"
    order: ClassVar[int] = 62
    forward: Forward
    sources: PrefixSet

    @property
    def summary(self) -> str:
        return f"let only {self.sources} use forward {self.forward.id}"


@dataclass(frozen=True, slots=True)
class DefendIpv6(Change):
    """Make IPv6 inbound stateful default-deny with the ICMPv6 that RFC 4890 asks for.

    `management_sources` keep their way in; without them a router managed over IPv6 would be lost.
    """

    requirement: ClassVar[str] = "ipv6"
    order: ClassVar[int] = 70
    wans: tuple[str, ...]
    to_router: bool
    to_lan: bool
    management_sources: PrefixSet

    @property
    def summary(self) -> str:
        targets = [
            name for name, is_open in (("router", self.to_router), ("LAN", self.to_lan)) if is_open
        ]
        return f"refuse new IPv6 connections from outside to {' and '.join(targets)}"


@dataclass(frozen=True, slots=True)
class DisableIpv6(Change):
    """Leave no IPv6 address, router advertisement or route."""

    requirement: ClassVar[str] = "ipv6"
    order: ClassVar[int] = 71

    @property
    def summary(self) -> str:
        return "switch IPv6 off"


@dataclass(frozen=True, slots=True)
class RestrictEgress(Change):
    """Let SIP and RTP leave only from the voice subnets, and only to the provider."""

    requirement: ClassVar[str] = "egress"
    order: ClassVar[int] = 80
    wans: tuple[str, ...]
    voice: PrefixSet
    provider: PrefixSet
    sip_ports: PortSet
    rtp_ports: PortSet

    @property
    def summary(self) -> str:
        return f"let SIP and RTP out only from {self.voice} and only to {self.provider}"


@dataclass(frozen=True, slots=True)
class DisableListener(Change):
    """Switch this plaintext management service off."""

    requirement: ClassVar[str] = "management"
    order: ClassVar[int] = 90
    listener: Listener

    @property
    def summary(self) -> str:
        return f"switch {self.listener.name} off (plaintext)"


@dataclass(frozen=True, slots=True)
class RestrictManagement(Change):
    """Let only these sources reach these management services from outside. Comes last."""

    requirement: ClassVar[str] = "management"
    order: ClassVar[int] = 91
    wans: tuple[str, ...]
    sources: PrefixSet
    listeners: tuple[Listener, ...]

    @property
    def summary(self) -> str:
        names = ", ".join(dict.fromkeys(listener.name for listener in self.listeners))
        return f"let only {self.sources} manage the router from outside: {names}"


@dataclass(frozen=True, slots=True)
class FlushSipFlows(Change):
    """End flows that still pass through a SIP helper: those to SIP ports, and no others."""

    requirement: ClassVar[str] = "sip-alg"
    order: ClassVar[int] = 99
    ports: PortSet

    @property
    def summary(self) -> str:
        return f"end the SIP flows that still pass through the ALG (UDP {self.ports} only)"


CHANGES: tuple[type[Change], ...] = (
    AllowProvider,
    EnableTftp,
    SetUdpTimeouts,
    DisableSipAlg,
    DisableUpnp,
    RemoveForward,
    SplitForward,
    RestrictForward,
    DefendIpv6,
    DisableIpv6,
    RestrictEgress,
    DisableListener,
    RestrictManagement,
    FlushSipFlows,
)
