"""A lab as a process of its own, described by one JSON object: what benchmarks and `demo` start.

    {"users": {"admin": "secret"}, "latency": 0.03, "base_port": 2200,
     "routers": [{"name": "r", "count": 300, "platform": "mikrotik_routeros",
                  "options": {"configuration": "messy", "version": "7.18.2"}}]}

`count` routers of one entry are called `name0001` and so on. `options` go to the platform's
`create()`; each router is made when somebody first connects to it.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TextIO

from routercfg.errors import InputError
from routercfg.lab.server import Lab
from routercfg.lab.simulator import Simulator
from routercfg.platforms.registry import load_simulator


class LazyRouters(Mapping[str, Simulator]):
    """Routers that are made when they are first asked for."""

    def __init__(self, makers: Mapping[str, Callable[[], Simulator]]) -> None:
        self._makers = makers
        self._made: dict[str, Simulator] = {}

    def __getitem__(self, name: str) -> Simulator:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def describe(description: Mapping[str, Any]) -> Lab:
    """The lab a description speaks of, not yet started.

    Raises:
        InputError: the description lacks routers.
        UnknownPlatformError, PackError: a platform, or its simulator, is not there.
    """
    if not description.get("routers"):
        raise InputError("a lab description needs a list of routers")
    makers: dict[str, Callable[[], Simulator]] = {}
    for entry in description["routers"]:
        create = load_simulator(entry["platform"]).create
        options = entry.get("options", {})
        for name in _names(entry):
            makers[name] = _maker(create, {"hostname": name, **options})
    wanted = ("users", "public_keys", "latency", "base_port", "host", "seen_from", "ssh_port")
    return Lab(LazyRouters(makers), **{k: description[k] for k in wanted if k in description})


def serve_forever(description: Mapping[str, Any], announce: TextIO = sys.stdout) -> None:
    """Run a lab until SIGTERM or SIGINT; first print addresses and host key as one JSON line."""
    lab = describe(description)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        serving = asyncio.ensure_future(lab.serve())
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, lab.stop)
        await loop.run_in_executor(None, lab.wait)
        addresses = {name: lab.address(name) for name in lab.routers}
        announce.write(json.dumps({"host_key": lab.host_key, "routers": addresses}) + "\n")
        announce.flush()
        await serving

    asyncio.run(run())


def _names(entry: Mapping[str, Any]) -> list[str]:
    if "count" not in entry:
        return [entry["name"]]
    return [f"{entry['name']}{number:04d}" for number in range(1, entry["count"] + 1)]


def _maker(create: Callable[..., Simulator], options: dict[str, Any]) -> Callable[[], Simulator]:
    return lambda: create(**options)


if __name__ == "__main__":
    serve_forever(json.load(sys.stdin))
