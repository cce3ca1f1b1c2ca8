"""How much a push to many routers costs, beside Nornir with netmiko on the same routers.

    python benchmarks/batch.py [--routers 300] [--workers 50] [--round-trip 30] [--peers]

A lab of simulated RouterOS routers in processes of its own; then, each against fresh routers, the
whole transaction of routercfg (log in, read, arm safe mode, send every line, log in again, read,
verify, confirm) with threads and with two processes. `--peers` installs Nornir and netmiko into a
virtual environment that is thrown away, and lets them do the same logins, reads and lines.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import client

from routercfg.platforms import load_pack
from routercfg.push import inspect
from routercfg.transport.hostkeys import entry_name

PEERS = ("nornir==3.6.0", "netmiko==4.8.0")
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Figures:
    """What one client did and cost. CPU in seconds of its whole process tree; memory in MB."""

    name: str
    routers: int
    good: int
    seconds: float
    cpu: float
    memory: float
    lab_cpu: float

    @property
    def cpu_each(self) -> float:
        """CPU milliseconds a router."""
        return self.cpu / self.routers * 1000

    @property
    def pace(self) -> float:
        """Routers a minute that came out right."""
        return self.good / self.seconds * 60


def describe(routers: int, round_trip: float) -> dict[str, Any]:
    return {
        "users": {client.USER: client.PASSWORD},
        "latency": round_trip / 1000,
        "seen_from": client.ENGINEER,
        "routers": [
            {
                "name": "r",
                "count": routers,
                "platform": client.PLATFORM,
                "options": {
                    "configuration": client.MESSY.read_text(encoding="utf-8"),
                    "version": "7.12.2",
                },
            }
        ],
    }


@contextmanager
def lab(routers: int, round_trip: float) -> Iterator[tuple[dict[str, Any], list[int]]]:
    """Two lab processes that share the routers: one alone would be the bottleneck."""
    shares = [share for share in (routers - routers // 2, routers // 2) if share]
    started = []
    for share in shares:
        process = subprocess.Popen(
            [sys.executable, "-m", "routercfg.lab.serving"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        json.dump(describe(share, round_trip), process.stdin)
        process.stdin.close()
        started.append(process)
    try:
        places: dict[str, Any] = {}
        for number, process in enumerate(started):
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            for name, address in told["routers"].items():
                places[f"{number}{name}"] = [*address, told["host_key"]]
        yield places, [process.pid for process in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def write_job(folder: Path, places: dict[str, Any], workers: int) -> Path:
    known = folder / "known_hosts"
    known.write_text(
        "".join(f"{entry_name(host, port)} {key}\n" for host, port, key in places.values())
    )
    pack = load_pack(client.PLATFORM)
    job = {
        "routers": {name: place[:2] for name, place in places.items()},
        "known_hosts": str(known),
        "workers": workers,
        "user": client.USER,
        "password": client.PASSWORD,
        "reads": [read.command for read in pack.manifest.reads],
    }
    path = folder / "job.json"
    first = dict([next(iter(job["routers"].items()))])
    reading = inspect(client.targets({**job, "routers": first})[0])
    assert reading.before is not None, reading.error
    job["lines"] = list(reading.before.commands)
    path.write_text(json.dumps(job))
    return path


def measure(
    name: str, command: list[str], routers: int, workers: int, round_trip: float
) -> Figures:
    with tempfile.TemporaryDirectory() as place, lab(routers, round_trip) as (places, labs):
        job = write_job(Path(place), places, workers)
        lab_before = sum(map(cpu_of, labs))
        begin = time.perf_counter()
        process = subprocess.Popen([*command, str(job)], stdout=subprocess.PIPE, text=True)
        memory = PeakMemory(process.pid)
        output, _ = process.communicate()
        seconds = time.perf_counter() - begin
        lab_cpu = sum(map(cpu_of, labs)) - lab_before
        told = json.loads(output.splitlines()[-1])
        for problem in told["problems"][:3]:
            print(f"{name}: {problem}", file=sys.stderr)
        return Figures(
            name, routers, told["good"], seconds, told["cpu"], memory.stop() / 1024, lab_cpu
        )


def cpu_of(pid: int) -> float:
    """Seconds of CPU a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class PeakMemory:
    """The peak of a process tree's proportional set size, in kB, looked at five times a second."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._over.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            self._peak = max(self._peak, sum(map(_pss, _tree(self._pid))))


def _tree(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(c) for t in tasks for c in (t / "children").read_text().split()]
    except OSError:
        return [pid]
    return [pid, *(one for child in children for one in _tree(child))]


def _pss(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0


@contextmanager
def peers_python() -> Iterator[str]:
    """A Python with the peers, in an environment that is removed afterwards."""
    with tempfile.TemporaryDirectory() as place:
        venv.create(place, with_pip=True)
        python = f"{place}/bin/python"
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *PEERS], check=True)
        yield python


def table(figures: list[Figures]) -> str:
    """A Markdown table; ratios are against the last row's cost."""
    base = figures[-1]
    rows = [
        "| client | right | routers/min | CPU ms/router | CPU, ratio | peak MB | lab CPU ms |",
        "|---|---|---|---|---|---|---|",
    ]
    rows += [
        f"| {one.name} | {one.good}/{one.routers} | {one.pace:,.0f} | {one.cpu_each:.1f} "
        f"| {one.cpu_each / base.cpu_each:.2f} | {one.memory:.0f} "
        f"| {one.lab_cpu / one.routers * 1000:.1f} |"
        for one in figures
    ]
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--routers", type=int, default=300)
    parser.add_argument("--workers", type=int, default=100, help="sessions at a time")
    parser.add_argument("--round-trip", type=float, default=30.0, help="milliseconds")
    parser.add_argument("--peers", action="store_true", help="install and measure Nornir + netmiko")
    chosen = parser.parse_args()
    own = [sys.executable, str(HERE / "client.py")]
    runs = [
        ("routercfg, threads", [*own, "threads"]),
        ("routercfg, 2 processes", [*own, "processes"]),
    ]
    sizes = (chosen.routers, chosen.workers, chosen.round_trip)
    figures = [measure(name, command, *sizes) for name, command in runs]
    if chosen.peers:
        with peers_python() as python:
            command = [python, str(HERE / "peers.py")]
            figures.append(measure("Nornir + netmiko, threads", command, *sizes))
    else:
        print("Nornir + netmiko: skipped; --peers installs and measures them", file=sys.stderr)
    print(f"{chosen.routers} routers, {chosen.workers} at a time, {chosen.round_trip:g} ms\n")
    print(table(figures))


if __name__ == "__main__":
    main()
