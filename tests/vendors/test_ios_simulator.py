"""The simulated IOS router answers as recorded ones do, and refuses what they refuse."""

from __future__ import annotations

import pytest

from . import ios


def configured(one: object, *lines: str) -> list[str]:
    shell = ios.terminal(one)
    ios.talk(shell, "configure terminal")
    return [ios.talk(shell, line).strip() for line in lines]


def test_prompts_follow_the_mode() -> None:
    shell = ios.router("factory", hostname="R1").login("admin", "192.0.2.130")
    assert shell.start().endswith("R1#")
    assert shell.feed("configure terminal\r").endswith("R1(config)#")
    assert shell.feed("interface Vlan1\r").endswith("R1(config-if)#")
    assert shell.feed("ip access-list extended X\r").endswith("R1(config-ext-nacl)#")
    assert shell.feed("exit\r").endswith("R1(config)#")
    assert shell.feed("end\r").endswith("R1#")


def test_a_long_name_is_cut_in_configuration_mode() -> None:
    shell = ios.router("factory", hostname="R" * 30).login("admin", "192.0.2.130")
    shell.start()
    assert shell.feed("conf t\r").endswith("\n" + "R" * 20 + "(config)#")


def test_without_privilege_there_is_little_to_do_before_enable() -> None:
    shell = ios.router("factory", privilege=1).login("guest", "192.0.2.130")
    assert shell.start().endswith("Router>")
    assert "% Invalid input detected" in shell.feed("configure terminal\r")
    assert shell.feed("enable\r").endswith("Password: ")
    assert shell.feed("wrong\r").endswith("\nPassword: ")
    assert shell.feed("wrong\r").endswith("\nPassword: ")
    assert shell.feed("wrong\r").endswith("\n% Bad secrets\r\n\r\nRouter>")
    shell.feed("enable\r")
    assert shell.feed("enable\r").endswith("Router#")


def test_long_output_is_paged_until_paging_is_off() -> None:
    shell = ios.router("messy").login("admin", "192.0.2.130")
    shell.start()
    first = shell.feed("show running-config\r")
    assert first.endswith(" --More-- ")
    assert shell.feed(" ").endswith(" --More-- ")
    assert shell.feed("q").endswith("klant-881-kantoor#")
    shell.feed("terminal length 0\r")
    assert "\r\nend\r\n" in shell.feed("show running-config\r")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("ip nat service sip udp port", "% Incomplete command."),
        ("ip nat service sup udp port 5060", "% Invalid input detected at '^' marker."),
        ("ip nat inside source static udp 192.168.1.300 5060 198.51.100.1 5060", "% Invalid input"),
        ("ip nat service sip udp port 70000", "% Invalid input"),
        ("set service nat", "% Invalid input"),
        ("i", "% Ambiguous command:"),
        ("no ip nat inside source static udp 192.0.2.9 1 192.0.2.9 1", "%Translation not found"),
        ("zone-pair security X source A destination B", "% Zone A not configured"),
    ],
)
def test_what_a_router_refuses_is_refused_and_changes_nothing(line: str, answer: str) -> None:
    one = ios.router("messy")
    before = one.configuration()
    assert answer in configured(one, line)[0]
    assert one.configuration() == before


def test_the_mark_stands_below_the_first_wrong_word() -> None:
    shell = ios.router("factory").login("admin", "192.0.2.130")
    shell.start()
    lines = shell.feed("show ip nonsense\r").split("\r\n")
    assert lines[1].index("^") == len("Router#show ip ")


def test_words_may_be_cut_short() -> None:
    one = ios.router("factory")
    shell = ios.terminal(one)
    for line in ("conf t", "int gi0/0/1", "ip addr 10.0.0.1 255.255.255.0", "no shut", "end"):
        assert "%" not in ios.talk(shell, line)
    text = one.configuration()
    assert "\n ip address 10.0.0.1 255.255.255.0\n" in text
    assert "shutdown" not in text
    assert "hostname Router" in ios.talk(shell, "sh run | i hostname")


