"""Exports of RouterOS: every form read alike, and nothing read that is not whole."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routercfg.errors import ParseError, UnsafeValueError
from routercfg.platforms import load_pack

PACK = load_pack("mikrotik_routeros")
export = import_module("routercfg_vendors.mikrotik_routeros.export")
lexing = import_module("routercfg_vendors.mikrotik_routeros.lexing")

HEAD = "# 2025-09-16 17:59:24 by RouterOS 7.18.2\n# model = RB4011iGS+\n"
TAIL = "/system identity\nset name=x\n"
BRIDGE = "/interface bridge\nadd name=bridge\n"


def parse(body: str) -> Any:
    return export.parse(HEAD + BRIDGE + body + TAIL)


def test_a_word_split_over_two_lines_is_one_word() -> None:
    found = parse('/ip firewall nat\nadd chain=dstnat log-prefix=\\\n    "->to\\\n    port1723"\n')
    (one,) = found.adds("ip firewall nat")
    assert one.values == {"chain": "dstnat", "log-prefix": "->toport1723"}
    assert one.line == 6


def test_a_space_before_the_break_stays() -> None:
    (one,) = parse('/ip address\nadd comment="a \\\n    b" interface=x\n').adds("ip address")
    assert one.get("comment") == "a b"


def test_terse_and_compact_say_the_same() -> None:
    compact = parse("/ip service\nset ftp disabled=yes\nset www port=8080\n")
    terse = parse("/ip service set ftp disabled=yes\n/ip service set www port=8080\n")
    slashes = parse("/ip/service set ftp disabled=yes\n/ip/service set www port=8080\n")

    def said(found: Any) -> list[tuple[str, dict[str, str]]]:
        return [(one.selector, dict(one.values)) for one in found.all("ip service")]

    assert said(compact) == said(terse) == said(slashes)
    assert said(compact) == [("ftp", {"disabled": "yes"}), ("www", {"port": "8080"})]


def test_escapes_and_quotation_marks_are_undone() -> None:
    body = '/ip address\nadd comment="say \\"x\\" for \\$5 \\\\ \\D0\\r\\n" interface=a\n'
    assert parse(body).adds("ip address")[0].get("comment") == 'say "x" for $5 \\ \xd0\r\n'


def test_a_selector_may_be_a_search_a_number_or_a_name() -> None:
    body = '/interface ethernet\nset [ find default-name=ether1 ] name="WAN ]1"\n'
    assert parse(body).all("interface ethernet")[0].selector == "[ find default-name=ether1 ]"
    assert parse("/ip dhcp-client\nset 0 disabled=yes\n").all("ip dhcp-client")[0].selector == "0"


def test_unset_keys_of_a_verbose_export_say_nothing() -> None:
    (one,) = parse("/ip firewall nat\nadd chain=dstnat !dst-port protocol=!tcp\n").adds(
        "ip firewall nat"
    )
    assert one.values == {"chain": "dstnat", "protocol": "!tcp"}


def test_a_rule_that_device_mode_holds_back_is_not_in_force() -> None:
    body = "/ip firewall nat\n# inactivated, not allowed by device-mode\nadd chain=a\nadd chain=b\n"
    assert [one.in_force for one in parse(body).adds("ip firewall nat")] == [False, True]


def test_log_lines_between_statements_are_not_statements() -> None:
    body = "/ip address\n17:20:06 echo: system,error,critical login failure\nadd interface=a\n"
    found = parse(body)
    assert not found.problems
    assert len(found.adds("ip address")) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no line"),
        ("bad command name expor (line 1 column 2)\n", "refused"),
        (HEAD, "before its first section"),
        (HEAD + "/ip address\nadd address=192.0.2.1/24 interface=a\n", "ends in /ip address"),
        (HEAD + TAIL, "no interface or address"),
        (HEAD + BRIDGE + "/system identity\nset name=\\\n", "cut off"),
        (HEAD + BRIDGE + '/system identity\nset name="half', "cut off"),
        (HEAD + BRIDGE + "/system identity\n", "nothing follows"),
        (HEAD + BRIDGE + "/user group\nadd name=a\n", "ends in /user group"),
        (BRIDGE + TAIL, "no line"),
        (HEAD + "\x00" + TAIL, "binary"),
        (HEAD + "#error exporting all\n" + BRIDGE + TAIL, "could not export"),
        (HEAD + BRIDGE + "failure: timeout\n" + TAIL, "refusal"),
    ],
)
def test_what_is_no_whole_export_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        export.parse(text)


def test_an_unreadable_line_hurts_its_own_menu_only() -> None:
    found = parse("/ip firewall nat\nadd chain=dstnatto=x=y\n/ip service\nset ftp disabled=yes\n")
    assert set(found.problems) == {"ip firewall nat"}
    assert found.all("ip service")


def test_a_menu_that_comes_twice_is_not_trusted() -> None:
    found = parse(
        "/ip service\nset ftp port=1\n/ip dns\nset servers=a\n/ip service\nset ftp port=2\n"
    )
    assert "comes twice" in found.problems["ip service"][1]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_what_is_quoted_reads_back_as_it_was(value: str) -> None:
    (pair,) = lexing.words(f"comment={PACK.driver.quote(value)}")
    assert pair == ("comment", value)


@given(st.text())
def test_no_text_makes_the_reader_trip(text: str) -> None:
    for whole in (text, HEAD + text, HEAD + BRIDGE + text + "\n" + TAIL):
        state = PACK.state({"export": whole})
        assert state.platform == "mikrotik_routeros"


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "\x1b[2J", "\x18", "é", "\x00"])
def test_what_could_be_a_second_command_is_not_quoted(value: str) -> None:
    with pytest.raises(UnsafeValueError):
        PACK.driver.quote(value)


def test_the_pack_lives_beside_its_own_modules() -> None:
    assert (Path(export.__file__).parent / "platform.yml").is_file()
