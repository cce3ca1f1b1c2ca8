"""The terminal of the simulated RouterOS: prompts, keys, safe mode."""

from __future__ import annotations

import pytest

from tests.vendors.routeros_bench import LAN, Bench

# -- safe mode -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "taken", "released"),
    [
        ("6.49.17", "[Safe Mode taken]", "[Safe Mode released]"),
        ("7.18.2", "Taking Safe Mode session... Success!", "Releasing Safe Mode... Success!"),
    ],
)
def test_control_x_takes_safe_mode_and_a_second_one_keeps_the_changes(version, taken, released):
    bench = Bench(version=version)
    shell = bench.terminal()
    reply = shell.feed("\x18")
    assert taken in reply
    assert reply.endswith("[admin@klant-router] <SAFE> ")
    shell.feed("/ip upnp set enabled=no\r\n")
    reply = shell.feed("\x18")
    assert released in reply
    assert reply.endswith("[admin@klant-router] > ")
    shell.hangup()
    bench.clock.now += 3600
    assert bench(":put [/ip upnp get enabled]") == "false"


def test_control_d_in_safe_mode_takes_the_changes_back_of_other_sessions_too():
    bench = Bench()
    before = bench.router.configuration()
    shell = bench.terminal()
    shell.feed("\x18/ip upnp set enabled=no\r")
    bench("/ip firewall nat remove [find]")
    shell.feed("\x04")
    assert shell.closed
    assert bench.router.configuration() == before


def test_a_lost_session_is_rolled_back_only_when_tcp_gives_up_after_nine_minutes():
    bench = Bench()
    before = bench.router.configuration()
    shell = bench.terminal()
    shell.feed("\x18/ip upnp set enabled=no\r")
    shell.hangup()
    bench.clock.now += 539
    assert bench.router.configuration() != before
    bench.clock.now += 2
    assert bench.router.configuration() == before


def test_quitting_safe_mode_asks_and_unrolls():
    bench = Bench()
    before = bench.router.configuration()
    shell = bench.terminal()
    shell.feed("\x18/ip upnp set enabled=no\r")
    assert "Quitting will unroll changes. Quit? [y/N]" in shell.feed("/quit\r")
    assert not shell.closed
    assert "<SAFE>" in shell.feed("n")
    shell.feed("/quit\r")
    shell.feed("y")
    assert shell.closed
    assert bench.router.configuration() == before


def test_the_hundred_and_first_action_leaves_safe_mode_without_a_word():
    bench = Bench()
    shell = bench.terminal()
    shell.feed("\x18")
    for number in range(100):
        assert shell.feed(f"/system identity set name=r{number}\r").endswith("<SAFE> ")
    assert shell.feed("/system identity set name=last\r").endswith("[admin@last] > ")
    shell.feed("\x04")
    assert bench.router.hostname == "last"


@pytest.mark.parametrize(
    ("version", "question", "declined"),
    [
        ("6.49.17", "Hijacking Safe Mode from someone", "Safe mode not taken"),
        ("7.18.2", "Safe Mode is taken by current user in another session", "Action aborted."),
    ],
)
def test_a_second_safe_mode_is_asked_for(version, question, declined):
    bench = Bench(version=version)
    first, second = bench.terminal(), bench.terminal()
    first.feed("\x18/ip upnp set enabled=no\r")
    assert question in second.feed("\x18")
    assert declined in second.feed("\r\n")
    second.feed("\x18")
    assert "<SAFE>" in second.feed("u")
    assert bench(":put [/ip upnp get enabled]") == "true"
    assert "released by another user" in first.feed("\r")


def test_the_safe_mode_menu_works_in_a_terminal():
    bench = Bench()
    before = bench.router.configuration()
    shell = bench.terminal()
    assert "<SAFE>" in shell.feed("/safe-mode/take\r")
    shell.feed("/ip upnp set enabled=no\r")
    assert shell.feed("/safe-mode/unroll\r").endswith("[admin@klant-router] > ")
    assert bench.router.configuration() == before
    assert shell.feed("/safe-mode/release\r").count("failure:") == 1


# -- the terminal ----------------------------------------------------------------------------------


def test_the_prompt_names_user_identity_and_menu():
    bench = Bench()
    shell = bench.router.login("admin+ct511w4098h", LAN)
    assert shell.start().endswith("\r\n[admin@klant-router] > ")
    assert shell.feed("/ip firewall nat\r").endswith("[admin@klant-router] /ip/firewall/nat> ")
    assert "PBX SIP" in shell.feed("print\r")
    assert shell.feed("/\r").endswith("[admin@klant-router] > ")


def test_a_line_wider_than_the_terminal_is_repainted():
    bench = Bench()
    wide = bench.terminal()
    narrow = bench.terminal(user="admin+ct80w25h")
    line = '/system identity set name="' + "x" * 70
    assert line in wide.feed(line)
    assert line not in narrow.feed(line)


def test_a_return_and_a_newline_are_one_key():
    shell = Bench().terminal()
    assert shell.feed("\r\n").count("[admin@klant-router]") == 1


def test_a_question_mark_gives_help_on_version_6_only():
    assert "export" in Bench(version="6.49.17").terminal().feed("?")
    assert Bench().terminal().feed("?") == "?"


def test_log_lines_appear_between_line_and_reply():
    bench = Bench()
    shell = bench.terminal()
    bench.router.log("17:20:06 echo: system,error,critical login failure for user admin")
    reply = shell.feed("/system identity print\r")
    assert reply.index("login failure") < reply.index("name: klant-router")


def test_quit_ends_the_session():
    bench = Bench()
    shell = bench.terminal()
    shell.feed("/quit\r\n")
    assert shell.closed
    assert bench(":put [:len [/user active find]]") == "1"