def test_list_entries_are_kept_by_number() -> None:
    one = ios.router("factory")
    replies = configured(
        one,
        "ip access-list extended T",
        "permit tcp any any eq 22",
        "deny ip any any log",
        "5 permit udp any any eq 53",
        "5 permit udp any any eq 54",
        "permit tcp any any eq 22",
        "permit udp any any established",
        "no 20",
    )
    assert replies[4] == "% Duplicate sequence number"
    assert replies[5] == ""
    assert "% Invalid input" in replies[6]
    assert one.running.acls["T"].entries == [
        (5, "permit udp any any eq domain"),
        (10, "permit tcp any any eq 22"),
    ]
    configured(one, "ip access-list resequence T 100 10")
    assert [number for number, _ in one.running.acls["T"].entries] == [100, 110]


def test_a_translation_in_use_is_only_removed_after_yes() -> None:
    one = ios.router("messy")
    line = "ip nat inside source static udp 192.168.1.20 5060 198.51.100.10 5060 extendable"
    shell = ios.terminal(one)
    ios.talk(shell, "configure terminal")
    assert shell.feed(f"no {line}\r").endswith("child entries? [no]: ")
    assert "%: Error: static entry in use, cannot remove" in shell.feed("\r")
    assert line in one.configuration()
    shell.feed(f"no {line}\r")
    shell.feed("yes\r")
    assert line not in one.configuration()


def test_a_pool_in_use_is_not_destroyed() -> None:
    reply = configured(ios.router("messy"), "no ip nat pool voip-rtp")[0]
    assert reply == "%Pool voip-rtp in use, cannot destroy"


def test_unconfirmed_changes_are_undone_when_the_time_is_up() -> None:
    clock = ios.Clock()
    one = ios.router("messy", clock=clock)
    before = one.configuration()
    shell = ios.carry_out(one, ios.plan(one).commands)
    shell.hangup()
    clock.now += 299
    assert one.configuration() != before
    clock.now += 2
    assert one.configuration() == before


def test_another_user_does_not_confirm() -> None:
    clock = ios.Clock()
    one = ios.router("factory", clock=clock)
    ios.carry_out(one, ("no ip http secure-server",))
    other = ios.terminal(one, user="somebody")
    assert "%No Rollback Confirmed Change pending" in ios.talk(other, "configure confirm")
    assert ios.talk(ios.terminal(one), "configure confirm") == ""
    clock.now += 1000
    assert "no ip http secure-server" in one.configuration()


def test_without_an_archive_there_is_no_timer_to_start() -> None:
    one = ios.router(ios.ZONES.replace("archive\n path flash:cfg\n", ""))
    shell = ios.terminal(one)
    assert "Archive feature not enabled" in ios.talk(shell, "show archive")
    reply = ios.talk(shell, "configure terminal revert timer 5")
    assert "%Turn config archive on before using Rollback Confirmed Change" in reply


def test_a_planned_restart_loses_what_was_not_saved() -> None:
    clock = ios.Clock()
    one = ios.router("factory", clock=clock)
    before = one.configuration()
    shell = ios.terminal(one)
    ios.talk(shell, "reload in 10")
    assert one.restart_planned
    configured(one, "ip http server")
    clock.now += 601
    assert one.configuration() == before
    assert one.restarts == 1
    assert shell.closed


def test_who_gets_in_follows_lists_and_lines() -> None:
    one = ios.router("messy")
    assert one.may_connect("192.0.2.77", 22)
    configured(one, "ip access-list extended INTERNET_IN", "no permit tcp any any eq 22")
    assert not one.may_connect("192.0.2.77", 22)
    assert one.may_connect("192.168.1.9", 22)
    configured(one, "line vty 0 4", "access-class NOBODY in", "line vty 5 15", "access-class N in")
    assert one.may_connect("192.168.1.9", 22), "a list that is not there lets everybody in"
    configured(one, "ip access-list standard NOBODY", "permit 192.0.2.1")
    configured(one, "ip access-list standard N", "permit 192.0.2.1")
    assert not one.may_connect("192.168.1.9", 22)
