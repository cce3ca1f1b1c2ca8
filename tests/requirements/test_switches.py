"""`sip-alg`, `udp-timeouts`, `tftp`, `upnp` and `firmware`: what is on, off or too short."""

from __future__ import annotations

from routercfg.model.change import (
    DisableSipAlg,
    DisableUpnp,
    EnableTftp,
    FlushSipFlows,
    SetUdpTimeouts,
)
from routercfg.model.evidence import NotApplicable
from routercfg.model.finding import Status
from routercfg.model.state import Helper, Identity, PortMapper, UdpTimer
from routercfg.net import PortSet

from .build import LINE, UNREADABLE, check, intent


def test_one_helper_of_several_makes_the_alg_on() -> None:
    helpers = (Helper("nat", "sip", enabled=False), Helper("cbac", "sip", enabled=True))
    found = check("sip-alg", sip_helpers=helpers)
    assert found.status is Status.VIOLATION
    assert found.changes[0] == DisableSipAlg((helpers[1],))
    assert isinstance(found.changes[1], FlushSipFlows)


def test_flows_that_live_through_the_helper_are_flushed_and_only_on_sip_ports() -> None:
    flow = Helper("flow", "sip", enabled=True, live=True, ports=PortSet.of(5060))
    found = check("sip-alg", sip_helpers=(flow,))
    assert found.status is Status.VIOLATION
    assert found.changes == (FlushSipFlows(PortSet.of("5060-5061")),)


def test_an_unreadable_helper_is_unknown_with_its_evidence() -> None:
    found = check("sip-alg", sip_helpers=UNREADABLE)
    assert (found.status, found.evidence) == (Status.UNKNOWN, (LINE,))


def test_the_smallest_udp_timer_decides() -> None:
    short = UdpTimer("udp", 30, (LINE,))
    found = check("udp-timeouts", udp_timers=(short, UdpTimer("stream", 600)))
    assert (found.status, found.changes) == (Status.VIOLATION, (SetUdpTimeouts(300, (short,)),))
    assert check("udp-timeouts", udp_timers=()).status is Status.UNKNOWN
    assert check("udp-timeouts", udp_timers=UNREADABLE).status is Status.UNKNOWN


def test_tftp_needs_all_its_helpers_where_the_service_uses_it() -> None:
    off = Helper("tftp", "tftp", enabled=False, evidence=(LINE,))
    found = check("tftp", tftp_helpers=(off,))
    assert (found.status, found.changes) == (Status.VIOLATION, (EnableTftp((off,)),))
    assert check("tftp", intent(tftp=False), tftp_helpers=(off,)).status is Status.NOT_APPLICABLE
    assert check("tftp", tftp_helpers=()).status is Status.OK
    assert check("tftp", tftp_helpers=UNREADABLE).status is Status.UNKNOWN


def test_upnp_is_switched_off() -> None:
    mapper = PortMapper("nat-pmp", enabled=True, evidence=(LINE,))
    found = check("upnp", port_mappers=(mapper,))
    assert (found.status, found.changes) == (Status.VIOLATION, (DisableUpnp((mapper,)),))
    none = NotApplicable("there is none")
    assert check("upnp", port_mappers=none).status is Status.NOT_APPLICABLE
    assert check("upnp", port_mappers=UNREADABLE).status is Status.UNKNOWN


def test_an_uncertified_version_is_reported_and_never_changed() -> None:
    old = Identity("r", "M", "5.0", certified=False, range=">=7")
    found = check("firmware", identity=old)
    assert (found.status, found.changes) == (Status.DECISION, ())
    blank = Identity()
    assert check("firmware", identity=blank).status is Status.UNKNOWN
