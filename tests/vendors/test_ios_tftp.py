"""TFTP through the zone firewall of IOS, whose second port only its own match expects."""

from __future__ import annotations

from routercfg.model.evidence import Unknown

from . import ios

OLD, NEW = "15.4(3)M", "16.9.5"
BACK = """zone-pair security WAN-LAN source WAN destination LAN
 service-policy type inspect WAN-LAN
"""
POLICY = """policy-map type inspect WAN-LAN
 class type inspect ALL
  pass
 class class-default
  drop
zone security LAN
"""


def tftp(configuration: str, version: str) -> dict[str, bool]:
    """The helpers of the zone firewall."""
    state = ios.pack().state(ios.texts(ios.router(configuration, version=version)))
    assert not isinstance(state.tftp_helpers, Unknown)
    return {one.id: one.enabled for one in state.tftp_helpers if "-map type inspect " in one.id}


def test_before_ios_xe_plain_udp_inspection_breaks_it() -> None:
    assert tftp(ios.ZONES, OLD) == {
        "class-map type inspect match-any ALL / match protocol tftp": False
    }
    one = ios.router(ios.ZONES, version=OLD)
    assert ios.plan(one).commands_of("tftp") == (
        "class-map type inspect match-any ALL",
        "match protocol tftp",
        "no match protocol udp",
        "match protocol udp",
    )


def test_its_own_match_behind_udp_is_too_late_and_is_put_before_it() -> None:
    late = ios.ZONES.replace("match protocol udp\n", "match protocol udp\n match protocol tftp\n")
    assert list(tftp(late, OLD).values()) == [False]
    one = ios.router(late, version=OLD)
    ios.carry_out(one, ios.plan(one).commands)
    text = one.configuration()
    assert text.index("match protocol tftp") < text.index("match protocol udp")
    assert ios.plan(one).commands == ()


def test_an_own_class_for_it_comes_first() -> None:
    early = ios.ZONES.replace(
        " match protocol sip\n", " match protocol sip\n match protocol tftp\n"
    )
    assert tftp(early, OLD) == {
        "policy-map type inspect LAN-WAN / class type inspect OUT / inspect": True
    }


def test_ios_xe_looks_into_plain_udp_too_unless_told_not_to() -> None:
    assert all(tftp(ios.ZONES, NEW).values())
    off = ios.ZONES.replace(
        "parameter-map type inspect-global\n",
        "parameter-map type inspect-global\n no application-inspect tftp\n",
    )
    found = tftp(off, NEW)
    assert found.pop("policy-map type inspect LAN-WAN / class type inspect ALL / inspect")
    one = ios.router(off, version=NEW)
    assert ios.statuses(ios.plan(one))["tftp"] == "violation"
    ios.carry_out(one, ios.plan(one).commands)
    assert ios.statuses(ios.plan(one))["tftp"] == "ok"


def test_what_is_passed_must_be_passed_back() -> None:
    passing = ios.ZONES.replace("  inspect\n class class-default", "  pass\n class class-default")
    name = "policy-map type inspect LAN-WAN / class type inspect ALL / pass"
    assert tftp(passing, NEW) == {name: False}
    assert any(name in problem for problem in ios.plan(ios.router(passing)).problems)
    both = passing.replace("zone security LAN\n", POLICY, 1).replace(
        "interface Gi", f"{BACK}interface Gi", 1
    )
    assert tftp(both, NEW) == {name: True}


def test_a_class_by_list_is_left_to_a_person() -> None:
    listed = ios.ZONES.replace(
        " match protocol udp\n", " match access-group name OUTWARD\n"
    ).replace(
        "access-list 1 ", "ip access-list extended OUTWARD\n permit ip any any\naccess-list 1 "
    )
    plan = ios.plan(ios.router(listed, version=OLD))
    assert any("class of its own for TFTP" in problem for problem in plan.problems)
    narrow = listed.replace("permit ip any any", "permit udp any any eq ntp")
    assert tftp(narrow, OLD) == {}
