"""One push to a simulated router, for `farm.py` to play back to thousands.

    python benchmarks/recording.py > recording.json

What routercfg itself sends is what is recorded, with what the simulator prints for it: every read,
the lines in their order, safe mode, and every read again in a second login.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import client

from routercfg.platforms import load_simulator
from routercfg.platforms.manifest import Manifest
from routercfg.push import Outcome, push
from routercfg.transport import Reply, Target, framing

#: The recorded router's name and version.
NAME, VERSION = "gw", "7.12.2"
PROMPT, SAFE_PROMPT = f"[{client.USER}@{NAME}] > ", f"[{client.USER}@{NAME}] <SAFE> "
#: What clients other than routercfg ask for before they begin.
ASIDES = ("/system routerboard print", "/system identity print")


class Tape:
    """A router, and all that was typed on it."""

    def __init__(self) -> None:
        self._router = load_simulator(client.PLATFORM).create(
            client.MESSY.read_text(encoding="utf-8"), hostname=NAME, version=VERSION
        )
        self.banner = ""
        self.reads: list[dict[str, str]] = []
        self.lines: list[tuple[str, str]] = []
        self.pressed: list[str] = []

    def connect(self, _target: Target, manifest: Manifest) -> Login:
        """A login whose every exchange is on the tape."""
        shell = self._router.login(client.USER + manifest.session.login_suffix, client.ENGINEER)
        self.banner = shell.start()
        self.reads.append({})
        return Login(self, shell, manifest)

    def aside(self, command: str) -> str:
        """What the router prints for a command that is no part of the push."""
        text, _ = self._router.execute(command, client.USER, client.ENGINEER)
        return str(text)


class Login:
    """A `Session` on the simulator's own terminal."""

    def __init__(self, tape: Tape, shell: Any, manifest: Manifest) -> None:
        self._tape = tape
        self._shell = shell
        self._manifest = manifest

    def read(self, commands: Sequence[str]) -> tuple[Reply, ...]:
        bodies = {command: self._body(command) for command in commands}
        self._tape.reads[-1] |= bodies
        return tuple(Reply(command, _plain(body)) for command, body in bodies.items())

    def send(self, command: str) -> Reply:
        body = self._body(command)
        self._tape.lines.append((command, body))
        return Reply(command, framing.quiet(self._manifest, _plain(body)))

    def press(self, characters: str, expect: str | None) -> str:
        del expect
        self._tape.pressed.append(characters)
        told = str(self._shell.feed(characters))
        self._tape.pressed.append(told)
        return framing.clean(told)

    def close(self) -> None:
        self._shell.hangup()

    def _body(self, command: str) -> str:
        """What stands between the echo, which RouterOS repaints, and the next prompt."""
        told = str(self._shell.feed(f"{command}\r\n"))
        for prompt in (PROMPT, SAFE_PROMPT):
            echo = f"{command}\r{prompt}{command}\r\n"
            if told.startswith(echo) and told.endswith(prompt):
                return told[len(echo) : -len(prompt)]
        raise AssertionError(told)


def record() -> dict[str, Any]:
    """What the farm needs: prompts, banner, reads before and after, lines with their replies."""
    tape = Tape()
    target = Target(NAME, client.PLATFORM, client.INTENT, "192.0.2.1", user=client.USER)
    result = push(target, connect=tape.connect)
    assert result.outcome is Outcome.PUSHED, result.error
    [before, after] = tape.reads
    [take, taken, release, released] = tape.pressed
    assert take == release == "\x18"
    assert taken.endswith(SAFE_PROMPT)
    assert released.endswith(PROMPT)
    return {
        "user": client.USER,
        "password": client.PASSWORD,
        "prompt": PROMPT,
        "safe_prompt": SAFE_PROMPT,
        "banner": tape.banner,
        "taken": taken,
        "released": released,
        "lan": client.LAN,
        "asides": {command: tape.aside(command) for command in ASIDES},
        "before": before,
        "lines": tape.lines,
        "after": after,
    }


def _plain(text: str) -> str:
    return framing.clean(text).strip("\n")


if __name__ == "__main__":
    print(json.dumps(record()))
