"""Where one reply ends in the stream of characters from a terminal. Pure.

By prompt: a reply lies between the echo of its command and the next prompt, also where several
commands went out in one write. By marker: behind each command goes another that prints a token, and
the reply ends there. Either way a reply is only taken when its end was seen; a session that ends or
stalls before gives no reply at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from routercfg.platforms.manifest import Manifest

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|\x1b\][^\x07]*\x07")
_BACKSPACE = re.compile(r"[^\b\n]\x08")
_LINE_END = re.compile(r"\r+\n")
_OVERWRITTEN = re.compile(r"(?m)^[^\n]*\r(?=[^\n])")


def clean(text: str) -> str:
    """Without colours, cursor movements, and lines that a terminal would have overwritten."""
    text = _plain(text)
    return _OVERWRITTEN.sub("", text).replace("\r", "") if "\r" in text else text


def _plain(text: str) -> str:
    """Without colours and cursor movements; a carriage return still says what was overwritten."""
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    while "\b" in text:
        text, found = _BACKSPACE.subn("", text)
        if not found:
            text = text.replace("\b", "")
    return _LINE_END.sub("\n", text) if "\r" in text else text


def quiet(manifest: Manifest, text: str) -> str:
    """Without the lines that the platform mixes in from its log."""
    for pattern in manifest.session.noise:
        text = re.sub(pattern, "", text)
    return text


def at_prompt(manifest: Manifest, text: str) -> bool:
    """Does the text end with a prompt that waits for a command?"""
    last = text.rsplit("\n", 1)[-1]
    return re.fullmatch(manifest.session.prompt, last) is not None


def between_prompts(manifest: Manifest, text: str, command: str) -> str | None:
    """The reply to `command` if the text holds all of it, for a session at its prompt again."""
    if not at_prompt(manifest, text):
        return None
    echo = _echo(text, command)
    if echo is None:
        return None
    body = text[echo:]
    return body.rsplit("\n", 1)[0].lstrip("\n") if "\n" in body else ""


def in_order(manifest: Manifest, raw: str, commands: Sequence[str]) -> tuple[str, ...] | None:
    """The replies to commands that went out in one write, if the text holds all of them.

    `raw` is not cleaned, and begins with the prompt at which the commands were sent. Each echo has
    to stand behind a prompt on a line of its own, in the order of the commands, and the last reply
    has to end at a prompt. Ask `mixed` before believing a word of it.
    """
    text = quiet(manifest, _plain(raw))
    last = text.rfind("\n") + 1
    if not at_prompt(manifest, clean(text[last:])):
        return None
    spans: list[tuple[int, int]] = []
    position = 0
    for command in commands:
        echo = _echo_line(manifest.session.prompt, command.strip()).search(text, position)
        if echo is None:
            return None
        spans.append(echo.span())
        position = echo.end()
    if spans[0][0] != 0:
        return None
    ends = (*(start for start, _ in spans[1:]), last)
    return tuple(
        clean(text[end:stop]).strip("\n") for (_, end), stop in zip(spans, ends, strict=True)
    )


def mixed(manifest: Manifest, commands: Sequence[str], replies: Sequence[str]) -> bool:
    """Does an echo or a prompt stand inside a reply?

    Some terminals show what is typed ahead at once, in the midst of what is printed.
    """
    names = [command.strip() for command in commands]
    prompt = _prompt_line(manifest.session.prompt)
    return any(
        prompt.search(reply) is not None or any(name in reply for name in names)
        for reply in replies
    )


def echoed_once(text: str, commands: Sequence[str]) -> bool:
    """Did every command come back, once and in order? Then none was lost on the way in."""
    position = 0
    for name in (command.strip() for command in commands):
        position = text.find(name, position)
        if position < 0 or text.count(name) != 1:
            return False
    return True


@lru_cache(maxsize=512)
def _echo_line(prompt: str, command: str) -> re.Pattern[str]:
    # Terminals repaint: what was typed at the prompt may be overwritten by prompt and command.
    repaint = rf"(?:[^\n]*\r(?:{prompt}))?"
    return re.compile(rf"(?m)^(?:{prompt}){repaint}{re.escape(command)}[ \t]*\n")


@lru_cache(maxsize=64)
def _prompt_line(prompt: str) -> re.Pattern[str]:
    return re.compile(rf"(?m)^(?:{prompt})$")


def _echo(text: str, command: str) -> int | None:
    """Where the echo of the command ends. Terminals repaint, so the last echo on the way counts."""
    wanted = command.strip()
    first = text.find(wanted)
    if first < 0:
        return None
    end = first + len(wanted)
    # A repainted line carries the command again before its line break.
    again = text.find(wanted, end)
    if again >= 0 and "\n" not in text[end:again]:
        end = again + len(wanted)
    return end


def before_marker(text: str, token: str) -> tuple[str, str] | None:
    """The reply before the token on a line of its own, and what comes after it."""
    match = re.search(rf"(?:^|\n){re.escape(token)}\n", text)
    if match is None:
        return None
    return text[: match.start()], text[match.end() :]
