"""Where replies end, and what is no reply at all."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from routercfg.platforms.registry import manifest
from routercfg.transport import framing

ROUTEROS = manifest("mikrotik_routeros")
PROMPT = "[admin@gw] > "
COMMANDS = ("/export terse hide-sensitive", "/system resource print", "/ip address print detail")
LOG = "17:20:06 echo: system,info,account user admin logged in via ssh"

LINES = st.lists(
    st.text(st.characters(codec="ascii", min_codepoint=33, exclude_characters="[]"), max_size=60),
    max_size=6,
)
BODIES = st.tuples(LINES, LINES, LINES)


def echoed(command: str) -> str:
    """A command as RouterOS shows it: as typed, and once more when it is entered."""
    return f"{command}\r{PROMPT}{command}\r\n"


def printed(*bodies: list[str]) -> str:
    """Everything from the prompt at which three commands were sent to the prompt after them."""
    parts = [
        echoed(command) + "".join(f"{line}\r\n" for line in body)
        for command, body in zip(COMMANDS, bodies, strict=True)
    ]
    return PROMPT + PROMPT.join(parts) + PROMPT


def expected(bodies: tuple[list[str], ...]) -> tuple[str, ...]:
    return tuple("\n".join(body).strip("\n") for body in bodies)


@given(BODIES)
def test_commands_sent_at_once_get_each_its_own_reply(bodies: tuple[list[str], ...]) -> None:
    assert framing.in_order(ROUTEROS, printed(*bodies), COMMANDS) == expected(bodies)


@given(BODIES, st.lists(st.integers(0, 2000), max_size=8))
def test_however_the_stream_is_cut_into_chunks_the_replies_are_the_same(
    bodies: tuple[list[str], ...], cuts: list[int]
) -> None:
    stream = printed(*bodies)
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    raw, found = "", []
    for start, stop in itertools.pairwise(places):
        raw += stream[start:stop]
        replies = framing.in_order(ROUTEROS, raw, COMMANDS)
        if replies is not None:
            found.append(replies)
    assert found
    assert set(found) == {expected(bodies)}


@given(BODIES, st.data())
def test_a_stream_that_was_cut_off_gives_no_reply(
    bodies: tuple[list[str], ...], data: st.DataObject
) -> None:
    stream = printed(*bodies)
    # RouterOS may print its prompt with or without the blank behind it.
    kept = data.draw(st.integers(0, len(stream) - len(PROMPT)))
    assert framing.in_order(ROUTEROS, stream[:kept], COMMANDS) is None


@given(BODIES, st.integers(0, 2), st.integers(0, 6))
def test_log_lines_and_colours_are_no_part_of_a_reply(
    bodies: tuple[list[str], ...], which: int, where: int
) -> None:
    noisy = [list(body) for body in bodies]
    noisy[which].insert(where, LOG)
    coloured = [[f"\x1b[32m{line}\x1b[0m" for line in body] for body in noisy]
    assert framing.in_order(ROUTEROS, printed(*coloured), COMMANDS) == expected(bodies)


def test_a_reply_whose_next_prompt_is_another_one_is_no_reply() -> None:
    stream = printed(["a=1"], ["b=2"], ["c=3"])
    wrong = stream.replace(f"a=1\r\n{PROMPT}", "a=1\r\nlogin: ", 1)
    assert framing.in_order(ROUTEROS, wrong, COMMANDS) is None
    assert framing.echoed_once(framing.clean(wrong), COMMANDS)


def test_a_command_that_was_lost_takes_all_replies_with_it() -> None:
    parts = [echoed(COMMANDS[0]), "a=1\r\n", PROMPT, echoed(COMMANDS[2]), "c=3\r\n"]
    stream = PROMPT + "".join(parts) + PROMPT
    assert framing.in_order(ROUTEROS, stream, COMMANDS) is None
    assert not framing.echoed_once(framing.clean(stream), COMMANDS)


def test_a_command_that_came_mangled_takes_all_replies_with_it() -> None:
    stream = printed(["a=1"], ["b=2"], ["c=3"]).replace("resource", "resorce")
    assert framing.in_order(ROUTEROS, stream, COMMANDS) is None
    assert not framing.echoed_once(framing.clean(stream), COMMANDS)


def test_what_is_typed_ahead_and_shown_in_the_midst_of_a_reply_is_noticed() -> None:
    stream = printed(["a=1", f"{COMMANDS[1]}", "a=2"], ["b=2"], ["c=3"])
    replies = framing.in_order(ROUTEROS, stream, COMMANDS)
    assert replies is not None
    assert framing.mixed(ROUTEROS, COMMANDS, replies)


def test_a_prompt_in_the_midst_of_a_reply_is_noticed() -> None:
    replies = framing.in_order(ROUTEROS, printed(["a=1", PROMPT, "a=2"], [], []), COMMANDS)
    assert replies is not None
    assert framing.mixed(ROUTEROS, COMMANDS, replies)


@given(BODIES)
def test_replies_without_echo_and_prompt_are_not_called_mixed(
    bodies: tuple[list[str], ...],
) -> None:
    assert not framing.mixed(ROUTEROS, COMMANDS, expected(bodies))


def test_a_terminal_that_repaints_nothing_is_understood_too() -> None:
    bodies = (["a=1"], [], ["c=3"])
    plain = printed(*bodies)
    for command in COMMANDS:
        plain = plain.replace(echoed(command), f"{command}\r\n")
    assert framing.in_order(ROUTEROS, plain, COMMANDS) == expected(bodies)


def test_text_that_needs_no_cleaning_stays_as_it_is() -> None:
    assert framing.clean("a\nb\n") == "a\nb\n"


def test_what_a_terminal_overwrites_is_gone() -> None:
    assert framing.clean("abc\rdef\r\nx\b\x1b[1my\r\r\n") == "def\ny\n"
