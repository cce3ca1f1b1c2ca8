"""One session with a simulated router, for `farm.py` to play back to thousands.

    python benchmarks/recording.py > recording.json

Every read of the pack, then the plan's lines under safe mode, then every read again in a second
login, as the simulator prints them.
"""

from __future__ import annotations

import json
from typing import Any

import client

from routercfg.planning import make_plan
from routercfg.platforms import load_pack, load_simulator

#: The recorded router's name and version.
NAME, VERSION = "gw", "7.12.2"
SAFE_MODE = "\x18"
#: What clients other than routercfg ask for before they begin.
ASIDES = ("/system routerboard print", "/system identity print")


def record() -> dict[str, Any]:
    """What the farm needs: prompts, banner, reads before and after, lines with their replies."""
    pack = load_pack(client.PLATFORM)
    configuration = client.MESSY.read_text(encoding="utf-8")
    router = load_simulator(client.PLATFORM).create(configuration, hostname=NAME, version=VERSION)
    user = client.USER + pack.manifest.session.login_suffix
    commands = [read.command for read in pack.manifest.reads]
    first = router.login(user, client.ENGINEER)
    banner = first.start()
    prompt, safe = f"[{client.USER}@{NAME}] > ", f"[{client.USER}@{NAME}] <SAFE> "
    before = {command: _body(first, command, prompt) for command in commands}
    texts = {read.id: _plain(before[read.command]) for read in pack.manifest.reads}
    plan = make_plan(NAME, pack, pack.state(texts), client.INTENT)
    asides = {command: _body(first, command, prompt) for command in ASIDES}
    taken = first.feed(SAFE_MODE)
    lines = [(line, _body(first, line, safe)) for line in plan.commands]
    second = router.login(user, client.ENGINEER)
    second.start()
    after = {command: _body(second, command, prompt) for command in commands}
    released = first.feed(SAFE_MODE)
    assert taken.endswith(safe)
    assert released.endswith(prompt)
    assert not make_plan(NAME, pack, pack.state(_texts(pack, after)), client.INTENT).commands
    return {
        "user": client.USER,
        "password": client.PASSWORD,
        "prompt": prompt,
        "safe_prompt": safe,
        "banner": banner,
        "taken": taken,
        "released": released,
        "lan": client.LAN,
        "asides": asides,
        "before": before,
        "lines": lines,
        "after": after,
    }


def _texts(pack: Any, bodies: dict[str, str]) -> dict[str, str]:
    return {read.id: _plain(bodies[read.command]) for read in pack.manifest.reads}


def _body(shell: Any, command: str, prompt: str) -> str:
    """What stands between the echo, which RouterOS repaints, and the next prompt."""
    told = shell.feed(f"{command}\r\n")
    echo = f"{command}\r{prompt}{command}\r\n"
    assert told.startswith(echo), told[:200]
    assert told.endswith(prompt), told[-200:]
    return str(told[len(echo) : -len(prompt)])


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip("\n")


if __name__ == "__main__":
    print(json.dumps(record()))
