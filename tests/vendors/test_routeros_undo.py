"""Taking back a confirmed change on RouterOS: to the letter, with others' changes left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from routercfg.errors import PackError, ParseError
from routercfg.model.change import DisableIpv6
from routercfg.net import PrefixSet

from .cases import Case, cases
from .routeros import export
from .routeros_story import FILTER, LIST, NAT, Story, busy, ports
from .test_routeros_render import (
    BUSY,
    INTENT,
    PACK,
    SIMULATOR,
    VERSIONS,
    changes,
    plan_for,
    readings,
    send,
)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("configuration", [None, "messy", "busy"])
def test_a_push_taken_back_leaves_the_configuration_as_it_was_to_the_letter(
    configuration: str | None, version: str
) -> None:
    text = export(BUSY, version=version) if configuration == "busy" else configuration
    story = Story(text, version)
    assert story.router.configuration() != story.whole
    story.take_back()
    assert story.router.configuration() == story.whole


@pytest.mark.parametrize(
    "case", [c for c in cases() if c.platform == PACK.platform and c.commands], ids=str
)
def test_a_push_of_a_sample_taken_back_leaves_it_as_it_was(case: Case) -> None:
    text = case.texts()["export"]
    version = PACK.state({"export": text}).identity.version
    router = SIMULATOR.create(text, version=version)
    whole, before = router.configuration(), readings(router)
    send(router, plan_for(router, case.intent).commands)
    after = readings(router)
    assert router.configuration() != whole
    send(router, PACK.undo(before, after, after).commands)
    assert router.configuration() == whole
    assert PACK.undo(before, after, readings(router)).done


@pytest.mark.parametrize("version", ["6.49.13", "7.18.2"])
def test_every_kind_of_change_alone_is_taken_back_to_the_letter(version: str) -> None:
    text = export(BUSY, version=version)

    def make() -> Any:
        return SIMULATOR.create(text, version=version, ipv6_package=True)

    state = PACK.state(readings(make()))
    for change in changes(state):
        if version.startswith("6") and isinstance(change, DisableIpv6):
            continue  # There IPv6 is a package, and not this pack's to switch off.
        router = make()
        whole, before = router.configuration(), readings(router)
        send(router, PACK.render(change, state, INTENT))
        after = readings(router)
        back = PACK.undo(before, after, after)
        assert back.conflicts == ()
        send(router, back.commands)
        assert router.configuration() == whole, (change, back.commands)
        assert PACK.undo(before, after, readings(router)).done


def test_a_second_change_is_taken_back_to_what_the_first_had_made() -> None:
    story = busy()
    story.before, whole = story.after, _entries_in_order(story.router.configuration())
    other = replace(
        INTENT,
        provider=PrefixSet.of("203.0.113.64/26", "2001:db8:5061::/48"),
        management_sources=PrefixSet.of("198.51.100.0/24"),
    )
    send(story.router, plan_for(story.router, other).commands)
    story.after = readings(story.router)
    assert _entries_in_order(story.router.configuration()) != whole
    story.take_back()
    assert _entries_in_order(story.router.configuration()) == whole


def _entries_in_order(text: str) -> list[str]:
    """Entries of address lists have no place that could be given back to them."""
    lines = text.splitlines()
    entries = sorted(line for line in lines if " address-list " in line)
    return [*entries, *(line for line in lines if " address-list " not in line)]


@pytest.mark.parametrize("count", [1, 3])
def test_a_removed_rule_returns_to_its_place_among_rules_that_look_alike(count: int) -> None:
    rule = f"{NAT} add action=dst-nat chain=dstnat protocol=udp to-addresses=192.168.88.9 "
    story = Story(
        export(
            f"{rule}dst-port=7000\n"
            + f"{rule}dst-port=5060 in-interface=ether1\n" * count
            + f"{rule}dst-port=7001 comment=camera\n{rule}dst-port=7000\n"
        )
    )
    assert ports(story.router) == [7000, 7001, 7000]
    story.take_back()
    assert story.router.configuration() == story.whole


def test_values_that_need_quotation_marks_come_back_as_they_were() -> None:
    story = Story(
        export(
            f'{LIST} add address=192.0.2.7 list="who may; or not"\n'
            f"{NAT} add action=dst-nat chain=dstnat"
            ' comment="PBX \\"1\\" \\\\ for \\$5, d\\C3\\A9c\\? \\n two lines" dst-port=5060'
            ' protocol=udp src-address-list="!who may; or not" to-addresses=192.168.88.20\n'
        )
    )
    assert "d\\C3\\A9c" in story.before["export"]
    assert "d\\C3\\A9c" not in story.after["export"]
    story.take_back()
    assert story.router.configuration() == story.whole


def test_a_rule_that_fits_no_line_is_built_up_switched_off() -> None:
    comment = "".join(f"{n:04} " for n in range(50))
    rule = (
        f"{NAT} add action=dst-nat chain=dstnat protocol=udp to-addresses=192.168.88.20 dst-port="
    )
    story = Story(
        export(
            f'{rule}5060,5061,5062,5063,5064,5065 comment="{comment}" log=yes log-prefix='
            f"{'p' * 40} in-interface=ether1 to-ports=5060 src-port={','.join(_SOURCES)}\n"
            f"{rule}7000\n"
        )
    )
    assert ports(story.router) == [7000]
    lines = [line for line in story.undo().commands if "routercfg:unfinished" in line]
    assert len(lines) > 2
    assert "disabled=yes" in lines[0]
    story.take_back()
    assert story.router.configuration() == story.whole


_SOURCES = [str(port) for port in range(40000, 40015)]


def test_a_comment_that_fits_no_line_at_all_is_refused() -> None:
    rule = f"{NAT} add action=dst-nat chain=dstnat dst-port=5060 protocol=udp to-addresses="
    story = Story(export(f'{rule}192.168.88.20 comment="{"word " * 100}"\n'))
    with pytest.raises(PackError, match="longer than the 470"):
        story.undo()


def test_characters_that_the_router_did_not_escape_are_not_given_back_to_it() -> None:
    story = Story(export(f"{NAT} add action=dst-nat chain=dstnat comment=deur dst-port=5060"
                         " protocol=udp to-addresses=192.168.88.20\n"))  # fmt: skip
    story.before["export"] = story.before["export"].replace("comment=deur", 'comment="dé"')
    with pytest.raises(PackError, match="cannot be given safely"):
        story.undo()


_FIRST = f"place-before=[:pick [{FILTER} find where chain=input] 0]"

_OTHERS = (
    f"{FILTER} add chain=input action=accept protocol=gre comment=tunnel {_FIRST}",
    f"{FILTER} add chain=forward action=drop src-address=192.0.2.66 comment=nuisance",
    f"{NAT} add chain=dstnat action=redirect protocol=tcp dst-port=8081 place-before=0",
    f"{LIST} add list=friends address=198.51.100.9",
    "/ip firewall connection tracking set icmp-timeout=20s",
    "/ip service set www address=192.168.88.0/24",
    "/system identity set name=other",
    "/ip address add address=192.0.2.12/29 interface=ether1",
)


@pytest.mark.parametrize("version", ["6.49.13", "7.20.8"])
def test_what_others_changed_since_survives(version: str) -> None:
    story = busy(version)
    untouched: Any = SIMULATOR.create(export(BUSY, version=version), version=version)
    story(*_OTHERS)
    story.take_back()
    send(untouched, _OTHERS)
    mine = story.router.configuration().splitlines()
    theirs = untouched.configuration().splitlines()
    assert sorted(mine) == sorted(theirs)
    # Where somebody put a rule right before or behind one that was gone, either order is theirs.
    others = ("tunnel", "nuisance", "8081")
    assert [line for line in mine if not any(word in line for word in others)] == [
        line for line in theirs if not any(word in line for word in others)
    ]


def test_what_is_as_it_was_already_needs_no_command() -> None:
    story = busy()
    back = story.undo()
    story(*back.commands[: len(back.commands) // 2])
    rest = story.undo()
    assert rest.conflicts == ()
    assert 0 < len(rest.commands) < len(back.commands)
    story.take_back()
    assert story.router.configuration() == story.whole


def test_a_default_that_only_the_router_knows_is_taken_from_what_it_printed() -> None:
    story = busy("7.20.8")
    assert "udp-timeout=5m" in story.after["export"]
    assert any("udp-timeout=30s" in command for command in story.undo().commands)
    del story.before["tracking"]
    with pytest.raises(PackError, match=r"udp-timeout .* RouterOS 7\.20\.8 is not known"):
        story.undo()


def test_up_to_7_15_the_default_of_the_udp_timeout_is_known() -> None:
    story = busy("7.12.2")
    del story.before["tracking"]
    assert any("udp-timeout=10s" in command for command in story.undo().commands)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_reading_that_is_cut_garbled_or_foreign_gives_no_commands(which: int) -> None:
    story = busy()
    text = story.after["export"]
    for bad in (
        text[: len(text) // 2],
        text.replace("/ip firewall filter add", "/ip firewall filter ad\x1b[", 1),
        "# 2025-09-16 17:59:24 by RouterOS 7.18.2\n" + text[-200:],
        "bad command name export (line 1 column 2)\n",
        "hostname router1\ninterface GigabitEthernet0/0\n",
        "",
    ):
        three = [story.before, story.after, dict(story.after)]
        three[which] = {**three[which], "export": bad}
        with pytest.raises(ParseError):
            PACK.undo(*three)
