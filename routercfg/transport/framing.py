"""Where one reply ends in the stream of characters from a terminal. Pure.

By prompt: a reply lies between the echo of its command and the next prompt. By marker: behind each
command goes another that prints a token, and the reply ends there. Either way a reply is only taken
when its end was seen; a session that ends or stalls before gives no reply at all.
"""

from __future__ import annotations

import re

from routercfg.platforms.manifest import Manifest

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|\x1b\][^\x07]*\x07")
_BACKSPACE = re.compile(r"[^\b\n]\x08")


def clean(text: str) -> str:
    """Without colours, cursor movements, and lines that a terminal would have overwritten."""
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    while "\b" in text:
        text, found = _BACKSPACE.subn("", text)
        if not found:
            text = text.replace("\b", "")
    text = re.sub(r"\r+\n", "\n", text)
    return re.sub(r"(?m)^[^\n]*\r(?=[^\n])", "", text).replace("\r", "")


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
