"""One of everything the model can say, to be pickled, described and rendered."""

from __future__ import annotations

from routercfg.model import change as changes
from routercfg.model.evidence import Evidence, NotApplicable, Unknown
from routercfg.model.finding import Finding, Item, Status
from routercfg.model.firewall import Chain, Firewall, Interfaces, Match, Rule, Ruleset, Verdict
from routercfg.model.intent import Intent, Ipv6Mode, OnPartial
from routercfg.model.state import (
    Forward,
    ForwardKind,
    Helper,
    Identity,
    Interface,
    Ipv6,
    Listener,
    Owned,
    PortMapper,
    RouterState,
    UdpTimer,
    Wan,
)
from routercfg.net import PortSet, PrefixSet

LINE = Evidence("show run", 3, "ip nat inside source")
OFFICE = PrefixSet.of("198.51.100.0/24", "2001:db8:1::/48")
PROVIDER = PrefixSet.of("203.0.113.0/24", "2001:db8:2::/48")

FORWARD = Forward(
    "*1",
    4,
    PrefixSet.of("192.168.1.10"),
    kind=ForwardKind.PORT,
    protocols=frozenset({"udp"}),
    ports=PortSet.of("5060-5061"),
    in_interfaces=Interfaces(frozenset({"ether1"})),
    evidence=(LINE,),
)
HELPER = Helper("sip", "sip", enabled=True, ports=PortSet.of(5060), evidence=(LINE,))
LISTENER = Listener("telnet", "tcp", PortSet.of(23), plaintext=True, evidence=(LINE,))
SECOND = Listener("ssh", "tcp", PortSet.of(22))
MAPPER = PortMapper("upnp", enabled=True)
TIMER = UdpTimer("udp-timeout", 10)

CHANGES: tuple[changes.Change, ...] = (
    changes.AllowProvider(PROVIDER),
    changes.EnableTftp((Helper("tftp", "tftp", enabled=False),)),
    changes.SetUdpTimeouts(300, (TIMER,)),
    changes.DisableSipAlg((HELPER,)),
    changes.DisableUpnp((MAPPER,)),
    changes.RemoveForward(FORWARD),
    changes.SplitForward(FORWARD, (("udp", PortSet.of("1-5059")), ("tcp", PortSet.of(443)))),
    changes.RestrictForward(FORWARD, OFFICE),
    changes.DefendIpv6(("ether1",), to_router=True, to_lan=True, management_sources=OFFICE),
    changes.DisableIpv6(),
    changes.RestrictEgress(
        ("ether1",),
        PrefixSet.of("192.168.9.0/24"),
        PROVIDER,
        PortSet.of(5060),
        PortSet.of("10000-20000"),
    ),
    changes.DisableListener(LISTENER),
    changes.RestrictManagement(("ether1",), OFFICE, (LISTENER, SECOND, SECOND)),
    changes.FlushSipFlows(PortSet.of(5060)),
)

RULESET = Ruleset(
    (
        Chain(
            "input",
            (
                Rule(Verdict.ACCEPT, Match(states=frozenset({"established"})), evidence=LINE),
                Rule(Verdict.JUMP, Match(opaque=("time",)), target="wan", tag="routercfg:ipv6"),
            ),
            Verdict.DROP,
        ),
    ),
    {"wan": Chain("wan", (Rule(Verdict.RETURN, Match(sources=OFFICE)),))},
)

STATE = RouterState(
    platform="example",
    identity=Identity("gw", "CCR", "7.18.2", certified=True, range=">=7", evidence=(LINE,)),
    interfaces=(
        Interface("ether1", ("203.0.113.9/24", "2001:db8::9/64"), up=True),
        Interface("bridge", ("192.168.1.1/24",)),
        Interface("ether1", ("198.51.100.9/30",)),
        Interface("unused"),
    ),
    wans=(Wan("ether1", "default route", (LINE,)),),
    firewall=Firewall(RULESET, Unknown("not read"), Ruleset(), RULESET),
    forwards=(FORWARD,),
    listeners=(LISTENER, SECOND),
    sip_helpers=(HELPER,),
    tftp_helpers=(),
    ipv6=Ipv6(enabled=True, in_use=False),
    udp_timers=(TIMER,),
    port_mappers=NotApplicable("no such software"),
    owned=(Owned("ipv6", "*7", LINE),),
    session_source="198.51.100.7",
)

INTENT = Intent(
    services=("xelion",),
    provider=PROVIDER,
    management_sources=OFFICE,
    ipv6=Ipv6Mode.OFF,
    on_partial=OnPartial.SPLIT,
)

FINDING = Finding(
    "sip-forwards",
    Status.VIOLATION,
    "one forward leads to SIP",
    (LINE,),
    (Item(Status.VIOLATION, (("id", "*1"), ("ports", PortSet.of(5060))), evidence=(LINE,)),),
    CHANGES,
)
