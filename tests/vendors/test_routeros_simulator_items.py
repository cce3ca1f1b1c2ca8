"""Finding, placing and changing items of the simulated RouterOS, and scripts that do so."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vendors.routeros_bench import Bench


def test_an_unquoted_value_with_a_slash_or_colon_matches_nothing():
    bench = Bench()
    bench("/ip firewall address-list add list=voip address=203.0.113.0/24")
    find = ":put [:len [/ip firewall address-list find where address={}]]"
    assert bench(find.format('"203.0.113.0/24"')) == "1"
    assert bench(find.format("203.0.113.0/24")) == "0"


def test_remove_of_an_empty_find_is_silent_and_a_bare_find_removes_everything():
    bench = Bench()
    assert bench('/ip firewall nat remove [find where comment="nobody"]') == ""
    assert bench(":put [:len [/ip firewall nat find]]") == "5"
    assert bench("/ip firewall nat remove [find]") == ""
    assert bench(":put [:len [/ip firewall nat find]]") == "0"


def test_conditions_combine():
    bench = Bench()
    count = ":put [:len [/ip firewall nat find where {}]]"
    assert bench(count.format('chain=dstnat protocol=udp dst-port="5060-5061"')) == "1"
    assert bench(count.format("chain=dstnat and !disabled")) == "4"
    assert bench(count.format('chain=srcnat || dst-port~"^10000"')) == "2"
    assert bench(count.format('(comment~"PBX") && !(dst-port~"5060")')) == "1"
    assert bench(count.format("comment!=camera chain=dstnat !dynamic")) == "3"


def test_a_rule_is_placed_before_one_other_rule():
    bench = Bench()
    add = "/ip firewall filter add chain=forward action=accept comment=ours place-before={}"
    assert bench(add.format('[find where comment="drop invalid"]')) == ""
    comments = bench(
        ":foreach i in=[/ip firewall filter find] do={:put [/ip firewall filter get $i comment]}"
    ).split("\n")
    assert comments[comments.index("ours") + 1] == "drop invalid"
    assert bench(add.format("0")) == ""
    assert bench(":put [/ip firewall filter get 0 comment]") == "ours"
    assert bench(add.format('[find where comment="nobody"]')) == "no such item"
    assert bench(add.format("[find where chain=forward]")).startswith("ambiguous value of place")


def test_move_set_unset_disable_enable_and_comment():
    bench = Bench()
    bench("/ip firewall nat move [find where comment=camera] 0")
    assert bench(":put [/ip firewall nat get 0 comment]") == "camera"
    bench('/ip firewall nat set [find where comment=camera] dst-port=9443 to-ports=""')
    assert bench(":put [/ip firewall nat get 0 dst-port]") == "9443"
    assert bench(":put [/ip firewall nat get 0 to-ports]") == ""
    bench("/ip firewall nat disable 0")
    assert bench(":put [/ip firewall nat get 0 disabled]") == "true"
    bench("/ip firewall nat enable 0; /ip firewall nat comment 0 comment=kept")
    assert "comment=kept" in bench("/ip firewall nat export terse")
    bench("/ip firewall nat unset 0 dst-port")
    assert "dst-port" not in bench("/ip firewall nat export terse").split("\n")[5]


def test_values_are_kept_in_the_routers_own_form():
    bench = Bench()
    bench("/ip firewall connection tracking set udp-stream-timeout=300")
    assert "set udp-stream-timeout=5m" in bench("/ip firewall connection tracking export")
    bench("/ip firewall filter add chain=input protocol=17 src-address=203.0.113.9/32")
    assert "protocol=udp src-address=203.0.113.9" in bench("/ip firewall filter export terse")


def test_strings_are_unescaped_and_variables_in_them_vanish():
    bench = Bench()
    bench(r'/system identity set name="a\"b\\c \$d"')
    assert bench("/system identity print") == r'  name: a"b\c $d'
    bench('/system identity set name="x$y z"')
    assert bench("/system identity print") == "  name: x z"


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=90))
def test_a_comment_survives_export_and_load_to_the_letter(text):
    escaped = "".join(f"\\{c}" if c in '"\\$' else c for c in text)
    bench = Bench("blank")
    assert bench(f'/ip firewall filter add chain=input comment="{escaped}"') == ""
    again = Bench(bench("/export") + "\n")
    assert again.router.configuration() == bench.router.configuration()
    assert again(":put [/ip firewall filter get 0 comment]") == text.rstrip("\n")


def test_abbreviations_work_as_long_as_they_are_clear():
    bench = Bench()
    assert bench("ip fir nat pr count") == "5"
    assert bench("/ip/firewall/nat/print count-only") == "5"
    assert bench("/ip s print").startswith("bad command name s ")


def test_scripts_have_variables_conditions_loops_and_error_handling():
    bench = Bench()
    assert bench("{:local n 5; :if ($n = 5) do={:put yes} else={:put no}}") == "yes"
    assert bench(":do {/ip address remove 99} on-error={:put caught}") == "caught"
    assert bench(':put ("a" . "b")') == "ab"
    assert bench(":error stop; :put never") == "stop"
