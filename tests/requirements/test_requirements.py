"""Each requirement: compliant, violated, to be decided, unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routercfg.errors import InputError
from routercfg.model.change import (
    AllowProvider,
    DefendIpv6,
    DisableIpv6,
    DisableListener,
    DisableSipAlg,
    DisableUpnp,
    EnableTftp,
    FlushSipFlows,
    RemoveForward,
    RestrictEgress,
    RestrictForward,
    RestrictManagement,
    SetUdpTimeouts,
    SplitForward,
)
from routercfg.model.evidence import NotApplicable, Unknown
from routercfg.model.finding import Finding, Status
from routercfg.model.firewall import Interfaces, Match, Rule, Verdict
from routercfg.model.intent import Intent, Ipv6Mode, OnPartial
from routercfg.model.state import (
    ForwardKind,
    Helper,
    Identity,
    Interface,
    Ipv6,
    PortMapper,
    RouterState,
    UdpTimer,
    Wan,
    unread,
)
from routercfg.net import ALL_PORTS, NOBODY, PortSet, PrefixSet
from routercfg.requirements import REQUIREMENTS, choose, judge

from .build import (
    CLOSED,
    ESTABLISHED,
    FROM_PROVIDER,
    ICMPV6,
    LINE,
    OFFICE,
    PBX,
    PROVIDER,
    SSH,
    TELNET,
    TO_PROVIDER,
    firewall,
    forward,
    intent,
    open_forward,
    ruleset,
    state,
    wan_rule,
)

UNREADABLE = Unknown("the output is cut", (LINE,))


def check(name: str, asked: Intent | None = None, **changes: object) -> Finding:
    return REQUIREMENTS[name](asked or intent(), state(**changes))


def test_a_compliant_router_has_no_finding_that_needs_attention() -> None:
    findings = judge(intent(), state())
    assert [f.requirement for f in findings if f.status.needs_attention] == []
    assert not [change for finding in findings for change in finding.changes]


def test_of_an_unread_router_nothing_is_ok() -> None:
    for finding in judge(intent(egress=True), unread("test", "cut")):
        assert finding.status is Status.UNKNOWN, finding


def test_a_name_that_is_no_requirement_gets_a_suggestion() -> None:
    with pytest.raises(InputError, match="sip-forwards"):
        choose(only=["sip-forward"])
    assert choose(only=["tftp", "sip-alg"], skip=["tftp"]) == ("sip-alg",)


# sip-alg


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


# sip-forwards


def sip(asked: Intent | None = None, *, rules: object = None, **changes: object) -> Finding:
    opened = firewall(forward4=rules or open_forward())
    return check("sip-forwards", asked, forwards=(forward(**changes),), firewall=opened)


def test_a_forward_of_sip_is_removed() -> None:
    found = sip()
    assert found.status is Status.VIOLATION
    assert isinstance(found.changes[0], RemoveForward)
    assert dict(found.items[0].facts) == {
        "protocol": "udp",
        "ports": "5060-5061",
        "to": "192.168.10.20/32",
        "id": "f1",
    }


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"ports": PortSet.of(443), "protocols": frozenset({"tcp"})}, Status.OK),
        ({"ports": PortSet.of("10000-20000")}, Status.VIOLATION),
        ({"ports": PortSet.of("5060,10000-20000")}, Status.VIOLATION),
        ({"ports": PortSet.of(12000)}, Status.VIOLATION),  # to the PBX
        ({"ports": PortSet.of(12000), "to": PrefixSet.of("192.168.10.99")}, Status.DECISION),
        (
            {"ports": PortSet.of("12000-12016"), "to": PrefixSet.of("192.168.10.99")},
            Status.VIOLATION,
        ),
        ({"ports": PortSet.of("5000-5100")}, Status.DECISION),
        ({"ports": PortSet.of("10000-20000"), "protocols": frozenset({"tcp"})}, Status.OK),
        (
            {"ports": PortSet.of("10000-20000"), "protocols": frozenset({"tcp", "udp"})},
            Status.DECISION,
        ),
        ({"ports": PortSet.of(40000), "to_ports": PortSet.of(5060)}, Status.VIOLATION),
        ({"ports": ALL_PORTS, "kind": ForwardKind.HOST, "protocols": None}, Status.DECISION),
        ({"ports": ALL_PORTS, "kind": ForwardKind.ONE_TO_ONE, "protocols": None}, Status.DECISION),
        ({"ports": ALL_PORTS}, Status.DECISION),
        ({"kind": ForwardKind.LEASE}, Status.VIOLATION),
        ({"enabled": False}, Status.OK),
        ({"sources": PROVIDER}, Status.VIOLATION),
        ({"sources": PrefixSet.of("10.0.0.0/8")}, Status.OK),
        ({"in_interfaces": Interfaces(frozenset({"lan0"}))}, Status.OK),
        ({"in_interfaces": Interfaces(frozenset({"lan0"}), negated=True)}, Status.VIOLATION),
        ({"protocols": frozenset({"esp"})}, Status.OK),
    ],
)
def test_forwards_are_judged_by_the_rulings(changes: dict[str, object], status: Status) -> None:
    assert sip(**changes).status is status


def test_a_forward_that_the_filter_closes_is_ok_and_says_so() -> None:
    found = sip(intent(provider=NOBODY), rules=ruleset(ESTABLISHED, CLOSED))
    assert found.status is Status.OK
    assert "closed by" in found.items[0].note


def test_a_forward_goes_with_the_plan_that_would_open_it_to_the_provider() -> None:
    found = sip(rules=ruleset(ESTABLISHED, CLOSED))
    assert found.status is Status.VIOLATION
    assert isinstance(found.changes[0], RemoveForward)
    elsewhere = sip(sources=PrefixSet.of("198.18.0.0/15"), rules=ruleset(ESTABLISHED, CLOSED))
    assert elsewhere.status is Status.OK


def test_an_unreadable_filter_closes_nothing() -> None:
    blind = firewall(forward4=UNREADABLE)
    found = check("sip-forwards", forwards=(forward(),), firewall=blind)
    assert found.status is Status.VIOLATION


def test_a_partial_forward_is_split_or_removed_where_the_inventory_says_so() -> None:
    split = sip(intent(on_partial=OnPartial.SPLIT), ports=PortSet.of("5000-5100"))
    assert split.changes == (
        SplitForward(
            forward(ports=PortSet.of("5000-5100")), (("udp", PortSet.of("5000-5059,5062-5100")),)
        ),
    )
    removed = sip(intent(on_partial=OnPartial.REMOVE), ports=PortSet.of("5000-5100"))
    assert isinstance(removed.changes[0], RemoveForward)


def test_splitting_a_forward_of_both_protocols_keeps_its_tcp_half() -> None:
    both = {"ports": PortSet.of("10000-20000"), "protocols": frozenset({"tcp", "udp"})}
    (change,) = sip(intent(on_partial=OnPartial.SPLIT), **both).changes
    assert isinstance(change, SplitForward)
    assert change.keep == (("tcp", PortSet.of("10000-20000")),)


def test_an_ipv6_accept_of_sip_to_the_lan_counts_and_the_providers_does_not() -> None:
    open6 = Rule(
        Verdict.ACCEPT,
        Match(protocols=frozenset({"udp"}), ports=PortSet.of(5060)),
        id="six",
        evidence=LINE,
    )
    exposing = firewall(forward6=ruleset(ESTABLISHED, open6, CLOSED))
    found = check("sip-forwards", firewall=exposing)
    assert found.status is Status.VIOLATION
    assert dict(found.items[0].facts)["id"] == "six"
    scoped = replace(open6, match=replace(open6.match, sources=PROVIDER))
    shut = firewall(forward6=ruleset(ESTABLISHED, scoped, CLOSED))
    assert check("sip-forwards", firewall=shut).status is Status.OK


def test_an_ipv6_accept_of_more_than_sip_is_for_a_person_to_decide() -> None:
    wide = Rule(
        Verdict.ACCEPT,
        Match(
            protocols=frozenset({"tcp"}),
            ports=PortSet.of("5000-6000"),
            destinations=PrefixSet.of("2001:db8:10::20"),
        ),
        id="wide",
    )
    found = check("sip-forwards", firewall=firewall(forward6=ruleset(wide, CLOSED)))
    assert found.status is Status.DECISION
    lan_only = replace(
        wide, match=replace(wide.match, in_interfaces=Interfaces(frozenset({"lan0"})))
    )
    found = check("sip-forwards", firewall=firewall(forward6=ruleset(lan_only, CLOSED)))
    assert found.status is Status.OK


@pytest.mark.parametrize("name", ["sip-forwards", "management"])
def test_unread_forwards_are_unknown(name: str) -> None:
    assert check(name, forwards=UNREADABLE).status is Status.UNKNOWN


# WAN


NEED_WAN = ("sip-forwards", "management", "ipv6", "provider-access")


@pytest.mark.parametrize("name", NEED_WAN)
@pytest.mark.parametrize(
    "changes",
    [
        {"wans": UNREADABLE},
        {"wans": ()},
        {"wans": (Wan("gone0", "default route"),)},
        {"interfaces": (Interface("wan0", ("198.51.100.2/24",), up=False),)},
    ],
)
def test_without_a_wan_that_is_there_nothing_outside_is_known(
    name: str, changes: dict[str, object]
) -> None:
    assert check(name, **changes).status is Status.UNKNOWN


def test_the_inventorys_wan_counts_before_what_the_router_shows() -> None:
    asked = intent(wan_interfaces=("lan0",))
    found = check("management", asked, wans=UNREADABLE, listeners=(SSH,))
    assert found.status is not Status.UNKNOWN


# management


def test_ssh_that_the_internet_reaches_is_restricted_to_the_management_sources() -> None:
    opened = firewall(input4=ruleset(), input6=ruleset())
    found = check("management", firewall=opened)
    assert found.status is Status.VIOLATION
    assert found.changes == (RestrictManagement(("wan0",), OFFICE, (SSH,)),)
    assert [dict(item.facts)["family"] for item in found.items] == [4, 6]


def test_a_restriction_to_other_sources_is_a_violation_that_names_them() -> None:
    listener = replace(SSH, sources=PrefixSet.of("198.18.0.0/15"))
    found = check("management", listeners=(listener,), firewall=firewall(input4=ruleset()))
    assert found.status is Status.VIOLATION
    assert dict(found.items[0].facts)["from"] == "198.18.0.0/15"


def test_telnet_is_a_violation_wherever_it_is_on() -> None:
    found = check("management", listeners=(TELNET,))
    assert found.status is Status.VIOLATION
    assert found.changes == (DisableListener(TELNET),)


def test_plain_http_is_one_only_where_wan_reaches_it() -> None:
    http = replace(TELNET, name="http", ports=PortSet.of(80))
    assert check("management", listeners=(http,)).status is Status.OK
    opened = firewall(input4=ruleset())
    assert check("management", listeners=(http,), firewall=opened).status is Status.VIOLATION


def test_a_service_that_is_off_or_of_one_family_is_judged_as_such() -> None:
    off = replace(SSH, enabled=False)
    four = replace(SSH, families=frozenset({4}))
    opened = firewall(input6=ruleset())
    assert check("management", listeners=(off, four), firewall=opened).status is Status.OK


def test_an_open_resolver_is_for_a_person_to_decide() -> None:
    dns = replace(SSH, name="dns", protocol="udp", ports=PortSet.of(53), management=False)
    found = check("management", listeners=(dns,), firewall=firewall(input4=ruleset()))
    assert found.status is Status.DECISION
    assert found.changes == ()


def test_a_service_on_the_lan_address_only_is_not_reached_from_wan() -> None:
    inner = replace(SSH, addresses=PrefixSet.of("192.168.10.1"), families=frozenset({4}))
    found = check("management", listeners=(inner,), firewall=firewall(input4=ruleset()))
    assert found.status is Status.OK


def test_behind_another_nat_private_sources_are_outside() -> None:
    lan_admin = ruleset(
        ESTABLISHED, Rule(Verdict.ACCEPT, Match(sources=PrefixSet.of("10.0.0.0/8"))), CLOSED
    )
    found = check("management", firewall=firewall(input4=lan_admin))
    assert found.status is Status.OK
    double = (Interface("wan0", ("10.1.1.2/24",), up=True),)
    found = check("management", interfaces=double, firewall=firewall(input4=lan_admin))
    assert found.status is Status.VIOLATION


def test_an_unreadable_input_filter_is_unknown_but_not_where_ipv6_is_off() -> None:
    blind = firewall(input4=UNREADABLE)
    assert check("management", firewall=blind).status is Status.UNKNOWN
    blind6 = firewall(input6=UNREADABLE)
    assert check("management", firewall=blind6).status is Status.UNKNOWN
    off = Ipv6(enabled=False, in_use=False)
    assert check("management", firewall=blind6, ipv6=off).status is Status.OK


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"ports": PortSet.of(443)}, Status.VIOLATION),
        ({"ports": PortSet.of(40443), "to_ports": PortSet.of(443)}, Status.VIOLATION),
        ({"ports": PortSet.of(443), "sources": OFFICE}, Status.OK),
        ({"ports": PortSet.of(25)}, Status.OK),
        ({"ports": PortSet.of(25), "to_router": True}, Status.VIOLATION),
        ({"ports": ALL_PORTS, "kind": ForwardKind.HOST, "protocols": None}, Status.VIOLATION),
        ({"ports": PortSet.of(443), "enabled": False}, Status.OK),
        ({"ports": PortSet.of(443), "protocols": frozenset({"udp"})}, Status.OK),
    ],
)
def test_forwards_to_management_ports(changes: dict[str, object], status: Status) -> None:
    tcp = {"protocols": frozenset({"tcp"})} | changes
    opened = firewall(forward4=open_forward(), input4=ruleset())
    found = check("management", listeners=(), forwards=(forward(**tcp),), firewall=opened)
    assert found.status is status
    if status is Status.VIOLATION:
        assert found.changes == (RestrictForward(forward(**tcp), OFFICE),)


def test_without_management_sources_a_forward_is_left_for_a_person() -> None:
    tcp = forward(ports=PortSet.of(443), protocols=frozenset({"tcp"}))
    opened = firewall(forward4=open_forward())
    asked = intent(management_sources=NOBODY)
    found = check("management", asked, listeners=(), forwards=(tcp,), firewall=opened)
    assert (found.status, found.changes) == (Status.VIOLATION, ())


def test_the_pbx_web_ports_of_the_inventory_count_as_management() -> None:
    tcp = forward(ports=PortSet.of(9443), protocols=frozenset({"tcp"}))
    opened = firewall(forward4=open_forward())
    asked = intent(pbx_web_ports=PortSet.of(9443))
    assert check("management", asked, forwards=(tcp,), firewall=opened).status is Status.VIOLATION


# ipv6


def test_ipv6_without_a_filter_is_defended_for_router_and_lan() -> None:
    naked = firewall(input6=ruleset(), forward6=ruleset())
    found = check("ipv6", firewall=naked)
    assert found.status is Status.VIOLATION
    change = DefendIpv6(("wan0",), to_router=True, to_lan=True, management_sources=OFFICE.only(6))
    assert found.changes == (change,)


def test_an_explicit_accept_of_one_port_is_still_default_deny() -> None:
    one = wan_rule(Verdict.ACCEPT, protocols=frozenset({"tcp"}), ports=PortSet.of(443))
    host = wan_rule(Verdict.ACCEPT, destinations=PrefixSet.of("2001:db8:10::80"))
    rules = firewall(
        input6=ruleset(ESTABLISHED, ICMPV6, one, CLOSED),
        forward6=ruleset(ESTABLISHED, host, CLOSED),
    )
    assert check("ipv6", firewall=rules).status is Status.OK


def test_a_default_deny_without_neighbour_discovery_is_a_violation() -> None:
    deaf = firewall(input6=ruleset(ESTABLISHED, CLOSED))
    found = check("ipv6", firewall=deaf)
    assert found.status is Status.VIOLATION
    assert "ICMPv6" in found.summary


def test_a_filter_that_refuses_replies_is_a_violation() -> None:
    found = check("ipv6", firewall=firewall(forward6=ruleset(CLOSED)))
    assert found.status is Status.VIOLATION
    assert "replies" in found.summary


def test_an_unreadable_ipv6_filter_is_unknown() -> None:
    assert check("ipv6", firewall=firewall(forward6=UNREADABLE)).status is Status.UNKNOWN
    assert check("ipv6", ipv6=UNREADABLE).status is Status.UNKNOWN


def test_link_local_alone_is_not_ipv6_in_use() -> None:
    idle = Ipv6(enabled=True, in_use=False)
    assert check("ipv6", ipv6=idle).status is Status.NOT_APPLICABLE


def test_ipv6_that_is_to_be_off() -> None:
    asked = intent(ipv6=Ipv6Mode.OFF)
    assert check("ipv6", asked, ipv6=Ipv6(enabled=False, in_use=False)).status is Status.OK
    found = check("ipv6", asked)
    assert (found.status, found.changes) == (Status.VIOLATION, (DisableIpv6(),))


# udp-timeouts, tftp, upnp, firmware


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


# provider-access


def test_a_filter_that_may_drop_the_provider_is_a_violation() -> None:
    closed = firewall(forward4=ruleset(ESTABLISHED, CLOSED))
    found = check("provider-access", firewall=closed)
    assert (found.status, found.changes) == (Status.VIOLATION, (AllowProvider(PROVIDER),))


def test_an_accept_that_may_not_match_does_not_let_the_provider_pass() -> None:
    unsure = replace(FROM_PROVIDER, match=replace(FROM_PROVIDER.match, opaque=("limit",)))
    rules = firewall(forward4=ruleset(ESTABLISHED, unsure, CLOSED))
    assert check("provider-access", firewall=rules).status is Status.VIOLATION


def test_a_drop_before_the_accept_is_a_violation() -> None:
    sip_out = Rule(Verdict.DROP, Match(protocols=frozenset({"udp"}), ports=PortSet.of(5060)))
    rules = firewall(forward4=ruleset(sip_out, FROM_PROVIDER, TO_PROVIDER, CLOSED))
    found = check("provider-access", firewall=rules)
    assert found.status is Status.VIOLATION
    assert "192.168.10.0/24" in found.summary


def test_without_prefixes_or_rules_the_provider_is_unknown() -> None:
    assert check("provider-access", intent(provider=NOBODY)).status is Status.UNKNOWN
    blind = firewall(forward6=UNREADABLE)
    assert check("provider-access", firewall=blind).status is Status.UNKNOWN


def test_where_ipv6_is_not_in_use_its_rules_do_not_matter() -> None:
    idle = Ipv6(enabled=True, in_use=False)
    blind = firewall(forward6=UNREADABLE)
    assert check("provider-access", firewall=blind, ipv6=idle).status is Status.OK
    only6 = intent(provider=PROVIDER.only(6))
    assert check("provider-access", only6, ipv6=idle).status is Status.NOT_APPLICABLE


# egress


VOICE = PrefixSet.of("192.168.10.20")
SIP_PORTS = PortSet.of("5060-5061")


def egress_rules() -> tuple[Rule, ...]:
    rules = []
    for protocols, ports in (({"tcp", "udp"}, SIP_PORTS), ({"udp"}, PortSet.of("10000-20000"))):
        match = Match(protocols=frozenset(protocols), ports=ports)
        rules.append(Rule(Verdict.ACCEPT, replace(match, sources=VOICE, destinations=PROVIDER)))
        rules.append(Rule(Verdict.DROP, match))
    return tuple(rules)


def test_egress_is_opt_in() -> None:
    assert check("egress").status is Status.NOT_APPLICABLE


def test_sip_that_can_leave_anywhere_is_restricted() -> None:
    asked = intent(egress=True, voice_subnets=VOICE)
    idle = Ipv6(enabled=True, in_use=False)
    found = check("egress", asked, ipv6=idle)
    assert found.status is Status.VIOLATION
    assert isinstance(found.changes[0], RestrictEgress)
    held = firewall(forward4=ruleset(*egress_rules(), ESTABLISHED, CLOSED))
    assert check("egress", asked, ipv6=idle, firewall=held).status is Status.OK


def test_sip_to_the_provider_from_elsewhere_than_the_voice_subnet_is_a_violation() -> None:
    strangers = ~PROVIDER
    rule = Rule(Verdict.DROP, Match(destinations=strangers))
    idle = Ipv6(enabled=True, in_use=False)
    asked = intent(egress=True, voice_subnets=VOICE)
    found = check("egress", asked, ipv6=idle, firewall=firewall(forward4=ruleset(rule)))
    assert found.status is Status.VIOLATION
    assert "voice subnet" in found.summary


def test_egress_without_a_voice_subnet_provider_or_rules_is_unknown() -> None:
    asked = intent(egress=True, voice_subnets=VOICE)
    assert (
        check("egress", replace(asked, voice_subnets=NOBODY, pbx=NOBODY)).status is Status.UNKNOWN
    )
    assert check("egress", replace(asked, provider=NOBODY)).status is Status.UNKNOWN
    blind = firewall(forward4=UNREADABLE)
    idle = Ipv6(enabled=True, in_use=False)
    assert check("egress", asked, firewall=blind, ipv6=idle).status is Status.UNKNOWN
    assert check("egress", asked, interfaces=UNREADABLE).status is Status.UNKNOWN
    assert check("egress", asked, wans=UNREADABLE).status is Status.UNKNOWN


def test_with_egress_only_the_voice_must_reach_the_provider() -> None:
    asked = intent(egress=True, voice_subnets=VOICE, provider=PROVIDER.only(4), pbx=PBX)
    out = tuple(
        replace(rule, match=replace(rule.match, out_interfaces=Interfaces(frozenset({"wan0"}))))
        for rule in egress_rules()
    )
    held = firewall(forward4=ruleset(*out, ESTABLISHED, FROM_PROVIDER, TO_PROVIDER, CLOSED))
    assert check("provider-access", asked, firewall=held).status is Status.OK
    everybody = replace(asked, egress=False)
    assert check("provider-access", everybody, firewall=held).status is Status.VIOLATION


def test_a_state_without_interfaces_has_no_addresses() -> None:
    blind: RouterState = state(interfaces=UNREADABLE)
    assert not blind.own_addresses
    assert not blind.addresses_of("wan0")


def test_icmpv6_that_is_taken_at_groups_alone_is_a_violation() -> None:
    """An answer to our own neighbour solicitation comes to our own address (RFC 4861, 7.2.4)."""
    groups = wan_rule(
        Verdict.ACCEPT,
        protocols=frozenset({"icmpv6"}),
        sources=PrefixSet.of("fe80::/10"),
        destinations=PrefixSet.of("ff02::/64"),
    )
    found = check("ipv6", firewall=firewall(input6=ruleset(ESTABLISHED, groups, CLOSED)))
    assert found.status is Status.VIOLATION
    assert "neighbour advertisement" in found.summary


def test_what_upnp_opened_is_unknown_where_nothing_shows_it() -> None:
    on = PortMapper("upnp", enabled=True)
    assert check("sip-forwards", port_mappers=(on,)).status is Status.UNKNOWN
    seen = replace(on, leases_known=True)
    assert check("sip-forwards", port_mappers=(seen,)).status is Status.OK
    off = replace(on, enabled=False)
    assert check("sip-forwards", port_mappers=(off,)).status is Status.OK
