"""Intent: what must hold on one router, whatever its platform."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from routercfg.net import NO_PORTS, NOBODY, PortSet, PrefixSet

SIP_PORTS = PortSet.of("5060-5061")
RTP_PORTS = PortSet.of("10000-20000")


class Ipv6Mode(Enum):
    """How IPv6 is to be made safe: filtered, or not there."""

    FIREWALL = "firewall"
    OFF = "off"


class OnPartial(Enum):
    """What to do with a forward that only partly overlaps SIP or RTP."""

    DECISION = "decision"
    SPLIT = "split"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Intent:
    """A service's needs joined with one router's inventory variables.

    `provider` are the provider's prefixes; empty means that nobody gave them. `udp_timeout` is in
    seconds. `wan_interfaces` empty means: those the router shows. `management_sources` empty means
    that nobody outside may manage the router.
    """

    services: tuple[str, ...] = ()
    sip_ports: PortSet = SIP_PORTS
    rtp_ports: PortSet = RTP_PORTS
    udp_timeout: int = 300
    tftp: bool = True
    provider: PrefixSet = NOBODY
    management_sources: PrefixSet = NOBODY
    wan_interfaces: tuple[str, ...] = ()
    voice_subnets: PrefixSet = NOBODY
    pbx: PrefixSet = NOBODY
    pbx_web_ports: PortSet = NO_PORTS
    ipv6: Ipv6Mode = Ipv6Mode.FIREWALL
    on_partial: OnPartial = OnPartial.DECISION
    egress: bool = False
