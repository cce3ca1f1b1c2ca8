"""What stands in the way of taking back a change on RouterOS: named, and done where forced."""

from __future__ import annotations

from routercfg.model.undo import Conflict

from .routeros import export
from .routeros_story import FILTER, LIST, NAT, Story, busy


def test_a_rule_of_ours_that_somebody_edited_is_named_and_goes_where_forced() -> None:
    story = busy()
    story(
        f'{FILTER} set [:pick [{FILTER} find where comment="routercfg:management"] 0]'
        " dst-port=22 disabled=yes"
    )
    (conflict,) = story.force()
    assert "routercfg:management" in conflict.left[0]
    assert "disabled=yes" in conflict.found[0]
    assert story.router.configuration() == story.whole


def test_a_setting_that_somebody_changed_since_is_named_and_goes_back_where_forced() -> None:
    story = busy()
    story("/ip firewall connection tracking set udp-stream-timeout=10m", "/ip service set ftp "
          "disabled=no", "/ip firewall service-port set sip disabled=no")  # fmt: skip
    (conflict,) = story.force()
    assert conflict == Conflict(
        ("/ip firewall connection tracking set udp-stream-timeout=5m",),
        ("/ip firewall connection tracking set udp-stream-timeout=10m",),
    )
    assert story.router.configuration() == story.whole


def test_a_forward_that_somebody_made_again_is_named_and_becomes_the_old_one() -> None:
    story = busy()
    story(
        f"{NAT} add chain=dstnat action=dst-nat protocol=udp dst-port=5060-5061 in-interface=ether1"
        " to-addresses=192.168.88.20 to-ports=5060-5061 comment=again"
    )
    (conflict,) = story.force()
    assert conflict.left == ()
    assert "comment=again" in conflict.found[0]
    assert story.router.configuration() == story.whole


def test_a_removed_rule_that_came_back_elsewhere_is_named_and_moved() -> None:
    rule = f"{NAT} add action=dst-nat chain=dstnat protocol=udp to-addresses=192.168.88.9 dst-port="
    story = Story(export(f"{rule}7000\n{rule}5060\n{rule}7001\n"))
    story(f"{rule}5060")
    (conflict,) = story.force()
    assert conflict.found[1] == "# at the end"
    assert story.router.configuration() == story.whole


def test_a_rule_that_was_only_edited_and_is_gone_now_is_named_and_comes_back() -> None:
    rule = f"{NAT} add action=dst-nat chain=dstnat protocol=tcp to-addresses=192.168.88.9 dst-port="
    story = Story(export(f"{rule}7000\n{rule}443\n{rule}7001\n"))
    story(f'{NAT} remove [find where src-address-list~"^routercfg-"]')
    (conflict,) = story.force()
    assert "src-address-list=routercfg-" in conflict.left[0]
    assert conflict.found == ()
    assert story.router.configuration() == story.whole


def test_what_others_put_on_a_list_of_ours_is_named() -> None:
    story = busy()
    story(
        f"{LIST} add list=routercfg-management address=192.0.2.99 comment=mine",
        f"{FILTER} add chain=input action=accept protocol=tcp src-address-list=routercfg-management"
        " comment=mine",
    )
    entry, rule = story.force()
    assert entry.left == rule.left == ()
    assert "192.0.2.99" in entry.found[0]
    assert "chain=input" in rule.found[0]
    assert f"{LIST} add address=192.0.2.99" not in story.router.configuration()
    # Somebody's rule stays somebody's.
    assert "comment=mine" in story.router.configuration()


def test_an_entry_of_ours_with_another_comment_is_named() -> None:
    story = busy()
    story(f'{LIST} set [find where list=routercfg-provider] comment="the provider"')
    (conflict,) = story.force()
    assert "the provider" in conflict.found[0]
    assert story.router.configuration() == story.whole
