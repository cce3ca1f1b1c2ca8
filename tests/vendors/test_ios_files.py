"""Files on the simulated IOS router: flash, the Tcl shell, copies, comparisons, replacements."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from . import ios

LINES = ("no ip nat service sip udp port 5060", "line vty 0 4", " exec-timeout 5 0")


def typed(one: Any, *lines: str) -> list[str]:
    shell = ios.terminal(one)
    return [shell.feed(f"{line}\r") for line in lines]


def stored(one: Any, *lines: str, name: str = "flash:/merge.txt") -> Any:
    """A file on flash, written as people do it from a terminal."""
    shell = ios.terminal(one)
    shell.feed("tclsh\r")
    for line in (f'puts [open "{name}" w+] {{{lines[0]}', *lines[1:], "end}"):
        shell.feed(f"{line}\r")
    shell.feed("tclquit\r")
    return shell


def test_the_tcl_shell_writes_a_file_once_it_is_left() -> None:
    one = ios.router("factory", hostname="R1")
    shell = ios.terminal(one)
    assert shell.feed("tclsh\r").endswith("R1(tcl)#")
    assert shell.feed('puts [open "flash:merge.txt" w+] {one\r').endswith("\r\n+>")
    assert shell.feed("! two\r").endswith("\r\n+>")
    assert shell.feed("\r").endswith("\r\n+>")
    assert shell.feed("three}\r").endswith("R1(tcl)#")
    assert "No such file" in shell.feed("dir flash:/merge.txt\r"), "not before tclquit"
    assert shell.feed("tclquit\r").endswith("R1#")
    text = "one\n! two\n\nthree\n"
    assert ios.talk(shell, "more flash:/merge.txt") == text.rstrip("\n")
    digest = hashlib.md5(text.encode()).hexdigest()
    assert f"(flash:/merge.txt) = {digest}" in ios.talk(shell, "verify /md5 flash:/merge.txt")


def test_a_session_that_is_lost_in_the_tcl_shell_leaves_no_file() -> None:
    one = ios.router("factory")
    shell = ios.terminal(one)
    shell.feed("tclsh\r")
    shell.feed('puts [open "flash:merge.txt" w+] {one\r')
    shell.hangup()
    assert "No such file" in typed(one, "dir flash:/merge.txt")[0]


def test_tcl_joins_lines_at_a_backslash_and_stops_at_a_brace() -> None:
    one = ios.router("factory")
    shell = stored(one, "description a\\", "   b")
    assert ios.talk(shell, "more flash:/merge.txt").startswith("description a b\n")
    shell.feed("tclsh\r")
    assert "extra characters" in shell.feed('puts [open "flash:x" w+] {a}}\r')
    assert "no such file" in shell.feed('puts [open "disk9:x" w+] {a}\r')


def test_an_image_without_tcl_knows_no_tclsh() -> None:
    one = ios.router("factory")
    one.tcl = False
    assert "% Unknown command or computer name" in typed(one, "tclsh")[0]


def test_dir_tells_what_is_there_and_how_much_is_free() -> None:
    one = ios.router("messy")
    shell = stored(one, *LINES)
    every = ios.talk(shell, "dir")
    assert every.startswith("Directory of flash:/\n")
    assert "merge.txt" in every
    assert f"{one.files.size} bytes total ({one.files.free} bytes free)" in every
    assert ios.talk(shell, "dir flash:/merge.txt").startswith("Directory of flash:/merge.txt\n")
    gone = ios.talk(shell, "dir flash:/none.txt")
    assert gone == "%Error opening flash:/none.txt (No such file or directory)"
    assert "disk     rw   flash:" in ios.talk(shell, "show file systems")


def test_ios_xe_calls_its_flash_bootflash() -> None:
    shell = stored(ios.router("factory"), *LINES)
    assert ios.talk(shell, "dir").startswith("Directory of bootflash:/\n")
    assert "Directory of bootflash:/merge.txt" in ios.talk(shell, "dir flash:/merge.txt")


def test_what_does_not_fit_on_flash_is_not_written() -> None:
    one = ios.router("messy")
    one.files.size = 10
    shell = stored(one, *LINES)
    assert "No such file" in ios.talk(shell, "dir flash:/merge.txt")
    asked = shell.feed("copy running-config flash:/all.txt\r")
    assert asked.endswith("Destination filename [all.txt]? ")
    assert "(No space left on device)" in shell.feed("\r")


def test_copying_a_file_into_the_configuration_merges_it_and_saves_nothing() -> None:
    one = ios.router("messy")
    before = one.persisted()
    shell = stored(one, *LINES)
    asked = shell.feed("copy flash:/merge.txt running-config\r")
    assert asked.endswith("Destination filename [running-config]? ")
    assert " bytes copied in " in shell.feed("\r")
    text = one.configuration()
    assert "\nno ip nat service sip udp port 5060\n" in text
    assert "\n exec-timeout 5 0\n" in text
    assert one.persisted() == before


def test_a_line_of_a_file_that_is_refused_is_printed_and_the_next_one_is_tried() -> None:
    one = ios.router("messy")
    shell = stored(one, "ip nat nonsense", *LINES)
    shell.feed("copy flash:/merge.txt run\r")
    said = shell.feed("\r")
    assert "ip nat nonsense\r\n       ^\r\n% Invalid input detected at '^' marker." in said
    assert "no ip nat service sip udp port 5060" in one.configuration()


def test_a_file_that_removes_what_is_in_use_makes_the_router_ask() -> None:
    line = "ip nat inside source static udp 192.168.1.20 5060 198.51.100.10 5060 extendable"
    for answer, there in (("no", True), ("yes", False)):
        one = ios.router("messy")
        shell = stored(one, f"no {line}", *LINES)
        shell.feed("copy flash:/merge.txt running-config\r")
        assert shell.feed("\r").endswith("child entries? [no]: ")
        assert " bytes copied in " in shell.feed(f"{answer}\r")
        assert (line in one.configuration()) is there
        assert "exec-timeout 5 0" in one.configuration(), "the rest of the file still goes in"


def test_with_quiet_prompts_file_commands_ask_nothing() -> None:
    one = ios.router("messy")
    shell = stored(one, *LINES)
    one.apply("file prompt quiet")
    assert " bytes copied in " in ios.talk(shell, "copy flash:/merge.txt running-config")
    assert ios.talk(shell, "delete flash:/merge.txt") == ""
    assert not one.files.holds("flash:/merge.txt")


def test_overwriting_and_deleting_are_asked_about() -> None:
    one = ios.router("messy")
    shell = stored(one, *LINES)
    shell.feed("copy running-config flash:/merge.txt\r")
    assert shell.feed("\r").endswith("Do you want to over write? [confirm]")
    shell.feed("n\r")
    assert one.files.read("flash:/merge.txt").startswith("no ip nat")
    assert shell.feed("delete flash:/merge.txt\r").endswith("Delete filename [merge.txt]? ")
    assert shell.feed("\r").endswith("Delete flash:/merge.txt? [confirm]")
    shell.feed("\r")
    assert "No such file" in ios.talk(shell, "delete /force flash:/merge.txt")


def test_files_outlive_a_restart() -> None:
    one = ios.router("messy")
    stored(one, *LINES)
    one.restart()
    assert one.files.holds("flash:/merge.txt")


def test_the_lines_of_a_file_that_are_not_in_force_are_told() -> None:
    one = ios.router("messy")
    shell = stored(one, "ip http server", *LINES)
    said = ios.talk(shell, "show archive config incremental-diffs flash:/merge.txt ignorecase")
    assert said.splitlines() == [
        "!List of Commands:", LINES[0], "line vty 0 4", " exec-timeout 5 0", "end",
    ]  # fmt: skip
    shell = stored(one, "ip http server")
    said = ios.talk(shell, "show archive config incremental-diffs flash:/merge.txt ignorecase")
    assert said.splitlines()[:3] == ["!List of Commands:", "end", "!No changes were found"]


def test_two_configurations_are_compared_line_by_line() -> None:
    one = ios.router("messy")
    shell = ios.terminal(one)
    compare = "show archive config differences system:running-config nvram:startup-config"
    assert "!No changes were found" in ios.talk(shell, compare)
    one.apply("interface Vlan1", "mtu 1400")
    assert "interface Vlan1\n -mtu 1400" in ios.talk(shell, compare)


def whole(one: Any) -> str:
    return str(one.printed().split("bytes\n", 1)[1])


def test_a_whole_configuration_replaces_the_running_one() -> None:
    one = ios.router("messy")
    before = one.configuration()
    one.files.write("flash:/old.txt", whole(one))
    one.apply("ip http port 8080", "interface Vlan1", "mtu 1400")
    shell = ios.terminal(one)
    asked = shell.feed("configure replace flash:/old.txt\r")
    assert asked.endswith("Enter Y if you are sure you want to proceed. ? [no]: ")
    shell.feed("\r")
    assert one.configuration() != before
    assert "Rollback Done" in ios.talk(shell, "configure replace flash:/old.txt force")
    assert one.configuration() == before


def test_a_part_of_a_configuration_replaces_nothing() -> None:
    one = ios.router("messy")
    before = one.configuration()
    shell = stored(one, *LINES)
    said = ios.talk(shell, "configure replace flash:/merge.txt force")
    assert said.startswith("%The input file is not a valid config file.")
    assert one.configuration() == before


def test_a_replacement_with_another_routers_licence_ends_half_way() -> None:
    one = ios.router("messy")
    text = whole(one).replace("FCZ1846C0AA", "FCZ0000C0AA").replace("\nip http server\n", "\n")
    one.files.write("flash:/other.txt", text)
    shell = ios.terminal(one)
    before = one.configuration()
    careful = "configure replace flash:/other.txt force revert trigger error timer 5"
    said = ios.talk(shell, careful)
    assert "original configuration has been successfully restored" in said
    assert one.configuration() == before
    ios.talk(shell, "configure revert now")
    assert "Rollback aborted" in ios.talk(shell, "configure replace flash:/other.txt force")
    assert one.configuration() != before


def test_a_replacement_on_a_timer_reverts_by_itself_and_needs_an_archive() -> None:
    clock = ios.Clock()
    one = ios.router("messy", clock=clock)
    one.files.write("flash:/new.txt", whole(one).replace("\nip http server\n", "\n"))
    before = one.configuration()
    command = "configure replace flash:/new.txt force revert trigger error timer 2"
    assert "Rollback Done" in ios.talk(ios.terminal(one), command)
    assert one.configuration() != before
    clock.now += 121
    assert one.configuration() == before
    one.apply("no archive")
    assert "%Please turn config archive on" in ios.talk(ios.terminal(one), command)


def test_only_who_armed_the_revert_may_revert_confirm_or_extend_it() -> None:
    one = ios.router("messy")
    ios.talk(ios.terminal(one, user="anna"), "configure terminal revert timer 3")
    told = ios.talk(ios.terminal(one), "show archive config rollback timer")
    assert told.splitlines()[1:] == [
        "Timer type: absolute timer", "Timer value: 3 min", "User: anna",
    ]  # fmt: skip
    for line in ("configure revert now", "configure confirm", "configure revert timer 9"):
        said = ios.talk(ios.terminal(one, user="bert"), line)
        assert "%No Rollback Confirmed Change pending" in said
    assert "Rollback Done" in ios.talk(ios.terminal(one, user="anna"), "configure revert now")


def test_arming_a_revert_keeps_the_configuration_in_the_archive() -> None:
    one = ios.router("messy")
    shell = ios.terminal(one)
    said = ios.talk(shell, "configure terminal revert timer 3")
    kept = said.splitlines()[0].rsplit(" ", 1)[1]
    ios.talk(shell, "end")
    assert one.files.read(kept) == one.configuration()


@pytest.mark.parametrize(
    "line",
    [
        "dir disk0:", "more", "verify /md5", "copy flash:/x", "delete running-config",
        "configure replace running-config force", "show archive config incremental-diffs",
        "configure replace flash:/x force revert trigger timer 500", "verify flash:/x",
    ],
)  # fmt: skip
def test_what_is_no_command_for_files_is_refused(line: str) -> None:
    one = ios.router("messy")
    said = typed(one, line)[0]
    assert "% Invalid input" in said or "% Incomplete command." in said
